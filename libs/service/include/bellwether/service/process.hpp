#pragma once
// What every service process has in common: flags, clock, signals, health, and the run of its
// machines over Kafka and PostgreSQL.
#include <functional>
#include <map>
#include <set>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/postgres/history.hpp"
#include "bellwether/postgres/pg_store.hpp"
#include "bellwether/service/inputs.hpp"
#include "bellwether/telemetry/log.hpp"

namespace CLI {
class App;
}

namespace bw::service {

/// The wall clock: the one door (STYLE, rule 3). Never goes back within a process.
class SystemClock final : public runtime::Clock {
 public:
  [[nodiscard]] TimeNs now() override;

 private:
  TimeNs last_ = 0;
};

/// Ctrl-C and SIGTERM ask for a clean end; a second one ends at once.
void catch_signals();
[[nodiscard]] bool stop_requested() noexcept;

struct ProcessOptions {
  std::string name;  ///< "broker"
  kafka::Options kafka;
  std::string database;  ///< libpq URI
  std::uint32_t instrument_partitions = 1;
  std::uint32_t account_partitions = 1;
  int session_timeout_ms = 6'000;  ///< not below group.min.session.timeout.ms of the brokers
  int metrics_port = 0;            ///< of /health and /metrics; 0: a free one, -1: none
  std::string metrics_address = "127.0.0.1";
  telemetry::Level log_level = telemetry::Level::info;
  std::string instance;  ///< static membership; empty: name and process id
  bool live = false;     ///< the feed is admitted by the clock instead of played as history
  Inputs inputs;
};

/// The flags that every process takes.
void add_flags(CLI::App& app, ProcessOptions& options);

/// What a service brings.
struct Wiring {
  std::vector<runtime::MachineSpec> specs;
  runtime::SourceStream::Factory source;  ///< ingestion only: history
  std::map<Kind, postgres::Projection*> projections;
  std::vector<postgres::HistoryTable> history;  ///< tables of what the machines publish
  std::set<Kind> history_kinds;                 ///< whose logs they are written from
  kafka::Shell* shell = nullptr;                ///< optional
  std::shared_ptr<const void> keep;             ///< what specs and projections point into
};

/// Runs until asked to stop; returns the process's exit code. What went wrong is logged.
[[nodiscard]] int run_process(const ProcessOptions& options, Wiring wiring);

/// main() of a service: flags, inputs, wiring, run.
[[nodiscard]] int service_main(int argc, char** argv, const char* name, const char* description,
                               const std::function<Result<Wiring>(const Inputs&)>& wire);

/// Build and configuration, as checkpoints name them.
[[nodiscard]] std::string build_id(const Inputs& inputs);

}  // namespace bw::service
