#pragma once
// Machine kinds: a kind is a topic, and its rank is its place in the one total order
// (event_time, rank of kind, unit, unit_seq).
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bellwether/base/hash.hpp"
#include "bellwether/base/ids.hpp"

namespace bw {

/// In order of rank: a machine may read any kind above it in this list, never one below.
enum class Kind : std::uint8_t {
  source = 0,  ///< what comes from outside, in history (a file, a simulator); no topic of its own
  market_ticks = 1,
  market_bars = 2,
  news_articles = 3,
  analytics_features = 4,
  inference_predictions = 5,
  confluence_signals = 6,
  confluence_spanning = 7,
  broker_orders = 8,
  portfolio_books = 9,
  alert_events = 10,
};
inline constexpr std::size_t kKindCount = 11;

/// The topic's name without its version: "market.bars".
[[nodiscard]] std::string_view kind_name(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> kind_from_name(std::string_view name) noexcept;

/// The unit of a machine: an InstrumentId, StrategyId, AccountId or UserId by the kind's contract.
using Unit = std::uint32_t;
inline constexpr Unit kUnitLimit = 1U << 22;  ///< units are 1 … kUnitLimit-1

/// A strategy's id from its name: stable across machines and versions of its document. Two names
/// may share one: whoever loads strategies refuses that.
[[nodiscard]] constexpr StrategyId strategy_id(std::string_view name) noexcept {
  return StrategyId(static_cast<std::uint32_t>(fnv1a(name) % (kUnitLimit - 1)) + 1);
}

/// An id from identity: rank 6 bits, unit 22 bits, unit_seq 36 bits. The same in every replay.
[[nodiscard]] constexpr std::uint64_t derive_id(Kind kind, Unit unit, std::uint64_t seq) noexcept {
  return (static_cast<std::uint64_t>(kind) << 58) | (static_cast<std::uint64_t>(unit) << 36) |
         (seq & ((1ULL << 36) - 1));
}
[[nodiscard]] constexpr Unit unit_of_id(std::uint64_t id) noexcept {
  return static_cast<Unit>(id >> 36) & (kUnitLimit - 1);
}
[[nodiscard]] constexpr std::uint64_t seq_of_id(std::uint64_t id) noexcept {
  return id & ((1ULL << 36) - 1);
}

}  // namespace bw
