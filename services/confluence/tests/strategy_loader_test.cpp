#include "confluence/shell/strategy_loader.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "bellwether/indicators/feature_table.hpp"
#include "bellwether/testkit/data.hpp"
#include "bellwether/testkit/json_schema.hpp"

using namespace bw;
using namespace bw::confluence;

namespace {

const std::filesystem::path kFolder = testkit::source_root() / "services/confluence";

const config::InstrumentTable& instruments() {
  static const config::InstrumentTable kTable = [] {
    auto t =
        config::InstrumentTable::load(testkit::source_root() / "deploy/config/instruments.yaml");
    if (!t) FAIL(t.error().text());
    return std::move(*t);
  }();
  return kTable;
}

const std::string kGood = R"(name: test
version: 3
universe: [SPY, AAPL]
timeframe: 15m
components:
  - name: strength
    feature: rsi_14
    normalise: {method: linear, low: 30, high: 70}
  - name: trend
    timeframe: 1h
    feature: close
    minus: sma_20
    divided_by: atr_14
    normalise: {method: tanh, scale: 2, inverted: true}
    weight: 2.5
threshold: {enter: 0.5}
sizing: {method: fixed_fraction, fraction: 0.1}
stops: {stop_loss: {atr: 2}, take_profit: {percent: 5}}
)";

/// kGood with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Result<Strategy> read(const std::string& text, const std::string& name = "s.yaml") {
  const auto document = config::Document::parse(text, name);
  if (!document) return tl::unexpected(document.error());
  return read_strategy(*document, instruments());
}

std::optional<std::string> schema_error(const std::string& text) {
  const auto document = config::Document::parse(text, "s.yaml");
  REQUIRE(document.has_value());
  return testkit::schema_error((kFolder / "strategy.schema.json").string(), document->root());
}

struct Case {
  std::string from, to;
  std::string error;        ///< the reader's, or a part of it
  bool schema_sees = true;  ///< false: a rule that JSON Schema cannot say
};
const std::vector<Case> kWrong = {
    {"name: test", "name: Test", "s.yaml:1: name: is 'Test' (begin with a small letter"},
    {"version: 3", "version: 0",
     "s.yaml:2: version: must be a whole number from 1 to 1000000, is 0"},
    {"version: 3", "version: three", "version: must be a whole number"},
    {"version: 3\n", "", "version: is missing"},
    {"timeframe: 15m", "timeframe: 2h", "s.yaml:4: timeframe: is '2h', which is not known here"},
    {"timeframe: 15m", "timeframe: 15",
     "timeframe: must be a text, is a whole number, '15' (put it in quotes)"},
    {"[SPY, AAPL]", "SPY", "universe: must be '*' or a list of symbols"},
    {"[SPY, AAPL]", "[]", "universe: has 0 entries"},
    {"[SPY, AAPL]", "[SPY, 7]", "universe[1]: must be a text"},
    {"[SPY, AAPL]", "[SPY, SPY]", "universe[1]: names SPY a second time"},
    {"[SPY, AAPL]", "[SPY, APPL]",
     "s.yaml:3: universe[1]: 'APPL' is no instrument of the reference (did you mean 'AAPL'?)",
     false},
    {"feature: rsi_14", "feature: rsi",
     "s.yaml:7: components[0].feature: is 'rsi', which is not known here"},
    {"feature: rsi_14", "feature: rsi_41", "did you mean 'rsi_14'?"},
    {"feature: rsi_14", "featrue: rsi_14",
     "s.yaml:7: components[0].featrue: is no known field (did you mean 'feature'?)"},
    {"minus: sma_20", "minus: close", "minus: is the feature itself", false},
    {"timeframe: 1h", "timeframe: 5m", "components[1].timeframe: is shorter than the strategy's",
     false},
    {"name: trend", "name: strength", "components[1].name: is 'strength', as another component's",
     false},
    {"low: 30, high: 70", "low: 70, high: 30", "normalise.low: is not below high", false},
    {"low: 30, high: 70", "low: .nan, high: 70", "normalise.low: is '.nan', not a finite number",
     false},
    {"low: 30, high: 70", "low: 30", "normalise.high: is missing"},
    {"low: 30, high: 70", "low: 30, high: 70, scale: 2", "normalise.scale: is no known field"},
    {"low: 30, high: 70", "low: -2e9, high: 70",
     "normalise.low: must be in [-1000000000, 1000000000]"},
    {"method: linear", "method: liner",
     "normalise.method: is 'liner', which is not known here (did you mean 'linear'?)"},
    {"scale: 2", "scale: 0", "components[1].normalise.scale: must be in (0, 1000000000], is 0"},
    {"inverted: true", "inverted: yes", "must be true or false, is a text, 'yes'"},
    {"weight: 2.5", "weight: -1", "s.yaml:15: components[1].weight: must be in (0, 1000], is -1"},
    {"weight: 2.5", "weight: '2.5'", "write a number in (0, 1000] without quotes"},
    {"weight: 2.5", "weight:", "components[1].weight: has no value"},
    {"enter: 0.5", "enter: 1.5", "threshold.enter: must be in (0, 1], is 1.5"},
    {"enter: 0.5", "enter: 0.5, exit: 0.6", "threshold.exit: is above enter", false},
    {"enter: 0.5", "enter: 0.5, exit: -0.1", "threshold.exit: must be in [0, 1]"},
    {"fraction: 0.1", "fraction: 2", "sizing.fraction: must be in (0, 1], is 2"},
    {"fraction: 0.1", "fraction: 0.1, target: 0.1", "sizing.target: is no known field"},
    {"method: fixed_fraction", "method: kelly", "sizing.method: is 'kelly'"},
    {"{atr: 2}", "{atr: 2, percent: 1}", "stops.stop_loss: must have one of percent and atr"},
    {"{percent: 5}", "{percent: 100}", "stops.take_profit.percent: must be in (0, 100), is 100"},
    {"{percent: 5}", "5", "stops.take_profit: must be a table"},
    {"threshold:", "direction: long\nthreshold:", "direction: is 'long'"},
    {"threshold:", "combination: mean\nthreshold:", "combination: is 'mean'"},
    {"threshold:", "confirmation_bars: 0\nthreshold:", "confirmation_bars: must be"},
    {"threshold:", "cool_down_bars: 1.5\nthreshold:", "cool_down_bars: must be"},
    {"threshold:", "cooldown_bars: 1\nthreshold:", "did you mean 'cool_down_bars'?"},
};

}  // namespace

TEST_CASE("a document's values arrive, with defaults") {
  const auto s = read(kGood);
  if (!s) FAIL(s.error().text());
  CHECK(s->id == strategy_id("test"));
  CHECK(s->version == 3);
  CHECK(s->sha256.size() == 64);
  CHECK(s->content_hash == config::sha256_prefix(s->sha256));
  CHECK_FALSE(s->all_instruments);
  CHECK(s->instruments == std::vector{InstrumentId(1), InstrumentId(2)});
  CHECK(s->timeframe == Timeframe::m15);
  REQUIRE(s->components.size() == 2);
  const Component strength{"strength", Timeframe::m15,
                           "rsi_14",   "",
                           "",         {.kind = NormaliserKind::linear, .low = 30, .high = 70},
                           1};
  const Component trend{"trend",  Timeframe::h1,
                        "close",  "sma_20",
                        "atr_14", {.kind = NormaliserKind::tanh, .scale = 2, .inverted = true},
                        2.5};
  CHECK(s->components[0] == strength);
  CHECK(s->components[1] == trend);
  CHECK(s->combination == Combination::weighted_mean);
  CHECK(s->enter == 0.5);
  CHECK(s->exit == 0.0);
  CHECK(s->confirmation_bars == 1);
  CHECK(s->cool_down_bars == 0);
  CHECK(s->allowed == Allowed::both);
  CHECK(s->sizing.method == SizingMethod::fixed_fraction);
  CHECK(s->sizing.fraction == 0.1);
  CHECK(s->stops.stop_loss == Stop{StopKind::atr, 2});
  CHECK(s->stops.take_profit == Stop{StopKind::percent, 5});
  CHECK(s->stops.atr == FeatureRef{"atr_14", Timeframe::m15});

  const auto target = read(changed("{method: fixed_fraction, fraction: 0.1}",
                                   "{method: volatility_target, target: 0.1, max_fraction: 0.2, "
                                   "volatility: {feature: atr_14, timeframe: 1h}}"));
  if (!target) FAIL(target.error().text());
  CHECK(target->sizing.target_volatility == 0.1);
  CHECK(target->sizing.fraction == 0.2);
  CHECK(target->sizing.volatility == FeatureRef{"atr_14", Timeframe::h1});
  CHECK(target->sizing.periods_per_year == Approx(252 * 6.5));
}

TEST_CASE("JSON gives the same strategy but for its version") {
  const std::string json =
      R"({"name": "test", "version": 3, "universe": ["SPY", "AAPL"], "timeframe": "15m",
    "components": [{"name": "strength", "feature": "rsi_14",
       "normalise": {"method": "linear", "low": 30, "high": 70}},
      {"name": "trend", "timeframe": "1h", "feature": "close", "minus": "sma_20",
       "divided_by": "atr_14",
       "normalise": {"method": "tanh", "scale": 2, "inverted": true}, "weight": 2.5}],
    "threshold": {"enter": 0.5}, "sizing": {"method": "fixed_fraction", "fraction": 0.1},
    "stops": {"stop_loss": {"atr": 2}, "take_profit": {"percent": 5}}})";
  auto from_json = read(json, "s.json");
  if (!from_json) FAIL(from_json.error().text());
  const auto from_yaml = read(kGood);
  CHECK(from_json->sha256 != from_yaml->sha256);
  from_json->sha256 = from_yaml->sha256;
  from_json->content_hash = from_yaml->content_hash;
  CHECK(*from_json == *from_yaml);
}

TEST_CASE("the shipped strategies load, and the schema agrees") {
  const std::vector<std::filesystem::path> paths{kFolder / "strategies"};
  const auto strategies = load_strategies(paths, instruments());
  if (!strategies) FAIL(strategies.error().text());
  std::set<std::string> names;
  for (const Strategy& s : *strategies) {
    names.insert(s.name);
    const auto document = config::Document::load(kFolder / "strategies" / (s.name + ".yaml"));
    REQUIRE(document.has_value());
    const auto error =
        testkit::schema_error((kFolder / "strategy.schema.json").string(), document->root());
    if (error) FAIL(s.name << ": " << *error);
    CHECK_FALSE(s.description.empty());
  }
  CHECK(names == std::set<std::string>{"trend", "mean_reversion", "confluence"});
  for (std::size_t i = 1; i < strategies->size(); ++i) {
    CHECK((*strategies)[i - 1].id < (*strategies)[i].id);
  }
}

TEST_CASE("the schema knows the features that analytics publishes, and no other") {
  std::ifstream in(kFolder / "strategy.schema.json");
  const auto schema = nlohmann::json::parse(in);
  std::vector<std::string> known{"close"};
  for (const auto& slot : indicators::kFeatureTable) known.emplace_back(slot.name);
  CHECK(schema["definitions"]["feature"]["enum"].get<std::vector<std::string>>() == known);
}

TEST_CASE("the reader and the JSON Schema agree on what is wrong") {
  CHECK_FALSE(schema_error(kGood).has_value());
  for (const Case& c : kWrong) {
    const std::string text = changed(c.from, c.to);
    INFO(c.from << " -> " << c.to);
    const auto s = read(text);
    REQUIRE_FALSE(s.has_value());
    INFO(s.error().text());
    CHECK(s.error().text().find(c.error) != std::string::npos);
    CHECK(s.error().field.find("s.yaml:") == 0);
    CHECK_FALSE(s.error().mend.empty());
    CHECK(schema_error(text).has_value() == c.schema_sees);
  }
}

TEST_CASE("both accept each method and form") {
  const std::vector<std::pair<std::string, std::string>> forms = {
      {"[SPY, AAPL]", "'*'"},
      {"{method: linear, low: 30, high: 70}", "{method: sign}"},
      {"{method: linear, low: 30, high: 70}", "{method: sign, dead_band: 0.5}"},
      {"{method: linear, low: 30, high: 70}", "{method: bands, low: 30, high: 70, inverted: true}"},
      {"{method: linear, low: 30, high: 70}", "{method: tanh, centre: 50, scale: 1e1}"},
      {"threshold:",
       "combination: majority\ndirection: short_only\nconfirmation_bars: 10000\nthreshold:"},
      {"stops: {stop_loss: {atr: 2}, take_profit: {percent: 5}}", "description: Zürich"},
      {"stops: {stop_loss: {atr: 2}",
       "stops: {atr: {feature: atr_14, timeframe: 1d}, stop_loss: {atr: 2}"},
  };
  for (const auto& [from, to] : forms) {
    const std::string text = changed(from, to);
    INFO(to);
    const auto s = read(text);
    if (!s) FAIL(s.error().text());
    if (const auto e = schema_error(text)) FAIL(*e);
  }
}

TEST_CASE("folders of strategies") {
  const auto folder = std::filesystem::temp_directory_path() / "bellwether_strategy_loader_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::vector<std::filesystem::path> paths{folder};
  CHECK(load_strategies(paths, instruments()).error().code == ErrorCode::not_found);
  std::ofstream(folder / "a.yaml") << kGood;
  std::ofstream(folder / "notes.txt") << "not a strategy";
  CHECK(load_strategies(paths, instruments())->size() == 1);
  std::ofstream(folder / "b.yaml") << kGood;
  CHECK(load_strategies(paths, instruments()).error().message ==
        "is 'test', as another document's");
  std::ofstream(folder / "b.yaml") << changed("name: test", "name: other");
  CHECK(load_strategies(paths, instruments())->size() == 2);
  const std::vector<std::filesystem::path> absent{folder / "absent.yaml"};
  CHECK(load_strategies(absent, instruments()).error().code == ErrorCode::not_found);
  std::filesystem::remove_all(folder);
}
