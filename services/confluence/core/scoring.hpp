#pragma once
// Scoring: the arithmetic of a strategy, without time or state. Values in, one score out.
#include <array>
#include <span>
#include <vector>

#include "bellwether/indicators/feature_table.hpp"
#include "confluence/core/strategy.hpp"

namespace bw::confluence {

/// `x` on [-1, 1] by `n`; never -0, so that equal values are equal bytes.
[[nodiscard]] double normalise(const Normaliser& n, double x) noexcept;

/// A component's value as the combination sees it. Not valid: counts as 0 with its full weight.
struct Vote {
  double weight = 0;
  double value = 0;  ///< normalised
  bool valid = false;
};

struct Score {
  double score = 0;      ///< -1 … 1, by the strategy's combination
  double agreement = 0;  ///< |sum(w v)| / sum(w |v|): 1 where all pull one way, 0 where they cancel
  double share = 0;      ///< weight of the valid components, of all
};

/// The votes combined as `Combination` says, over all weights, valid or not.
[[nodiscard]] Score combine(Combination combination, std::span<const Vote> votes) noexcept;

/// 0 … 1. Of an entry: agreement × share of valid weight. Of leaving `from` for flat: share × (1 -
/// what still speaks for `from`), that is 1 once nothing does.
[[nodiscard]] double confidence_of(const Score& s, Direction to, Direction from) noexcept;

/// A year's volatility from a mean range (Parkinson 1980, see SizingRule); 0 where it cannot be
/// told.
[[nodiscard]] double annual_volatility(double mean_range, double close, double periods) noexcept;

/// The price at `stop` from `reference`, on the side where it lies (`above`), to the nearest tick
/// (0: no grid). Zero, that is none, where the stop is none, the ATR is no number, or the price
/// would not be positive.
[[nodiscard]] Price stop_price(const Stop& stop, Price reference, double atr, bool above,
                               Price tick) noexcept;

/// One number of a feature vector, resolved: a slot of the table, or the close.
struct Operand {
  static constexpr std::uint8_t kNone = 255;
  static constexpr std::uint8_t kClose = 254;
  std::uint8_t slot = kNone;
  [[nodiscard]] bool used() const noexcept { return slot != kNone; }
};

/// What a value rests on.
struct Footing {
  std::uint32_t slots = 0;  ///< bit i: slot i of the vector
  int bars = 1;             ///< bars of its timeframe, at most kLongestSpan
  bool session = false;     ///< and the session so far (VWAP)
};

/// A component with its names looked up.
struct CompiledComponent {
  Timeframe timeframe = Timeframe::none;
  Operand feature;
  Operand minus;
  Operand divided_by;
  Footing footing;
  Normaliser normaliser;
  double weight = 0;
};

/// A number that sizing or stops rest on.
struct CompiledRef {
  Timeframe timeframe = Timeframe::none;
  Operand operand;
  Footing footing;
};

struct CompiledStrategy {
  const Strategy* document = nullptr;
  std::vector<CompiledComponent> components;
  double weights = 0;  ///< of all components
  CompiledRef volatility;
  CompiledRef atr;
};

/// Looks names up and checks what the machine relies on; errors name strategy and field. `strategy`
/// outlives it.
[[nodiscard]] Result<CompiledStrategy> compile(const Strategy& strategy);

}  // namespace bw::confluence
