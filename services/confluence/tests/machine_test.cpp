#include "confluence/core/machine.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "confluence/tests/signals_host.hpp"

using namespace bw;
using namespace bw::confluence;

namespace {
Config config_of(Strategy s) {
  Config c;
  c.strategies = {std::move(s)};
  return c;
}
std::uint32_t bit(const char* name) { return 1U << *indicators::find_feature(name); }
}  // namespace

TEST_CASE("a signal says when the direction changes, and only then") {
  const Config config = config_of(simple());
  SignalsHost host(config);
  int minute = 0;
  for (const double s : {0.0, 0.25, 0.5, 0.875, 0.25, 0.125, 0.0, 0.25}) host.score(++minute, s);
  const auto signals = host.all<Signal>();
  REQUIRE(signals.size() == 2);
  CHECK(signals[0].direction == Direction::long_);
  CHECK(signals[0].data_to == kStart + 3 * kMinute);
  CHECK(signals[0].score == 0.5);
  CHECK(signals[0].id.value == derive_id(Kind::confluence_signals, kApple, 1));
  CHECK(signals[1].direction == Direction::flat);  // below exit, not at it
  CHECK(signals[1].data_to == kStart + 7 * kMinute);
  CHECK(host.all<HoldBack>().empty());
  host.out.clear();
  for (const double s : {-0.5, -0.25, 0.75, -0.75, 0.0}) host.score(++minute, s);
  CHECK(host.directions() == "short long short flat");
}

TEST_CASE("directions that are not allowed are left, never entered") {
  Strategy s = simple();
  s.allowed = Allowed::long_only;
  const Config long_only = config_of(s);
  SignalsHost longs(long_only);
  int minute = 0;
  for (const double v : {-0.9, 0.9, -0.9, -0.9}) longs.score(++minute, v);
  CHECK(longs.directions() == "long flat");
  s.allowed = Allowed::short_only;
  const Config short_only = config_of(s);
  SignalsHost shorts(short_only);
  for (const double v : {0.9, -0.9, 0.9, 0.9}) shorts.score(++minute, v);
  CHECK(shorts.directions() == "short flat");
}

TEST_CASE("confirmation counts closes in a row, and is said once a stretch") {
  Strategy s = simple();
  s.confirmation_bars = 3;
  const Config config = config_of(s);
  SignalsHost host(config);
  int minute = 0;
  for (const double v : {0.6, 0.7, 0.2, 0.6, 0.6, 0.6}) host.score(++minute, v);
  REQUIRE(host.all<Signal>().size() == 1);
  CHECK(host.last<Signal>().data_to == kStart + 6 * kMinute);
  const auto held = host.all<HoldBack>();
  REQUIRE(held.size() == 2);
  CHECK(held[0].reason == HoldBackReason::confirming);
  CHECK(held[0].direction == Direction::long_);
  CHECK(held[0].from == kStart + kMinute);
  CHECK(held[0].to == kStart + 3 * kMinute);
  CHECK(held[1].from == kStart + 4 * kMinute);
  // A turn that is not confirmed leaves at once and enters when it is.
  host.out.clear();
  for (const double v : {-0.6, -0.6, -0.6}) host.score(++minute, v);
  CHECK(host.directions() == "flat short");
}

TEST_CASE("after leaving, no entry for the cool-down's closes") {
  Strategy s = simple();
  s.cool_down_bars = 2;
  const Config config = config_of(s);
  SignalsHost host(config);
  int minute = 0;
  for (const double v : {0.6, -0.6, -0.6, -0.6, -0.6}) host.score(++minute, v);
  const auto held = host.all<HoldBack>();
  REQUIRE(held.size() == 1);
  CHECK(held[0].reason == HoldBackReason::cool_down);
  CHECK(held[0].direction == Direction::short_);
  CHECK(held[0].from == kStart + 2 * kMinute);
  CHECK(held[0].to == kStart + 5 * kMinute);  // the first close that may enter
  CHECK(host.last<Signal>().data_to == kStart + 5 * kMinute);
  CHECK(host.directions() == "long flat short");
}

TEST_CASE("a component that is not warmed up holds everything back, said once") {
  Strategy s = simple();
  s.components.push_back(component("rsi_14", Timeframe::h1, linear(30, 70)));
  const Config config = config_of(s);
  SignalsHost host(config);
  for (int m = 1; m <= 5; ++m) host.score(m, 1.0);
  REQUIRE(host.out.size() == 1);
  CHECK(host.last<HoldBack>().reason == HoldBackReason::warming_up);
  CHECK(host.last<HoldBack>().direction == Direction::long_);
  host.feature(feature(Timeframe::h1, kStart + 6 * kMinute, "100", {{"sma_20", 100}}));
  host.score(6, 1.0);
  CHECK(host.out.size() == 1);
  host.feature(feature(Timeframe::h1, kStart + 66 * kMinute, "100", {{"rsi_14", 70}}));
  host.score(66, 1.0);
  CHECK(host.directions() == "long");
}

TEST_CASE("vectors of another feature table are not read") {
  const Config config = config_of(simple());
  SignalsHost host(config);
  Feature f = feature(Timeframe::m1, kStart, "100", {{"bollinger_percent_b", 1}});
  f.feature_set += 1;
  host.feature(f);
  CHECK(host.last<HoldBack>().reason == HoldBackReason::warming_up);
  CHECK(host.all<Signal>().empty());
}

TEST_CASE("an open gap holds back, and so does one inside what a component rests on") {
  const Config config = config_of(simple());
  SignalsHost host(config);
  host.gap(GapState::opened, kStart, 0);
  host.score(5, 0.9);
  host.score(6, 0.9);
  REQUIRE(host.out.size() == 1);
  HoldBack h = host.last<HoldBack>();
  CHECK(h.reason == HoldBackReason::gap);
  CHECK(h.from == kStart);
  CHECK(h.to == 0);
  host.gap(GapState::closed, kStart, kStart + 4 * kMinute);

  Feature f = feature(Timeframe::m1, kStart + 7 * kMinute, "100", {{"bollinger_percent_b", 1}});
  f.over_gap = true;
  f.gap_from = kStart;
  f.gap_to = kStart + 4 * kMinute;
  f.gapped = bit("bollinger_percent_b");
  host.out.clear();
  host.feature(f);
  CHECK(host.out.empty());  // the same stretch, the same reason: said already
  host.score(8, 0.0);
  f.bar_close += 2 * kMinute;
  host.feature(f);
  h = host.last<HoldBack>();
  CHECK(h.from == kStart);
  CHECK(h.to == kStart + 4 * kMinute);
  // The gap concerns a slot that the strategy does not use: the signal comes.
  f.bar_open = f.bar_close;
  f.bar_close += kMinute;
  f.gapped = bit("sma_200");
  host.feature(f);
  CHECK(host.directions() == "long");
  // Leaving rests on data as entering does.
  host.gap(GapState::opened, kStart + 10 * kMinute, 0);
  host.score(11, -1.0);
  CHECK(host.last<HoldBack>().direction == Direction::short_);
  host.gap(GapState::backfilled, kStart + 10 * kMinute, kStart + 11 * kMinute);
  host.score(12, -1.0);
  CHECK(host.directions() == "short");
}

TEST_CASE("a gap inside the bar itself counts even for its close") {
  Strategy s = simple();
  s.components = {component("close", Timeframe::m1, linear(0, 100))};
  const Config config = config_of(s);
  SignalsHost host(config);
  Feature f = feature(Timeframe::m1, kStart, "100", {});
  f.gapped = bit("sma_20");
  f.gap_from = f.bar_open + kSecond;
  f.gap_to = f.bar_open + 2 * kSecond;
  host.feature(f);
  CHECK(host.last<HoldBack>().reason == HoldBackReason::gap);
}

TEST_CASE("a confirmation does not reach over a gap") {
  Strategy s = simple();
  s.confirmation_bars = 2;
  const Config config = config_of(s);
  SignalsHost host(config);
  host.score(1, 0.9);
  host.gap(GapState::opened, kStart + kMinute, 0);
  host.score(2, 0.9);
  host.gap(GapState::closed, kStart + kMinute, kStart + 2 * kMinute);
  host.score(3, 0.9);
  CHECK(host.all<Signal>().empty());
  host.score(4, 0.9);
  CHECK(host.directions() == "long");
}

TEST_CASE("the hour seen at 10:37 is the one that closed at 10:00") {
  Strategy s = simple();
  s.components.push_back(component("rsi_14", Timeframe::h1, linear(30, 70), 3));
  const Config config = config_of(s);
  SignalsHost host(config);
  host.feature(feature(Timeframe::h1, kStart + kHour, "100", {{"rsi_14", 70}}));  // 10:00
  host.score(97, 1.0);                                                            // 10:37
  const Signal at = host.last<Signal>();
  CHECK(at.score == 1);
  CHECK(at.contributions[1].raw == 70);
  CHECK(at.contributions[1].timeframe == Timeframe::h1);
  // At 11:00 the hour's vector comes first and is the one that counts; an older one changes
  // nothing.
  host.feature(feature(Timeframe::h1, kStart + 2 * kHour, "100", {{"rsi_14", 30}}));
  host.feature(feature(Timeframe::h1, kStart + kHour, "100", {{"rsi_14", 70}}));
  host.score(120, 1.0);
  CHECK(host.last<Signal>().contributions[1].raw == 30);
  CHECK(host.last<Signal>().score == -0.5);
  CHECK(host.directions() == "long short");
}

TEST_CASE("a signal explains itself") {
  Strategy s = simple();
  s.timeframe = Timeframe::m5;
  s.components = {component("close", Timeframe::m5, linear(-2, 2), 1),
                  component("rsi_14", Timeframe::h1, linear(30, 70), 3)};
  s.components[0].minus = "vwap";
  s.components[0].divided_by = "atr_14";
  s.sizing.method = SizingMethod::volatility_target;
  s.sizing.fraction = 0.5;
  s.sizing.target_volatility = 0.1;
  s.sizing.volatility = {"atr_14", Timeframe::h1};
  s.sizing.periods_per_year = 252 * 6.5;
  s.stops.stop_loss = {StopKind::atr, 2};
  s.stops.take_profit = {StopKind::percent, 3};
  s.stops.atr = {"atr_14", Timeframe::m5};
  Config config = config_of(s);
  Instrument apple;
  apple.id = InstrumentId{kApple};
  apple.tick_size = *Price::parse("0.05");
  config.instruments = {apple};
  SignalsHost host(config);
  Session open;
  open.instrument = apple.id;
  open.at = kStart - 30 * kMinute;
  host.step(Kind::market_bars, kApple, Event{open});

  for (int i = 1; i <= 30; ++i) {
    host.feature(feature(Timeframe::m5, kStart + i * 5 * kMinute, "100", {{"vwap", 100}}));
  }
  Feature hour =
      feature(Timeframe::h1, kStart + 2 * kHour, "101", {{"rsi_14", 60}, {"atr_14", 1.5}});
  hour.data_from = kStart - 40 * kHour;
  host.feature(hour);
  Feature f =
      feature(Timeframe::m5, kStart + 155 * kMinute, "101.02", {{"vwap", 100.42}, {"atr_14", 0.4}});
  f.data_from = kStart;
  host.out.clear();
  host.feature(f);

  // (101.02 - 100.42) / 0.4 = 1.5 gives 0.75; RSI 60 gives 0.5. (0.75 + 3 × 0.5) / 4 = 0.5625.
  const Signal g = host.last<Signal>();
  CHECK(g.direction == Direction::long_);
  CHECK(g.strategy == s.id);
  CHECK(g.strategy_version == s.content_hash);
  CHECK(g.instrument == apple.id);
  CHECK(g.timeframe == Timeframe::m5);
  CHECK(g.score == Approx(0.5625));
  CHECK(g.confidence == Approx(1));
  REQUIRE(g.contributions.size() == 2);
  CHECK(g.contributions[0].raw == Approx(1.5));
  CHECK(g.contributions[0].normalised == Approx(0.75));
  CHECK(g.contributions[0].contribution == Approx(0.1875));
  CHECK(g.contributions[1].contribution == Approx(0.375));
  CHECK(g.reference_price.to_string() == "101.02");
  CHECK(g.stop_loss.to_string() == "100.2");     // 100.22 on a grid of 0.05
  CHECK(g.take_profit.to_string() == "104.05");  // 104.0506
  CHECK(g.data_from == kStart - 40 * kHour);
  CHECK(g.data_to == kStart + 155 * kMinute);
  CHECK(g.sizing.volatility == Approx(0.62665707 * 1.5 / 101 * std::sqrt(1638)));
  CHECK(g.sizing.target_volatility == 0.1);
}

TEST_CASE("the data range reaches as far as the components do") {
  const Config config = config_of(simple());  // percent b rests on 20 bars
  SignalsHost host(config);
  for (int m = 1; m <= 300; ++m) host.score(m, 0);
  host.score(301, 1);
  CHECK(host.last<Signal>().data_from == kStart + 281 * kMinute);
}

TEST_CASE(
    "a value of the session reaches back to its opening, or to midnight where there is none") {
  Strategy s = simple();
  s.components = {component("close", Timeframe::m1, linear(-1, 1))};
  s.components[0].minus = "vwap";
  const Config config = config_of(s);
  SignalsHost host(config);
  host.feature(feature(Timeframe::m1, kStart + kMinute, "101", {{"vwap", 100}}));
  CHECK(host.last<Signal>().data_from == kStart - 9 * kHour);
  Session open;
  open.instrument = InstrumentId{kApple};
  open.at = kStart - 30 * kMinute;
  host.step(Kind::market_bars, kApple, Event{open});
  host.feature(feature(Timeframe::m1, kStart + 2 * kMinute, "99", {{"vwap", 100}}));
  CHECK(host.last<Signal>().data_from == kStart - 30 * kMinute);
}

TEST_CASE("a division by zero is no value and no signal of its own") {
  Strategy s = simple();
  s.components.push_back(component("close", Timeframe::m1, linear(0, 1)));
  s.components[1].divided_by = "atr_14";
  const Config config = config_of(s);
  SignalsHost host(config);
  host.feature(feature(Timeframe::m1, kStart, "100", {{"bollinger_percent_b", 1}, {"atr_14", 0}}));
  const Signal g = host.last<Signal>();
  CHECK(g.score == 0.5);
  CHECK(g.confidence == 0.5);
  CHECK_FALSE(g.contributions[1].valid);
  CHECK(g.contributions[1].contribution == 0);
}

TEST_CASE("a split restates what is kept from before it") {
  Strategy s = simple();
  s.components.push_back(component("sma_20", Timeframe::h1, linear(0, 100)));
  s.components[1].minus = "close";
  const Config config = config_of(s);
  SignalsHost host(config);
  host.feature(feature(Timeframe::h1, kStart, "400", {{"sma_20", 480}}));
  CorporateAction a;
  a.instrument = InstrumentId{kApple};
  a.kind = CorporateActionKind::split;
  a.ratio = Quantity::from_int(4);
  host.step(Kind::market_bars, kApple, Event{a});
  host.score(1, 1);  // (1 + (120 - 100) / 50 - 1) / 2 = 0.2: before the split it would have been 1
  CHECK(host.all<Signal>().empty());
  host.feature(feature(Timeframe::h1, kStart + kHour, "100", {{"sma_20", 200}}));
  host.score(60, 1);
  CHECK(host.last<Signal>().contributions[1].raw == 100);
}

TEST_CASE("only the universe's instruments are looked at") {
  Strategy s = simple();
  s.all_instruments = false;
  s.instruments = {InstrumentId{3}, InstrumentId{9}};
  const Config config = config_of(s);
  SignalsHost host(config);
  host.score(1, 1);
  CHECK(host.out.empty());
  CHECK(host.machine.units().empty());
  Feature f = feature(Timeframe::m1, kStart, "5", {{"bollinger_percent_b", 1}});
  f.instrument = InstrumentId{9};
  host.feature(f);
  CHECK(host.directions() == "long");
  CHECK(host.machine.units() == std::vector<Unit>{9});
}

TEST_CASE("the machine declares its inputs") {
  const Config config = config_of(simple());
  const auto spec = confluence_signals_spec(config);
  CHECK_FALSE(spec.ledger);
  CHECK(runtime::check_order({spec}).has_value());
  CHECK(spec.create({})->units().empty());
}
