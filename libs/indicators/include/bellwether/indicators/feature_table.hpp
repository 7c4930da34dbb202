#pragma once
// The feature vector's slots: their names, parameters and units. One table, read by analytics
// (which fills it), by strategies (which name slots) and by whoever shows features. A slot keeps
// its number and meaning: a change of one is a change of feature_set_hash(), and states and models
// of the old set are refused by it.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bellwether/base/hash.hpp"

namespace bw::indicators {

enum class FeatureUnit : std::uint8_t {
  price,    ///< of the instrument, in its currency; a split divides it
  percent,  ///< 0 … 100
  ratio,    ///< no unit
};

struct FeatureSlot {
  std::string_view name;  ///< as documents, models and people write it
  FeatureUnit unit;
  /// Bars of its timeframe until it is valid.
  int warm_up;
  /// Bars that it rests on: the window where it has one; for averages that never quite forget, the
  /// bars after which an older value weighs less than 0.1 % ((1 − k)^bars < 0.001). 0: the session
  /// so far.
  int span;
  std::string_view meaning;
};

enum class FeatureId : std::uint8_t {
  sma_20,
  sma_50,
  sma_200,
  ema_12,
  ema_26,
  ema_50,
  rsi_14,
  macd,
  macd_signal,
  macd_histogram,
  bollinger_upper,
  bollinger_middle,
  bollinger_lower,
  bollinger_percent_b,
  bollinger_bandwidth,
  atr_14,
  vwap,
};

inline constexpr std::array<FeatureSlot, 17> kFeatureTable{{
    {"sma_20", FeatureUnit::price, 20, 20, "simple moving average of 20 closes"},
    {"sma_50", FeatureUnit::price, 50, 50, "simple moving average of 50 closes"},
    {"sma_200", FeatureUnit::price, 200, 200, "simple moving average of 200 closes"},
    {"ema_12", FeatureUnit::price, 12, 42, "exponential moving average, n = 12"},
    {"ema_26", FeatureUnit::price, 26, 90, "exponential moving average, n = 26"},
    {"ema_50", FeatureUnit::price, 50, 173, "exponential moving average, n = 50"},
    {"rsi_14", FeatureUnit::percent, 15, 95, "Wilder's relative strength index, n = 14"},
    {"macd", FeatureUnit::price, 34, 121, "EMA 12 − EMA 26 of closes"},
    {"macd_signal", FeatureUnit::price, 34, 121, "EMA 9 of macd"},
    {"macd_histogram", FeatureUnit::price, 34, 121, "macd − macd_signal"},
    {"bollinger_upper", FeatureUnit::price, 20, 20, "mean of 20 closes + 2 deviations"},
    {"bollinger_middle", FeatureUnit::price, 20, 20, "mean of 20 closes"},
    {"bollinger_lower", FeatureUnit::price, 20, 20, "mean of 20 closes − 2 deviations"},
    {"bollinger_percent_b", FeatureUnit::ratio, 20, 20, "(close − lower) / (upper − lower)"},
    {"bollinger_bandwidth", FeatureUnit::ratio, 20, 20, "(upper − lower) / middle"},
    {"atr_14", FeatureUnit::price, 15, 95, "Wilder's average true range, n = 14"},
    {"vwap", FeatureUnit::price, 1, 0, "volume-weighted average price of the session so far"},
}};
inline constexpr std::size_t kFeatureCount = kFeatureTable.size();

/// The longest span of the table, in bars.
inline constexpr int kLongestSpan = [] {
  int longest = 0;
  for (const FeatureSlot& s : kFeatureTable) longest = s.span > longest ? s.span : longest;
  return longest;
}();

[[nodiscard]] constexpr std::size_t slot_of(FeatureId id) noexcept {
  return static_cast<std::size_t>(id);
}

/// The slot of that name; nothing where there is none.
[[nodiscard]] constexpr std::optional<std::size_t> find_feature(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (kFeatureTable[i].name == name) return i;
  }
  return std::nullopt;
}

/// Identifies the table: Feature::feature_set.
[[nodiscard]] constexpr std::uint64_t feature_set_hash() noexcept {
  std::uint64_t h = fnv1a("bellwether features");
  for (const FeatureSlot& s : kFeatureTable) {
    h = fnv1a(s.name, h);
    h = mix64(h ^ (static_cast<std::uint64_t>(s.unit) << 48) ^
              (static_cast<std::uint64_t>(s.warm_up) << 24) ^ static_cast<std::uint64_t>(s.span));
    h = fnv1a(s.meaning, h);
  }
  return h;
}

}  // namespace bw::indicators
