// From the trade that completes a bar to the signal: in process, and over a Kafka of its own.
//
//   bench_signal_latency [--in-process]
#include "signal_latency.hpp"

#include <cstring>

namespace {

using namespace bw;
using namespace bw::bench;

void row(const char* what, const Percentiles& p, const char* unit) {
  std::printf("%-46s %9zu %9.3f %9.3f %9.3f %s\n", what, p.count, p.p50, p.p90, p.p99, unit);
}

}  // namespace

int main(int argc, char** argv) {
  service::Inputs inputs;
  inputs.home = need(service::find_home());
  inputs.strategies = {inputs.home / "services/confluence/strategies",
                       inputs.home / "bench/strategies"};
  const double load = load_average();
  std::printf("%-46s %9s %9s %9s %9s\n", "trade to signal", "count", "p50", "p90", "p99");
  const InProcess in = measure_in_process(inputs);
  row("in process, every bar", in.bars, "ns");
  row("in process, bars that gave a signal", in.signals, "ns");
  std::fflush(stdout);
  std::string json = "{\"bench\":\"signal_latency\",\"load\":" + std::to_string(load);
  const auto add = [&json](const char* key, double value) {
    char text[96];
    std::snprintf(text, sizeof text, ",\"%s\":%.4g", key, value);
    json += text;
  };
  add("trades", static_cast<double>(in.trades));
  add("bars", static_cast<double>(in.bars.count));
  add("inline_bar_p50_ns", in.bars.p50);
  add("inline_bar_p99_ns", in.bars.p99);
  add("inline_p50_ns", in.signals.p50);
  add("inline_p90_ns", in.signals.p90);
  add("inline_p99_ns", in.signals.p99);
  add("inline_p50_spread", in.p50_spread);
  add("inline_p99_spread", in.p99_spread);
  add("clock_ns", in.clock_ns);
  bool equal = in.equal;
  if (argc < 2 || std::strcmp(argv[1], "--in-process") != 0) {
    inputs.strategies = {inputs.home / "bench/strategies"};
    const OverKafka k = measure_over_kafka(inputs);
    row("over Kafka, four topics", k.suite, "ms");
    row("  of it since admission", k.from_admission, "ms");
    row("bare librdkafka, four topics", k.ping, "ms");
    add("kafka_p50_ms", k.suite.p50);
    add("kafka_p99_ms", k.suite.p99);
    add("kafka_admitted_p50_ms", k.from_admission.p50);
    add("ping_p50_ms", k.ping.p50);
    add("ping_p99_ms", k.ping.p99);
    add("kafka_ratio_p50", k.ratio_p50);
    add("kafka_ratio_p99", k.ratio_p99);
    add("kafka_ratio_spread", k.ratio_spread);
    equal = equal && k.equal;
  }
  std::printf("%s,\"outputs_equal\":%s}\n", json.c_str(), equal ? "true" : "false");
  return equal ? 0 : 1;
}
