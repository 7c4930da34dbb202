#pragma once
// Positions, cost, realised profit, margin and buying power in exact fixed point. Plain values and
// free functions: no ownership, any thread. README.md states the identities that hold.
#include <optional>

#include "bellwether/base/decimal.hpp"
#include "bellwether/domain/market.hpp"

namespace bw::account {

inline constexpr std::int64_t kBasisPoints = 10'000;  ///< of 1

/// a + b, held at the largest or smallest amount where it does not fit.
[[nodiscard]] Money saturating_add(Money a, Money b) noexcept;
[[nodiscard]] inline Money saturating_sub(Money a, Money b) noexcept {
  const auto minus = b.raw() == INT64_MIN ? INT64_MAX : -b.raw();
  return saturating_add(a, Money::from_raw(minus));
}
/// What `quantity` (signed) is worth at `price`; saturates.
[[nodiscard]] Money value_of(Quantity quantity, Price price) noexcept;
/// amount × bps / 10,000; saturates.
[[nodiscard]] Money share_of(Money amount, std::int64_t bps) noexcept;

/// +quantity for a buy, -quantity for a sale.
[[nodiscard]] constexpr Quantity signed_quantity(Side side, Quantity quantity) {
  return side == Side::sell ? -quantity : quantity;
}

/// One instrument's position in one account.
struct Holding {
  InstrumentId instrument;
  Quantity quantity;  ///< negative: short
  Money cost;         ///< of what is held, fees excluded; negative where short
  Money realised;     ///< since the beginning, fees excluded
  bool operator==(const Holding&) const = default;

  /// Per unit, never negative; zero where nothing is held or where it does not fit.
  [[nodiscard]] Price average_cost() const noexcept;
};

/// What a fill did to a holding. Cash changes by -notional for a buy, +notional for a sale (fees
/// apart).
struct FillEffect {
  Money notional;    ///< price × quantity, rounded once
  Money realised;    ///< by the part that closed
  Quantity closed;   ///< of the old position; not negative
  Quantity opened;   ///< of a new or larger one; not negative
  bool operator==(const FillEffect&) const = default;
};

/// How much of an order for `signed_order` would close and how much open, given what is held.
struct Parts {
  Quantity closes;  ///< not negative
  Quantity opens;   ///< not negative
};
[[nodiscard]] Parts parts_of(Quantity held, Quantity signed_order) noexcept;

/// Books a fill (quantity > 0, price >= 0). Nothing, and the holding unchanged, where the side is
/// none, the quantity not positive, the price negative, or an amount does not fit.
[[nodiscard]] std::optional<FillEffect> apply_fill(Holding& holding, Side side, Quantity quantity,
                                                   Price price) noexcept;

/// quantity × ratio, half to even at 1e-8; cost stays. False, and nothing changed, where ratio <= 0
/// or the result does not fit.
[[nodiscard]] bool apply_split(Holding& holding, Quantity ratio) noexcept;

/// What a dividend of `per_unit` pays (negative: a short position owes it); nothing where it does
/// not fit.
[[nodiscard]] std::optional<Money> dividend_of(const Holding& holding, Money per_unit) noexcept;

/// Equity that positions tie up, in basis points of their value.
struct MarginRules {
  std::int64_t long_bps = kBasisPoints;  ///< 10,000: cash account; 5,000: leverage 2
  std::int64_t short_bps = 5'000;        ///< on top of the proceeds: 150 % in all (Regulation T)
};
/// Margin for `quantity` (signed) at `price`. With a short position the proceeds are not free
/// either: they are part of cash, and equity already has the position's value taken off it.
[[nodiscard]] Money margin_of(Quantity quantity, Price price, const MarginRules& rules) noexcept;

/// What may still be tied up by new positions.
[[nodiscard]] inline Money buying_power(Money equity, Money margin_used, Money reserved) noexcept {
  return saturating_sub(saturating_sub(equity, margin_used), reserved);
}

}  // namespace bw::account
