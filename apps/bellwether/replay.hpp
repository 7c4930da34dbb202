#pragma once
// replay and backtest: recorded data through the whole suite, in process or over Kafka.
#include <filesystem>
#include <functional>

#include "bellwether/kafka/kafka_log.hpp"
#include "report.hpp"
#include "suite.hpp"

namespace bw::app {

/// Called now and then with the share of the feed that is done (0 … 1, negative: unknown) and the time reached.
using Progress = std::function<void(double share, TimeNs at, std::uint64_t events)>;

/// Plays the feed through one InlineHost. `cancelled` where Ctrl-C ended it.
[[nodiscard]] Result<void> replay_inline(const Suite& suite, RunReport& report, const Progress& progress);

struct KafkaReplay {
  std::string brokers;    ///< empty: a private broker, removed at the end
  std::string database;   ///< empty: a private PostgreSQL, removed at the end
  std::uint32_t partitions = 1;
  std::uint32_t account_partitions = 1;
  std::vector<std::string> arguments;   ///< passed on to every service (strategy, feed, …)
  /// Gets a line "service pid progress" (ns) for each service, now and then; may be empty.
  std::filesystem::path status_file;
  std::filesystem::path record_to;      ///< a folder for the logs, to replay in recorded order; may be empty
};

/// Plays the feed through one process a service over Kafka, restarts a service that dies, and feeds `report` with the
/// logs in the total order. Topics of the run are deleted at the end.
[[nodiscard]] Result<void> replay_kafka(const Suite& suite, const KafkaReplay& options, RunReport& report,
                                        const Progress& progress);

/// Folds a recorded run again, following its journals, and compares every output; feeds `report`.
[[nodiscard]] Result<void> replay_recorded(const Suite& suite, const std::filesystem::path& folder,
                                           RunReport& report);

/// Reads all logs from Kafka up to now and writes them to `folder`, one file a machine, for replay_recorded.
[[nodiscard]] Result<std::uint64_t> record_logs(const kafka::Options& kafka, const runtime::Counts& counts,
                                                bool live, const std::filesystem::path& folder);

}  // namespace bw::app
