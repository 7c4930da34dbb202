#pragma once
#include "bellwether/base/math.hpp"
#include "bellwether/indicators/window.hpp"

namespace bw::indicators {

struct BandsReading {
  double upper = 0;
  double middle = 0;
  double lower = 0;
  bool ready = false;
  /// Where x stands: 0 at the lower band, 1 at the upper; 0.5 where the bands meet.
  [[nodiscard]] double percent_b(double x) const noexcept {
    const double wide = upper - lower;
    return wide > 0 ? (x - lower) / wide : 0.5;
  }
  /// (upper − lower) / middle; 0 where middle is 0.
  [[nodiscard]] double bandwidth() const noexcept {
    return middle != 0 ? (upper - lower) / middle : 0;
  }
};

/// Bollinger bands (Bollinger 2001, "Bollinger on Bollinger Bands", chapter 7): mean ± width ×
/// population standard deviation of the last n values, in the unit of x. Warm at the n-th value
/// (TA-Lib: BBANDS; more exact, since TA-Lib takes the difference of large squares).
class Bollinger {
 public:
  /// n in [2, kMaxPeriod]; 0 < width <= 100 standard deviations.
  [[nodiscard]] static Result<Bollinger> create(int period = 20, double width = 2.0);
  BandsReading update(double x) noexcept {
    moments_.push(x);
    return value();
  }
  [[nodiscard]] BandsReading value() const noexcept {
    if (!ready()) return {};
    const double middle = moments_.mean();
    const double half = width_ * deviation();
    return {middle + half, middle, middle - half, true};
  }
  /// Population standard deviation of the window.
  [[nodiscard]] double deviation() const noexcept { return math::sqrt(moments_.variance()); }
  [[nodiscard]] bool ready() const noexcept { return moments_.full(); }
  [[nodiscard]] int period() const noexcept { return moments_.size(); }
  [[nodiscard]] int warm_up() const noexcept { return period(); }
  void scale(double factor) noexcept { moments_.scale(factor); }
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  Bollinger(int period, double width) : moments_(period), width_(width) {}
  RollingMoments moments_;
  double width_;
};

}  // namespace bw::indicators
