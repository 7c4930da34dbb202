#pragma once
// The toy suite over real servers: what the test and the processes that it starts have in common.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/testkit/fault_host.hpp"
#include "bellwether/testkit/toy_suite.hpp"

namespace bw::kafka::tests {

class WallClock final : public runtime::Clock {
 public:
  TimeNs now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  }
};

struct ToyRun {
  std::string brokers;
  std::string uri;
  std::string prefix;
  std::uint32_t partitions = 1;
  std::uint64_t seed = 1;
  TimeNs until = 80;
};

/// Rows of a ToyRun, made anew for every reader.
class ToySource final : public runtime::Source {
 public:
  explicit ToySource(const ToyRun& run)
      : rows_(testkit::toy_rows(run.seed, run.until)), inner_(rows_) {}
  const Row* next() override { return inner_.next(); }
  bool at_end() const override { return inner_.at_end(); }

 private:
  std::vector<Row> rows_;
  testkit::VectorSource inner_;
};

/// Options of the host of one toy service; `kind` empty: all of them in one process.
inline HostOptions host_options(const ToyRun& run, const std::string& service,
                                const std::string& instance) {
  HostOptions o;
  o.kafka.brokers = run.brokers;
  o.kafka.topic_prefix = run.prefix;
  o.service = service;
  o.instance = instance;
  o.instrument_partitions = run.partitions;
  o.account_partitions = run.partitions;
  o.session_timeout_ms = 1'000;
  o.runner.build = "toy";
  o.runner.poll_limit = 256;  // small steps: many states to die in
  o.runner.fold_limit = 512;
  o.runner.image_interval = 20 * kMillisecond;
  o.source = [run]() -> Result<std::unique_ptr<runtime::Source>> {
    return std::make_unique<ToySource>(run);
  };
  return o;
}

/// The machines of a service: one kind, or all for "all".
inline std::vector<runtime::MachineSpec> machines_of(const std::string& service) {
  auto suite = testkit::toy_suite();
  if (service != "all") {
    std::erase_if(suite, [&](const auto& spec) { return kind_name(spec.kind) != service; });
  }
  return suite;
}

}  // namespace bw::kafka::tests
