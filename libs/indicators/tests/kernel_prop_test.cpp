// Properties of every kernel on random walks: what is saved and restored goes on with the same
// bits; scaling all prices scales prices and leaves ratios; a rolling kernel forgets what has left
// its window.
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "bellwether/base/rng.hpp"
#include "bellwether/indicators/atr.hpp"
#include "bellwether/indicators/bollinger.hpp"
#include "bellwether/indicators/macd.hpp"
#include "bellwether/indicators/rsi.hpp"
#include "bellwether/indicators/sma.hpp"
#include "bellwether/indicators/vwap.hpp"

using namespace bw;
using namespace bw::indicators;

namespace {

struct Candle {
  double high, low, close, volume;
};

/// All kernels with random parameters, and their outputs as one row of numbers.
struct Bench {
  Sma sma;
  Ema ema;
  Rsi rsi;
  Macd macd;
  Bollinger bands;
  Atr atr;
  Vwap vwap;

  explicit Bench(Rng rng)
      : sma(*Sma::create(period(rng))),
        ema(*Ema::create(period(rng))),
        rsi(*Rsi::create(period(rng))),
        macd(*Macd::create({period(rng), period(rng) + 41, period(rng)})),
        bands(*Bollinger::create(period(rng), 0.5 + 3 * rng.uniform())),
        atr(*Atr::create(period(rng))) {}

  static int period(Rng& rng) { return static_cast<int>(rng.between(2, 40)); }

  std::vector<double> update(const Candle& c) {
    const Reading a = sma.update(c.close), e = ema.update(c.close), r = rsi.update(c.close);
    const MacdReading m = macd.update(c.close);
    const BandsReading b = bands.update(c.close);
    const Reading t = atr.update(c.high, c.low, c.close);
    const Reading v = vwap.update(c.high, c.low, c.close, c.volume);
    REQUIRE(a.ready == sma.ready());
    REQUIRE(m.ready == macd.ready());
    return {a.value, e.value, m.macd,  m.signal, m.histogram, b.upper, b.middle,
            b.lower, t.value, v.value, r.value,  b.bandwidth(), b.percent_b(c.close)};
  }
  static constexpr std::size_t kPrices = 10;  // the first ten scale with price, the rest do not

  Bytes save() const {
    Writer out;
    sma.save(out);
    ema.save(out);
    rsi.save(out);
    macd.save(out);
    bands.save(out);
    atr.save(out);
    vwap.save(out);
    return out.take();
  }
  void load(const Bytes& bytes) {
    Reader in(bytes);
    REQUIRE(sma.load(in).has_value());
    REQUIRE(ema.load(in).has_value());
    REQUIRE(rsi.load(in).has_value());
    REQUIRE(macd.load(in).has_value());
    REQUIRE(bands.load(in).has_value());
    REQUIRE(atr.load(in).has_value());
    REQUIRE(vwap.load(in).has_value());
    REQUIRE(in.finish("bench").has_value());
  }
  void scale(double f) {
    sma.scale(f);
    ema.scale(f);
    rsi.scale(f);
    macd.scale(f);
    bands.scale(f);
    atr.scale(f);
    vwap.scale(f);
  }
};

std::vector<Candle> walk(Rng& rng, std::size_t n) {
  std::vector<Candle> out;
  double close = 50 + 100 * rng.uniform();
  for (std::size_t i = 0; i < n; ++i) {
    close *= 1 + 0.002 * rng.normal();
    const double up = rng.uniform() * 0.1, down = rng.uniform() * 0.1;
    out.push_back({close + up, close - down, close, static_cast<double>(rng.below(10'000))});
  }
  return out;
}

}  // namespace

TEST_CASE("restored in the middle equals straight through, bit for bit") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    const Rng parameters(seed + 1'000);
    const auto candles = walk(rng, 300);
    const std::size_t cut = rng.below(candles.size());
    Bench straight(parameters);
    Bench first(parameters);
    Bench second(parameters);
    for (std::size_t i = 0; i < candles.size(); ++i) {
      if (i == cut) second.load(first.save());
      const auto expected = straight.update(candles[i]);
      REQUIRE((i < cut ? first : second).update(candles[i]) == expected);
    }
    REQUIRE(second.save() == straight.save());
  }
}

TEST_CASE("prices times a power of two: prices scale and ratios stay, bit for bit") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    Bench plain((Rng(seed)));
    Bench quarter((Rng(seed)));
    for (const Candle& c : walk(rng, 300)) {
      const auto a = plain.update(c);
      const auto b = quarter.update({c.high / 4, c.low / 4, c.close / 4, c.volume});
      for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(b[i] == (i < Bench::kPrices ? a[i] / 4 : a[i]));
      }
    }
  }
}

TEST_CASE("scale() equals having seen scaled prices from the start") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    const auto candles = walk(rng, 300);
    const std::size_t split = rng.below(candles.size());
    const double factor = seed % 2 == 0 ? 1.0 / 7.0 : 3.0;
    Bench lived((Rng(seed)));
    Bench restated((Rng(seed)));
    for (std::size_t i = 0; i < candles.size(); ++i) {
      const Candle& c = candles[i];
      const Candle after{c.high * factor, c.low * factor, c.close * factor, c.volume / factor};
      if (i == split) lived.scale(factor);
      const auto a = lived.update(i < split ? c : after);
      const auto b = restated.update(after);
      if (i < split) continue;
      for (std::size_t k = 0; k < a.size(); ++k) {
        REQUIRE(a[k] == Approx(b[k]).epsilon(1e-9).margin(1e-9));
      }
    }
  }
}

TEST_CASE("windows forget: after n values the past shows in no digit that matters") {
  Rng rng(7);
  const auto candles = walk(rng, 400);
  Sma lived = *Sma::create(37), young = *Sma::create(37);
  Bollinger wide = *Bollinger::create(37), narrow = *Bollinger::create(37);
  for (int i = 0; i < 1'000; ++i) {
    lived.update(1e7 * rng.uniform());
    wide.update(1e7 * rng.uniform());
  }
  for (std::size_t i = 0; i < candles.size(); ++i) {
    const double x = candles[i].close;
    const double a = lived.update(x).value, b = young.update(x).value;
    const double c = wide.update(x).upper, d = narrow.update(x).upper;
    if (i < 37 * 2) continue;  // from the second wrap on nothing of the past is in any sum
    REQUIRE(a == Approx(b).epsilon(1e-14));
    REQUIRE(c == Approx(d).epsilon(1e-12));
  }
}

TEST_CASE("bounds: 0 <= RSI <= 100, lower <= middle <= upper, low <= VWAP <= high of the session") {
  Rng rng(3);
  Bench bench((Rng(3)));
  double low = 1e300, high = 0;
  for (const Candle& c : walk(rng, 5'000)) {
    bench.update(c);
    low = std::min(low, c.low);
    high = std::max(high, c.high);
    const double rsi = bench.rsi.value().value;
    REQUIRE((rsi >= 0 && rsi <= 100));
    const BandsReading b = bench.bands.value();
    REQUIRE((b.lower <= b.middle && b.middle <= b.upper));
    if (bench.vwap.ready()) {
      const double v = bench.vwap.value().value;
      REQUIRE((v >= low && v <= high));
    }
  }
}
