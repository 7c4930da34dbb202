#pragma once
// The life of an order as a table: which state may follow which.
#include "bellwether/domain/trading.hpp"

namespace bw::broker {

/// A state may follow itself where an order is amended (split) or fills further.
[[nodiscard]] bool may_follow(OrderState from, OrderState to) noexcept;

}  // namespace bw::broker
