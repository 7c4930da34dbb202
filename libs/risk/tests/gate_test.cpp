#include "bellwether/risk/gate.hpp"

#include <catch2/catch.hpp>

#include "bellwether/base/rng.hpp"

using namespace bw;
using namespace bw::risk;

namespace {

Quantity q(const char* s) { return *Quantity::parse(s); }
Price p(const char* s) { return *Price::parse(s); }
Money m(const char* s) { return *Money::parse(s); }

}  // namespace

TEST_CASE("each check refuses with the numbers that it compared, and passes at the limit") {
  CHECK(check_buying_power(m("100"), m("100")).ok());
  CHECK(check_buying_power(m("100.01"), m("100")) ==
        Verdict{OrderReason::buying_power, m("100"), m("100.01")});
  CHECK(check_position(q("100"), p("100"), m("100000"), 1'000).ok());
  CHECK(check_position(q("101"), p("100"), m("100000"), 1'000) ==
        Verdict{OrderReason::position_limit, m("10000"), m("10100")});
  CHECK(check_position(q("-101"), p("100"), m("100000"), 1'000) ==
        Verdict{OrderReason::position_limit, m("10000"), m("10100")});
  CHECK(check_position(q("1"), p("1"), m("-5"), 1'000).limit.is_zero());
  CHECK(check_position({}, p("1"), m("-5"), 1'000).ok());
  CHECK(check_daily_loss(m("100000"), m("95000.01"), 500).ok());
  CHECK(check_daily_loss(m("100000"), m("95000"), 500) ==
        Verdict{OrderReason::daily_loss_limit, m("5000"), m("5000")});
  CHECK(check_daily_loss(m("100000"), m("120000"), 0).ok());
  CHECK(check_open_orders(5, 5).ok());
  CHECK(check_open_orders(6, 5) == Verdict{OrderReason::open_order_limit, m("5"), m("6")});
}

TEST_CASE("absurd amounts are refused, not fatal") {
  const auto v = check_position(q("90000000000"), p("90000000000"), m("100000"), 1'000);
  CHECK(v.reason == OrderReason::position_limit);
  CHECK(v.actual > v.limit);
}

TEST_CASE("the order rate is a sliding minute") {
  RateWindow w;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(w.check(i * kSecond, 3).ok());
    w.add(i * kSecond);
  }
  const auto v = w.check(59 * kSecond, 3);
  CHECK(v == Verdict{OrderReason::order_rate, m("3"), m("4")});
  CHECK(w.check(60 * kSecond, 3).ok());  // the first one is a whole minute old
  CHECK_FALSE(w.check(60 * kSecond, 2).ok());
  CHECK(w.check(62 * kSecond, 1).ok());
  CHECK_FALSE(w.check(62 * kSecond, 0).ok());
}

TEST_CASE("the window counts like a plain list, also saved and loaded and beyond its capacity") {
  Rng rng(7);
  RateWindow w;
  std::vector<TimeNs> all;
  TimeNs now = 0;
  for (int i = 0; i < 2'000; ++i) {
    now += rng.between(0, 2 * kSecond);
    std::size_t expected = 0;
    for (const TimeNs t : all) expected += t > now - kMinute ? 1U : 0U;
    REQUIRE(w.count(now) == std::min(expected, RateWindow::kCapacity));
    if (rng.chance(0.7)) {
      w.add(now);
      all.push_back(now);
    }
    if (i % 100 == 0) {
      Writer out;
      w.save(out);
      Reader in(out.bytes());
      RateWindow copy;
      REQUIRE(copy.load(in));
      REQUIRE(copy.count(now) == w.count(now));
      w = copy;
    }
  }
}
