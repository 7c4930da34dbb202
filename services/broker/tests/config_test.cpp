#include <catch2/catch.hpp>

#include "test_broker.hpp"

using namespace bw;
using namespace bw::broker;
using namespace bw::broker::test;

namespace {

std::string field_of(const Config& c) {
  const auto r = check(c);
  return r ? "" : r.error().field;
}

}  // namespace

TEST_CASE("a configuration is refused with the key at fault") {
  CHECK(field_of(plain_config()).empty());
  CHECK(field_of(Config{}).empty());
  Config c = plain_config();
  c.accounts.push_back(c.accounts[0]);
  CHECK(field_of(c) == "accounts[1].id");
  c = plain_config();
  c.accounts[0].id = AccountId(0);
  CHECK(field_of(c) == "accounts[0].id");
  c = plain_config();
  c.accounts[0].opening_cash = {};
  CHECK(field_of(c) == "accounts[0].opening_cash");
  c = plain_config();
  c.accounts[0].limits.max_open_orders = 65;
  CHECK(field_of(c) == "accounts[0].limits.max_open_orders");
  c = plain_config();
  c.accounts[0].limits.margin.long_bps = 0;
  CHECK(field_of(c) == "accounts[0].limits.margin.long_bps");
  c = plain_config();
  c.instruments[1].lot_size = {};
  CHECK(field_of(c) == "instruments[1].tick_size");
  c = plain_config();
  std::swap(c.instruments[0], c.instruments[1]);
  CHECK(field_of(c) == "instruments[1].id");
  c = plain_config();
  c.venue.slippage.ppm = -1;
  CHECK(field_of(c) == "venue.slippage.ppm");
  c = plain_config();
  c.venue.fees.minimum = m("-1");
  CHECK(field_of(c) == "venue.fees");
  c = plain_config();
  c.entry_time_in_force = TimeInForce::none;
  CHECK(field_of(c) == "entry_time_in_force");
}

TEST_CASE("the machine reads only kinds of a lower rank, and only its own accounts") {
  Config c = plain_config();
  c.accounts.resize(5);
  for (std::uint32_t i = 0; i < 5; ++i) c.accounts[i].id = AccountId(i + 1);
  std::vector<runtime::MachineSpec> suite;
  suite.push_back(broker_orders_spec(c));
  CHECK(runtime::check_order(suite).has_value());
  CHECK(suite[0].ledger);
  std::vector<Unit> all;
  for (std::uint32_t index = 0; index < 3; ++index) {
    for (const Unit u : suite[0].create({index, 3})->units()) all.push_back(u);
  }
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<Unit>{1, 2, 3, 4, 5});
}
