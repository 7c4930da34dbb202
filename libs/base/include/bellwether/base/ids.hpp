#pragma once
// Strong integer ids: an OrderId is not an AccountId. Zero means "none".
#include <compare>
#include <cstdint>

namespace bw {

template <class Tag, class Rep>
struct Id {
  using rep = Rep;
  Rep value = 0;
  constexpr Id() = default;
  constexpr explicit Id(Rep v) noexcept : value(v) {}
  [[nodiscard]] constexpr bool is_set() const noexcept { return value != 0; }
  constexpr auto operator<=>(const Id&) const noexcept = default;
};

using InstrumentId = Id<struct InstrumentTag, std::uint32_t>;
using AccountId = Id<struct AccountTag, std::uint32_t>;
using StrategyId = Id<struct StrategyTag, std::uint32_t>;
using UserId = Id<struct UserTag, std::uint32_t>;
/// Derived from identity (kind, unit, unit_seq), so a replay gives the same ids: see
/// domain/identity.hpp.
using OrderId = Id<struct OrderTag, std::uint64_t>;
using FillId = Id<struct FillTag, std::uint64_t>;
using SignalId = Id<struct SignalTag, std::uint64_t>;

}  // namespace bw
