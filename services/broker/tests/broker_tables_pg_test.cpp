#include <catch2/catch.hpp>

#include "bellwether/servers/child.hpp"
#include "bellwether/servers/private_postgres.hpp"
#include "broker/shell/broker_projection.hpp"
#include "broker/shell/broker_queries.hpp"

using namespace bw;
using namespace bw::broker;
using runtime::Record;
using runtime::What;

namespace {

constexpr runtime::MachineId kMachine{Kind::broker_orders, 0};
constexpr TimeNs kStart = 1'416'407'400'000'000'000;

/// Publishes as the broker's machine would, and commits as its ledger does.
struct World {
  std::unique_ptr<servers::PrivatePostgres> server;
  std::unique_ptr<postgres::PgStore> store;
  BrokerProjection projection;
  std::uint32_t epoch = 0;
  std::vector<Record> records;
  std::uint64_t n = 0;

  World() {
    servers::PrivatePostgres::Options options;
    options.durable = false;
    auto started = servers::PrivatePostgres::start(options);
    if (!started) FAIL(started.error().text());
    server = std::move(*started);
    auto all = postgres::runtime_migrations();
    for (auto& m : migrations()) all.push_back(m);
    if (auto r = postgres::migrate(server->uri(), all); !r) FAIL(r.error().text());
    store = std::make_unique<postgres::PgStore>(
        server->uri(), std::map<Kind, postgres::Projection*>{{Kind::broker_orders, &projection}});
    epoch = store->claim(kMachine)->epoch;
  }
  template <class E>
  void say(const E& e) {
    ++n;
    records.push_back({What::out, epoch, n, kStart + static_cast<TimeNs>(n) * 7,
                       Kind::broker_orders, e.account.value, n, Event{e}});
  }
  void commit() {
    runtime::Image image;
    image.n = n;
    auto r = store->commit(kMachine, epoch, image, records);
    if (!r) FAIL(r.error().text());
    records.clear();
  }
};

OrderIntent intent(std::uint64_t order, std::uint32_t account) {
  OrderIntent i;
  i.order = OrderId{order};
  i.account = AccountId{account};
  i.instrument = InstrumentId{3};
  i.side = Side::sell;
  i.type = OrderType::stop_limit;
  i.time_in_force = TimeInForce::gtc;
  i.purpose = OrderReason::protective_stop;
  i.quantity = Quantity::from_raw(123'456'789);
  i.limit_price = Price::from_raw(9'876'543'210);
  i.stop_price = Price::from_int(99);
  i.signal = SignalId{derive_id(Kind::confluence_signals, 3, 8)};
  i.request_id.assign("it's \"mine\"");
  return i;
}

OrderEvent event(std::uint64_t order, std::uint32_t account, OrderState state) {
  OrderEvent e;
  e.order = OrderId{order};
  e.account = AccountId{account};
  e.instrument = InstrumentId{3};
  e.state = state;
  e.quantity = Quantity::from_raw(123'456'789);
  return e;
}

}  // namespace

TEST_CASE("an order shows what was intended and where it stands, whatever the batches") {
  World w;
  const auto id = derive_id(Kind::broker_orders, 7, 1);
  const bool one_batch = GENERATE(true, false);
  w.say(intent(id, 7));
  if (!one_batch) w.commit();
  w.say(event(id, 7, OrderState::accepted));
  if (!one_batch) w.commit();
  OrderEvent last = event(id, 7, OrderState::partially_filled);
  last.reason = OrderReason::no_liquidity;
  last.filled = Quantity::from_raw(1);
  last.average_price = Price::from_int(98);
  last.limit = Price::from_int(97);
  last.seen = Price::from_int(96);
  w.say(last);
  w.commit();
  BrokerQueries q(w.server->uri());
  auto rows = q.orders({});
  if (!rows) FAIL(rows.error().text());
  REQUIRE(rows->size() == 1);
  CHECK((*rows)[0].intent == intent(id, 7));
  CHECK((*rows)[0].event == last);
  CHECK((*rows)[0].created == kStart + 7);
  CHECK((*rows)[0].updated == kStart + 21);
}

TEST_CASE("what is written twice changes nothing, and an older state does not come back") {
  World w;
  w.say(intent(1, 7));
  w.say(event(1, 7, OrderState::accepted));
  const auto before = w.records;
  w.say(event(1, 7, OrderState::filled));
  w.say(Position{AccountId{7}, InstrumentId{3}, Quantity::from_int(2), Price::from_int(5), {}});
  w.say(Position{AccountId{7}, InstrumentId{3}, Quantity::from_int(4), Price::from_int(6), {}});
  w.say(Cash{AccountId{7}, Money::from_int(1), Money::from_int(2), Money::from_int(3)});
  const auto all = w.records;
  w.commit();
  for (const auto& again :
       {before, all}) {  // a suite that is taken back to its last image says it again
    REQUIRE(w.store->commit_suite("demo", {1, ""}, "b", again));
  }
  BrokerQueries q(w.server->uri());
  auto orders = q.orders({});
  REQUIRE(orders);
  REQUIRE(orders->size() == 1);
  CHECK((*orders)[0].event.state == OrderState::filled);
  auto positions = q.positions(AccountId{7});
  REQUIRE(positions);
  REQUIRE(positions->size() == 1);
  CHECK((*positions)[0].quantity == Quantity::from_int(4));
  auto cash = q.cash({});
  REQUIRE(cash);
  REQUIRE(cash->size() == 1);
  CHECK((*cash)[0].equity == Money::from_int(3));
}

TEST_CASE("fills, refusals and risk modes come back as they were; filters and limits hold") {
  World w;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    w.say(intent(i, i % 2 == 0 ? 8 : 7));
    if (i > 2)
      w.say(event(i, i % 2 == 0 ? 8 : 7, i == 6 ? OrderState::expired : OrderState::accepted));
  }
  Fill fill{FillId{11},          OrderId{4},
            AccountId{8},        InstrumentId{3},
            Side::buy,           Quantity::from_int(1),
            Price::from_raw(-5), Money::from_raw(3),
            Money::from_raw(4),  kStart};
  w.say(fill);
  Refusal refusal;
  refusal.account = AccountId{7};
  refusal.reason = OrderReason::position_limit;
  refusal.limit = Money::from_int(10);
  refusal.actual = Money::from_int(11);
  refusal.text.assign("cut \xe2\x82");
  w.say(refusal);
  w.say(RiskMode{AccountId{7}, RiskModeState::halted, OrderReason::daily_loss_limit, {}, {}});
  w.say(RiskMode{AccountId{7}, RiskModeState::normal, OrderReason::none, {}, {}});
  w.commit();
  BrokerQueries q(w.server->uri());
  const auto count = [&](OrderFilter f) { return q.orders(f)->size(); };
  CHECK(count({}) == 6);
  CHECK(count({.account = AccountId{8}}) == 3);
  CHECK(count({.instrument = InstrumentId{4}}) == 0);
  CHECK(count({.state = OrderState::accepted}) == 3);
  CHECK(count({.open_only = true}) == 5);
  CHECK(count({.signal = SignalId{1}}) == 0);
  CHECK(count({.limit = 2}) == 2);
  CHECK(q.orders({.limit = 1})->front().intent.order == OrderId{6});  // newest first
  auto fills = q.fills(AccountId{8}, OrderId{4}, 10);
  REQUIRE(fills);
  REQUIRE(fills->size() == 1);
  CHECK((*fills)[0].fill == fill);
  CHECK(q.fills(AccountId{7}, {}, 10)->empty());
  auto refusals = q.refusals({}, 10);
  REQUIRE(refusals);
  REQUIRE(refusals->size() == 1);
  CHECK((*refusals)[0].refusal.actual == Money::from_int(11));
  CHECK((*refusals)[0].refusal.text.view() == "cut ??");
  auto modes = q.risk_modes({});
  REQUIRE(modes);
  REQUIRE(modes->size() == 1);
  CHECK((*modes)[0].mode == RiskModeState::normal);
}

TEST_CASE("tables that are not there, and a server that is not, are errors that say what to do") {
  servers::PrivatePostgres::Options options;
  options.durable = false;
  auto server = servers::PrivatePostgres::start(options);
  REQUIRE(server);
  BrokerQueries q((*server)->uri());
  auto none = q.cash({});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::failed_precondition);
  (*server)->kill();
  // A session may outlive its postmaster for a moment.
  auto down = q.cash({});
  for (int i = 0; i < 100 && down.error().code != ErrorCode::unavailable; ++i) {
    servers::pause_ms(50);
    down = q.cash({});
  }
  REQUIRE_FALSE(down);
  CHECK(down.error().code == ErrorCode::unavailable);
}
