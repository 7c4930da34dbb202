#pragma once
#include "bellwether/indicators/common.hpp"

namespace bw::indicators {

/// Exponential moving average: e[t] = e[t−1] + k (x[t] − e[t−1]), k = 2 / (n + 1); e[n−1] is the
/// mean of the first n values (TA-Lib: EMA, classic seed). In the unit of x; warm at the n-th
/// value. The seed's weight falls by (1 − k) a value: after 3.5 (n + 1) values it is below 0.1 %.
class Ema {
 public:
  /// n in [1, kMaxPeriod].
  [[nodiscard]] static Result<Ema> create(int period = 30);
  Reading update(double x) noexcept {
    if (count_ >= period_) [[likely]] {
      value_ += (x - value_) * weight_;
    } else {
      value_ += x;  // the sum, until there are n
      if (++count_ < period_) return {};
      value_ /= period_;
    }
    return {value_, true};
  }
  [[nodiscard]] Reading value() const noexcept {
    if (!ready()) return {};
    return {value_, true};
  }
  [[nodiscard]] bool ready() const noexcept { return count_ >= period_; }
  [[nodiscard]] int period() const noexcept { return period_; }
  [[nodiscard]] int warm_up() const noexcept { return period_; }
  void scale(double factor) noexcept { value_ *= factor; }
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  explicit Ema(int period) : weight_(2.0 / (period + 1)), period_(period) {}
  double value_ = 0;
  double weight_;
  int period_;
  int count_ = 0;  ///< values seen, at most n
};

}  // namespace bw::indicators
