#include <catch2/catch.hpp>

#include "test_broker.hpp"

using namespace bw;
using namespace bw::broker;
using namespace bw::broker::test;

using enum OrderState;

TEST_CASE("a signal is sized, ordered, filled and protected") {
  TestBroker b;
  b.flat_bar("100");
  const Signal s = b.signal(Direction::long_, 0.05, "95", "110");
  b.give(s);
  const auto entry = b.last<OrderIntent>();
  CHECK(entry.quantity == q("50"));
  CHECK(entry.side == Side::buy);
  CHECK(entry.signal == s.id);
  CHECK(entry.time_in_force == TimeInForce::day);
  b.flat_bar("101");
  const auto intents = b.all<OrderIntent>();
  REQUIRE(intents.size() == 3);
  CHECK(intents[1].purpose == OrderReason::protective_stop);
  CHECK(intents[1].type == OrderType::stop);
  CHECK(intents[1].stop_price == p("95"));
  CHECK(intents[1].side == Side::sell);
  CHECK(intents[1].quantity == q("50"));
  CHECK(intents[2].purpose == OrderReason::take_profit);
  CHECK(intents[2].limit_price == p("110"));

  SECTION("the take profit fills and ends the stop") {
    b.bar("102", "111", "101", "110");
    CHECK(b.event(intents[2].order).average_price == p("110"));
    CHECK(b.event(intents[1].order).state == cancelled);
    CHECK(b.event(intents[1].order).reason == OrderReason::take_profit);
    CHECK(b.event(intents[1].order).limit == p("95"));
    CHECK(b.event(intents[1].order).seen == p("101"));
  }
  SECTION("both inside one bar: the stop goes first") {
    b.bar("102", "111", "94", "100");
    CHECK(b.event(intents[1].order).average_price == p("95"));
    CHECK(b.event(intents[2].order).state == cancelled);
    CHECK(b.event(intents[2].order).reason == OrderReason::protective_stop);
  }
  SECTION("a gap below the stop fills at the open") {
    b.bar("90", "91", "89", "90");
    CHECK(b.event(intents[1].order).average_price == p("90"));
  }
  SECTION("a flat signal closes, and the protection goes with the position") {
    b.give(b.signal(Direction::flat));
    CHECK(b.last<OrderIntent>().side == Side::sell);
    b.flat_bar("103");
    CHECK(b.event(intents[1].order).state == cancelled);
    CHECK(b.event(intents[2].order).state == cancelled);
    CHECK(b.event(intents[1].order).reason == OrderReason::replaced_by_signal);
  }
  SECTION("a manual sale of all ends the protection too") {
    b.submit(b.order(Side::sell, "50"));
    b.flat_bar("103");
    CHECK(b.event(intents[2].order).reason == OrderReason::user_cancel);
  }
  CHECK(b.held().is_zero());
  CHECK(b.open_orders() == 0);
}

TEST_CASE("an entry that fills in parts is protected from its first fill, and never oversold") {
  Config c = plain_config();
  c.venue.volume.bar_bps = 1'000;
  TestBroker b(c);
  b.flat_bar("100");
  b.give(b.signal(Direction::long_, 0.05, "95", "110"));
  const OrderId entry = b.last<OrderIntent>().order;
  b.bar("100", "100", "100", "100", "200");  // 20 of 50
  const auto intents = b.all<OrderIntent>();
  REQUIRE(intents.size() == 3);
  CHECK(intents[1].quantity == q("50"));
  b.bar("94", "94", "94", "94", "100000");  // the stop fires at the open, before the entry's rest
  CHECK(b.event(intents[1].order).filled == q("20"));
  CHECK(b.event(entry).state == cancelled);
  CHECK(b.event(entry).reason == OrderReason::protective_stop);
  CHECK(b.held().is_zero());
  CHECK(b.open_orders() == 0);
}

TEST_CASE("a take profit that fills in part leaves the stop for the rest") {
  Config c = plain_config();
  c.venue.volume.bar_bps = 1'000;
  TestBroker b(c);
  b.flat_bar("100");
  b.give(b.signal(Direction::long_, 0.05, "95", "110"));
  b.flat_bar("100");
  const auto intents = b.all<OrderIntent>();
  b.bar("110", "110", "110", "110", "300");
  CHECK(b.held() == q("20"));
  b.bar("94", "94", "94", "94");
  CHECK(b.event(intents[1].order).filled == q("20"));
  CHECK(b.event(intents[2].order).filled == q("30"));
  CHECK(b.held().is_zero());
  CHECK(b.open_orders() == 0);
}

TEST_CASE("an opposite signal goes through zero in one order and changes the protection") {
  TestBroker b;
  b.flat_bar("100");
  b.give(b.signal(Direction::long_, 0.05, "95", "110"));
  b.flat_bar("100");
  b.give(b.signal(Direction::short_, 0.05, "105", "90"));
  CHECK(b.last<OrderIntent>().quantity == q("100"));
  b.flat_bar("100");
  CHECK(b.held() == q("-50"));
  CHECK(b.open_orders() == 2);
  b.bar("104", "106", "103", "104");
  CHECK(b.held().is_zero());
  CHECK(b.open_orders() == 0);
  CHECK(b.last<Position>().realised == m("-250"));
}

TEST_CASE("a newer signal replaces the entry; what is held is not ordered again") {
  TestBroker b;
  b.flat_bar("100");
  b.give(b.signal(Direction::long_));
  const OrderId first = b.last<OrderIntent>().order;
  b.give(b.signal(Direction::long_, 0.04));
  CHECK(b.event(first).state == cancelled);
  CHECK(b.event(first).reason == OrderReason::replaced_by_signal);
  b.flat_bar("100");
  CHECK(b.held() == q("40"));
  b.give(b.signal(Direction::long_, 0.045));  // 12.5 % more: within the slack of 25 %
  CHECK(b.last<Refusal>().reason == OrderReason::already_in_position);
  CHECK(b.last<Refusal>().limit == m("45"));
  CHECK(b.last<Refusal>().actual == m("40"));
  b.give(b.signal(Direction::long_, 0.08));
  CHECK(b.last<OrderIntent>().quantity == q("40"));
}

TEST_CASE("sizing and gate refuse a signal with its id and the numbers") {
  Config c = plain_config();
  c.accounts[0].limits.max_position_bps = 1'000;
  TestBroker b(c);
  b.give(b.signal(Direction::long_));
  CHECK(b.last<Refusal>().reason == OrderReason::no_price);
  b.flat_bar("100");
  b.give(b.signal(Direction::long_, 0.0005));
  CHECK(b.last<Refusal>().reason == OrderReason::size_zero);
  CHECK(b.last<Refusal>().limit == m("100"));
  CHECK(b.last<Refusal>().actual == m("50"));
  b.give(b.signal(Direction::flat));
  CHECK(b.last<Refusal>().reason == OrderReason::already_in_position);
  Signal s = b.signal(Direction::long_);
  s.instrument = InstrumentId(50);
  b.give(s);
  CHECK(b.last<Refusal>().reason == OrderReason::unknown_instrument);
  CHECK(b.last<Refusal>().signal == s.id);
  CHECK(b.all<OrderIntent>().empty());
  b.give(b.signal(Direction::long_, 0.5));  // sized to the limit of 10 %
  CHECK(b.last<OrderIntent>().quantity == q("100"));
}

TEST_CASE("where shorting is not allowed a short signal closes, and else is refused") {
  Config c = plain_config();
  c.accounts[0].limits.shorting_allowed = false;
  TestBroker b(c);
  b.flat_bar("100");
  b.give(b.signal(Direction::short_));
  CHECK(b.last<Refusal>().reason == OrderReason::shorting_not_allowed);
  b.give(b.signal(Direction::long_));
  b.flat_bar("100");
  b.give(b.signal(Direction::short_));
  b.flat_bar("100");
  CHECK(b.held().is_zero());
}

TEST_CASE("a flip that the gate refuses still leaves the old side") {
  TestBroker b;
  b.flat_bar("100");
  b.submit(b.order(Side::buy, "500"));
  b.flat_bar("100");
  b.flat_bar("89");  // more than 5 % lost
  REQUIRE(b.last<RiskMode>().mode == RiskModeState::reduce_only);
  b.give(b.signal(Direction::short_));
  CHECK(b.last<Refusal>().reason == OrderReason::daily_loss_limit);
  CHECK(b.last<OrderIntent>().quantity == q("500"));
  b.flat_bar("89");
  CHECK(b.held().is_zero());
}

TEST_CASE("an account follows its strategies only; accounts do not touch each other") {
  Config c = plain_config();
  c.accounts.push_back(c.accounts[0]);
  c.accounts[1].id = AccountId(2);
  c.accounts[1].strategies = {StrategyId(8)};
  c.accounts.push_back(c.accounts[0]);
  c.accounts[2].id = AccountId(3);
  c.accounts[2].strategies = {StrategyId(7)};
  TestBroker b(c);
  b.flat_bar("100");
  b.give(b.signal(Direction::long_));
  b.flat_bar("100");
  CHECK(b.all<Fill>(1).size() == 1);
  CHECK(b.all<Fill>(2).empty());
  CHECK(b.all<Fill>(3).size() == 1);
}
