#pragma once
// The hidden market behind the simulator: what each instrument is worth in each minute, when it
// jumps, halts and makes news. Rows are drawn around it (simulator.hpp).
//
// A day's total return is drawn first, its minutes are then made to add up to it. So the state at a
// day's start follows from the days alone, and skipping a year costs milliseconds. Within the day,
// log returns are
//   r = sigma(day) · shape(time of day) · v(minute) · (b·market + g·sector + d·own),
// v the exponential of an AR(1) process (stochastic volatility: Taylor 1986), each factor a mixture
// of two normals and itself with stochastic volatility, plus jumps (Merton 1976). Days have their
// own AR(1) volatility.
#include <array>
#include <memory>
#include <vector>

#include "bellwether/base/rng.hpp"
#include "bellwether/calendar/calendar.hpp"
#include "ingestion/simulator/instruments.hpp"

namespace bw::ingestion::simulator {

inline constexpr std::size_t kMinutesPerDay = 1'440;
inline constexpr std::size_t kSessionMinutes = 390;  ///< of a full NYSE day

enum class Tone : std::uint8_t { neutral, good, bad };

/// A move within one minute, on top of the diffusion.
struct Jump {
  int minute = 0;
  double log_return = 0;
};
/// No trades and no quotes in minutes [from, to) of the session.
struct Stretch {
  int from = 0;
  int to = 0;
  [[nodiscard]] bool holds(int minute) const noexcept { return minute >= from && minute < to; }
};
struct Headline {
  int minute = 0;
  DurationNs offset = 0;  ///< from the minute's start
  Tone tone = Tone::neutral;
  std::uint8_t variant = 0;
  bool market_wide = false;
};

/// What one instrument does on one day.
struct DayPlan {
  int minutes = 0;         ///< length of the session, 0 where there is none
  std::int64_t first = 0;  ///< its first minute, counted from 1970
  double open_log = 0;     ///< logarithm of the price at the open
  double diffusion = 0;    ///< the day's log return without jumps
  double day_sigma = 0;    ///< its standard deviation
  FixedVector<Jump, 4> jumps;
  FixedVector<Stretch, 4> halts;
  Stretch silence;  ///< dirt: rows that the feed lost
  FixedVector<Headline, 8> headlines;

  [[nodiscard]] bool halted(int minute) const noexcept {
    for (const Stretch& h : halts) {
      if (h.holds(minute)) return true;
    }
    return false;
  }
};

struct ModelOptions {
  std::uint64_t seed = 1;
  double jumps_per_day = 0.15;  ///< mean, for each instrument
  double halts_per_day =
      0.03;  ///< mean, besides those that follow a large jump; NYSE instruments only
  double lost_stretches_per_day = 0;
};

/// Copyable; a copy goes on with the same market. One thread. Allocates in the constructor only.
class MarketModel {
 public:
  MarketModel(const ModelOptions& options, std::shared_ptr<const calendar::Calendar> nyse);

  /// Goes to `day` (UTC); days must be begun one after the other, the first may be any.
  void begin_day(DayNumber day);
  /// The minutes of the day that was begun; log_price and sigma are valid from here to the next
  /// begin_day.
  void build_paths();

  [[nodiscard]] const DayPlan& plan(std::size_t i) const noexcept { return plans_[i]; }
  /// Logarithm of the price at the start of `minute` of the session, 0 … plan(i).minutes.
  [[nodiscard]] double log_price(std::size_t i, int minute) const noexcept {
    return paths_[i * (kMinutesPerDay + 1) + static_cast<std::size_t>(minute)];
  }
  /// Standard deviation of the minute's log return.
  [[nodiscard]] double sigma(std::size_t i, int minute) const noexcept {
    return sigmas_[i * kMinutesPerDay + static_cast<std::size_t>(minute)];
  }
  /// Expected volume of the minute relative to the day's mean.
  [[nodiscard]] double volume_shape(std::size_t i, int minute) const noexcept;
  /// A stream of random numbers of its own for each purpose, minute or day, and instrument.
  [[nodiscard]] Rng stream(std::uint32_t purpose, std::int64_t when, std::size_t i) const noexcept;

 private:
  struct Daily {
    double close_log = 0;  // where the last session ended
    double log_volatility = 0;
    bool traded = false;
  };
  struct DayFactors {
    double market = 0;
    double overnight = 0;
    std::array<double, kSectorCount> sector{};
    double macro = 0;      // market-wide jump, 0 for none
    int macro_minute = 0;  // of the UTC day
    std::uint8_t macro_variant = 0;
  };
  DayFactors draw_factors();
  void plan_instrument(std::size_t i, const DayFactors& f);
  void plan_returns(std::size_t i, const DayFactors& f, Rng& rng);
  void plan_jumps(std::size_t i, const DayFactors& f, Rng& rng);
  void plan_halts(std::size_t i, Rng& rng);
  void build_factor(std::vector<double>& out, std::size_t at, Rng rng);
  void build_path(std::size_t i);
  [[nodiscard]] double volatility_shape(std::size_t i, int minute) const noexcept;

  ModelOptions options_;
  std::shared_ptr<const calendar::Calendar> nyse_;
  DayNumber day_ = 0;
  double market_volatility_ = 0;
  std::array<Daily, kInstrumentCount> daily_{};
  std::array<DayPlan, kInstrumentCount> plans_{};
  std::array<double, kSessionMinutes> session_volatility_{};
  std::array<double, kSessionMinutes> session_volume_{};
  std::vector<double> paths_;    // kInstrumentCount × (kMinutesPerDay + 1)
  std::vector<double> sigmas_;   // kInstrumentCount × kMinutesPerDay
  std::vector<double> factors_;  // (1 + kSectorCount) × kMinutesPerDay; the market's first
};

}  // namespace bw::ingestion::simulator
