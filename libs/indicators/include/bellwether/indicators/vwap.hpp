#pragma once
#include "bellwether/indicators/common.hpp"

namespace bw::indicators {

/// Volume-weighted average price of a session: Σ p v / Σ v with p = (high + low + close) / 3 of
/// each bar (Berkowitz, Logue, Noser 1988, from trades; bars give this approximation). Price in,
/// price out. Warm from the first bar with volume; reset() begins the next session.
class Vwap {
 public:
  Reading update(double high, double low, double close, double volume) noexcept {
    return update((high + low + close) / 3.0, volume);
  }
  /// With the bar's own average price where the source gives one.
  Reading update(double price, double volume) noexcept { return add(price * volume, volume); }
  /// `traded`: price × volume, summed by the caller.
  Reading add(double traded, double volume) noexcept {
    traded_ += traded;
    volume_ += volume;
    return value();
  }
  [[nodiscard]] Reading value() const noexcept {
    if (!ready()) return {};
    return {traded_ / volume_, true};
  }
  [[nodiscard]] bool ready() const noexcept { return volume_ > 0; }
  void reset() noexcept { traded_ = volume_ = 0; }
  /// A split: prices × factor, volumes ÷ factor; what was paid stays the same.
  void scale(double factor) noexcept { volume_ /= factor; }
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  double traded_ = 0;  ///< Σ p v, quote currency
  double volume_ = 0;  ///< Σ v, units of the instrument
};

}  // namespace bw::indicators
