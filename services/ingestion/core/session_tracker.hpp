#pragma once
// SessionTracker: says when an instrument's trading day opens and closes, by the calendar. It
// follows an instrument while rows of its sessions come, and rests after a session without any.
// Owned by BarsMachine.
#include "bellwether/calendar/calendar.hpp"
#include "bellwether/domain/market.hpp"
#include "bellwether/runtime/machine.hpp"

namespace bw::ingestion {

class SessionTracker {
 public:
  /// `grace`: how long after the close its last rows may still come.
  SessionTracker(const calendar::Calendar& sessions, InstrumentId instrument, DurationNs grace)
      : sessions_(sessions), instrument_(instrument), grace_(grace) {}

  /// A row that speaks of the moment `at`. False: outside every session. Markets that never close
  /// have no session events.
  bool on_row(TimeNs at, runtime::Emit& out) {
    if (at >= open_ && at < close_) [[likely]] {
      if (!busy_ || !armed_) keep_going(out);
      return true;
    }
    return look_up(at, out);
  }
  /// True where `at` is of another session than the row before.
  [[nodiscard]] bool is_new_session(TimeNs at) const noexcept { return at < open_ || at >= close_; }
  void on_timer(runtime::Emit& out);

  void save(Writer& w) const;
  void load(Reader& r) noexcept;

 private:
  bool look_up(TimeNs at, runtime::Emit& out);
  void keep_going(runtime::Emit& out);
  void arm_next(runtime::Emit& out);
  void arm(TimeNs due, runtime::Emit& out);
  void say(SessionState state, TimeNs at, runtime::Emit& out) const;

  const calendar::Calendar& sessions_;
  InstrumentId instrument_;
  DurationNs grace_;
  DayNumber day_ = 0;  // of the session in hand
  TimeNs open_ = 0;
  TimeNs close_ = 0;
  TimeNs due_ = 0;       // of the timer that counts
  bool opened_ = false;  // said so, and not yet closed
  bool armed_ = false;   // a timer is set
  bool busy_ = false;    // the session in hand had rows
};

}  // namespace bw::ingestion
