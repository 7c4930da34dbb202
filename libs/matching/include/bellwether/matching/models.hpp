#pragma once
// Fee, slippage and volume models: plain configuration values and the functions that apply them.
#include "bellwether/domain/trading.hpp"

namespace bw::matching {

inline constexpr std::int64_t kMillion = 1'000'000;
/// "As much as one likes": quantities stay far below it.
inline constexpr Quantity kUnlimited = Quantity::from_raw(INT64_MAX);
/// Nothing fills above it: leaves room to add slippage.
inline constexpr Price kMaxPrice = Price::from_raw(INT64_MAX / 4);

struct FeeModel {
  Money per_unit;        ///< for one share, coin or contract
  std::int64_t ppm = 0;  ///< of the notional, parts per million (1 basis point = 100)
  Money minimum;         ///< an order, once anything of it filled
};

/// The fee of an order that filled `filled` for `notional` in all; saturates.
[[nodiscard]] Money total_fee(const FeeModel& model, Quantity filled, Money notional) noexcept;

enum class SlippageKind : std::uint8_t { none, half_spread, proportional, volume_share_sqrt };

struct SlippageModel {
  SlippageKind kind = SlippageKind::none;
  /// Parts per million of the price: the assumed half spread, the proportion, or the cost of taking
  /// the whole volume (volume_share_sqrt scales it by the square root of the share taken).
  std::int64_t ppm = 0;
};

/// Shares of what the data shows that one book may take in a step, in basis points; 0: no limit.
struct VolumeLimits {
  std::int64_t bar_bps = 1'000;
  std::int64_t trade_bps = 1'000;
  std::int64_t quote_bps = 10'000;
};

struct VenueRules {
  FeeModel fees;
  SlippageModel slippage;
  VolumeLimits volume;
};

/// `price` moved against `side` by the model for taking `quantity` of `volume`, then to the next
/// tick against it. At least one raw unit; nothing is added where the model costs nothing and the
/// price is on a tick. Never better than `price`; saturates. `spread_paid`: the price is the far
/// side of a quote.
[[nodiscard]] Price slipped(const SlippageModel& model, Side side, Price price, Quantity quantity,
                            Quantity volume, Price tick, bool spread_paid) noexcept;

/// `bps` of `volume`; kUnlimited where bps is 0.
[[nodiscard]] Quantity share_of_volume(Quantity volume, std::int64_t bps) noexcept;

}  // namespace bw::matching
