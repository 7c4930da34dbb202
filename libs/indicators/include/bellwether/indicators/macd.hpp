#pragma once
#include "bellwether/indicators/ema.hpp"

namespace bw::indicators {

struct MacdReading {
  double macd = 0;       ///< fast EMA − slow EMA, in the unit of x
  double signal = 0;     ///< EMA of macd
  double histogram = 0;  ///< macd − signal
  bool ready = false;
};

/// Moving average convergence divergence (Appel 1979), as TA-Lib's MACD: both averages start at the
/// slow one's first value, the fast one seeded by the mean of the last `fast` values there; the
/// signal is seeded by the mean of the first `signal` differences. Warm at value slow + signal − 1
/// (34 for 12, 26, 9).
class Macd {
 public:
  /// 1 <= fast < slow, all at most kMaxPeriod.
  struct Periods {
    int fast = 12;
    int slow = 26;
    int signal = 9;
  };
  [[nodiscard]] static Result<Macd> create() { return create(Periods{}); }
  [[nodiscard]] static Result<Macd> create(Periods periods);
  MacdReading update(double x) noexcept {
    if (skip_ > 0) {
      --skip_;
    } else {
      fast_.update(x);
    }
    if (!slow_.update(x).ready) return {};
    signal_.update(fast_.value().value - slow_.value().value);
    return value();
  }
  [[nodiscard]] MacdReading value() const noexcept {
    if (!ready()) return {};
    const double macd = fast_.value().value - slow_.value().value;
    const double signal = signal_.value().value;
    return {macd, signal, macd - signal, true};
  }
  [[nodiscard]] bool ready() const noexcept { return signal_.ready(); }
  [[nodiscard]] int warm_up() const noexcept { return slow_.period() + signal_.period() - 1; }
  void scale(double factor) noexcept;
  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  Macd(Ema fast, Ema slow, Ema signal)
      : fast_(fast), slow_(slow), signal_(signal), skip_(slow.period() - fast.period()) {}
  Ema fast_;
  Ema slow_;
  Ema signal_;
  int skip_;  ///< values that the fast average still lets pass, so that both start together
};

}  // namespace bw::indicators
