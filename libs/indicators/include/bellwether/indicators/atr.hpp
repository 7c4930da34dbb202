#pragma once
#include <algorithm>
#include <cmath>

#include "bellwether/indicators/common.hpp"

namespace bw::indicators {

/// Average true range (Wilder 1978, section III), in the unit of price: TR = max(h − l, |h − c'|,
/// |l − c'|), c' the close before; a[t] = (a[t−1] (n−1) + TR[t]) / n, seeded by the mean of the
/// first n. The first bar has no close before it and gives no range: warm at bar n + 1 (TA-Lib:
/// ATR).
class Atr {
 public:
  /// n in [1, kMaxPeriod].
  [[nodiscard]] static Result<Atr> create(int period = 14);
  Reading update(double high, double low, double close) noexcept {
    const double before = last_;
    last_ = close;
    const double range =
        std::max(high - low, std::max(std::abs(high - before), std::abs(low - before)));
    if (count_ > period_) [[likely]] {
      value_ = value_ * keep_ + range * inverse_;
    } else if (!seed(range)) {
      return {};
    }
    return {value_, true};
  }
  [[nodiscard]] Reading value() const noexcept {
    if (!ready()) return {};
    return {value_, true};
  }
  [[nodiscard]] bool ready() const noexcept { return count_ > period_; }
  [[nodiscard]] int period() const noexcept { return period_; }
  [[nodiscard]] int warm_up() const noexcept { return period_ + 1; }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  explicit Atr(int period)
      : keep_((period - 1.0) / period), inverse_(1.0 / period), period_(period) {}
  [[nodiscard]] bool seed(double range) noexcept;
  double last_ = 0;
  double value_ = 0;  ///< sum of ranges while seeding
  double keep_;
  double inverse_;
  int period_;
  int count_ = 0;  ///< bars seen, at most n + 1
};

}  // namespace bw::indicators
