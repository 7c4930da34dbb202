#include "bellwether/risk/sizing.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "bellwether/base/rng.hpp"

using namespace bw;
using namespace bw::risk;

namespace {

Quantity q(const char* s) { return *Quantity::parse(s); }
Price p(const char* s) { return *Price::parse(s); }
Money m(const char* s) { return *Money::parse(s); }

SizingInput fixed(double fraction) {
  return {{SizingMethod::fixed_fraction, fraction, 0, 0}, m("100000"), p("33"), q("1"), 10'000};
}

}  // namespace

TEST_CASE("fixed fraction, rounded down to the lot") {
  CHECK(size_position(fixed(0.05)).quantity == q("151"));  // 5,000 / 33 = 151.5
  SizingInput in = fixed(0.05);
  in.lot = q("10");
  CHECK(size_position(in).quantity == q("150"));
  in.lot = q("0.001");
  CHECK(size_position(in).quantity == q("151.515"));
}

TEST_CASE("volatility target") {
  SizingInput in = fixed(0);
  in.sizing = {SizingMethod::volatility_target, 0, 0.10, 0.25};
  CHECK(size_position(in).quantity == q("1212"));  // 40,000 / 33
  in.max_position_bps = 1'000;
  CHECK(size_position(in).quantity == q("303"));   // cut to 10,000
  in.sizing.volatility = 0;
  CHECK(size_position(in).verdict.reason == OrderReason::bad_request);
}

TEST_CASE("no size comes with its numbers") {
  SizingInput in = fixed(0.0001);
  const Sized none = size_position(in);
  CHECK(none.quantity.is_zero());
  CHECK(none.verdict == Verdict{OrderReason::size_zero, m("33"), m("10")});
  in = fixed(0.5);
  in.equity = m("-10");
  CHECK(size_position(in).verdict.reason == OrderReason::size_zero);
  in.price = {};
  CHECK(size_position(in).verdict.reason == OrderReason::no_price);
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(size_position(fixed(bad)).verdict.reason == OrderReason::bad_request);
  }
  CHECK(size_position({}).verdict.reason == OrderReason::no_price);
}

TEST_CASE("a size never costs more than its budget, and one lot more would") {
  Rng rng(3);
  for (int i = 0; i < 20'000; ++i) {
    SizingInput in = fixed(rng.uniform() * 0.3);
    in.price = Price::from_raw(rng.between(1, 1'000 * kDecimalOne));
    in.lot = Quantity::from_raw(rng.chance(0.5) ? kDecimalOne : rng.between(1, 1'000));
    in.equity = Money::from_raw(rng.between(0, 10'000'000 * kDecimalOne));
    in.max_position_bps = rng.between(0, 10'000);
    const Sized s = size_position(in);
    const auto share = static_cast<std::int64_t>(in.sizing.fraction * 1e8);
    const Money wish = Money::from_raw(*mul_div(in.equity.raw(), share, kDecimalOne));
    const Money most = std::min(wish, account::share_of(in.equity, in.max_position_bps));
    REQUIRE(account::value_of(s.quantity, in.price) <= most);
    REQUIRE(s.quantity.raw() % in.lot.raw() == 0);
    REQUIRE(s.verdict.ok() == s.quantity.is_positive());
    const Money more = account::value_of(s.quantity + in.lot + in.lot, in.price);
    REQUIRE(more >= most);
  }
}
