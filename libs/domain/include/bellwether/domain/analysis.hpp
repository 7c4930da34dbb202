#pragma once
// What analytics, inference and confluence say.
#include <array>

#include "bellwether/domain/market.hpp"

namespace bw {

inline constexpr std::size_t kMaxFeatures = 24;

/// The indicators of one instrument and timeframe at a bar's close. Slot i is named by the feature
/// table that `feature_set` is the hash of. A slot without its bit in `valid` is not warmed up, and
/// zero. Of vectors that close at the same time the longest timeframe is published first, so that
/// whoever decides at the shortest one's close has them all.
struct Feature {
  InstrumentId instrument;
  Timeframe timeframe = Timeframe::none;
  std::uint8_t count = 0;    ///< slots used
  bool over_gap = false;     ///< a gap lies inside data_from … bar_close: gapped != 0
  std::uint32_t valid = 0;   ///< bit i: slot i is warmed up
  std::uint32_t gapped = 0;  ///< bit i: a gap lies inside the bars that slot i rests on
  std::uint64_t feature_set = 0;
  TimeNs bar_open = 0;
  TimeNs bar_close = 0;
  TimeNs data_from = 0;  ///< first moment that the slowest warmed-up slot rests on
  TimeNs gap_from = 0;   ///< of the newest gap inside the window; 0 where none
  TimeNs gap_to = 0;
  Price close;
  std::array<double, kMaxFeatures> values{};
  bool operator==(const Feature&) const = default;
};

struct Prediction {
  InstrumentId instrument;
  Timeframe timeframe = Timeframe::none;
  std::uint32_t model = 0;
  std::uint64_t model_version = 0;  ///< first 8 bytes of the model file's sha256
  TimeNs bar_close = 0;
  DurationNs horizon = 0;
  double value = 0;       ///< in the unit that the model's manifest names
  double confidence = 0;  ///< 0 … 1
  bool operator==(const Prediction&) const = default;
};

struct Sentiment {
  InstrumentId instrument;
  TimeNs as_of = 0;
  double score = 0;            ///< -1 … 1
  std::uint32_t mentions = 0;  ///< in the window
  DurationNs window = 0;
  bool operator==(const Sentiment&) const = default;
};

enum class Direction : std::uint8_t { flat, long_, short_ };

enum class SizingMethod : std::uint8_t { none, fixed_fraction, volatility_target };

/// How the broker shall size, as the strategy's document says it.
struct Sizing {
  SizingMethod method = SizingMethod::none;
  double fraction = 0;  ///< fixed_fraction: of equity, 0 … 1
  double target_volatility =
      0;  ///< volatility_target: of the position, a year, of equity (0.10 = 10 %)
  double volatility =
      0;  ///< the instrument's, a year, as measured by the strategy; 0 where unknown
  bool operator==(const Sizing&) const = default;
};

inline constexpr std::size_t kMaxComponents = 12;

/// One component of a signal's score: contribution = weight × normalised / sum of weights.
struct Contribution {
  std::uint16_t component = 0;  ///< index in the strategy document
  Timeframe timeframe = Timeframe::none;
  bool valid = false;     ///< false: its source was not ready; contribution 0
  double raw = 0;         ///< the source's own value
  double normalised = 0;  ///< -1 … 1
  double contribution = 0;
  bool operator==(const Contribution&) const = default;
};

/// An explained suggestion to be long, short or flat.
struct Signal {
  SignalId id;
  StrategyId strategy;
  InstrumentId instrument;
  Timeframe timeframe = Timeframe::none;
  Direction direction = Direction::flat;
  std::uint64_t strategy_version = 0;  ///< first 8 bytes of the document's sha256
  double score = 0;                    ///< -1 … 1
  double confidence = 0;               ///< 0 … 1
  Price reference_price;               ///< the close that the signal was formed at
  Price stop_loss;                     ///< zero: none
  Price take_profit;                   ///< zero: none
  TimeNs data_from = 0;                ///< the stretch of source time that the signal rests on
  TimeNs data_to = 0;
  Sizing sizing;
  FixedVector<Contribution, kMaxComponents> contributions;
  bool operator==(const Signal&) const = default;
};

enum class HoldBackReason : std::uint8_t {
  none,
  gap,
  warming_up,
  cool_down,
  confirming,
  stale_input
};

/// A signal that would have been given and was not, and why.
struct HoldBack {
  StrategyId strategy;
  InstrumentId instrument;
  Timeframe timeframe = Timeframe::none;
  HoldBackReason reason = HoldBackReason::none;
  Direction direction = Direction::flat;
  std::uint64_t strategy_version = 0;
  double score = 0;
  TimeNs from = 0;  ///< of the gap, or of what is waited for
  TimeNs to = 0;
  bool operator==(const HoldBack&) const = default;
};

}  // namespace bw
