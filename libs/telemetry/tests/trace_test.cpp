#include "bellwether/telemetry/trace.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "bellwether/base/rng.hpp"

using namespace bw;
using namespace bw::telemetry;
using runtime::Record;
using runtime::What;

namespace {
// The standard's own examples (Trace Context, 3.2).
constexpr const char* kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kNotSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
}  // namespace

TEST_CASE("the standard's examples are read and written") {
  const auto context = parse_traceparent(kSampled);
  REQUIRE(context.has_value());
  CHECK(hex(context->trace_id) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(hex(context->span_id) == "00f067aa0ba902b7");
  CHECK(context->sampled);
  CHECK(format_traceparent(*context) == kSampled);
  CHECK_FALSE(parse_traceparent(kNotSampled)->sampled);
  CHECK(format_traceparent(*parse_traceparent(kNotSampled)) == kNotSampled);
}

TEST_CASE("what the standard forbids is refused, what it allows later versions is read") {
  const std::string good = kSampled;
  CHECK_FALSE(parse_traceparent("").has_value());
  CHECK_FALSE(parse_traceparent(good.substr(0, 54)).has_value());
  CHECK_FALSE(parse_traceparent(good + "-").has_value());
  CHECK_FALSE(parse_traceparent("ff" + good.substr(2)).has_value());
  CHECK(parse_traceparent("cc" + good.substr(2) + "-what-the-future-holds").has_value());
  CHECK_FALSE(parse_traceparent("cc" + good.substr(2) + ".x").has_value());
  CHECK_FALSE(
      parse_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01").has_value());
  CHECK_FALSE(
      parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01").has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'G';
    CHECK_FALSE(parse_traceparent(bad).has_value());
    bad[i] = good[i] >= 'a' ? static_cast<char>(good[i] - 32) : '\0';
    CHECK_FALSE(parse_traceparent(bad).has_value());
  }
}

TEST_CASE("a record's trace is the same everywhere, one for what one time caused") {
  const Record bar{What::out, 1, 5, 1'416'407'460'000'000'000, Kind::market_bars, 17, 3, Bar{}};
  Record later_epoch = bar;
  later_epoch.epoch = 9;
  CHECK(trace_of(bar) == trace_of(later_epoch));
  CHECK(format_traceparent(trace_of(bar)) ==
        "00-" + hex(trace_of(bar).trace_id) + "-" + hex(trace_of(bar).span_id) + "-01");
  const Record signal{What::out, 1, 8, bar.t, Kind::confluence_signals, 17, 1, Signal{}};
  CHECK(trace_of(signal).trace_id == trace_of(bar).trace_id);
  CHECK(trace_of(signal).span_id != trace_of(bar).span_id);
  std::set<std::string> traces;
  std::set<std::string> spans;
  Rng rng(5);
  for (TimeNs t = 0; t < 20'000; ++t) {
    Record r = bar;
    r.t = t * kMinute;
    r.seq = static_cast<std::uint64_t>(t);
    REQUIRE(trace_of(r).is_set());
    traces.insert(hex(trace_of(r).trace_id));
    spans.insert(hex(trace_of(r).span_id));
  }
  CHECK(traces.size() == 20'000);
  CHECK(spans.size() == 20'000);
}

TEST_CASE("fresh traces differ, fresh spans stay in their trace") {
  const TraceContext a = new_trace();
  const TraceContext b = new_trace();
  CHECK(a.is_set());
  CHECK(a.trace_id != b.trace_id);
  const TraceContext child = new_span(a);
  CHECK(child.trace_id == a.trace_id);
  CHECK(child.span_id != a.span_id);
}
