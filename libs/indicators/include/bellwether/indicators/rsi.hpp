#pragma once
#include "bellwether/indicators/common.hpp"

namespace bw::indicators {

/// Relative strength index, 0 to 100 (Wilder 1978, "New Concepts in Technical Trading Systems",
/// section VI): 100 G / (G + L), G and L Wilder's averages of the rises and falls, a[t] = (a[t−1]
/// (n−1) + x[t]) / n, seeded by the mean of the first n. Warm at value n + 1 (TA-Lib: RSI). One
/// difference: where price has never moved TA-Lib says 0, the most oversold there is; this kernel
/// says 50, so that a halted instrument is no buy signal.
class Rsi {
 public:
  /// n in [2, kMaxPeriod].
  [[nodiscard]] static Result<Rsi> create(int period = 14);
  Reading update(double x) noexcept {
    const double change = x - last_;
    last_ = x;
    const double rise = change > 0 ? change : 0;
    const double fall = change < 0 ? -change : 0;
    if (count_ > period_) [[likely]] {
      gain_ = gain_ * keep_ + rise * inverse_;
      loss_ = loss_ * keep_ + fall * inverse_;
    } else if (!seed(rise, fall)) {
      return {};
    }
    return {strength(), true};
  }
  [[nodiscard]] Reading value() const noexcept {
    if (!ready()) return {};
    return {strength(), true};
  }
  [[nodiscard]] bool ready() const noexcept { return count_ > period_; }
  [[nodiscard]] int period() const noexcept { return period_; }
  [[nodiscard]] int warm_up() const noexcept { return period_ + 1; }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  explicit Rsi(int period)
      : keep_((period - 1.0) / period), inverse_(1.0 / period), period_(period) {}
  [[nodiscard]] bool seed(double rise, double fall) noexcept;
  [[nodiscard]] double strength() const noexcept {
    const double moved = gain_ + loss_;
    return moved > 0 ? 100.0 * (gain_ / moved) : 50.0;
  }
  double last_ = 0;
  double gain_ = 0;  ///< sum of rises while seeding, their average then
  double loss_ = 0;
  double keep_;
  double inverse_;
  int period_;
  int count_ = 0;  ///< values seen, at most n + 1
};

}  // namespace bw::indicators
