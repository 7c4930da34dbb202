#pragma once
// Sums over the last n values that do not drift. A second accumulator counts from the last time the
// ring wrapped; when it holds exactly the n values of the window it replaces the first. So no
// rounding error lives longer than n updates, and each update costs the same (no recomputation in
// bursts).
#include <vector>

#include "bellwether/indicators/common.hpp"

namespace bw::indicators {

/// The last n values, oldest first out. Sized once.
class Window {
 public:
  explicit Window(int n) : values_(static_cast<std::size_t>(n)) {}
  /// Puts `x` in; the value that leaves, or 0 while the window fills.
  double push(double x) noexcept {
    const double old = values_[at_];
    values_[at_] = x;
    if (++at_ == values_.size()) {
      at_ = 0;
      full_ = true;
    }
    return old;
  }
  [[nodiscard]] bool full() const noexcept { return full_; }
  /// True after each n-th push: the ring stands at its beginning.
  [[nodiscard]] bool at_wrap() const noexcept { return at_ == 0; }
  [[nodiscard]] int size() const noexcept { return static_cast<int>(values_.size()); }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in, const char* field);

 private:
  std::vector<double> values_;
  std::size_t at_ = 0;
  bool full_ = false;
};

/// Sum of the last n values. Error: at most 2n additions' rounding, whatever the length of the
/// series.
class RollingSum {
 public:
  explicit RollingSum(int n) : window_(n) {}
  void push(double x) noexcept {
    sum_ += x - window_.push(x);
    fresh_ += x;
    if (window_.at_wrap()) {
      sum_ = fresh_;
      fresh_ = 0;
    }
  }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  [[nodiscard]] bool full() const noexcept { return window_.full(); }
  [[nodiscard]] int size() const noexcept { return window_.size(); }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in, const char* field);

 private:
  Window window_;
  double sum_ = 0;
  double fresh_ = 0;
};

/// Mean and population variance of the last n values. Sums are kept of deviations from a nearby
/// price rather than of prices, which spares the cancellation of E[x²] − E[x]² (Chan, Golub,
/// LeVeque 1983, "shifted data", eq. 1.6).
class RollingMoments {
 public:
  explicit RollingMoments(int n) : window_(n), inverse_(1.0 / n) {}
  void push(double x) noexcept {
    if (run_ == 0) now_.shift = fresh_.shift = x;
    run_ = x == last_ && run_ > 0 ? (run_ < window_.size() ? run_ + 1 : run_) : 1;
    last_ = x;
    const bool was_full = window_.full();
    const double old = window_.push(x);
    if (was_full) now_.add(old, -1.0);
    now_.add(x, 1.0);
    fresh_.add(x, 1.0);
    if (window_.at_wrap()) {
      now_ = fresh_;
      fresh_ = Sums{x, 0, 0};
    }
  }
  [[nodiscard]] bool full() const noexcept { return window_.full(); }
  [[nodiscard]] int size() const noexcept { return window_.size(); }
  /// Mean of the window; meaningful once full().
  [[nodiscard]] double mean() const noexcept { return now_.shift + now_.sum * inverse_; }
  /// Σ(x − mean)² / n; exactly 0 where the whole window holds one value.
  [[nodiscard]] double variance() const noexcept {
    if (run_ >= window_.size()) return 0;
    const double m = now_.sum * inverse_;
    const double v = now_.squares * inverse_ - m * m;
    return v > 0 ? v : 0;
  }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in, const char* field);

 private:
  struct Sums {
    double shift = 0;
    double sum = 0;
    double squares = 0;
    void add(double x, double sign) noexcept {
      const double d = x - shift;
      sum += sign * d;
      squares += sign * (d * d);
    }
  };
  Window window_;
  Sums now_;
  Sums fresh_;
  double inverse_;
  double last_ = 0;
  int run_ = 0;  ///< how many of the newest values are equal, at most n; 0 before the first
};

}  // namespace bw::indicators
