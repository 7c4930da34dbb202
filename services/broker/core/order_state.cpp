#include "broker/core/order_state.hpp"

#include <array>
#include <initializer_list>

namespace bw::broker {

namespace {

constexpr std::size_t kStates = 11;
static_assert(static_cast<std::size_t>(OrderState::unknown) == kStates - 1);

constexpr std::uint16_t set_of(std::initializer_list<OrderState> states) {
  std::uint16_t bits = 0;
  for (const OrderState s : states) {
    bits = static_cast<std::uint16_t>(bits | (1U << static_cast<unsigned>(s)));
  }
  return bits;
}

// Row: from. A venue may report a fill before its acceptance, and a fill may overtake a cancel; a
// refused cancel leads back to where the order works. unknown: any answer may come, and a cancel be
// asked for. An order that is open may stay as it is: a split says it again.
constexpr std::array<std::uint16_t, kStates> kTable = [] {
  using enum OrderState;
  std::array<std::uint16_t, kStates> t{};
  const auto row = [&t](OrderState from, std::initializer_list<OrderState> to) {
    t[static_cast<std::size_t>(from)] = set_of(to);
  };
  row(none, {new_});
  row(new_, {new_, accepted, triggered, partially_filled, filled, cancel_pending, cancelled,
             rejected, expired, unknown});
  row(accepted, {accepted, triggered, partially_filled, filled, cancel_pending, cancelled, expired,
                 unknown});
  row(triggered,
      {triggered, partially_filled, filled, cancel_pending, cancelled, expired, unknown});
  row(partially_filled, {partially_filled, filled, cancel_pending, cancelled, expired, unknown});
  row(cancel_pending, {accepted, triggered, partially_filled, filled, cancel_pending, cancelled,
                       expired, unknown});
  row(unknown, {accepted, triggered, partially_filled, filled, cancel_pending, cancelled, rejected,
                expired, unknown});
  return t;  // filled, cancelled, rejected, expired: the end, nothing follows
}();

}  // namespace

bool may_follow(OrderState from, OrderState to) noexcept {
  const auto f = static_cast<std::size_t>(from);
  const auto t = static_cast<std::size_t>(to);
  return f < kStates && t < kStates && (kTable[f] >> t & 1U) != 0;
}

}  // namespace bw::broker
