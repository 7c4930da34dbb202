#include "confluence/shell/explain.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "confluence/tests/signals_host.hpp"

using namespace bw;
using namespace bw::confluence;

namespace {

Instrument apple() {
  Instrument i;
  i.id = InstrumentId{kApple};
  i.symbol.assign("AAPL");
  i.tick_size = *Price::parse("0.01");
  return i;
}

Strategy two_components() {
  Strategy s = simple("dips");
  s.description = "Buys dips.";
  s.components = {component("close", Timeframe::m1, linear(-2, 2), 2),
                  component("rsi_14", Timeframe::h1, linear(30, 70), 1)};
  s.components[0].name = "far_from_vwap";
  s.components[0].minus = "vwap";
  s.components[0].divided_by = "atr_14";
  s.components[0].normaliser.inverted = true;
  s.components[1].name = "strength";
  s.stops.stop_loss = {StopKind::percent, 2};
  s.confirmation_bars = 2;
  return s;
}

}  // namespace

TEST_CASE("a real signal, told to people and to programs") {
  Config config;
  config.strategies = {two_components()};
  config.instruments = {apple()};
  REQUIRE(check(config).has_value());
  SignalsHost host(config);
  host.feature(feature(Timeframe::h1, kStart, "100", {{"rsi_14", 60}}));
  for (int m = 1; m <= 2; ++m) {
    host.feature(
        feature(Timeframe::m1, kStart + m * kMinute, "98.5", {{"vwap", 100.25}, {"atr_14", 1}}));
  }
  const Signal g = host.last<Signal>();  // (2 × 0.875 + 0.5) / 3 = 0.75
  const auto held = host.all<HoldBack>();
  REQUIRE(held.size() == 1);
  const Instrument instrument = apple();
  const Story story{g, config.strategies[0], instrument, held};

  const std::string text = explain(story);
  INFO(text);
  for (const char* part :
       {"dips says LONG AAPL at 98.5, 2014-11-24T09:02:00Z (1m close)", "Buys dips.",
        "score       +0.7500  (enters at ±0.5, leaves a long below 0.125, a short above -0.125)",
        "far_from_vwap  1m    -1.75          +0.8750  2       +0.5833  = (close - vwap) / atr_14; "
        "linear, -1 at -2, +1 at 2, inverted",
        "strength       1h    60             +0.5000  1       +0.1667  = rsi_14; linear, -1 at 30, "
        "+1 at 70",
        "by weighted_mean", "rests on    2014-11-24T00:00:00Z … 2014-11-24T09:02:00Z",
        "size        5 % of equity", "stop loss   96.53",
        "held back   long at score +0.7500: confirming"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("NOTE") == std::string::npos);
  CHECK(text.find("take profit") == std::string::npos);

  const auto j = nlohmann::json::parse(explain_json(story));
  CHECK(j["signal"] == std::to_string(g.id.value));
  CHECK(j["direction"] == "long");
  CHECK(j["reference_price"] == "98.5");
  CHECK(j["stop_loss"] == "96.53");
  CHECK_FALSE(j.contains("take_profit"));
  CHECK(j["components"][0]["formula"] == "(close - vwap) / atr_14");
  CHECK(j["components"][0]["contribution"].get<double>() == g.contributions[0].contribution);
  CHECK(j["components"][1]["weight"] == 1);
  CHECK(j["held_back"][0]["reason"] == "confirming");
  CHECK(j["same_version_as_document"] == true);
}

TEST_CASE("another version of the document is said to be one, and names nothing wrongly") {
  Strategy s = two_components();
  Signal g;
  g.strategy_version = s.content_hash + 1;
  g.direction = Direction::flat;
  for (std::uint16_t i = 0; i < 3; ++i) {
    Contribution c;
    c.component = i;
    g.contributions.push_back(c);
  }
  const Instrument instrument = apple();
  const std::string text = explain({g, s, instrument, {}});
  CHECK(text.find("NOTE: the document at hand is another version") != std::string::npos);
  CHECK(text.find("says FLAT") != std::string::npos);
  CHECK(text.find("#2") != std::string::npos);
  CHECK(text.find("not valid: counts as 0") != std::string::npos);
  const auto j = nlohmann::json::parse(explain_json({g, s, instrument, {}}));
  CHECK(j["same_version_as_document"] == false);
  CHECK_FALSE(j["components"][2].contains("name"));
}

TEST_CASE("formulas and normalisers in words") {
  Component c = component("rsi_14", Timeframe::m1, linear(30, 70));
  CHECK(formula_of(c) == "rsi_14");
  c.divided_by = "atr_14";
  CHECK(formula_of(c) == "rsi_14 / atr_14");
  Normaliser n;
  n.kind = NormaliserKind::tanh;
  n.scale = 3;
  CHECK(text_of(n) == "tanh((x - 0) / 3)");
  n.kind = NormaliserKind::sign;
  n.dead_band = 0.1;
  CHECK(text_of(n) == "sign, 0 within ±0.1");
  n.kind = NormaliserKind::bands;
  n.low = 30;
  n.high = 70;
  CHECK(text_of(n) == "bands, -1 up to 30, +1 from 70");
}
