#pragma once
// KafkaHost: the machines of one service over Kafka and a database. One consumer group a service
// over `runtime.machines` hands out indices; for each index that this process is given it runs one
// Runner a machine kind. A service without machines joins no group: it only watches Kafka.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bellwether/kafka/kafka_log.hpp"
#include "bellwether/runtime/runner.hpp"
#include "bellwether/runtime/source_stream.hpp"

namespace bw::kafka {

struct HostOptions {
  Options kafka;
  std::string service;   ///< the consumer group's name
  std::string instance;  ///< static membership: a restarted process gets its indices back at once
  std::uint32_t instrument_partitions =
      1;                                 ///< of all kinds whose unit is an instrument or a strategy
  std::uint32_t account_partitions = 1;  ///< of broker, portfolio, alert and requests
  int session_timeout_ms = 2'000;        ///< how long a silent owner keeps its indices
  runtime::RunnerOptions runner;
  runtime::SourceStream::Factory
      source;         ///< history, for machines that read the outside; empty: live
  bool live = false;  ///< machines without inputs go by the clock, input is admitted
};

[[nodiscard]] runtime::Counts counts_of(const HostOptions& options);
/// The topics that a suite needs, with `runtime.machines` and `gateway.requests`.
[[nodiscard]] std::vector<TopicSpec> suite_topics(const HostOptions& options, int replicas);

/// Outside input that was not taken in.
struct Refused {
  std::string reason;  ///< a short word for a metric's label: "malformed_request"
  std::string text;    ///< what is wrong with it, for people
};

/// What the shell feeds in and hears; all calls on the host's thread.
class Shell {
 public:
  virtual ~Shell() = default;
  /// A machine was taken over and settled, or given up.
  virtual void on_owned(runtime::MachineId) {}
  virtual void on_lost(runtime::MachineId, const std::string& /*why*/) {}
  /// A record is on its way to the machine's log; again where recovery sends it again.
  virtual void on_published(const runtime::Record&) {}
  /// Called each round, before the machines' turns: offer outside input to the runners that are
  /// owned here.
  virtual void feed(class KafkaHost&) {}
  /// Outside input refused since the last call.
  [[nodiscard]] virtual std::vector<Refused> take_refused() { return {}; }
};

/// Lifecycle: create, run() until stop() (any thread, or a signal flag), destroy.
class KafkaHost {
 public:
  [[nodiscard]] static Result<std::unique_ptr<KafkaHost>> create(
      HostOptions options, std::vector<runtime::MachineSpec> specs, runtime::Store& store,
      runtime::Clock& clock, Shell& shell);
  ~KafkaHost();
  KafkaHost(const KafkaHost&) = delete;
  KafkaHost& operator=(const KafkaHost&) = delete;

  /// Runs rounds until `stopping` says so. A broken invariant of a machine comes back as an error.
  [[nodiscard]] Result<void> run(const std::function<bool()>& stopping);
  /// Ends the pause between two rounds: something waits to be fed. Any thread.
  void wake() noexcept;
  /// One round over all machines; true where anything moved.
  [[nodiscard]] Result<bool> round();

  /// The runner of a machine, nullptr where this process does not own it.
  [[nodiscard]] runtime::Runner* runner(runtime::MachineId id);
  [[nodiscard]] std::vector<runtime::Runner*> runners();
  [[nodiscard]] Producer& producer() noexcept;
  [[nodiscard]] const HostOptions& options() const noexcept;
  [[nodiscard]] runtime::Clock& clock() noexcept;
  /// What is away, and which machines are not at work: what health says, in words that stay the
  /// same while the trouble does.
  [[nodiscard]] std::vector<std::string> troubles();

 private:
  struct Impl;
  explicit KafkaHost(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bw::kafka
