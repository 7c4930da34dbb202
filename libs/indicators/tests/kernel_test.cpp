#include <catch2/catch.hpp>
#include <cmath>

#include "bellwether/indicators/atr.hpp"
#include "bellwether/indicators/bollinger.hpp"
#include "bellwether/indicators/macd.hpp"
#include "bellwether/indicators/rsi.hpp"
#include "bellwether/indicators/sma.hpp"
#include "bellwether/indicators/vwap.hpp"

using namespace bw;
using namespace bw::indicators;

TEST_CASE("averages by hand") {
  Sma sma = *Sma::create(3);
  CHECK_FALSE(sma.update(1).ready);
  CHECK_FALSE(sma.update(2).ready);
  CHECK(sma.update(6).value == 3.0);
  CHECK(sma.update(4).value == 4.0);
  Ema ema = *Ema::create(3);  // k = 1/2, seed (1 + 2 + 6) / 3
  ema.update(1);
  ema.update(2);
  CHECK(ema.update(6).value == 3.0);
  CHECK(ema.update(5).value == 4.0);
}

TEST_CASE("RSI by hand") {
  Rsi rsi = *Rsi::create(2);
  CHECK_FALSE(rsi.update(10).ready);
  CHECK_FALSE(rsi.update(11).ready);
  CHECK(rsi.update(10.5).value == Approx(100 * 0.5 / 0.75));  // gains 1, 0; losses 0, 0.5
  CHECK(rsi.update(12).value == Approx(100 * 1.0 / 1.125));   // (0.5 + 1.5) / 2; (0.25 + 0) / 2
}

TEST_CASE("RSI: only rises, only falls, and no move at all") {
  Rsi up = *Rsi::create(5);
  Rsi down = *Rsi::create(5);
  Rsi flat = *Rsi::create(5);
  for (int i = 0; i < 20; ++i) {
    up.update(100 + i);
    down.update(100 - i);
    flat.update(100);
  }
  CHECK(up.value().value == 100.0);
  CHECK(down.value().value == 0.0);
  CHECK(flat.value().value == 50.0);
}

TEST_CASE("bands meet exactly where price stands still, after any past") {
  Bollinger bands = *Bollinger::create(20, 2.0);
  for (int i = 0; i < 57; ++i) bands.update(1e6 + i * 0.37);
  for (int i = 0; i < 20; ++i) bands.update(3.25);
  const BandsReading r = bands.value();
  CHECK(r.upper == r.lower);
  CHECK(r.middle == Approx(3.25).epsilon(1e-9));
  CHECK(r.percent_b(3.25) == 0.5);
  CHECK(r.bandwidth() == 0.0);
}

TEST_CASE("a rolling deviation stays exact over a million small moves at a high price") {
  Bollinger bands = *Bollinger::create(20, 1.0);
  for (int i = 0; i < 1'000'000; ++i) bands.update(100'000.0 + (i % 2 == 0 ? 0.01 : -0.01));
  // E[x²] − E[x]² would give about 0 or 0.001.
  CHECK(bands.deviation() == Approx(0.01).epsilon(1e-6));
  Sma sma = *Sma::create(3);
  for (int i = 0; i < 1'000'000; ++i) sma.update(i % 2 == 0 ? 1e12 : 0.1);
  for (int i = 0; i < 6; ++i) sma.update(0.5);
  CHECK(sma.value().value == 0.5);  // nothing of 1e12 is left
}

TEST_CASE("ATR takes the gap to the close before into the range") {
  Atr atr = *Atr::create(2);
  CHECK_FALSE(atr.update(11, 10, 10.5).ready);
  CHECK_FALSE(atr.update(13, 12, 12.5).ready);  // 13 − 10.5 = 2.5
  CHECK(atr.update(9, 8.5, 8.5).value == Approx((2.5 + 4.0) / 2));
  CHECK(atr.update(9, 8.5, 9).value == Approx((3.25 + 0.5) / 2));
}

TEST_CASE("VWAP begins anew with each session and waits for volume") {
  Vwap vwap;
  CHECK_FALSE(vwap.update(3, 1, 2, 0).ready);
  CHECK(vwap.update(3, 1, 2, 10).value == 2.0);
  CHECK(vwap.update(6, 4, 5, 30).value == Approx(4.25));
  vwap.reset();
  CHECK_FALSE(vwap.ready());
  CHECK(vwap.update(9, 9, 9, 1).value == 9.0);
}

TEST_CASE("parameters out of range are refused by name") {
  CHECK(Sma::create(0).error().field == "sma.period");
  CHECK(Sma::create(kMaxPeriod + 1).error().field == "sma.period");
  CHECK(Ema::create(-3).error().field == "ema.period");
  CHECK(Rsi::create(1).error().field == "rsi.period");
  CHECK(Macd::create({26, 12, 9}).error().field == "macd.fast");
  CHECK(Macd::create({12, 26, 0}).error().field == "macd.signal");
  CHECK(Bollinger::create(1).error().field == "bollinger.period");
  CHECK(Bollinger::create(20, 0).error().field == "bollinger.width");
  CHECK(Bollinger::create(20, std::nan("")).error().field == "bollinger.width");
  CHECK(Atr::create(0).error().field == "atr.period");
  CHECK_FALSE(Atr::create(0).error().mend.empty());
}

TEST_CASE("state of other parameters, cut short or damaged, is refused") {
  Bollinger bands = *Bollinger::create(20, 2.0);
  for (int i = 0; i < 50; ++i) bands.update(i);
  Writer out;
  bands.save(out);
  Bollinger shorter = *Bollinger::create(10, 2.0);
  Reader a(out.bytes());
  CHECK(shorter.load(a).error().code == ErrorCode::failed_precondition);
  Bollinger wider = *Bollinger::create(20, 3.0);
  Reader b(out.bytes());
  CHECK(wider.load(b).error().field == "bollinger.width");
  for (std::size_t n = 0; n < out.size(); ++n) {
    Bollinger cut = *Bollinger::create(20, 2.0);
    Reader in(std::string_view(out.bytes()).substr(0, n));
    REQUIRE_FALSE(cut.load(in).has_value());
  }
  Bytes torn = out.bytes();
  torn[4] = '\x7f';  // the ring's position
  Reader c(torn);
  CHECK(Bollinger(bands).load(c).error().code == ErrorCode::data_loss);
}
