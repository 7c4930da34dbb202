#pragma once
// Strategy: what a strategy document says, checked and ready for the machine. Plain values; read
// from JSON or YAML by confluence/shell/strategy_loader.hpp, which guarantees every range named
// here. A strategy never changes: a changed document is another version.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/base/hash.hpp"
#include "bellwether/base/ids.hpp"
#include "bellwether/domain/analysis.hpp"
#include "bellwether/domain/kind.hpp"

namespace bw::confluence {

inline constexpr std::size_t kMaxUniverse = 256;
inline constexpr std::uint32_t kMaxBars = 10'000;  ///< of confirmation and cool-down

/// A number that analytics publishes at each bar's close: a name of the feature table, or "close".
struct FeatureRef {
  std::string feature;  ///< never empty where it is used
  Timeframe timeframe = Timeframe::none;
  bool operator==(const FeatureRef&) const = default;
};

enum class NormaliserKind : std::uint8_t {
  linear,  ///< low gives -1, high gives +1, straight between, clamped outside
  tanh,    ///< tanh((x - centre) / scale): a z-score where scale is a standard deviation
  sign,    ///< -1, 0 or +1; 0 where |x| <= dead_band
  bands,   ///< x <= low gives -1, x >= high gives +1, 0 between
};

/// Maps a number to [-1, 1]; `inverted` changes the result's sign.
struct Normaliser {
  NormaliserKind kind = NormaliserKind::sign;
  double low = 0;  ///< linear, bands: low < high
  double high = 0;
  double centre = 0;     ///< tanh
  double scale = 1;      ///< tanh: > 0
  double dead_band = 0;  ///< sign: >= 0, in the unit of x
  bool inverted = false;
  bool operator==(const Normaliser&) const = default;
};

/// x = (feature - minus) / divided_by, each part taken from the same timeframe's newest closed bar;
/// normalised to
/// [-1, 1]; > 0 speaks for long. Not valid while a part is not warmed up or where divided_by is
/// zero.
struct Component {
  std::string name;                       ///< unique in the strategy
  Timeframe timeframe = Timeframe::none;  ///< not shorter than the strategy's
  std::string feature;
  std::string minus;       ///< a feature name; empty: nothing is subtracted
  std::string divided_by;  ///< a feature name; empty: nothing is divided by
  Normaliser normaliser;
  double weight = 1;  ///< > 0, at most 1000
  bool operator==(const Component&) const = default;
};

/// Score of a bar, from the components' normalised values v_i and weights w_i. M is sum(w_i v_i) /
/// sum(w_i).
enum class Combination : std::uint8_t {
  weighted_mean,  ///< M
  all_agree,      ///< M where all v_i have the same sign and none is 0; otherwise 0
  majority,  ///< M where more than half of the components (by number) have M's sign; otherwise 0
};

enum class Allowed : std::uint8_t { both, long_only, short_only };

/// `volatility` below is a mean range (an ATR) in price units; a year's volatility as a share of
/// the price is sqrt(pi / 8) × volatility / close × sqrt(periods_per_year) (Parkinson 1980: the
/// mean range of a driftless Brownian motion is sqrt(8 / pi) standard deviations).
struct SizingRule {
  SizingMethod method = SizingMethod::fixed_fraction;  ///< never none
  double fraction = 0;  ///< of equity, in (0, 1]; the upper limit where method is volatility_target
  double target_volatility = 0;  ///< volatility_target: a year, in (0, 2]
  FeatureRef volatility;         ///< volatility_target
  double periods_per_year = 0;   ///< bars of volatility.timeframe in a year, > 0
  bool operator==(const SizingRule&) const = default;
};

enum class StopKind : std::uint8_t { none, percent, atr };

/// A distance from the reference price: amount per cent of it, or amount times the ATR.
struct Stop {
  StopKind kind = StopKind::none;
  double amount = 0;  ///< > 0; percent: < 100 for stops below the price
  bool operator==(const Stop&) const = default;
};

struct Stops {
  Stop stop_loss;
  Stop take_profit;
  FeatureRef atr;  ///< set where one of the two is StopKind::atr
  bool operator==(const Stops&) const = default;
};

struct Strategy {
  StrategyId id;  ///< strategy_id(name)
  std::string name;
  std::uint32_t version = 1;       ///< the author's count
  std::string sha256;              ///< of the document's bytes, 64 hexadecimal digits
  std::uint64_t content_hash = 0;  ///< its first 8 bytes, big endian: Signal::strategy_version
  std::string description;

  bool all_instruments = false;           ///< universe: '*'
  std::vector<InstrumentId> instruments;  ///< ascending; empty where all_instruments
  Timeframe timeframe = Timeframe::none;  ///< the strategy decides at the close of these bars

  std::vector<Component> components;  ///< 1 … kMaxComponents, in the document's order
  Combination combination = Combination::weighted_mean;

  /// Enter long at score >= enter, short at score <= -enter. Leave a long below exit, a short above
  /// -exit.
  double enter = 0;  ///< in (0, 1]
  double exit = 0;   ///< in [0, enter]
  std::uint32_t confirmation_bars =
      1;                             ///< closes in a row beyond enter before a signal; 1: at once
  std::uint32_t cool_down_bars = 0;  ///< closes after leaving a position without a new entry
  Allowed allowed = Allowed::both;

  SizingRule sizing;
  Stops stops;
  bool operator==(const Strategy&) const = default;
};

/// The loader refuses two names that share an id.
using bw::strategy_id;

}  // namespace bw::confluence
