#include "confluence/core/scoring.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "confluence/tests/signals_host.hpp"

using namespace bw;
using namespace bw::confluence;

namespace {
Normaliser make(NormaliserKind kind) {
  Normaliser n;
  n.kind = kind;
  return n;
}
}  // namespace

TEST_CASE("linear: an RSI of 30 … 70 onto -1 … 1, clamped") {
  Normaliser n = linear(30, 70);
  CHECK(normalise(n, 30) == -1);
  CHECK(normalise(n, 50) == 0);
  CHECK(normalise(n, 60) == 0.5);
  CHECK(normalise(n, 70) == 1);
  CHECK(normalise(n, 5) == -1);
  CHECK(normalise(n, 95) == 1);
  n.inverted = true;  // mean reversion: oversold speaks for long
  CHECK(normalise(n, 30) == 1);
  CHECK(normalise(n, 60) == -0.5);
  CHECK_FALSE(std::signbit(normalise(n, 50)));
}

TEST_CASE("tanh, sign and bands") {
  Normaliser n = make(NormaliserKind::tanh);
  n.centre = 1;
  n.scale = 2;
  CHECK(normalise(n, 1) == 0);
  CHECK(normalise(n, 3) == Approx(0.7615941559557649).epsilon(1e-15));    // tanh 1
  CHECK(normalise(n, 0) == Approx(-0.46211715726000973).epsilon(1e-15));  // tanh -1/2
  CHECK(normalise(n, 1e300) == 1);

  n = make(NormaliserKind::sign);
  n.dead_band = 0.5;
  CHECK(normalise(n, 0.5) == 0);
  CHECK(normalise(n, 0.51) == 1);
  CHECK(normalise(n, -0.51) == -1);

  n = make(NormaliserKind::bands);
  n.low = 30;
  n.high = 70;
  CHECK(normalise(n, 30) == -1);
  CHECK(normalise(n, 31) == 0);
  CHECK(normalise(n, 70) == 1);
}

TEST_CASE("combinations, worked by hand") {
  // M = (2×0.5 + 1×1 - 1×0.25) / 4 = 0.4375; two of three agree with it.
  const std::array<Vote, 3> votes{{{2, 0.5, true}, {1, 1, true}, {1, -0.25, true}}};
  Score s = combine(Combination::weighted_mean, votes);
  CHECK(s.score == 0.4375);
  CHECK(s.agreement == Approx(1.75 / 2.25));
  CHECK(s.share == 1);
  CHECK(combine(Combination::majority, votes).score == 0.4375);
  CHECK(combine(Combination::all_agree, votes).score == 0);

  // Half is no majority, and zero agrees with nobody.
  const std::array<Vote, 2> half{{{3, 1, true}, {1, -1, true}}};
  CHECK(combine(Combination::majority, half).score == 0);
  const std::array<Vote, 2> idle{{{1, 1, true}, {1, 0, true}}};
  CHECK(combine(Combination::all_agree, idle).score == 0);
  CHECK(combine(Combination::weighted_mean, idle).score == 0.5);
  const std::array<Vote, 2> bears{{{1, -1, true}, {1, -0.5, true}}};
  CHECK(combine(Combination::all_agree, bears).score == -0.75);

  // What is not valid keeps its weight in the mean and lowers the share.
  const std::array<Vote, 2> blind{{{1, 1, true}, {3, 0.7, false}}};
  s = combine(Combination::weighted_mean, blind);
  CHECK(s.score == 0.25);
  CHECK(s.share == 0.25);
  CHECK(s.agreement == 1);
  CHECK(combine(Combination::all_agree, blind).score == 0);
  CHECK(combine(Combination::weighted_mean, {}).score == 0);
}

TEST_CASE("confidence") {
  const Score s{0.4375, 0.8, 0.75};
  CHECK(confidence_of(s, Direction::long_, Direction::flat) == Approx(0.6));
  CHECK(confidence_of(s, Direction::flat, Direction::long_) == Approx(0.75 * (1 - 0.4375)));
  CHECK(confidence_of(s, Direction::flat, Direction::short_) == 0.75);
}

TEST_CASE("volatility of a year from a mean range") {
  // A daily range of 2 at 100: sqrt(pi / 8) × 0.02 × sqrt(252) = 0.62665707 × 0.31749016
  CHECK(annual_volatility(2, 100, 252) == Approx(0.19895745).epsilon(1e-7));
  CHECK(annual_volatility(2, 0, 252) == 0);
  CHECK(annual_volatility(std::nan(""), 100, 252) == 0);
}

TEST_CASE("stop prices lie on the tick grid") {
  const Price at = *Price::parse("100.03");
  const Price cent = *Price::parse("0.01");
  const Stop two_percent{StopKind::percent, 2};
  CHECK(stop_price(two_percent, at, 0, false, cent).to_string() == "98.03");  // 98.0294
  CHECK(stop_price(two_percent, at, 0, true, cent).to_string() == "102.03");  // 102.0306
  CHECK(stop_price(two_percent, at, 0, true, *Price::parse("0.25")).to_string() == "102");
  CHECK(stop_price(two_percent, at, 0, false, Price{}).to_string() == "98.0294");
  const Stop atrs{StopKind::atr, 1.5};
  CHECK(stop_price(atrs, at, 0.4, false, cent).to_string() == "99.43");
  CHECK(stop_price(atrs, at, 0, false, cent).is_zero());
  CHECK(stop_price(atrs, at, 80, false, cent).is_zero());  // below zero
  const double endless = std::numeric_limits<double>::infinity();
  CHECK(stop_price(atrs, at, endless, true, cent).is_zero());
  CHECK(stop_price({}, at, 1, true, cent).is_zero());
}

TEST_CASE("what a document names must exist") {
  Strategy s = simple();
  REQUIRE(compile(s).has_value());
  CHECK(compile(s)->components[0].footing.bars == 20);
  s.components[0].minus = "vwap";
  CHECK(compile(s)->components[0].footing.session);
  s.components[0].minus = "close";
  s.components[0].divided_by = "atr_15";
  CHECK(compile(s).error().message == "there is no feature 'atr_15'");
  CHECK(compile(s).error().field == "simple.components[0]");
  s = simple();
  s.components[0].weight = 0;
  CHECK_FALSE(compile(s).has_value());
  s = simple();
  s.timeframe = Timeframe::h1;  // longer than its component's
  CHECK_FALSE(compile(s).has_value());
  s = simple();
  s.stops.stop_loss = {StopKind::atr, 2};
  CHECK(compile(s).error().field == "simple.stops.atr");
  s.stops.atr = {"atr_14", Timeframe::m15};
  CHECK(compile(s).has_value());
  s.sizing.method = SizingMethod::volatility_target;
  CHECK(compile(s).error().field == "simple.sizing.volatility");
  s = simple();
  s.components.clear();
  CHECK_FALSE(compile(s).has_value());
  s.timeframe = Timeframe::none;
  CHECK_FALSE(compile(s).has_value());

  Config config;
  config.strategies = {simple(), simple()};
  CHECK(check(config).error().code == ErrorCode::already_exists);
  config.strategies[1] = simple("other");
  CHECK(check(config).has_value());
  config.strategies[1].components[0].feature = "moon";
  CHECK_FALSE(check(config).has_value());
}
