#include "broker/shell/wiring.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "bellwether/domain/kind.hpp"

using namespace bw;
using namespace bw::broker;

namespace {

Result<Config> read(const std::string& text) {
  const auto d = config::Document::parse(text, "mine.yaml");
  REQUIRE(d.has_value());
  return config_of(d->root(), {});
}

std::string field_of(const std::string& text) {
  const auto c = read(text);
  return c ? "" : c.error().field;
}

}  // namespace

TEST_CASE("config.yaml holds the defaults of the code, every key") {
  const char* root = std::getenv("BELLWETHER_SOURCE");
  REQUIRE(root != nullptr);
  const auto d = config::Document::load(std::string(root) + "/services/broker/config.yaml");
  REQUIRE(d.has_value());
  const auto c = config_of(*d->root().find("broker"), {});
  REQUIRE(c.has_value());
  const auto bare = read("accounts: [{id: 1, name: demo}]\n");
  REQUIRE(bare.has_value());
  REQUIRE(c->accounts.size() == 1);
  const AccountConfig& a = c->accounts[0];
  const AccountConfig& b = bare->accounts[0];
  CHECK(a.name == b.name);
  CHECK(a.opening_cash == b.opening_cash);
  CHECK(a.strategies == b.strategies);
  CHECK(a.venue == b.venue);
  CHECK(a.limits.max_position_bps == b.limits.max_position_bps);
  CHECK(a.limits.max_daily_loss_bps == b.limits.max_daily_loss_bps);
  CHECK(a.limits.max_orders_per_minute == b.limits.max_orders_per_minute);
  CHECK(a.limits.max_open_orders == b.limits.max_open_orders);
  CHECK(a.limits.shorting_allowed == b.limits.shorting_allowed);
  CHECK(a.limits.margin.long_bps == b.limits.margin.long_bps);
  CHECK(a.limits.margin.short_bps == b.limits.margin.short_bps);
  CHECK(c->entry_time_in_force == bare->entry_time_in_force);
  CHECK(c->reserve_cushion_bps == bare->reserve_cushion_bps);
  CHECK(c->rebalance_bps == bare->rebalance_bps);
  CHECK(c->venue.fees.per_unit == bare->venue.fees.per_unit);
  CHECK(c->venue.slippage.kind == bare->venue.slippage.kind);
  CHECK(c->venue.volume.bar_bps == bare->venue.volume.bar_bps);
  CHECK(c->venue.volume.trade_bps == bare->venue.volume.trade_bps);
  CHECK(c->venue.volume.quote_bps == bare->venue.volume.quote_bps);
}

TEST_CASE("settings are read, and what is wrong in them is named") {
  const auto c = read(
      "accounts:\n"
      "  - {id: 7, strategies: [trend], venue: external}\n"
      "  - {id: 2, opening_cash: 5000.5, limits: {margin: {long_bps: 5000}}}\n"
      "venue: {fees: {per_unit: 0.005, minimum: 1}, slippage: {kind: half_spread, ppm: 50}}\n"
      "entry_time_in_force: gtc\n");
  INFO((c ? "" : c.error().text()));
  REQUIRE(c.has_value());
  CHECK(c->accounts[0].id == AccountId(2));
  CHECK(c->accounts[0].opening_cash.to_string() == "5000.5");
  CHECK(c->accounts[0].limits.margin.long_bps == 5'000);
  CHECK(c->accounts[1].venue == VenueKind::external);
  CHECK(c->accounts[1].strategies == std::vector<StrategyId>{strategy_id("trend")});
  CHECK(c->venue.fees.per_unit.to_string() == "0.005");
  CHECK(c->venue.slippage.kind == matching::SlippageKind::half_spread);
  CHECK(c->entry_time_in_force == TimeInForce::gtc);

  CHECK(field_of("accounts: []\n").find("accounts") != std::string::npos);
  CHECK(field_of("accounts: [{id: 0}]\n").find("id") != std::string::npos);
  CHECK(field_of("accounts: [{id: 1}, {id: 1}]\n") == "mine.yaml:1: accounts[1].id");
  CHECK(field_of("accounts: [{id: 1, opening_cash: -3}]\n").find("opening_cash") !=
        std::string::npos);
  CHECK(field_of("accounts: [{id: 1, limit: {}}]\n").find("limit") != std::string::npos);
  CHECK(field_of("accounts: [{id: 1}]\nvenue: {fees: {minimum: -1}}\n").find("minimum") !=
        std::string::npos);
  CHECK(field_of("accounts: [{id: 1}]\nvenue: {slippage: {kind: wild}}\n").find("kind") !=
        std::string::npos);
}
