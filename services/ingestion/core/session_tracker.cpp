#include "ingestion/core/session_tracker.hpp"

#include <algorithm>

#include "ingestion/core/bar_series.hpp"

namespace bw::ingestion {

using runtime::Emit;

void SessionTracker::say(SessionState state, TimeNs at, Emit& out) const {
  Session s;
  s.instrument = instrument_;
  s.state = state;
  s.date = day_;
  s.at = at;
  out.publish(instrument_.value, s);
}

void SessionTracker::arm(TimeNs due, Emit& out) {
  due_ = std::max(due, out.now() + 1);
  armed_ = true;
  out.set_timer(instrument_.value, due_, static_cast<std::uint32_t>(TimerTag::session));
}

bool SessionTracker::look_up(TimeNs at, Emit& out) {
  const auto s = sessions_.session_at(at);
  if (!s) return false;
  if (s->open < open_) return true;  // a late row of a day that has been
  if (opened_) say(SessionState::closed, close_, out);
  opened_ = false;
  day_ = s->day;
  open_ = s->open;
  close_ = s->close;
  busy_ = true;
  out.touch(instrument_.value);
  if (sessions_.id() == CalendarId::always_open) {
    armed_ = true;  // nothing to arm
    return true;
  }
  if (out.now() >= close_) {  // history that speaks of a day only after it (daily bars)
    arm_next(out);
    return true;
  }
  say(SessionState::opened, open_, out);
  opened_ = true;
  arm(close_ + grace_, out);
  return true;
}

void SessionTracker::keep_going(Emit& out) {
  busy_ = true;
  out.touch(instrument_.value);
  if (!armed_) arm_next(out);
}

void SessionTracker::arm_next(Emit& out) {
  const auto next = sessions_.next_session(day_);
  if (next) {
    arm(next->open, out);
  } else {
    armed_ = true;  // the calendar ends here
    due_ = kTimeMax;
  }
}

void SessionTracker::on_timer(Emit& out) {
  if (!armed_ || out.now() != due_) return;  // an older timer that lost its meaning
  out.touch(instrument_.value);
  armed_ = false;
  if (opened_) {
    say(SessionState::closed, close_, out);
    opened_ = false;
    if (busy_) arm_next(out);
    return;
  }
  const auto next = sessions_.next_session(day_);
  if (!next) return;
  day_ = next->day;
  open_ = next->open;
  close_ = next->close;
  busy_ = false;
  say(SessionState::opened, open_, out);
  opened_ = true;
  arm(close_ + grace_, out);
}

void SessionTracker::save(Writer& w) const {
  w.put(day_);
  w.put(open_);
  w.put(close_);
  w.put(due_);
  w.put(opened_);
  w.put(armed_);
  w.put(busy_);
}

void SessionTracker::load(Reader& r) noexcept {
  r.get(day_);
  r.get(open_);
  r.get(close_);
  r.get(due_);
  r.get(opened_);
  r.get(armed_);
  r.get(busy_);
}

}  // namespace bw::ingestion
