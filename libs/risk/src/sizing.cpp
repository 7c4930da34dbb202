#include "bellwether/risk/sizing.hpp"

#include <algorithm>

namespace bw::risk {

namespace {

constexpr double kMostFraction = 100.0;  // of equity; the position limit cuts far below it

// Fraction of equity that the strategy asks for; negative where its numbers make no sense.
double wanted_fraction(const Sizing& s) noexcept {
  double f = -1;
  if (s.method == SizingMethod::fixed_fraction) f = s.fraction;
  if (s.method == SizingMethod::volatility_target && s.volatility > 0) {
    f = s.target_volatility / s.volatility;
  }
  if (!(f > 0)) return -1;  // NaN too
  return std::min(f, kMostFraction);
}

// Largest quantity whose value at `price` is not above `budget`.
Quantity affordable(Money budget, Price price, Quantity lot) noexcept {
  const auto raw = mul_div(budget.raw(), kDecimalOne, price.raw());
  if (!raw) return {};
  Quantity q = round_down_to(Quantity::from_raw(*raw), lot);
  // The division rounds to the nearest: step down where that was up.
  if (account::value_of(q, price) > budget) {
    q -= lot.is_positive() ? lot : Quantity::from_raw(1);
  }
  return q.is_positive() ? q : Quantity{};
}

}  // namespace

Sized size_position(const SizingInput& in) noexcept {
  if (!in.price.is_positive()) return {{}, {OrderReason::no_price, {}, {}}};
  const double fraction = wanted_fraction(in.sizing);
  if (fraction < 0) return {{}, {OrderReason::bad_request, {}, {}}};
  const Money equity = in.equity.is_positive() ? in.equity : Money{};
  const auto raw = static_cast<std::int64_t>(fraction * static_cast<double>(kDecimalOne));
  const Money wish = Money::from_raw(
      mul_div(equity.raw(), raw, kDecimalOne).value_or(INT64_MAX));
  const Money budget = std::min(wish, account::share_of(equity, in.max_position_bps));
  const Quantity quantity = affordable(budget, in.price, in.lot);
  if (quantity.is_positive()) return {quantity, {}};
  const Quantity lot = in.lot.is_positive() ? in.lot : Quantity::from_raw(1);
  return {{}, {OrderReason::size_zero, account::value_of(lot, in.price), budget}};
}

}  // namespace bw::risk
