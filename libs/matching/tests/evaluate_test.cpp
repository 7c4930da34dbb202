#include "bellwether/matching/evaluate.hpp"

#include <catch2/catch.hpp>

using namespace bw;
using namespace bw::matching;

namespace {

Quantity q(const char* s) { return *Quantity::parse(s); }
Price p(const char* s) { return *Price::parse(s); }
Money m(const char* s) { return *Money::parse(s); }

const Steps kSteps{p("0.01"), q("1")};

PaperOrder order(Side side, OrderType type, TimeInForce tif, const char* limit = "0",
                 const char* stop = "0") {
  PaperOrder o;
  o.id = OrderId(1);
  o.side = side;
  o.type = type;
  o.time_in_force = tif;
  o.quantity = q("100");
  o.limit_price = p(limit);
  o.stop_price = p(stop);
  return o;
}

Tape bar(const char* open, const char* high, const char* low, const char* volume = "1000") {
  return {DataKind::bar, 10, 5, p(open), p(high), p(low), q(volume)};
}

Outcome run(const PaperOrder& o, const Tape& t, const char* available = "100") {
  return evaluate(o, t, o.remaining(), q(available), {}, kSteps);
}

constexpr auto kBuy = Side::buy;
constexpr auto kSell = Side::sell;

// One line a case: what the order is, what the bar was, what must come of it. Worked by hand from
// README.md.
struct Case {
  Side side;
  OrderType type;
  TimeInForce tif;
  const char* limit;
  const char* stop;
  const char* open;
  const char* high;
  const char* low;
  const char* fill;  // price, or nullptr
  OrderReason reason;
  const char* against;  // Outcome::limit where it did not fill
  const char* seen;
  bool triggers;
};

}  // namespace

TEST_CASE("orders against a bar, each type, both sides, each time in force") {
  using enum OrderType;
  using Tif = TimeInForce;
  constexpr auto kDone = OrderReason::none;
  constexpr auto kLimit = OrderReason::not_marketable;
  constexpr auto kStop = OrderReason::stop_not_reached;
  const Case cases[] = {
      {kBuy, market, Tif::day, "0", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kSell, market, Tif::gtc, "0", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kBuy, market, Tif::ioc, "0", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kBuy, market, Tif::fok, "0", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      // limit: better open, at the limit, touched, not reached
      {kBuy, limit, Tif::day, "10.5", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kBuy, limit, Tif::day, "9.5", "0", "10", "11", "9", "9.5", kDone, "0", "0", false},
      {kBuy, limit, Tif::gtc, "9", "0", "10", "11", "9", "9", kDone, "0", "0", false},
      {kBuy, limit, Tif::gtc, "8.99", "0", "10", "11", "9", nullptr, kLimit, "8.99", "9", false},
      {kSell, limit, Tif::day, "9.5", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kSell, limit, Tif::gtc, "10.5", "0", "10", "11", "9", "10.5", kDone, "0", "0", false},
      {kSell, limit, Tif::day, "11.01", "0", "10", "11", "9", nullptr, kLimit, "11.01", "11",
       false},
      // limit now or never: the open only, although the bar came to 9
      {kBuy, limit, Tif::ioc, "9.5", "0", "10", "11", "9", nullptr, kLimit, "9.5", "10", false},
      {kBuy, limit, Tif::ioc, "10", "0", "10", "11", "9", "10", kDone, "0", "0", false},
      {kSell, limit, Tif::fok, "10.5", "0", "10", "11", "9", nullptr, kLimit, "10.5", "10", false},
      // stop: at the stop, worse at a gap, not reached
      {kBuy, stop, Tif::day, "0", "10.5", "10", "11", "9", "10.5", kDone, "0", "0", true},
      {kBuy, stop, Tif::gtc, "0", "9.5", "10", "11", "9", "10", kDone, "0", "0", true},
      {kBuy, stop, Tif::day, "0", "11.5", "10", "11", "9", nullptr, kStop, "11.5", "11", false},
      {kSell, stop, Tif::gtc, "0", "9.5", "10", "11", "9", "9.5", kDone, "0", "0", true},
      {kSell, stop, Tif::gtc, "0", "10.5", "10", "11", "9", "10", kDone, "0", "0", true},
      {kSell, stop, Tif::day, "0", "8.5", "10", "11", "9", nullptr, kStop, "8.5", "9", false},
      // stop-limit: inside the bar; at a gap beyond the limit and back; triggered and out of reach
      {kBuy, stop_limit, Tif::day, "10.6", "10.5", "10", "11", "9", "10.5", kDone, "0", "0", true},
      {kBuy, stop_limit, Tif::gtc, "9.8", "9.5", "10", "11", "9", "9.8", kDone, "0", "0", true},
      {kBuy, stop_limit, Tif::gtc, "8.8", "8.5", "10", "11", "9", nullptr, kLimit, "8.8", "9",
       true},
      {kBuy, stop_limit, Tif::day, "10.4", "10.5", "10", "11", "9", nullptr, kLimit, "10.4",
       "10.5", true},
      {kSell, stop_limit, Tif::day, "9.4", "9.5", "10", "11", "9", "9.5", kDone, "0", "0", true},
      {kSell, stop_limit, Tif::gtc, "10.2", "10.5", "10", "11", "9", "10.2", kDone, "0", "0", true},
      {kSell, stop_limit, Tif::gtc, "9.6", "8.5", "10", "11", "9", nullptr, kStop, "8.5", "9",
       false},
  };
  for (const Case& c : cases) {
    INFO("open " << c.open << " limit " << c.limit << " stop " << c.stop << " side "
                 << static_cast<int>(c.side) << " type " << static_cast<int>(c.type));
    const PaperOrder given = order(c.side, c.type, c.tif, c.limit, c.stop);
    const Outcome o = run(given, bar(c.open, c.high, c.low));
    CHECK(o.triggers == c.triggers);
    CHECK(o.reason == c.reason);
    if (c.fill != nullptr) {
      CHECK(o.quantity == q("100"));
      CHECK(o.price == p(c.fill));
    } else {
      CHECK(o.quantity.is_zero());
      CHECK(o.limit == p(c.against));
      CHECK(o.seen == p(c.seen));
    }
  }
}

TEST_CASE("orders against trades and quotes") {
  Trade t;
  t.price = p("10");
  t.size = q("500");
  Quote n;
  n.bid = p("9.99");
  n.ask = p("10.01");
  n.bid_size = q("300");
  n.ask_size = q("200");
  const Tape trade = tape_of(t, 10);
  const Tape ask = tape_of(n, kBuy, 10);
  const Tape bid = tape_of(n, kSell, 10);
  using enum OrderType;
  for (const auto tif : {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok}) {
    CHECK(run(order(kBuy, market, tif), trade).price == p("10"));
    CHECK(run(order(kBuy, market, tif), ask).price == p("10.01"));
    CHECK(run(order(kSell, market, tif), bid).price == p("9.99"));
    CHECK(run(order(kBuy, limit, tif, "10"), trade).price == p("10"));
    CHECK(run(order(kBuy, limit, tif, "10.02"), ask).price == p("10.01"));
    const Outcome no = run(order(kBuy, limit, tif, "10"), ask);
    CHECK(no.quantity.is_zero());
    CHECK(no.reason == OrderReason::not_marketable);
    CHECK(no.limit == p("10"));
    CHECK(no.seen == p("10.01"));
    CHECK(run(order(kSell, limit, tif, "9.99"), bid).price == p("9.99"));
    CHECK(run(order(kSell, limit, tif, "10"), bid).seen == p("9.99"));
  }
  CHECK(run(order(kBuy, stop, TimeInForce::gtc, "0", "10.01"), ask).price == p("10.01"));
  CHECK(run(order(kBuy, stop, TimeInForce::gtc, "0", "10.02"), ask).reason ==
        OrderReason::stop_not_reached);
  CHECK(run(order(kSell, stop, TimeInForce::day, "0", "10"), bid).price == p("9.99"));
  CHECK(run(order(kSell, stop, TimeInForce::day, "0", "9.5"), trade).seen == p("10"));
  CHECK(run(order(kSell, stop_limit, TimeInForce::gtc, "10", "10"), bid).triggers);
  CHECK(run(order(kSell, stop_limit, TimeInForce::gtc, "10", "10"), bid).quantity.is_zero());
  CHECK(run(order(kSell, stop_limit, TimeInForce::gtc, "9.9", "10"), trade).price == p("10"));
  // The missing side of a quote is nothing to trade with.
  n.ask = {};
  CHECK(run(order(kBuy, market, TimeInForce::day), tape_of(n, kBuy, 10)).reason ==
        OrderReason::no_liquidity);
}

TEST_CASE("a triggered stop works as a market or a limit order") {
  PaperOrder o = order(kSell, OrderType::stop, TimeInForce::gtc, "0", "9");
  o.triggered = true;
  CHECK(run(o, bar("10", "11", "9.5")).price == p("10"));
  o = order(kSell, OrderType::stop_limit, TimeInForce::gtc, "10.5", "9");
  o.triggered = true;
  CHECK(run(o, bar("10", "11", "9.5")).price == p("10.5"));
}

TEST_CASE("the volume limit fills in part, in lots, and FOK not at all") {
  const Tape t = bar("10", "11", "9");
  Outcome o = run(order(kBuy, OrderType::market, TimeInForce::day), t, "40.7");
  CHECK(o.quantity == q("40"));
  CHECK(o.reason == OrderReason::no_liquidity);
  CHECK(run(order(kBuy, OrderType::market, TimeInForce::ioc), t, "40").quantity == q("40"));
  o = run(order(kBuy, OrderType::market, TimeInForce::fok), t, "99");
  CHECK(o.quantity.is_zero());
  CHECK(o.reason == OrderReason::no_liquidity);
  CHECK(o.seen == p("10"));
  CHECK(run(order(kBuy, OrderType::market, TimeInForce::day), t, "0.9").quantity.is_zero());
  // An odd rest is no reason to leave it: what remains may be less than a lot.
  PaperOrder odd = order(kSell, OrderType::market, TimeInForce::day);
  odd.quantity = q("0.5");
  CHECK(run(odd, t, "1").quantity == q("0.5"));
}

TEST_CASE("slippage never passes the limit, and a stop pays it") {
  VenueRules rules;
  rules.slippage = {SlippageKind::proportional, 1'000};  // 10 bps
  const Tape t = bar("10", "11", "9");
  PaperOrder o = order(kBuy, OrderType::limit, TimeInForce::day, "10.005");
  CHECK(evaluate(o, t, q("100"), q("100"), rules, kSteps).price == p("10.005"));
  o = order(kBuy, OrderType::market, TimeInForce::day);
  Outcome out = evaluate(o, t, q("100"), q("100"), rules, kSteps);
  CHECK(out.price == p("10.01"));
  CHECK(out.before_slippage == p("10"));
  o = order(kSell, OrderType::stop, TimeInForce::day, "0", "9.5");
  out = evaluate(o, t, q("100"), q("100"), rules, kSteps);
  CHECK(out.price == p("9.49"));  // 9.5 - 0.0095, down to the tick
  const Execution e = book_fill(o, out, {m("0.005"), 0, m("1")});
  CHECK(e.slippage == m("1"));
  CHECK(e.fee == m("1"));  // 0.50 by share, at least 1
  CHECK(o.average_price() == p("9.49"));
  CHECK(o.remaining().is_zero());
}

TEST_CASE("only data after acceptance counts") {
  PaperOrder o = order(kBuy, OrderType::market, TimeInForce::day);
  o.accepted_at = 10;
  o.accepted_source = 5;
  Tape t = bar("10", "11", "9");
  t.time = 10;
  CHECK_FALSE(eligible(o, t));
  t.time = 11;
  CHECK(eligible(o, t));
  t.from = 4;  // opened before the order was there
  CHECK_FALSE(eligible(o, t));
  t.kind = DataKind::quote;
  CHECK(eligible(o, t));
}

TEST_CASE("an open order explains itself by the newest data") {
  const Tape t = bar("10", "11", "9");
  const Outcome why = explain(order(kBuy, OrderType::limit, TimeInForce::day, "8"), t);
  CHECK(why.reason == OrderReason::not_marketable);
  CHECK(why.limit == p("8"));
  CHECK(why.seen == p("9"));
  CHECK(explain(order(kBuy, OrderType::market, TimeInForce::day), t).reason ==
        OrderReason::no_liquidity);
}

TEST_CASE("amounts beyond 64 bits do not fill, and nothing dies of them") {
  PaperOrder o = order(kBuy, OrderType::market, TimeInForce::day);
  o.quantity = q("90000000000");
  Tape t = bar("90000000000", "90000000000", "90000000000");
  const Outcome out = evaluate(o, t, o.remaining(), kUnlimited, {}, kSteps);
  CHECK(out.quantity.is_zero());
  CHECK(out.reason == OrderReason::no_liquidity);
}

TEST_CASE("no order fills where the price leaves no room for slippage") {
  PaperOrder o = order(kBuy, OrderType::market, TimeInForce::day);
  o.quantity = q("0.1");
  const char* high = "50000000000";
  const Outcome out = run(o, bar(high, high, high));
  CHECK(out.quantity.is_zero());
  CHECK(out.reason == OrderReason::no_liquidity);
  CHECK(out.seen == p(high));
}

TEST_CASE("slippage beyond what money holds is told as the most there is") {
  // 20,000,000,000 less all of it: the sale fits, what it was worth before slippage does not.
  PaperOrder o = order(kSell, OrderType::market, TimeInForce::day);
  VenueRules rules;
  rules.slippage = {SlippageKind::proportional, 1'000'000};
  const char* high = "20000000000";
  const Outcome out = evaluate(o, bar(high, high, high), o.remaining(), q("100"), rules, kSteps);
  REQUIRE(out.quantity == q("100"));
  CHECK(book_fill(o, out, {}).slippage == Money::from_raw(INT64_MAX));
}
