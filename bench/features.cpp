// Analytics in one thread: 1m bars of one instrument through the machine analytics.features (five
// timeframes, all slots), and five indicators updated by one price. Inputs: a seeded random walk of
// distinct bars. Each figure is the median of the repetitions, spread is (max - min) / median.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "analytics/core/features_machine.hpp"
#include "bellwether/base/rng.hpp"

namespace {

using namespace bw;

constexpr std::size_t kBars = 1'000'000;
constexpr int kRepetitions = 7;
constexpr InstrumentId kInstrument{3};

std::vector<Bar> make_bars(const calendar::Calendar& calendar) {
  Rng rng(1);
  std::vector<Bar> bars;
  double price = 100;
  for (DayNumber day = to_day_number({2005, 1, 3}); bars.size() < kBars;
       day = calendar.next_session(day)->day) {
    const auto session = *calendar.session(day);
    for (TimeNs t = session.open; t < session.close && bars.size() < kBars; t += kMinute) {
      price *= 1 + 0.0003 * rng.normal();
      Bar& b = bars.emplace_back();
      b.instrument = kInstrument;
      b.timeframe = Timeframe::m1;
      b.open_time = t;
      b.close_time = t + kMinute;
      b.open = b.close = b.vwap = Price::from_double(price);
      b.high = Price::from_double(price * 1.001);
      b.low = Price::from_double(price * 0.999);
      b.volume = Quantity::from_int(rng.between(100, 10'000));
    }
  }
  return bars;
}

struct Run {
  double ns_per_bar = 0;
  std::uint64_t features = 0;
  std::uint64_t digest = 0;  ///< over all values, so that repetitions can be compared
};

template <class F>
double ns_of(F&& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

Run run_machine(const analytics::Config& config, const std::vector<Bar>& bars) {
  analytics::FeaturesMachine machine(config);
  runtime::Emit out;
  Run run;
  Event event;
  std::uint64_t seq = 0;
  const double ns = ns_of([&] {
    for (const Bar& b : bars) {
      event.emplace<Bar>(b);
      out.begin(b.close_time);
      machine.step({b.close_time, Kind::market_bars, kInstrument.value, ++seq, event}, out);
      for (const runtime::Output& o : out.outputs()) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &std::get<Feature>(o.event).values[o.seq % 17], sizeof bits);
        run.digest = run.digest * 31 + bits;
        ++run.features;
      }
      out.outputs().clear();
    }
  });
  run.ns_per_bar = ns / static_cast<double>(bars.size());
  return run;
}

Run run_kernels(const std::vector<Bar>& bars) {
  using namespace indicators;
  std::vector<double> closes;
  for (const Bar& b : bars) closes.push_back(b.close.to_double());
  Sma sma = *Sma::create(20);
  Ema ema = *Ema::create(20);
  Rsi rsi = *Rsi::create(14);
  Macd macd = *Macd::create();
  Bollinger bands = *Bollinger::create();
  double sum = 0;
  Run run;
  run.ns_per_bar = ns_of([&] {
    for (const double x : closes) {
      sum += sma.update(x).value + ema.update(x).value + rsi.update(x).value +
             macd.update(x).histogram + bands.update(x).upper;
    }
  }) / static_cast<double>(closes.size());
  std::memcpy(&run.digest, &sum, sizeof sum);
  return run;
}

struct Figure {
  double median = 0;
  double spread = 0;
  bool equal = true;
};

template <class F>
Figure measure(F&& once) {
  std::vector<double> times;
  Figure f;
  const Run first = once();  // warms caches; not counted
  for (int i = 0; i < kRepetitions; ++i) {
    const Run r = once();
    f.equal = f.equal && r.digest == first.digest;
    times.push_back(r.ns_per_bar);
  }
  std::sort(times.begin(), times.end());
  f.median = times[kRepetitions / 2];
  f.spread = (times.back() - times.front()) / f.median;
  return f;
}

}  // namespace

int main() {
  analytics::Config config;
  config.sessions.set(kInstrument, CalendarId::nyse);
  const auto bars = make_bars(config.sessions.of(kInstrument));
  const std::uint64_t features = run_machine(config, bars).features;
  const Figure machine = measure([&] { return run_machine(config, bars); });
  const Figure kernels = measure([&] { return run_kernels(bars); });
  std::printf("%-44s %10s %8s\n", "what", "ns/bar", "spread");
  std::printf("%-44s %10.1f %7.0f%%\n", "analytics.features, 1m bars, five timeframes",
              machine.median, 100 * machine.spread);
  std::printf("%-44s %10.1f %7.0f%%\n", "SMA EMA RSI MACD BBANDS, one update each", kernels.median,
              100 * kernels.spread);
  std::printf("{\"bench\":\"features\",\"bars\":%zu,\"features\":%llu,\"bars_per_s\":%.0f,"
              "\"machine_ns_per_bar\":%.1f,\"machine_spread\":%.3f,\"five_indicators_ns\":%.2f,"
              "\"five_indicators_spread\":%.3f,\"repetitions_equal\":%s}\n",
              bars.size(), static_cast<unsigned long long>(features), 1e9 / machine.median,
              machine.median, machine.spread, kernels.median, kernels.spread,
              machine.equal && kernels.equal ? "true" : "false");
  return machine.equal && kernels.equal ? 0 : 1;
}
