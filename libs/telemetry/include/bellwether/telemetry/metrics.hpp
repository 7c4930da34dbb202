#pragma once
// Prometheus metrics with the same names in every process. Served as text by libs/http.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bellwether/runtime/record.hpp"

namespace bw::runtime {
struct RunnerStats;
}

namespace bw::telemetry {

/// How far behind a machine is.
struct Lag {
  double events = 0;   ///< read and not yet released, or in the log and not yet read, where known
  double seconds = 0;  ///< from the newest that could be known to what has been released
};

/// A process's metrics. All names begin with "bellwether_" and carry {service}; those of a machine
/// carry {machine}, for example "market.bars/3".
///
///   events_in_total, events_out_total, duplicates_total, checkpoints_total, commits_total
///   lag_events, lag_seconds, waiting_streams, unacked_events, working   gauges
///   step_seconds, commit_seconds                                        histograms
///   quarantined_total{reason}, trouble_total{machine}
///   build_info{version,build} 1; process_resident_memory_bytes, process_cpu_seconds_total,
///   process_open_fds without the prefix, as Prometheus's own clients name them
///
/// Thread-safe. At most 1024 machines are kept, and 256 reasons told apart; further machines are
/// left out, further reasons count as "other".
class Metrics {
 public:
  Metrics(std::string_view service, std::string_view version, std::string_view build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Takes a runner's counts, which only grow, and adds what is new since the last call. A count
  /// that is lower than before is a new runner's: all of it is new. The time of new store writes is
  /// spread evenly over them.
  void observe(runtime::MachineId machine, const runtime::RunnerStats& stats, const Lag& lag);
  /// The machine is not this process's any more: its gauges go, its counts stay.
  void lost(runtime::MachineId machine);
  /// `events` steps that took `seconds` together.
  void steps(runtime::MachineId machine, double seconds, std::uint64_t events);
  void quarantined(std::string_view reason, std::uint64_t rows = 1);

  /// The text exposition format, version 0.0.4.
  [[nodiscard]] std::string text() const;
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "market.bars/3"
[[nodiscard]] std::string machine_name(runtime::MachineId machine);

}  // namespace bw::telemetry
