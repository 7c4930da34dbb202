#pragma once
// From a strategy's wish to a number of shares.
#include "bellwether/domain/analysis.hpp"
#include "bellwether/risk/gate.hpp"

namespace bw::risk {

struct SizingInput {
  Sizing sizing;
  Money equity;
  Price price;
  Quantity lot;
  std::int64_t max_position_bps = 1'000;  ///< sizing never asks for more; the gate checks again
};

struct Sized {
  Quantity quantity;  ///< not negative, a multiple of the lot
  Verdict verdict;    ///< why it is zero: limit is one lot's cost, actual the money for it
};

/// Fixed fraction: equity × fraction / price. Volatility target (Moskowitz, Ooi, Pedersen 2012, eq.
/// 5 for one instrument): equity × target / volatility / price.
[[nodiscard]] Sized size_position(const SizingInput& in) noexcept;

}  // namespace bw::risk
