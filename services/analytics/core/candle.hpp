#pragma once
// Candle: a bar in the model's world, in doubles; and the bucket that builds one from smaller bars.
#include <algorithm>

#include "bellwether/base/serial.hpp"
#include "bellwether/domain/market.hpp"

namespace bw::analytics {

/// A stretch of trading in [open_time, close_time). Prices in quote currency, volume in units.
struct Candle {
  TimeNs open_time = 0;
  TimeNs close_time = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;
  double traded = 0;   ///< Σ vwap × volume of the bars in it, quote currency
  Price close_price;   ///< the close, exactly
  /// Restates prices × factor and volumes ÷ factor (a split).
  void scale(double factor) noexcept {
    high *= factor;
    low *= factor;
    close *= factor;
    volume /= factor;
  }
};

[[nodiscard]] inline Candle to_candle(const Bar& b) noexcept {
  Candle c;
  c.open_time = b.open_time;
  c.close_time = b.close_time;
  c.high = b.high.to_double();
  c.low = b.low.to_double();
  c.close = b.close.to_double();
  c.volume = b.volume.to_double();
  const double average =
      b.vwap.is_positive() ? b.vwap.to_double() : (c.high + c.low + c.close) / 3.0;
  c.traded = average * c.volume;
  c.close_price = b.close;
  return c;
}

/// Collects bars into one candle of a longer timeframe. Empty until the first bar of a stretch.
struct Bucket {
  Candle candle;         ///< open_time and close_time are the stretch's, by the calendar
  bool used = false;     ///< at least one bar is in it
  bool partial = false;  ///< the stream began in mid-stretch: never published

  void begin(TimeNs open, TimeNs close, const Candle& first, bool is_partial) noexcept {
    candle = first;
    candle.open_time = open;
    candle.close_time = close;
    used = true;
    partial = is_partial;
  }
  void add(const Candle& c) noexcept {
    candle.high = std::max(candle.high, c.high);
    candle.low = std::min(candle.low, c.low);
    candle.close = c.close;
    candle.volume += c.volume;
    candle.traded += c.traded;
    candle.close_price = c.close_price;
  }
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);
};

}  // namespace bw::analytics
