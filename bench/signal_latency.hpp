#pragma once
// The parts of bench_signal_latency: from the trade that completes a bar to the signal.
#include "bellwether/service/inputs.hpp"
#include "measure.hpp"

namespace bw::bench {

/// Machine time of the step that such a trade causes, in nanoseconds: ingestion, analytics and
/// confluence together, with what the host and two clock readings add.
struct InProcess {
  Percentiles bars;     ///< every bar that a trade completed
  Percentiles signals;  ///< of them, those that gave a signal
  double p50_spread = 0;
  double p99_spread = 0;
  double clock_ns = 0;  ///< what two clock readings cost; in the figures
  std::size_t trades = 0;
  bool equal = true;    ///< the repetitions gave the same signals
};
[[nodiscard]] InProcess measure_in_process(const service::Inputs& inputs);

/// Over a private Kafka and PostgreSQL, in milliseconds. The services run as KafkaHosts in threads
/// of their own; between the trade and the reader of the signal are four topics.
struct OverKafka {
  Percentiles suite;  ///< from handing the trade to ingestion to having read the signal
  Percentiles from_admission;  ///< from when ingestion admitted the trade: the signal's event time
  Percentiles ping;  ///< a message over four topics and as many threads, with librdkafka alone
  double ratio_p50 = 0;
  double ratio_p99 = 0;
  double ratio_spread = 0;  ///< of the p50 ratios of the single rounds
  bool equal = true;        ///< the signals equal those that InlineHost gives for the same trades
};
[[nodiscard]] OverKafka measure_over_kafka(const service::Inputs& inputs);

}  // namespace bw::bench
