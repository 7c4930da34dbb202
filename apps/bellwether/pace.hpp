#pragma once
// How far the market's time may have come by now, at a speed.
#include "bellwether/calendar/calendar.hpp"

namespace bw::app {

/// Nobody wants to watch a closed market: its nights and weekends pass kNight times faster where
/// `fast_nights` is set, and a stretch without any data is left out.
class Pace {
 public:
  static constexpr double kNight = 20;

  /// `speed`: market seconds a second; 0: as fast as the machine can. All up to `first` runs at
  /// once.
  Pace(double speed, TimeNs first, bool fast_nights)
      : speed_(speed), target_(speed == 0 ? kTimeMax : first), fast_nights_(fast_nights) {}

  /// The wall clock stands at `now`; the next row is due at `next_row` (kTimeMax: none).
  void tick(TimeNs now, TimeNs next_row) {
    const DurationNs passed =
        wall_ == 0 ? 0 : std::min(now - wall_, kSecond);  // a laptop may have slept
    wall_ = now;
    if (target_ == kTimeMax) return;
    target_ += static_cast<DurationNs>(static_cast<double>(passed) * factor());
    const auto second = static_cast<DurationNs>(static_cast<double>(kSecond) * speed_);
    if (next_row != kTimeMax && next_row - target_ > 3 * second) target_ = next_row - second;
  }
  /// The machine is behind: time waits for it.
  void hold(TimeNs now) noexcept { wall_ = now; }

  [[nodiscard]] TimeNs target() const noexcept { return target_; }
  /// Market seconds a second at this moment.
  [[nodiscard]] double factor() const {
    const bool night = fast_nights_ && nyse_.covers(target_) && !nyse_.is_open(target_);
    return night ? speed_ * kNight : speed_;
  }

 private:
  double speed_;
  TimeNs target_;
  TimeNs wall_ = 0;
  bool fast_nights_;
  calendar::Calendar nyse_{CalendarId::nyse};
};

}  // namespace bw::app
