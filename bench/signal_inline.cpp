#include <chrono>

#include "analytics/shell/wiring.hpp"
#include "bellwether/base/hash.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "confluence/shell/wiring.hpp"
#include "ingestion/shell/wiring.hpp"
#include "ingestion/simulator/simulator.hpp"
#include "signal_latency.hpp"

namespace bw::bench {

namespace {

constexpr std::size_t kBars = 100'000;
constexpr int kRepetitions = 5;
constexpr std::size_t kWarmUp = 2'000;  // bars in front that are not counted
constexpr InstrumentId kInstrument{1001};

/// A trade as it is kept: the rows of a million trades would not fit a cache, and reading them is
/// not the suite's work.
struct SmallTrade {
  TimeNs time;
  std::int64_t price;
  std::int64_t size;
};

std::vector<SmallTrade> make_trades() {
  using namespace ingestion::simulator;
  Options o;
  o.start = from_utc({2022, 1, 3});
  o.end = o.start + 460 * kDay;
  o.trades_per_minute = 6;
  o.quotes_per_trade = 0;
  o.headlines = false;
  o.halts_per_day = 0;
  o.instruments.push_back(kInstrument);
  Simulator simulator = need(Simulator::make(o));
  std::vector<SmallTrade> trades;
  while (const auto* row = simulator.next()) {
    const auto* raw = std::get_if<RawTrade>(&row->event);
    if (raw == nullptr) continue;
    trades.push_back({raw->trade.source_time, raw->trade.price.raw(), raw->trade.size.raw()});
  }
  return trades;
}

class Trades final : public runtime::Source {
 public:
  explicit Trades(const std::vector<SmallTrade>& trades) : trades_(trades) {
    row_.unit = kInstrument.value;
    row_.consumer = Kind::market_ticks;
    row_.event.emplace<RawTrade>().trade.instrument = kInstrument;
  }
  const Row* next() override {
    if (at_ == trades_.size()) return nullptr;
    const SmallTrade& t = trades_[at_++];
    row_.time = t.time;
    row_.seq = at_;
    Trade& trade = std::get<RawTrade>(row_.event).trade;
    trade.price = Price::from_raw(t.price);
    trade.size = Quantity::from_raw(t.size);
    trade.source_time = t.time;
    trade.trade_id = at_;
    return &row_;
  }
  bool at_end() const override { return at_ == trades_.size(); }

 private:
  const std::vector<SmallTrade>& trades_;
  std::size_t at_ = 0;
  Row row_;
};

/// Notes what a step said.
class Watch final : public runtime::Sink {
 public:
  void on_output(Kind, const runtime::Output& o) override {
    if (std::holds_alternative<Bar>(o.event)) {
      bar = true;
    } else if (const auto* s = std::get_if<Signal>(&o.event)) {
      signal = true;
      digest = mix64(digest ^ s->id.value ^ static_cast<std::uint64_t>(s->reference_price.raw()) ^
                     static_cast<std::uint64_t>(s->data_to));
    }
  }
  bool bar = false;
  bool signal = false;
  std::uint64_t digest = 0;
};

std::vector<runtime::MachineSpec> specs_of(const std::vector<service::Wiring>& wirings) {
  std::vector<runtime::MachineSpec> all;
  for (const auto& w : wirings) all.insert(all.end(), w.specs.begin(), w.specs.end());
  return all;
}

using Steady = std::chrono::steady_clock;

double ns_between(Steady::time_point a, Steady::time_point b) {
  return std::chrono::duration<double, std::nano>(b - a).count();
}

double clock_cost() {
  std::vector<double> costs;
  for (int i = 0; i < 10'001; ++i) {
    const auto a = Steady::now();
    costs.push_back(ns_between(a, Steady::now()));
  }
  return median(std::move(costs));
}

}  // namespace

InProcess measure_in_process(const service::Inputs& given) {
  service::Inputs inputs = given;
  // A trade shall complete the bar, not the clock.
  inputs.settings.emplace_back("ingestion.bars.grace=30s");
  const std::vector<service::Wiring> wirings = {need(ingestion::wire(inputs)),
                                                need(analytics::wire(inputs)),
                                                need(confluence::wire(inputs))};
  const auto trades = make_trades();
  InProcess result;
  result.trades = trades.size();
  result.clock_ns = clock_cost();
  std::vector<Percentiles> bars;
  std::vector<Percentiles> signals;
  std::uint64_t digest = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    Trades source(trades);
    Watch watch;
    runtime::InlineHost host(specs_of(wirings), source, watch);
    std::vector<double> of_bars;
    std::vector<double> of_signals;
    while (!host.source_ended()) {
      watch.bar = watch.signal = false;
      const std::uint64_t rows = host.rows();
      const auto begin = Steady::now();
      if (!host.step_time()) break;
      const auto end = Steady::now();
      if (!watch.bar || host.rows() == rows) continue;  // no bar, or one that the clock completed
      of_bars.push_back(ns_between(begin, end));
      if (watch.signal && of_bars.size() > kWarmUp) of_signals.push_back(of_bars.back());
    }
    of_bars.erase(of_bars.begin(), of_bars.begin() + static_cast<std::ptrdiff_t>(
                                                         std::min(kWarmUp, of_bars.size())));
    if (of_bars.size() < kBars) std::fprintf(stderr, "only %zu bars\n", of_bars.size());
    bars.push_back(percentiles(std::move(of_bars)));
    signals.push_back(percentiles(std::move(of_signals)));
    result.equal = result.equal && (i == 0 || digest == watch.digest);
    digest = watch.digest;
  }
  result.bars = median_of(bars);
  result.signals = median_of(signals);
  std::vector<double> p50;
  std::vector<double> p99;
  for (const auto& p : signals) {
    p50.push_back(p.p50);
    p99.push_back(p.p99);
  }
  result.p50_spread = spread(p50);
  result.p99_spread = spread(p99);
  return result;
}

}  // namespace bw::bench
