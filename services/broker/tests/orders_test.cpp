#include <catch2/catch.hpp>

#include "test_broker.hpp"

using namespace bw;
using namespace bw::broker;
using namespace bw::broker::test;

using enum OrderState;

TEST_CASE("a market order: intent, new, accepted, filled at the next open, position and cash") {
  TestBroker b;
  b.flat_bar("100");
  b.said.clear();
  const OrderId id = b.submit(b.order(Side::buy, "50"));
  CHECK(id.value == derive_id(Kind::broker_orders, 1, 2));  // 1 was the opening cash
  b.bar("101", "103", "99", "102");
  REQUIRE(b.said.size() == 7);
  CHECK(std::get<OrderEvent>(b.said[1].event).state == new_);
  CHECK(std::get<OrderEvent>(b.said[2].event).state == accepted);
  const auto fill = std::get<Fill>(b.said[3].event);
  CHECK(fill.fill.value == derive_id(Kind::broker_orders, 1, 5));
  CHECK(fill.price == p("101"));
  CHECK(fill.quantity == q("50"));
  const auto e = std::get<OrderEvent>(b.said[4].event);
  CHECK(e.state == filled);
  CHECK(e.average_price == p("101"));
  CHECK(std::get<Position>(b.said[5].event).average_cost == p("101"));
  const auto cash = std::get<Cash>(b.said[6].event);
  CHECK(cash.cash == m("94950"));
  CHECK(cash.reserved.is_zero());
  CHECK(b.open_orders() == 0);
  CHECK(b.machine->account(AccountId(1))->equity() == m("100050"));
}

TEST_CASE("an order sees nothing of the bar that it was made in") {
  TestBroker b;
  b.flat_bar("100");
  b.now += 30 * kSecond;  // half a minute into the next bar
  const OrderId id = b.submit(b.order(Side::buy, "50"));
  b.flat_bar("90");  // opened before the order came
  CHECK(b.event(id).state == accepted);
  b.flat_bar("95");
  CHECK(b.event(id).state == filled);
  CHECK(b.event(id).average_price == p("95"));
}

TEST_CASE("limit, stop and stop-limit orders over several bars") {
  TestBroker b;
  b.flat_bar("100");
  const OrderId limit =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::gtc, "98"));
  const OrderId stop =
      b.submit(b.order(Side::buy, "10", OrderType::stop, TimeInForce::gtc, "0", "103"));
  const OrderId both = b.submit(
      b.order(Side::buy, "10", OrderType::stop_limit, TimeInForce::gtc, "103.5", "103"));
  b.bar("100", "102", "99", "101");
  CHECK(b.event(limit).state == accepted);
  b.bar("104", "105", "103.8", "104");  // a gap above the stop, and above the stop-limit's limit
  CHECK(b.event(stop).state == filled);
  CHECK(b.event(stop).average_price == p("104"));
  CHECK(b.event(both).state == triggered);
  CHECK(b.event(both).limit == p("103"));
  CHECK(b.event(both).seen == p("103.8"));
  b.bar("103", "103", "97", "98");
  CHECK(b.event(both).average_price == p("103"));
  CHECK(b.event(limit).average_price == p("98"));
  CHECK(b.held() == q("30"));
}

TEST_CASE("IOC and FOK end with the first data, and say why") {
  Config c = plain_config();
  c.venue.volume.bar_bps = 1'000;
  TestBroker b(c);
  b.flat_bar("100");
  const OrderId ioc = b.submit(b.order(Side::buy, "150", OrderType::market, TimeInForce::ioc));
  const OrderId fok = b.submit(b.order(Side::buy, "60", OrderType::market, TimeInForce::fok));
  const OrderId away =
      b.submit(b.order(Side::buy, "1", OrderType::limit, TimeInForce::ioc, "99"));
  b.bar("100", "101", "98", "100", "1000");  // 100 may be taken
  CHECK(b.event(ioc).state == cancelled);
  CHECK(b.event(ioc).reason == OrderReason::time_in_force);
  CHECK(b.event(ioc).filled == q("100"));
  CHECK(b.event(fok).state == cancelled);
  CHECK(b.event(fok).filled.is_zero());
  CHECK(b.event(away).state == cancelled);
  CHECK(b.event(away).limit == p("99"));
  CHECK(b.event(away).seen == p("100"));
  CHECK(b.open_orders() == 0);
}

TEST_CASE("a volume limit fills in parts over several bars") {
  Config c = plain_config();
  c.venue.volume.bar_bps = 1'000;
  c.venue.fees = {m("0.01"), 0, m("1")};
  TestBroker b(c);
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "150"));
  b.bar("100", "100", "100", "100", "1005");
  CHECK(b.event(id).state == partially_filled);
  CHECK(b.event(id).filled == q("100"));
  CHECK(b.last<Cash>().reserved > Money{});
  b.bar("102", "102", "102", "102", "1000");
  CHECK(b.event(id).state == filled);
  CHECK(b.last<Cash>().reserved.is_zero());
  const auto fills = b.all<Fill>();
  REQUIRE(fills.size() == 2);
  CHECK(fills[0].fee == m("1"));    // 100 × 0.01
  CHECK(fills[1].fee == m("0.5"));  // 1.50 in all
  CHECK(b.last<Cash>().cash == m("84898.5"));  // 100,000 - 10,000 - 5,100 - 1.50
}

TEST_CASE("quotes fill at the far side, each size once; bars then only value") {
  Config c = plain_config();
  c.venue.volume.quote_bps = 10'000;
  TestBroker b(c);
  b.quote("9.99", "300", "10.01", "200");
  const OrderId id = b.submit(b.order(Side::buy, "500"));
  b.quote("9.99", "300", "10.01", "200");
  CHECK(b.event(id).filled == q("200"));
  b.quote("9.98", "300", "10.01", "200");  // the same offer, seen again
  CHECK(b.event(id).filled == q("200"));
  b.bar("9", "9", "9", "9");  // bars do not fill where quotes come
  CHECK(b.event(id).filled == q("200"));
  b.quote("9.99", "300", "10.02", "1000");
  CHECK(b.event(id).state == filled);
  CHECK(b.event(id).average_price == p("10.016"));
}

TEST_CASE("trades fill by their share") {
  Config c = plain_config();
  c.venue.volume.trade_bps = 1'000;
  TestBroker b(c);
  b.trade("10", "1000");
  const OrderId id = b.submit(b.order(Side::sell, "30", OrderType::limit, TimeInForce::day, "10"));
  b.trade("9.99", "1000");
  CHECK(b.event(id).state == accepted);
  b.trade("10.01", "200");
  CHECK(b.event(id).filled == q("20"));
  b.trade("10", "200");
  CHECK(b.event(id).state == filled);
  CHECK(b.held() == q("-30"));
}

TEST_CASE("DAY orders end with their session, behind its last bar, and say what they waited for") {
  TestBroker b;
  const DayNumber monday = utc_day(kOpen);
  b.session(SessionState::opened, monday, kOpen);
  b.flat_bar("100");
  const OrderId day =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::day, "95"));
  const OrderId gtc =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::gtc, "95"));
  const TimeNs close = kOpen + 3 * kMinute;
  b.bar("100", "100", "97", "98");
  b.session(SessionState::closed, monday, close);  // said before its last bar
  CHECK(b.event(day).state == accepted);
  b.bar("98", "98", "96", "97");
  CHECK(b.event(day).state == expired);
  CHECK(b.event(day).reason == OrderReason::time_in_force);
  CHECK(b.event(day).limit == p("95"));
  CHECK(b.event(day).seen == p("96"));
  CHECK(b.event(gtc).state == accepted);
  // An order made at the close belongs to the next session.
  const OrderId next = b.submit(b.order(Side::buy, "10", OrderType::market, TimeInForce::day));
  b.session(SessionState::closed, monday, close);
  CHECK(b.event(next).state == accepted);
  b.now += 17 * kHour;
  b.source = kOpen + kDay;
  b.session(SessionState::opened, monday + 1, b.source);
  b.flat_bar("96");
  CHECK(b.event(next).state == filled);
}

TEST_CASE("where trading never stops a DAY order ends with the UTC day") {
  TestBroker b;
  b.source = from_utc({2015, 1, 5}, kDay - 2 * kMinute);
  b.bar("100", "100", "100", "100", "1000", kCoin);
  const OrderId id = b.submit(
      b.order(Side::buy, "0.5", OrderType::limit, TimeInForce::day, "90", "0", kCoin));
  b.bar("100", "100", "95", "100", "1000", kCoin);
  CHECK(b.event(id).state == accepted);
  b.bar("80", "80", "80", "80", "1000", kCoin);  // the next day: too late
  CHECK(b.event(id).state == expired);
  CHECK(b.event(id).seen == p("95"));
}

TEST_CASE("a cancelled order says what it waited for; unknown and ended ones are refused") {
  TestBroker b;
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "10", OrderType::stop, TimeInForce::gtc, "0",
                                      "110"));
  b.bar("100", "104", "99", "101");
  b.cancel(id);
  CHECK(b.event(id).state == cancelled);
  CHECK(b.event(id).reason == OrderReason::user_cancel);
  CHECK(b.event(id).limit == p("110"));
  CHECK(b.event(id).seen == p("104"));
  b.cancel(id);
  CHECK(b.last<Refusal>().reason == OrderReason::unknown_order);
  b.cancel(OrderId(12345));
  CHECK(b.last<Refusal>().reason == OrderReason::unknown_order);
}

TEST_CASE("a request is answered once") {
  TestBroker b;
  b.flat_bar("100");
  const SubmitOrder o = b.order(Side::buy, "10");
  REQUIRE(b.submit(o).is_set());
  REQUIRE_FALSE(b.submit(o).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::duplicate_request);
  CHECK(b.last<Refusal>().request_id == o.request_id);
  CHECK(b.all<OrderIntent>().size() == 1);
  SubmitOrder nameless = b.order(Side::buy, "10");
  nameless.request_id = {};
  REQUIRE_FALSE(b.submit(nameless).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::bad_request);
}

TEST_CASE("fields that do not fit together are named") {
  TestBroker b;
  b.flat_bar("100");
  const auto text = [&](const SubmitOrder& o) {
    REQUIRE_FALSE(b.submit(o).is_set());
    CHECK(b.last<Refusal>().reason == OrderReason::bad_request);
    const auto t = std::string(b.last<Refusal>().text.view());
    return t.substr(0, t.find(':'));
  };
  using enum OrderType;
  CHECK(text(b.order(Side::none, "10")) == "side");
  CHECK(text(b.order(Side::buy, "10", OrderType::none)) == "type");
  CHECK(text(b.order(Side::buy, "10", static_cast<OrderType>(99))) == "type");
  CHECK(text(b.order(Side::buy, "10", market, TimeInForce::none)) == "time_in_force");
  CHECK(text(b.order(Side::buy, "0")) == "quantity");
  CHECK(text(b.order(Side::buy, "-5")) == "quantity");
  CHECK(text(b.order(Side::buy, "1.5")) == "quantity");
  CHECK(text(b.order(Side::buy, "1", limit)) == "limit_price");
  CHECK(text(b.order(Side::buy, "1", market, TimeInForce::gtc, "5")) == "limit_price");
  CHECK(text(b.order(Side::buy, "1", limit, TimeInForce::gtc, "5.001")) == "limit_price");
  CHECK(text(b.order(Side::buy, "1", limit, TimeInForce::gtc, "-5")) == "limit_price");
  CHECK(text(b.order(Side::buy, "1", stop)) == "stop_price");
  CHECK(text(b.order(Side::buy, "1", stop, TimeInForce::ioc, "0", "5")) == "time_in_force");
  SubmitOrder o = b.order(Side::buy, "1");
  o.instrument = InstrumentId(99);
  REQUIRE_FALSE(b.submit(o).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::unknown_instrument);
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "1"), 77).is_set());
  CHECK(b.last<Refusal>(77).reason == OrderReason::unknown_account);
  CancelOrder cancel;
  cancel.request_id = RequestId("cancel-77");
  b.send(Kind::source, 77, cancel);
  CHECK(b.last<Refusal>(77).request_id == cancel.request_id);
  SetKillSwitch stop_all;
  stop_all.request_id = RequestId("kill-77");
  b.send(Kind::source, 77, stop_all);
  CHECK(b.last<Refusal>(77).request_id == stop_all.request_id);
  Writer w;
  b.machine->save_unit(77, w);
  CHECK(w.size() == 0);
}

TEST_CASE("the gate: each refusal with the numbers that broke it") {
  Config c = plain_config();
  c.accounts[0].limits.max_position_bps = 1'000;
  c.accounts[0].limits.max_orders_per_minute = 3;
  c.accounts[0].limits.shorting_allowed = false;
  TestBroker b(c);
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "1")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::no_price);
  b.flat_bar("100");
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "101")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::position_limit);
  CHECK(b.last<Refusal>().limit == m("10000"));
  CHECK(b.last<Refusal>().actual == m("10100"));
  REQUIRE_FALSE(b.submit(b.order(Side::sell, "5")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::shorting_not_allowed);
  CHECK(b.last<Refusal>().limit.is_zero());
  CHECK(b.last<Refusal>().actual == m("5"));
  REQUIRE(b.submit(b.order(Side::buy, "60")).is_set());
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "60")).is_set());  // with what is open: 120
  CHECK(b.last<Refusal>().actual == m("12000"));
  REQUIRE(b.submit(b.order(Side::buy, "10")).is_set());
  REQUIRE(b.submit(b.order(Side::buy, "10")).is_set());
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "10")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::order_rate);
  CHECK(b.last<Refusal>().limit == m("3"));
  CHECK(b.last<Refusal>().actual == m("4"));
  b.flat_bar("100");
  CHECK(b.held() == q("80"));
  b.flat_bar("100");
  REQUIRE(b.submit(b.order(Side::sell, "80")).is_set());
  REQUIRE_FALSE(b.submit(b.order(Side::sell, "1")).is_set());  // all of it is on sale already
  CHECK(b.last<Refusal>().reason == OrderReason::shorting_not_allowed);
}

TEST_CASE("buying power: cash less what open orders reserve, with cushion and fee") {
  Config c = plain_config();
  c.venue.fees = {{}, 1'000, {}};  // 10 bps
  TestBroker b(c);
  b.flat_bar("100");
  REQUIRE(b.submit(b.order(Side::buy, "500", OrderType::limit, TimeInForce::gtc, "99")).is_set());
  // 49,500 + 49.50 fee are reserved, 50,450.50 free. A market order needs 1 % and the fee on top.
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "500")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::buying_power);
  CHECK(b.last<Refusal>().limit == m("50450.5"));
  CHECK(b.last<Refusal>().actual == m("50550"));
  REQUIRE(b.submit(b.order(Side::buy, "499")).is_set());
}

TEST_CASE("open orders have a limit") {
  Config c = plain_config();
  c.accounts[0].limits.max_open_orders = 2;
  TestBroker b(c);
  b.flat_bar("100");
  for (int i = 0; i < 2; ++i) {
    REQUIRE(b.submit(b.order(Side::buy, "1", OrderType::limit, TimeInForce::gtc, "9")).is_set());
  }
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "1")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::open_order_limit);
  CHECK(b.last<Refusal>().actual == m("3"));
}

TEST_CASE("absurd quantities and prices are refused, nothing dies") {
  TestBroker b;
  b.flat_bar("0.01");
  for (const char* n : {"90000000000", "50000000000", "92233720368"}) {
    for (const Side side : {Side::buy, Side::sell}) {
      b.submit(b.order(side, n));
      b.submit(b.order(side, n, OrderType::limit, TimeInForce::gtc, "90000000000"));
    }
  }
  b.submit(b.order(Side::buy, "100"));
  b.flat_bar("0.01");
  b.flat_bar("90000000000");
  b.flat_bar("0.01");
  CHECK(b.machine->account(AccountId(1))->equity() == m("100000"));
}

TEST_CASE("the kill switch cancels what is open and refuses what comes, until it is lifted") {
  TestBroker b;
  b.flat_bar("100");
  const OrderId id =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::gtc, "90"));
  b.kill(true);
  CHECK(b.event(id).state == cancelled);
  CHECK(b.event(id).reason == OrderReason::kill_switch);
  CHECK(b.last<RiskMode>().mode == RiskModeState::halted);
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "1")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::kill_switch);
  b.give(b.signal(Direction::long_));
  CHECK(b.last<Refusal>().reason == OrderReason::kill_switch);
  CHECK(b.last<Refusal>().signal.is_set());
  b.kill(false);
  CHECK(b.last<RiskMode>().mode == RiskModeState::normal);
  CHECK(b.submit(b.order(Side::buy, "1")).is_set());
}

TEST_CASE("the daily loss stops new risk until the next day, closing stays possible") {
  TestBroker b;
  const DayNumber monday = utc_day(kOpen);
  b.session(SessionState::opened, monday, kOpen);
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "500"));
  b.flat_bar("100");
  const OrderId entry =
      b.submit(b.order(Side::buy, "10", OrderType::limit, TimeInForce::gtc, "50"));
  const OrderId exit =
      b.submit(b.order(Side::sell, "100", OrderType::limit, TimeInForce::gtc, "150"));
  b.flat_bar("90.01");  // 4,995 lost
  CHECK(b.all<RiskMode>().empty());
  b.flat_bar("90");
  const RiskMode mode = b.last<RiskMode>();
  CHECK(mode.mode == RiskModeState::reduce_only);
  CHECK(mode.limit == m("5000"));
  CHECK(mode.actual == m("5000"));
  CHECK(b.event(entry).state == cancelled);
  CHECK(b.event(entry).reason == OrderReason::daily_loss_limit);
  CHECK(b.event(exit).state == accepted);
  b.flat_bar("95");  // it recovers, the day does not
  REQUIRE_FALSE(b.submit(b.order(Side::buy, "1")).is_set());
  CHECK(b.last<Refusal>().reason == OrderReason::daily_loss_limit);
  CHECK(b.last<Refusal>().actual == m("5000"));
  REQUIRE(b.submit(b.order(Side::sell, "400")).is_set());
  b.flat_bar("95");
  CHECK(b.held() == q("100"));
  b.session(SessionState::opened, monday + 1, b.source);
  CHECK(b.last<RiskMode>().mode == RiskModeState::normal);
  CHECK(b.last<Cash>().equity == m("97500"));
  CHECK(b.submit(b.order(Side::buy, "1")).is_set());
}

TEST_CASE("after the daily loss what still works closes and no more") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "500"));
  b.flat_bar("100");
  // Each could close the 500; only the first does, so the second was allowed to open 500.
  const auto limit = OrderType::limit;
  const auto gtc = TimeInForce::gtc;
  const OrderId first = b.submit(b.order(Side::sell, "500", limit, gtc, "110"));
  const OrderId second = b.submit(b.order(Side::sell, "500", limit, gtc, "112"));
  REQUIRE(b.machine->account(AccountId(1))->desks[0].book.orders()[1].may_open == q("500"));
  b.flat_bar("90");
  REQUIRE(b.last<RiskMode>().mode == RiskModeState::reduce_only);
  REQUIRE(b.event(second).state == accepted);
  b.flat_bar("120");
  CHECK(b.event(first).state == filled);
  CHECK(b.held().is_zero());
  CHECK(b.event(second).state == cancelled);
  CHECK(b.last<Cash>().reserved.is_zero());
}

TEST_CASE("after the daily loss a venue is asked to cancel what may open") {
  Config c = plain_config();
  c.accounts[0].venue = VenueKind::external;
  TestBroker b(c);
  b.flat_bar("100");
  VenueReply r;
  r.account = AccountId(1);
  r.order = b.submit(b.order(Side::buy, "500"));
  r.state = filled;
  r.filled = q("500");
  r.price = p("100");
  r.execution_id = 1;
  b.send(Kind::source, 1, r);
  REQUIRE(b.held() == q("500"));
  const auto limit = OrderType::limit;
  const auto gtc = TimeInForce::gtc;
  const OrderId first = b.submit(b.order(Side::sell, "500", limit, gtc, "110"));
  const OrderId second = b.submit(b.order(Side::sell, "500", limit, gtc, "112"));
  b.flat_bar("90");
  CHECK(b.event(first).state == new_);
  CHECK(b.event(second).state == cancel_pending);
  CHECK(b.event(second).reason == OrderReason::daily_loss_limit);
}

TEST_CASE("a venue's order that nobody knows the state of is split and cancelled like any") {
  Config c = plain_config();
  c.accounts[0].venue = VenueKind::external;
  TestBroker b(c);
  b.flat_bar("100");
  const OrderId fresh = b.submit(b.order(Side::buy, "100"));
  const OrderId lost = b.submit(b.order(Side::buy, "50"));
  VenueReply r;
  r.account = AccountId(1);
  r.order = lost;
  r.state = unknown;
  b.send(Kind::source, 1, r);
  b.send(Kind::source, 1, r);  // said twice: nothing new
  REQUIRE(b.event(lost).state == unknown);
  CorporateAction split;
  split.instrument = kStock;
  split.kind = CorporateActionKind::split;
  split.ratio = q("2");
  b.send(Kind::market_bars, 1, split);
  CHECK(b.event(fresh).state == new_);
  CHECK(b.event(fresh).quantity == q("200"));
  CHECK(b.event(lost).state == unknown);
  CHECK(b.event(lost).quantity == q("100"));
  b.kill(true);
  CHECK(b.event(fresh).state == cancel_pending);
  CHECK(b.event(lost).state == cancel_pending);
}

TEST_CASE("an external venue is asked, and its answers count once") {
  Config c = plain_config();
  c.accounts[0].venue = VenueKind::external;
  TestBroker b(c);
  b.flat_bar("100");
  const OrderId id = b.submit(b.order(Side::buy, "100"));
  b.flat_bar("100");
  CHECK(b.event(id).state == new_);  // no paper fills
  VenueReply r;
  r.account = AccountId(1);
  r.order = id;
  r.state = accepted;
  b.send(Kind::source, 1, r);
  CHECK(b.event(id).state == accepted);
  r.state = partially_filled;
  r.filled = q("40");
  r.price = p("100.5");
  r.fee = m("0.1");
  r.execution_id = 9;
  b.send(Kind::source, 1, r);
  b.send(Kind::source, 1, r);  // told twice
  CHECK(b.held() == q("40"));
  CHECK(b.event(id).filled == q("40"));
  b.cancel(id);
  CHECK(b.event(id).state == cancel_pending);
  r.execution_id = 10;
  r.filled = q("10");
  b.send(Kind::source, 1, r);  // overtook the cancel
  CHECK(b.event(id).state == cancel_pending);
  CHECK(b.event(id).filled == q("50"));
  VenueReply done;
  done.order = id;
  done.state = cancelled;
  b.send(Kind::source, 1, done);
  CHECK(b.event(id).state == cancelled);
  r.execution_id = 11;
  b.send(Kind::source, 1, r);  // a fill always counts
  CHECK(b.held() == q("60"));
  CHECK(b.all<Fill>().size() == 3);
  CHECK(b.last<Cash>().cash == m("93969.7"));  // 60 × 100.50 + 3 × 0.10
  r.order = OrderId(555);
  r.execution_id = 12;
  b.send(Kind::source, 1, r);
  CHECK(b.last<Refusal>().reason == OrderReason::unknown_order);
  const OrderId bad = b.submit(b.order(Side::buy, "100"));
  VenueReply rejection;
  rejection.order = bad;
  rejection.state = rejected;
  b.send(Kind::source, 1, rejection);
  CHECK(b.event(bad).state == rejected);
  CHECK(b.event(bad).reason == OrderReason::venue_refused);
}
