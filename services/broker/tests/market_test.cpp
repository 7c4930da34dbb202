#include <catch2/catch.hpp>

#include "test_broker.hpp"

using namespace bw;
using namespace bw::broker;
using namespace bw::broker::test;

using enum OrderState;

namespace {

CorporateAction split_of(const char* ratio) {
  CorporateAction a;
  a.instrument = kStock;
  a.kind = CorporateActionKind::split;
  a.ratio = q(ratio);
  return a;
}

}  // namespace

TEST_CASE("a split adjusts position and open orders; equity does not move") {
  TestBroker b;
  b.flat_bar("400");
  b.submit(b.order(Side::buy, "15"));
  b.flat_bar("400");
  const OrderId id =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::gtc, "360"));
  const Money before = b.machine->account(AccountId(1))->equity();
  b.send(Kind::market_bars, 1, split_of("4"));
  CHECK(b.held() == q("60"));
  CHECK(b.last<Position>().average_cost == p("100"));
  CHECK(b.event(id).quantity == q("40"));
  CHECK(b.machine->account(AccountId(1))->equity() == before);
  b.flat_bar("90");
  CHECK(b.event(id).state == filled);
  CHECK(b.event(id).average_price == p("90"));
  b.send(Kind::market_bars, 1, split_of("0.3"));
  CHECK(b.held() == q("30"));
}

TEST_CASE("a fraction that a split leaves can be closed") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "15"));
  b.flat_bar("100");
  b.send(Kind::market_bars, 1, split_of("0.1"));
  CHECK(b.held() == q("1.5"));
  REQUIRE_FALSE(b.submit(b.order(Side::sell, "1.4")).is_set());
  REQUIRE(b.submit(b.order(Side::sell, "1.5")).is_set());
  b.flat_bar("1000");
  CHECK(b.held().is_zero());
}

TEST_CASE("an order that a split leaves nothing of is cancelled") {
  TestBroker b;
  b.flat_bar("100");
  const OrderId id =
      b.submit(b.order(Side::buy, "5", OrderType::limit, TimeInForce::gtc, "90"));
  b.send(Kind::market_bars, 1, split_of("0.1"));
  CHECK(b.event(id).state == cancelled);
  CHECK(b.event(id).reason == OrderReason::size_zero);
}

TEST_CASE("dividends: the long side is paid, the short side pays") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "100"));
  b.flat_bar("100");
  CorporateAction a;
  a.instrument = kStock;
  a.kind = CorporateActionKind::dividend;
  a.amount = m("0.5");
  b.send(Kind::market_bars, 1, a);
  CHECK(b.last<Cash>().cash == m("90050"));
  b.submit(b.order(Side::sell, "200"));
  b.flat_bar("100");
  b.send(Kind::market_bars, 1, a);
  CHECK(b.last<Cash>().cash == m("110000"));
}

TEST_CASE("only the shortest timeframe matches and values") {
  TestBroker b;
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "10"));
  Bar five;
  five.instrument = kStock;
  five.timeframe = Timeframe::m5;
  five.open_time = b.source;
  five.close_time = b.source + 5 * kMinute;
  five.open = five.high = five.low = five.close = p("50");
  five.volume = q("1000");
  b.now += kMinute;
  b.send(Kind::market_bars, 1, five);
  CHECK(b.event(id).state == accepted);
  b.flat_bar("101");
  CHECK(b.event(id).average_price == p("101"));
}

TEST_CASE("a daily strategy's DAY order fills at the next session's open") {
  TestBroker b;
  const auto daily = [&](DayNumber day, const char* open, const char* close) {
    Bar x;
    x.instrument = kStock;
    x.timeframe = Timeframe::d1;
    x.open_time = static_cast<TimeNs>(day) * kDay + 14 * kHour + 30 * kMinute;
    x.close_time = static_cast<TimeNs>(day) * kDay + 21 * kHour;
    x.open = p(open);
    x.close = p(close);
    x.high = std::max(x.open, x.close);
    x.low = std::min(x.open, x.close);
    x.volume = q("100000");
    b.now = x.open_time;
    b.session(SessionState::opened, day, x.open_time);
    b.now = x.close_time;
    b.session(SessionState::closed, day, x.close_time);  // in front of the bar that closes with it
    b.now = x.close_time + kLag;
    b.send(Kind::market_bars, 1, x);
  };
  const DayNumber monday = utc_day(kOpen);
  daily(monday, "100", "101");
  b.give(b.signal(Direction::long_));
  const OrderId id = b.last<OrderIntent>().order;
  daily(monday + 1, "102", "103");
  CHECK(b.event(id).state == filled);
  CHECK(b.event(id).average_price == p("102"));
}

TEST_CASE("cash is said at each new day, once") {
  TestBroker b;
  const DayNumber monday = utc_day(kOpen);
  b.session(SessionState::opened, monday, kOpen);
  b.session(SessionState::opened, monday, kOpen);
  for (int i = 0; i < 50; ++i) b.flat_bar("100");
  CHECK(b.all<Cash>().size() == 1);
  CHECK(b.last<Cash>().equity == m("100000"));
  b.session(SessionState::opened, monday + 1, kOpen + kDay);
  CHECK(b.all<Cash>().size() == 2);
}

TEST_CASE("a mark values, and does not fill") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "10"));
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "10"));
  Mark x;
  x.instrument = kStock;
  x.price = p("120");
  b.now += kSecond;
  b.send(Kind::market_bars, 1, x);
  CHECK(b.event(id).state == accepted);
  CHECK(b.machine->account(AccountId(1))->equity() == m("100200"));
}

TEST_CASE("state that is broken or of another configuration is refused") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "10"));
  Writer w;
  b.machine->save_unit(1, w);
  BrokerOrders fresh(b.config, {});
  for (std::size_t n = 1; n < w.size(); n += 7) {
    Reader r(std::string_view(w.bytes()).substr(0, n));
    CHECK_FALSE(fresh.load_unit(1, r).has_value());
  }
  Reader other(w.bytes());
  const auto refused = fresh.load_unit(9, other);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::failed_precondition);
}

TEST_CASE("an account that was refused as unknown can be configured later") {
  TestBroker b;
  b.submit(b.order(Side::buy, "10"), 9);
  REQUIRE(b.last<Refusal>(9).reason == OrderReason::unknown_account);
  Writer w;
  b.machine->save_unit(9, w);
  Config c = plain_config();
  c.accounts.push_back(c.accounts[0]);
  c.accounts[1].id = AccountId(9);
  BrokerOrders fresh(c, {});
  Reader r(w.bytes());
  REQUIRE(fresh.load_unit(9, r).has_value());
  CHECK(fresh.account(AccountId(9))->cash == c.accounts[1].opening_cash);
}

TEST_CASE("a held instrument that is not configured any more is named") {
  TestBroker b;
  b.bar("100", "100", "100", "100", "1000", kCoin);
  b.submit(b.order(Side::buy, "1", OrderType::market, TimeInForce::gtc, "0", "0", kCoin));
  b.bar("100", "100", "100", "100", "1000", kCoin);
  REQUIRE(b.held(kCoin) == q("1"));
  const auto load = [&b] {
    Writer w;
    b.machine->save_unit(1, w);
    Config c = plain_config();
    c.instruments.pop_back();
    BrokerOrders fresh(c, {});
    Reader r(w.bytes());
    return fresh.load_unit(1, r);
  };
  const auto refused = load();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::failed_precondition);
  CHECK(refused.error().message.find("instrument 2") != std::string::npos);
  b.submit(b.order(Side::sell, "1", OrderType::market, TimeInForce::gtc, "0", "0", kCoin));
  b.bar("100", "100", "100", "100", "1000", kCoin);
  REQUIRE(b.held(kCoin).is_zero());
  CHECK(load().has_value());
}

TEST_CASE("trades and quotes outside the session value and fill nothing") {
  TestBroker b;
  const DayNumber monday = utc_day(kOpen);
  b.session(SessionState::opened, monday, kOpen);
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "10"));
  b.session(SessionState::closed, monday, b.source);
  b.trade("101", "1000");
  b.quote("100.9", "1000", "101", "1000");
  CHECK(b.event(id).state == accepted);
  // Nor do they take the matching away from the bars: the session's last one still counts.
  b.flat_bar("100");
  CHECK(b.event(id).state == filled);
  CHECK(b.event(id).average_price == p("100"));
  const OrderId next = b.submit(b.order(Side::buy, "10"));
  b.session(SessionState::opened, monday + 1, b.source);
  b.session(SessionState::halted, monday + 1, b.source);
  b.trade("102", "1000");
  CHECK(b.event(next).state == accepted);
  b.session(SessionState::resumed, monday + 1, b.source);
  b.trade("102", "1000");
  CHECK(b.event(next).state == filled);
}
