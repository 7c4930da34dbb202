#include "broker/shell/wiring.hpp"

#include <algorithm>
#include <set>

#include "bellwether/config/section.hpp"
#include "bellwether/service/settings.hpp"
#include "broker/core/machine.hpp"
#include "broker/shell/broker_projection.hpp"
#include "broker/shell/commands.hpp"

namespace bw::broker {

namespace {

constexpr std::pair<std::string_view, VenueKind> kVenues[] = {{"paper", VenueKind::paper},
                                                              {"external", VenueKind::external}};
constexpr std::pair<std::string_view, TimeInForce> kTimesInForce[] = {
    {"day", TimeInForce::day},
    {"gtc", TimeInForce::gtc},
    {"ioc", TimeInForce::ioc},
    {"fok", TimeInForce::fok}};
constexpr std::pair<std::string_view, matching::SlippageKind> kSlippages[] = {
    {"none", matching::SlippageKind::none},
    {"half_spread", matching::SlippageKind::half_spread},
    {"proportional", matching::SlippageKind::proportional},
    {"volume_share_sqrt", matching::SlippageKind::volume_share_sqrt}};

// Zero or more; a fee has far fewer digits than a double keeps.
Money amount(config::Section& s, std::string_view key) {
  return Money::from_double(s.number_or(key, 0, {.min = 0, .max = 1e6}));
}

risk::Limits limits_of(config::Section s) {
  s.allow({"max_position_bps", "max_daily_loss_bps", "max_orders_per_minute", "max_open_orders",
           "shorting_allowed", "margin"});
  risk::Limits l;
  l.max_position_bps = s.integer_or("max_position_bps", l.max_position_bps, 0, 1'000'000);
  l.max_daily_loss_bps = s.integer_or("max_daily_loss_bps", l.max_daily_loss_bps, 0, 10'000);
  l.max_orders_per_minute = s.integer_or("max_orders_per_minute", l.max_orders_per_minute, 0, 256);
  l.max_open_orders = s.integer_or("max_open_orders", l.max_open_orders, 0, 64);
  l.shorting_allowed = s.boolean_or("shorting_allowed", l.shorting_allowed);
  if (!s.has("margin")) return l;
  config::Section margin = s.section("margin");
  margin.allow({"long_bps", "short_bps"});
  l.margin.long_bps = margin.integer_or("long_bps", l.margin.long_bps, 100, 10'000);
  l.margin.short_bps = margin.integer_or("short_bps", l.margin.short_bps, 100, 100'000);
  return l;
}

AccountConfig account_of(config::Section s) {
  s.allow({"id", "name", "opening_cash", "strategies", "venue", "limits"});
  AccountConfig a;
  a.id = AccountId(static_cast<std::uint32_t>(s.integer("id", 1, kUnitLimit - 1)));
  a.name = s.text_or("name", "", {0, 64});
  if (s.has("opening_cash")) a.opening_cash = s.positive_decimal<Money>("opening_cash");
  if (s.has("strategies")) {
    for (const std::string& name : s.texts("strategies", {0, 10'000})) {
      a.strategies.push_back(strategy_id(name));
    }
  }
  a.venue = s.choice_or("venue", VenueKind::paper, kVenues);
  if (s.has("limits")) a.limits = limits_of(s.section("limits"));
  return a;
}

matching::FeeModel fees_of(config::Section s) {
  s.allow({"per_unit", "ppm", "minimum"});
  matching::FeeModel fees;
  fees.per_unit = amount(s, "per_unit");
  fees.ppm = s.integer_or("ppm", 0, 0, matching::kMillion);
  fees.minimum = amount(s, "minimum");
  return fees;
}

matching::SlippageModel slippage_of(config::Section s) {
  s.allow({"kind", "ppm"});
  matching::SlippageModel slippage;
  slippage.kind = s.choice_or("kind", slippage.kind, kSlippages);
  slippage.ppm = s.integer_or("ppm", 0, 0, matching::kMillion);
  return slippage;
}

matching::VolumeLimits volume_of(config::Section s) {
  s.allow({"bar_bps", "trade_bps", "quote_bps"});
  matching::VolumeLimits volume;
  volume.bar_bps = s.integer_or("bar_bps", volume.bar_bps, 0, 10'000);
  volume.trade_bps = s.integer_or("trade_bps", volume.trade_bps, 0, 10'000);
  volume.quote_bps = s.integer_or("quote_bps", volume.quote_bps, 0, 10'000);
  return volume;
}

matching::VenueRules venue_of(config::Section s) {
  s.allow({"fees", "slippage", "volume"});
  matching::VenueRules v;
  if (s.has("fees")) v.fees = fees_of(s.section("fees"));
  if (s.has("slippage")) v.slippage = slippage_of(s.section("slippage"));
  if (s.has("volume")) v.volume = volume_of(s.section("volume"));
  return v;
}

}  // namespace

Result<Config> config_of(const config::Node& node, std::vector<Instrument> instruments) {
  Config c;
  config::Checker checker(node);
  config::Section root = checker.root();
  root.allow({"accounts", "entry_time_in_force", "reserve_cushion_bps", "rebalance_bps", "venue"});
  std::set<AccountId> ids;
  for (config::Section s : root.sections("accounts", {1, 100'000})) {
    c.accounts.push_back(account_of(s));
    if (s.ok() && !ids.insert(c.accounts.back().id).second) {
      s.fail("id", "is that of an account above", "give every account an id of its own");
    }
  }
  c.entry_time_in_force =
      root.choice_or("entry_time_in_force", c.entry_time_in_force, kTimesInForce);
  c.reserve_cushion_bps = root.integer_or("reserve_cushion_bps", c.reserve_cushion_bps, 0, 10'000);
  c.rebalance_bps = root.integer_or("rebalance_bps", c.rebalance_bps, 0, 10'000);
  if (root.has("venue")) c.venue = venue_of(root.section("venue"));
  if (auto r = checker.finish(); !r) return tl::unexpected(r.error());
  const auto by_id = [](const AccountConfig& a, const AccountConfig& b) { return a.id < b.id; };
  std::stable_sort(c.accounts.begin(), c.accounts.end(), by_id);
  c.instruments = std::move(instruments);
  if (auto r = check(c); !r) return tl::unexpected(r.error());
  return c;
}

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto instruments = service::load_instruments(inputs);
  if (!instruments) return tl::unexpected(instruments.error());
  auto node = service::settings(inputs, "broker");
  if (!node) return tl::unexpected(node.error());
  auto read = config_of(*node, instruments->all());
  if (!read) return tl::unexpected(read.error());
  auto config = std::make_shared<Config>(std::move(*read));
  service::Wiring wiring;
  wiring.specs = {broker_orders_spec(*config)};
  // Config, projection and commands go together with whoever holds the wiring.
  struct Parts {
    std::shared_ptr<const Config> config;
    BrokerProjection projection;
    Commands commands;
  };
  auto parts = std::make_shared<Parts>();
  parts->config = config;
  wiring.projections[Kind::broker_orders] = &parts->projection;
  wiring.shell = &parts->commands;
  wiring.keep = parts;
  return wiring;
}

}  // namespace bw::broker
