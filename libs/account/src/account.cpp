#include "bellwether/account/account.hpp"

#include <algorithm>

namespace bw::account {

namespace {

std::optional<Money> add(Money a, Money b) noexcept { return a.checked_add(b); }

std::optional<Money> sub(Money a, Money b) noexcept {
  std::int64_t r = 0;
  if (__builtin_sub_overflow(a.raw(), b.raw(), &r)) return std::nullopt;
  return Money::from_raw(r);
}

Money saturated(bool negative) noexcept {
  return Money::from_raw(negative ? -INT64_MAX : INT64_MAX);
}

}  // namespace

Money saturating_add(Money a, Money b) noexcept {
  const auto r = add(a, b);
  return r ? *r : saturated(a.is_negative());
}

Money value_of(Quantity quantity, Price price) noexcept {
  const auto r = checked_notional(price, quantity);
  return r ? *r : saturated(quantity.is_negative() != price.is_negative());
}

Money share_of(Money amount, std::int64_t bps) noexcept {
  const auto r = mul_div(amount.raw(), bps, kBasisPoints);
  return r ? Money::from_raw(*r) : saturated(amount.is_negative() != (bps < 0));
}

Price Holding::average_cost() const noexcept {
  if (quantity.is_zero()) return {};
  const auto r = mul_div(cost.raw(), kDecimalOne, quantity.raw());
  return Price::from_raw(r.value_or(0));
}

Parts parts_of(Quantity held, Quantity signed_order) noexcept {
  const Quantity size = signed_order.abs();
  if (held.is_zero() || held.is_negative() == signed_order.is_negative()) return {{}, size};
  const Quantity closes = std::min(held.abs(), size);
  return {closes, size - closes};
}

std::optional<FillEffect> apply_fill(Holding& holding, Side side, Quantity quantity,
                                     Price price) noexcept {
  if (side == Side::none || !quantity.is_positive() || price.is_negative()) return std::nullopt;
  const Quantity change = signed_quantity(side, quantity);
  const auto after = holding.quantity.checked_add(change);
  const auto amount = checked_notional(price, quantity);
  if (!after || !amount) return std::nullopt;

  FillEffect effect{.notional = *amount, .realised = {}, .closed = {}, .opened = {}};
  const Parts parts = parts_of(holding.quantity, change);
  effect.closed = parts.closes;
  effect.opened = parts.opens;

  // The closing part's share of the notional and of the cost; what is left over belongs to the
  // opening part, so that the two always add up to what cash changed by.
  Money closing_amount;
  Money released;
  if (parts.closes.is_positive()) {
    const auto c = parts.opens.is_zero() ? amount : checked_notional(price, parts.closes);
    const auto whole = holding.quantity.abs();
    const auto cost = parts.closes == whole
                          ? std::optional(holding.cost.raw())
                          : mul_div(holding.cost.raw(), parts.closes.raw(), whole.raw());
    if (!c || !cost) return std::nullopt;
    closing_amount = *c;
    released = Money::from_raw(*cost);
    const Money proceeds = side == Side::sell ? closing_amount : -closing_amount;
    const auto realised = sub(proceeds, released);
    if (!realised) return std::nullopt;
    effect.realised = *realised;
  }
  const Money opening_amount = *amount - closing_amount;
  const Money added = side == Side::buy ? opening_amount : -opening_amount;
  const auto left = sub(holding.cost, released);
  const auto cost = left ? add(*left, added) : std::nullopt;
  const auto realised = add(holding.realised, effect.realised);
  if (!cost || !realised) return std::nullopt;
  holding.quantity = *after;
  holding.cost = *cost;
  holding.realised = *realised;
  return effect;
}

bool apply_split(Holding& holding, Quantity ratio) noexcept {
  if (!ratio.is_positive()) return false;
  const auto q = mul_div(holding.quantity.raw(), ratio.raw(), kDecimalOne);
  if (!q || (*q == 0 && !holding.quantity.is_zero())) return false;
  holding.quantity = Quantity::from_raw(*q);
  return true;
}

std::optional<Money> dividend_of(const Holding& holding, Money per_unit) noexcept {
  const auto r = mul_div(holding.quantity.raw(), per_unit.raw(), kDecimalOne);
  if (!r) return std::nullopt;
  return Money::from_raw(*r);
}

Money margin_of(Quantity quantity, Price price, const MarginRules& rules) noexcept {
  const Money value = value_of(quantity, price);
  if (!quantity.is_negative()) return share_of(value, rules.long_bps);
  return share_of(saturating_sub({}, value), rules.short_bps);
}

}  // namespace bw::account
