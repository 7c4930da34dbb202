#include <catch2/catch.hpp>

#include "bellwether/account/account.hpp"
#include "bellwether/base/rng.hpp"

using namespace bw;
using namespace bw::account;

namespace {

// An independent count: unrounded cash in 128 bits, without cost or averages.
struct Tally {
  __int128 cash = 0;      // 1e-16 units: price × quantity, unrounded
  std::int64_t quantity = 0;
  void fill(Side side, Quantity n, Price price) {
    const __int128 amount = static_cast<__int128>(n.raw()) * price.raw();
    cash += side == Side::buy ? -amount : amount;
    quantity += side == Side::buy ? n.raw() : -n.raw();
  }
};

}  // namespace

TEST_CASE("cash, cost and realised profit balance for any sequence of fills") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    Holding h;
    Tally tally;
    Money cash = Money::from_int(100'000);
    Money realised;
    const std::int64_t step =
        seed % 2 == 0 ? kDecimalOne : 1 + static_cast<std::int64_t>(rng.below(99'999));
    int flips = 0;
    for (int i = 0; i < 300; ++i) {
      const Side side = rng.chance(0.5) ? Side::buy : Side::sell;
      // Now and then exactly what is held, so that zero is met as well as crossed.
      const bool close = rng.chance(0.1) && !h.quantity.is_zero();
      const Quantity n = close ? h.quantity.abs() : Quantity::from_raw(step * rng.between(1, 500));
      const Price price = Price::from_raw(rng.between(1, 500 * kDecimalOne));
      const Holding before = h;
      const auto e = apply_fill(h, side, n, price);
      REQUIRE(e);
      tally.fill(side, n, price);
      cash += side == Side::buy ? -e->notional : e->notional;
      realised += e->realised;
      if (e->closed.is_positive() && e->opened.is_positive()) ++flips;
      REQUIRE(e->closed + e->opened == n);
      REQUIRE(cash + h.cost - h.realised == Money::from_int(100'000));  // exact
      REQUIRE(h.realised == realised);
      REQUIRE(h.quantity.raw() == tally.quantity);
      const bool same_sign = h.cost.is_negative() == h.quantity.is_negative();
      REQUIRE((h.cost.is_zero() || (same_sign && !h.quantity.is_zero())));
      // Opening more never realises; closing never moves the average by more than a rounding.
      if (e->closed.is_zero()) REQUIRE(e->realised.is_zero());
      if (e->opened.is_zero() && !h.quantity.is_zero() && h.quantity.abs().raw() >= kDecimalOne) {
        REQUIRE(std::abs(h.average_cost().raw() - before.average_cost().raw()) <= 2);
      }
    }
    // Against the unrounded tally: half a unit of 1e-8 a fill at most.
    const auto exact = static_cast<std::int64_t>(tally.cash / kDecimalOne);
    REQUIRE(std::abs(cash.raw() - 100'000 * kDecimalOne - exact) <= 300);
    REQUIRE(flips > 0);
  }
}
