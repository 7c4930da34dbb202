#pragma once
// Track: the indicators of one instrument on one timeframe.
#include <vector>

#include "bellwether/domain/analysis.hpp"
#include "bellwether/indicators/atr.hpp"
#include "bellwether/indicators/bollinger.hpp"
#include "bellwether/indicators/feature_table.hpp"
#include "bellwether/indicators/macd.hpp"
#include "bellwether/indicators/rsi.hpp"
#include "bellwether/indicators/sma.hpp"
#include "bellwether/indicators/vwap.hpp"
#include "candle.hpp"

namespace bw::analytics {

/// A missing stretch of source time. `to` is kTimeMax while it lasts, INT64_MIN where there is
/// none.
struct GapSpan {
  TimeNs from = 0;
  TimeNs to = INT64_MIN;
  bool operator==(const GapSpan&) const = default;
};

/// Fed complete candles in ascending open_time; fills a Feature at each. Allocates when it is made
/// and never again. Owned by its instrument's unit.
class Track {
 public:
  Track(InstrumentId instrument, Timeframe timeframe);

  /// False, and no change, where `c` does not begin after the last candle: a late or repeated bar.
  /// `session_open` identifies the session that the candle belongs to, for the VWAP. `gap` is the
  /// newest gap of the instrument's data. The feature stays valid until the next call.
  [[nodiscard]] bool update(const Candle& c, TimeNs session_open, const GapSpan& gap) noexcept;
  [[nodiscard]] const Feature& feature() const noexcept { return feature_; }
  /// The open time of the last candle; INT64_MIN before the first.
  [[nodiscard]] TimeNs last_open() const noexcept { return last_open_; }
  /// A split: as if all earlier prices had been multiplied by `factor`.
  void scale(double factor) noexcept;

  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  void compute(const Candle& c) noexcept;
  void set_warm() noexcept;
  void set_valid() noexcept;
  void set_range(const Candle& c) noexcept;
  void set_gap(const Candle& c, const GapSpan& gap) noexcept;
  [[nodiscard]] TimeNs open_of_bar_back(int bars) const noexcept;

  indicators::Sma sma_short_;
  indicators::Sma sma_middle_;
  indicators::Sma sma_long_;
  indicators::Ema ema_short_;
  indicators::Ema ema_middle_;
  indicators::Ema ema_long_;
  indicators::Rsi rsi_;
  indicators::Macd macd_;
  indicators::Bollinger bands_;
  indicators::Atr atr_;
  indicators::Vwap vwap_;
  std::vector<TimeNs> opens_;      ///< ring of the last kLongestSpan candles' open times
  std::size_t at_ = 0;             ///< where the next one goes
  int count_ = 0;                  ///< candles seen, at most kLongestSpan
  std::uint32_t warm_ = 0;         ///< slots warm by count_; the VWAP's bit is set by its own state
  TimeNs last_open_ = INT64_MIN;
  TimeNs session_ = INT64_MIN;     ///< open of the session that vwap_ sums
  TimeNs session_from_ = 0;        ///< first candle in it
  Feature feature_;                ///< of the last candle
};

}  // namespace bw::analytics
