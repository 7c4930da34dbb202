#pragma once
#include "bellwether/indicators/window.hpp"

namespace bw::indicators {

/// Simple moving average: (x[t] + … + x[t−n+1]) / n, in the unit of x. Warm at the n-th value
/// (TA-Lib: SMA).
class Sma {
 public:
  /// n in [1, kMaxPeriod].
  [[nodiscard]] static Result<Sma> create(int period = 30);
  Reading update(double x) noexcept {
    sum_.push(x);
    return value();
  }
  [[nodiscard]] Reading value() const noexcept {
    if (!ready()) return {};
    return {sum_.sum() * inverse_, true};
  }
  [[nodiscard]] bool ready() const noexcept { return sum_.full(); }
  [[nodiscard]] int period() const noexcept { return sum_.size(); }
  [[nodiscard]] int warm_up() const noexcept { return period(); }  ///< values until ready
  void scale(double factor) noexcept { sum_.scale(factor); }
  void save(Writer& out) const { sum_.save(out); }
  [[nodiscard]] Result<void> load(Reader& in) { return sum_.load(in, "sma.period"); }

 private:
  explicit Sma(int period) : sum_(period), inverse_(1.0 / period) {}
  RollingSum sum_;
  double inverse_;
};

}  // namespace bw::indicators
