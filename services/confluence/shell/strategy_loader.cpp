#include "confluence/shell/strategy_loader.hpp"

#include <algorithm>

#include "bellwether/config/section.hpp"
#include "bellwether/config/suggest.hpp"
#include "bellwether/indicators/feature_table.hpp"

namespace bw::confluence {
namespace {

using config::NodeKind;
using config::Section;

constexpr double kLargest = 1e9;  // of values that are compared with features
constexpr double kTradingHoursPerYear = 252 * 6.5;

constexpr std::pair<std::string_view, Timeframe> kTimeframeNames[] = {{"1m", Timeframe::m1},
                                                                      {"5m", Timeframe::m5},
                                                                      {"15m", Timeframe::m15},
                                                                      {"1h", Timeframe::h1},
                                                                      {"1d", Timeframe::d1}};
constexpr std::pair<std::string_view, NormaliserKind> kNormalisers[] = {
    {"linear", NormaliserKind::linear},
    {"tanh", NormaliserKind::tanh},
    {"sign", NormaliserKind::sign},
    {"bands", NormaliserKind::bands}};
constexpr std::pair<std::string_view, Combination> kCombinations[] = {
    {"weighted_mean", Combination::weighted_mean},
    {"all_agree", Combination::all_agree},
    {"majority", Combination::majority}};
constexpr std::pair<std::string_view, Allowed> kDirections[] = {
    {"both", Allowed::both},
    {"long_only", Allowed::long_only},
    {"short_only", Allowed::short_only}};
constexpr std::pair<std::string_view, SizingMethod> kSizings[] = {
    {"fixed_fraction", SizingMethod::fixed_fraction},
    {"volatility_target", SizingMethod::volatility_target}};

/// Names of strategies and components appear in URLs, metrics and explanations.
std::string read_name(Section& s) {
  const std::string name = s.text("name", {1, 48});
  const bool good = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                    });
  if (!good) {
    s.fail("name", "is '" + name + "'",
           "begin with a small letter; use small letters, digits and '_'");
  }
  return name;
}

std::string read_feature(Section& s, std::string_view key) {
  const std::string feature = s.text(key);
  if (feature == "close" || indicators::find_feature(feature)) return feature;
  std::vector<std::string_view> known{"close"};
  for (const auto& slot : indicators::kFeatureTable) known.push_back(slot.name);
  s.fail_unknown_word(key, feature, known);
  return feature;
}

Timeframe read_timeframe(Section& s, Timeframe strategy) {
  const Timeframe tf = s.choice_or("timeframe", strategy, kTimeframeNames);
  if (s.ok() && tf < strategy) {
    s.fail("timeframe", "is shorter than the strategy's timeframe",
           "choose the strategy's or a longer one: a decision falls at the strategy's bar closes");
  }
  return tf;
}

FeatureRef read_feature_ref(Section s, Timeframe strategy) {
  s.allow({"feature", "timeframe"});
  FeatureRef ref;
  ref.feature = read_feature(s, "feature");
  ref.timeframe = read_timeframe(s, strategy);
  return ref;
}

void read_low_high(Section& s, Normaliser& n) {
  n.low = s.number("low", {.min = -kLargest, .max = kLargest});
  n.high = s.number("high", {.min = -kLargest, .max = kLargest});
  if (s.ok() && n.low >= n.high) {
    s.fail("low", "is not below high", "swap them, and write inverted: true to change the sign");
  }
}

Normaliser read_normaliser(Section s) {
  Normaliser n;
  n.kind = s.choice("method", kNormalisers);
  if (!s.ok()) return n;
  switch (n.kind) {
    case NormaliserKind::linear:
    case NormaliserKind::bands:
      s.allow({"method", "low", "high", "inverted"});
      read_low_high(s, n);
      break;
    case NormaliserKind::tanh:
      s.allow({"method", "centre", "scale", "inverted"});
      n.centre = s.number_or("centre", 0, {.min = -kLargest, .max = kLargest});
      n.scale = s.number("scale", {.above = 0, .max = kLargest});
      break;
    case NormaliserKind::sign:
      s.allow({"method", "dead_band", "inverted"});
      n.dead_band = s.number_or("dead_band", 0, {.min = 0, .max = kLargest});
      break;
  }
  n.inverted = s.boolean_or("inverted", false);
  return n;
}

Component read_component(Section s, Timeframe strategy) {
  s.allow({"name", "timeframe", "feature", "minus", "divided_by", "normalise", "weight"});
  Component c;
  c.name = read_name(s);
  c.timeframe = read_timeframe(s, strategy);
  c.feature = read_feature(s, "feature");
  if (s.has("minus")) c.minus = read_feature(s, "minus");
  if (s.has("divided_by")) c.divided_by = read_feature(s, "divided_by");
  c.normaliser = read_normaliser(s.section("normalise"));
  c.weight = s.number_or("weight", 1, {.above = 0, .max = 1000});
  if (s.ok() && c.minus == c.feature) {
    s.fail("minus", "is the feature itself, so the difference is always 0", "subtract another one");
  }
  return c;
}

void read_universe(Section& s, const config::InstrumentTable& instruments, Strategy& strategy) {
  if (s.kind_of("universe") == NodeKind::text) {
    strategy.all_instruments = s.text("universe") == "*";
    if (!strategy.all_instruments) {
      s.fail("universe", "must be '*' or a list of symbols", "write it as [SPY, AAPL]");
    }
    return;
  }
  const auto symbols = s.texts("universe", {1, kMaxUniverse}, 24);
  for (std::size_t i = 0; i < symbols.size() && s.ok(); ++i) {
    const auto id = instruments.id_of(symbols[i]);
    if (!id) {
      s.fail_entry("universe", i, id.error().message, id.error().mend);
    } else if (std::find(strategy.instruments.begin(), strategy.instruments.end(), *id) !=
               strategy.instruments.end()) {
      s.fail_entry("universe", i, "names " + symbols[i] + " a second time", "remove it");
    } else {
      strategy.instruments.push_back(*id);
    }
  }
  std::sort(strategy.instruments.begin(), strategy.instruments.end());
}

double bars_per_year(Timeframe tf) noexcept {
  if (tf == Timeframe::d1) return 252;
  return kTradingHoursPerYear * static_cast<double>(kHour) / static_cast<double>(duration_of(tf));
}

SizingRule read_sizing(Section s, Timeframe strategy) {
  SizingRule rule;
  rule.method = s.choice("method", kSizings);
  if (!s.ok()) return rule;
  if (rule.method == SizingMethod::fixed_fraction) {
    s.allow({"method", "fraction"});
    rule.fraction = s.number("fraction", {.above = 0, .max = 1});
    return rule;
  }
  s.allow({"method", "target", "max_fraction", "volatility", "periods_per_year"});
  rule.target_volatility = s.number("target", {.above = 0, .max = 2});
  rule.fraction = s.number("max_fraction", {.above = 0, .max = 1});
  rule.volatility = read_feature_ref(s.section("volatility"), strategy);
  rule.periods_per_year = s.number_or("periods_per_year", bars_per_year(rule.volatility.timeframe),
                                      {.above = 0, .max = 1e6});
  return rule;
}

Stop read_stop(Section s) {
  s.allow({"percent", "atr"});
  Stop stop;
  if (s.has("percent") == s.has("atr")) {
    s.fail("", "must have one of percent and atr", "write {percent: 2} or {atr: 3}");
  } else if (s.has("percent")) {
    stop = {StopKind::percent, s.number("percent", {.above = 0, .below = 100})};
  } else {
    stop = {StopKind::atr, s.number("atr", {.above = 0, .max = 100})};
  }
  return stop;
}

Stops read_stops(Section s, Timeframe strategy) {
  s.allow({"stop_loss", "take_profit", "atr"});
  Stops stops;
  if (s.has("stop_loss")) stops.stop_loss = read_stop(s.section("stop_loss"));
  if (s.has("take_profit")) stops.take_profit = read_stop(s.section("take_profit"));
  const bool by_atr =
      stops.stop_loss.kind == StopKind::atr || stops.take_profit.kind == StopKind::atr;
  const FeatureRef given =
      s.has("atr") ? read_feature_ref(s.section("atr"), strategy) : FeatureRef{"atr_14", strategy};
  if (by_atr) stops.atr = given;
  return stops;
}

void read_components(Section& s, Strategy& strategy) {
  for (const Section& part : s.sections("components", {1, kMaxComponents})) {
    Component c = read_component(part, strategy.timeframe);
    const auto same = [&](const Component& other) { return other.name == c.name; };
    if (std::any_of(strategy.components.begin(), strategy.components.end(), same)) {
      Section(part).fail("name", "is '" + c.name + "', as another component's",
                         "give each component its own name");
    }
    strategy.components.push_back(std::move(c));
  }
}

void read_threshold(Section s, Strategy& strategy) {
  s.allow({"enter", "exit"});
  strategy.enter = s.number("enter", {.above = 0, .max = 1});
  strategy.exit = s.number_or("exit", 0, {.min = 0, .max = 1});
  if (s.ok() && strategy.exit > strategy.enter) {
    s.fail("exit", "is above enter, so each position would end at once",
           "lower exit, or raise enter");
  }
}

bool is_document(const std::filesystem::path& path) {
  const auto ending = path.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

/// The files that `path` stands for.
Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector{path};
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    if (is_document(it->path())) files.push_back(it->path());
    if (files.size() > kMaxStrategies) break;  // the caller refuses so many
  }
  if (error) {
    return fail(ErrorCode::unavailable, "cannot be read: " + error.message(), path.string(),
                "check its permissions");
  }
  if (files.empty()) {
    return fail(ErrorCode::not_found, "holds no .yaml, .yml or .json file", path.string(),
                "name a folder with strategy documents");
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Files it under its id, and refuses what is there already.
Result<void> add(std::vector<Strategy>& strategies, Strategy strategy,
                 const std::filesystem::path& path) {
  const auto at = std::lower_bound(strategies.begin(), strategies.end(), strategy.id,
                                   [](const Strategy& s, StrategyId id) { return s.id < id; });
  if (at != strategies.end() && at->id == strategy.id) {
    const bool same = at->name == strategy.name;
    return fail(ErrorCode::already_exists,
                same ? "is '" + strategy.name + "', as another document's"
                     : "is '" + strategy.name + "', which gives the same id as '" + at->name + "'",
                path.string() + ": name", "choose another name");
  }
  if (strategies.size() == kMaxStrategies) {
    return fail(ErrorCode::resource_exhausted,
                "is one more than " + std::to_string(kMaxStrategies) + " strategies", path.string(),
                "run fewer in one place");
  }
  strategies.insert(at, std::move(strategy));
  return {};
}

}  // namespace

Result<Strategy> read_strategy(const config::Document& document,
                               const config::InstrumentTable& instruments) {
  config::Checker check(document);
  check.refuse_nulls();
  Section s = check.root();
  s.allow({"name", "version", "description", "universe", "timeframe", "components", "combination",
           "threshold", "confirmation_bars", "cool_down_bars", "direction", "sizing", "stops"});
  Strategy strategy;
  strategy.name = read_name(s);
  strategy.id = strategy_id(strategy.name);
  strategy.version = static_cast<std::uint32_t>(s.integer("version", 1, 1'000'000));
  strategy.sha256 = document.sha256();
  strategy.content_hash = config::sha256_prefix(strategy.sha256);
  strategy.description = s.text_or("description", "", {0, 1000});
  read_universe(s, instruments, strategy);
  strategy.timeframe = s.choice("timeframe", kTimeframeNames);
  read_components(s, strategy);
  strategy.combination = s.choice_or("combination", Combination::weighted_mean, kCombinations);
  read_threshold(s.section("threshold"), strategy);
  strategy.confirmation_bars =
      static_cast<std::uint32_t>(s.integer_or("confirmation_bars", 1, 1, kMaxBars));
  strategy.cool_down_bars =
      static_cast<std::uint32_t>(s.integer_or("cool_down_bars", 0, 0, kMaxBars));
  strategy.allowed = s.choice_or("direction", Allowed::both, kDirections);
  strategy.sizing = read_sizing(s.section("sizing"), strategy.timeframe);
  if (s.has("stops")) strategy.stops = read_stops(s.section("stops"), strategy.timeframe);
  if (auto r = check.finish(); !r) return tl::unexpected(r.error());
  return strategy;
}

Result<Strategy> load_strategy(const std::filesystem::path& path,
                               const config::InstrumentTable& instruments) {
  const auto document = config::Document::load(path);
  if (!document) return tl::unexpected(document.error());
  return read_strategy(*document, instruments);
}

Result<std::vector<Strategy>> load_strategies(std::span<const std::filesystem::path> paths,
                                              const config::InstrumentTable& instruments) {
  std::vector<Strategy> strategies;
  for (const auto& path : paths) {
    const auto files = files_of(path);
    if (!files) return tl::unexpected(files.error());
    for (const auto& file : *files) {
      auto strategy = load_strategy(file, instruments);
      if (!strategy) return tl::unexpected(strategy.error());
      if (auto r = add(strategies, std::move(*strategy), file); !r)
        return tl::unexpected(r.error());
    }
  }
  return strategies;
}

}  // namespace bw::confluence
