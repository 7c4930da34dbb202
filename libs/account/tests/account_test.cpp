#include "bellwether/account/account.hpp"

#include <catch2/catch.hpp>

using namespace bw;
using namespace bw::account;

namespace {

Quantity q(const char* s) { return *Quantity::parse(s); }
Price p(const char* s) { return *Price::parse(s); }
Money m(const char* s) { return *Money::parse(s); }

}  // namespace

TEST_CASE("a long position is bought twice, sold in part and closed") {
  Holding h;
  auto e = apply_fill(h, Side::buy, q("100"), p("10"));
  REQUIRE(e);
  CHECK(e->notional == m("1000"));
  CHECK(e->opened == q("100"));
  REQUIRE(apply_fill(h, Side::buy, q("100"), p("12")));
  CHECK(h.quantity == q("200"));
  CHECK(h.cost == m("2200"));
  CHECK(h.average_cost() == p("11"));
  e = apply_fill(h, Side::sell, q("50"), p("15"));
  CHECK(e->realised == m("200"));  // 50 × (15 - 11)
  CHECK(e->closed == q("50"));
  CHECK(h.average_cost() == p("11"));
  e = apply_fill(h, Side::sell, q("150"), p("10"));
  CHECK(e->realised == m("-150"));
  CHECK(h.quantity.is_zero());
  CHECK(h.cost.is_zero());
  CHECK(h.realised == m("50"));
  CHECK(h.average_cost().is_zero());
}

TEST_CASE("a short position earns when the price falls") {
  Holding h;
  REQUIRE(apply_fill(h, Side::sell, q("10"), p("100")));
  CHECK(h.cost == m("-1000"));
  CHECK(h.average_cost() == p("100"));
  const auto e = apply_fill(h, Side::buy, q("4"), p("90"));
  CHECK(e->realised == m("40"));
  CHECK(h.cost == m("-600"));
  CHECK(value_of(h.quantity, p("90")) == m("-540"));
}

TEST_CASE("a fill through zero closes at the old cost and opens at its own price") {
  Holding h;
  REQUIRE(apply_fill(h, Side::buy, q("10"), p("100")));
  const auto e = apply_fill(h, Side::sell, q("25"), p("110"));
  CHECK(e->realised == m("100"));
  CHECK(e->closed == q("10"));
  CHECK(e->opened == q("15"));
  CHECK(h.quantity == q("-15"));
  CHECK(h.average_cost() == p("110"));
  CHECK(h.cost == m("-1650"));
}

TEST_CASE("what does not fit or makes no sense changes nothing") {
  Holding h;
  REQUIRE(apply_fill(h, Side::buy, q("10"), p("100")));
  const Holding before = h;
  CHECK_FALSE(apply_fill(h, Side::none, q("1"), p("1")));
  CHECK_FALSE(apply_fill(h, Side::buy, q("0"), p("1")));
  CHECK_FALSE(apply_fill(h, Side::buy, q("-1"), p("1")));
  CHECK_FALSE(apply_fill(h, Side::buy, q("1"), p("-1")));
  CHECK_FALSE(apply_fill(h, Side::buy, q("90000000000"), p("2")));
  CHECK_FALSE(apply_fill(h, Side::buy, q("92233720368"), p("1")));
  CHECK_FALSE(apply_split(h, q("0")));
  CHECK_FALSE(apply_split(h, q("90000000000")));
  CHECK(h == before);
  CHECK(value_of(q("90000000000"), p("90000000000")).raw() == INT64_MAX);
  CHECK(value_of(q("-90000000000"), p("90000000000")).raw() == -INT64_MAX);
  CHECK(saturating_add(Money::from_raw(INT64_MAX), m("1")).raw() == INT64_MAX);
  CHECK(saturating_sub(Money::from_raw(-INT64_MAX), m("1")).raw() == -INT64_MAX);
}

TEST_CASE("a split keeps cost and value, a dividend pays by quantity") {
  Holding h;
  REQUIRE(apply_fill(h, Side::buy, q("15"), p("400")));
  REQUIRE(apply_split(h, q("4")));
  CHECK(h.quantity == q("60"));
  CHECK(h.average_cost() == p("100"));
  CHECK(*dividend_of(h, m("0.25")) == m("15"));
  REQUIRE(apply_split(h, q("0.1")));
  CHECK(h.quantity == q("6"));
  Holding s;
  REQUIRE(apply_fill(s, Side::sell, q("10"), p("50")));
  CHECK(*dividend_of(s, m("0.5")) == m("-5"));
}

TEST_CASE("buying power: cash account, leverage and short margin, worked by hand") {
  // Cash account: 10,000 paid in, 4,000 of stock at cost, now worth 5,000. Free: the 6,000 of cash.
  const MarginRules cash_account;
  const Money equity = m("11000");
  const Money used = margin_of(q("100"), p("50"), cash_account);
  CHECK(buying_power(equity, used, {}) == m("6000"));
  CHECK(buying_power(equity, used, m("1500")) == m("4500"));
  // Leverage 2: margin 2,500, so 8,500 of margin is free.
  const MarginRules twofold{.long_bps = 5'000, .short_bps = 5'000};
  CHECK(buying_power(equity, margin_of(q("100"), p("50"), twofold), {}) == m("8500"));
  // 10,000 cash, 100 sold short at 50: cash 15,000, equity 10,000, margin 2,500.
  CHECK(margin_of(q("-100"), p("50"), cash_account) == m("2500"));
  CHECK(buying_power(m("10000"), m("2500"), {}) == m("7500"));
}

TEST_CASE("an order's parts") {
  CHECK(parts_of(q("10"), q("-4")).closes == q("4"));
  CHECK(parts_of(q("10"), q("-14")).opens == q("4"));
  CHECK(parts_of(q("-10"), q("4")).opens.is_zero());
  CHECK(parts_of(q("0"), q("-4")).opens == q("4"));
  CHECK(parts_of(q("3"), q("4")).closes.is_zero());
}
