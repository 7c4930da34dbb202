// Time and bytes of the records that come most often.
#include <benchmark/benchmark.h>

#include "bellwether/codec/codec.hpp"
#include "bellwether/codec/digest.hpp"
#include "bellwether/codec/json.hpp"

using namespace bw;
using runtime::Record;
using runtime::What;

namespace {

constexpr TimeNs kNoon = 1'416'407'460'000'000'000;

Record record_of(Kind kind, const Event& event) {
  return {What::out, 3, 1'234'567, kNoon, kind, 17, 123'456, event};
}

Record bar() {
  const auto p = [](double v) { return Price::from_double(v); };
  return record_of(Kind::market_bars, Bar{InstrumentId(17), Timeframe::m1, BarOrigin::provider,
                                          kNoon - kMinute, kNoon, p(150.12), p(150.4), p(150.01),
                                          p(150.2), Quantity::from_int(81'234), p(150.2171), 512});
}

Record trade() {
  return record_of(Kind::market_ticks,
                   Trade{InstrumentId(17), Price::from_double(150.12), Quantity::from_int(100),
                         kNoon, 71'234'567, 4, Side::buy, 'Q'});
}

Record feature() {
  Feature f;
  f.instrument = InstrumentId(17);
  f.timeframe = Timeframe::m5;
  f.count = 12;
  f.valid = 0xFFF;
  f.feature_set = 0x123456789abcdef0;
  f.bar_open = kNoon - 5 * kMinute;
  f.bar_close = kNoon;
  f.data_from = kNoon - kHour;
  f.close = Price::from_double(150.2);
  for (std::size_t i = 0; i < 12; ++i) f.values[i] = 150.0 + 0.37 * static_cast<double>(i);
  return record_of(Kind::analytics_features, f);
}

Record signal() {
  Signal s;
  s.id = SignalId(1ULL << 60);
  s.strategy = StrategyId(2);
  s.instrument = InstrumentId(17);
  s.score = 0.41;
  s.confidence = 0.7;
  s.reference_price = Price::from_double(150.2);
  s.sizing = {SizingMethod::fixed_fraction, 0.05, 0, 0.21};
  for (std::uint16_t i = 0; i < 5; ++i) {
    s.contributions.push_back({i, Timeframe::h1, true, 55.1, 0.31, 0.062});
  }
  return record_of(Kind::confluence_signals, s);
}

void encode_record(benchmark::State& state, Record (*make)()) {
  const Record r = make();
  std::string out;
  for (auto _ : state) {
    if (!codec::encode(r, out)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

void decode_record(benchmark::State& state, Record (*make)()) {
  const Record r = make();
  std::string out;
  if (!codec::encode(r, out)) state.SkipWithError("refused");
  for (auto _ : state) {
    auto back = codec::decode(r.kind, out);
    if (!back || !back->same_as(r)) state.SkipWithError("not equal");
    benchmark::DoNotOptimize(back);
  }
}

void peek_record(benchmark::State& state, Record (*make)()) {
  std::string out;
  if (!codec::encode(make(), out)) state.SkipWithError("refused");
  for (auto _ : state) benchmark::DoNotOptimize(codec::peek(out));
}

void digest_record(benchmark::State& state, Record (*make)()) {
  const Record r = make();
  codec::Digest digest;
  for (auto _ : state) digest.add(r);
  benchmark::DoNotOptimize(digest.hex());
}

void json_record(benchmark::State& state, Record (*make)()) {
  const Record r = make();
  for (auto _ : state) benchmark::DoNotOptimize(codec::to_json(r));
}

BENCHMARK_CAPTURE(encode_record, bar, bar);
BENCHMARK_CAPTURE(decode_record, bar, bar);
BENCHMARK_CAPTURE(peek_record, bar, bar);
BENCHMARK_CAPTURE(encode_record, trade, trade);
BENCHMARK_CAPTURE(decode_record, trade, trade);
BENCHMARK_CAPTURE(encode_record, feature, feature);
BENCHMARK_CAPTURE(decode_record, feature, feature);
BENCHMARK_CAPTURE(encode_record, signal, signal);
BENCHMARK_CAPTURE(decode_record, signal, signal);
BENCHMARK_CAPTURE(digest_record, signal, signal);
BENCHMARK_CAPTURE(json_record, signal, signal);

}  // namespace

BENCHMARK_MAIN();
