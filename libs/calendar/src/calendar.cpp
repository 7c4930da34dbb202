#include "bellwether/calendar/calendar.hpp"

#include <algorithm>

#include "bellwether/base/assert.hpp"
#include "bellwether/calendar/new_york.hpp"
#include "nyse_rules.hpp"

namespace bw::calendar {
namespace {

constexpr int kExtendedOpenMinute = 4 * 60;
constexpr int kExtendedCloseMinute = 20 * 60;
constexpr int kExtendedEarlyCloseMinute = 17 * 60;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) noexcept { return (a + b - 1) / b; }

void check_timeframe(DurationNs timeframe) {
  BW_ASSERT(timeframe > 0 && timeframe <= kDay, "a timeframe is more than 0 and at most a day");
}

}  // namespace

Calendar::Calendar(CalendarId id) : id_(id) {
  if (id == CalendarId::always_open) {
    first_day_ = to_day_number({1970, 1, 1});
    last_day_ = to_day_number({2199, 12, 31});
    usual_length_s_ = static_cast<std::int32_t>(kDay / kSecond);
    return;
  }
  BW_ASSERT(id == CalendarId::nyse || id == CalendarId::us_extended, "no such calendar");
  const bool extended = id == CalendarId::us_extended;
  first_day_ = to_day_number({kFirstYear, 1, 1});
  last_day_ = to_day_number({kLastYear, 12, 31});
  usual_length_s_ = (extended ? kExtendedCloseMinute - kExtendedOpenMinute : 390) * 60;
  for (DayNumber day = first_day_; day <= last_day_; ++day) {
    first_from_.push_back(static_cast<std::uint16_t>(sessions_.size()));
    NyseDay hours = nyse_day(day);
    if (!hours.open) continue;
    if (extended) {
      hours.open_minute = kExtendedOpenMinute;
      const bool early = hours.close_minute < 16 * 60;
      hours.close_minute = early ? kExtendedEarlyCloseMinute : kExtendedCloseMinute;
    }
    // The clocks change at 02:00 on Sundays, so no session holds an odd hour.
    const TimeNs open = read_new_york(day * kDay + hours.open_minute * kMinute).earlier;
    const std::int32_t length_s = (hours.close_minute - hours.open_minute) * 60;
    if (length_s != usual_length_s_) {
      odd_lengths_.push_back(static_cast<std::uint16_t>(sessions_.size()));
    }
    sessions_.push_back({open, day, length_s});
  }
}

// The three private helpers below hide the one difference between the calendars: always_open has an
// entry for each day, by arithmetic; the others have a table.
std::size_t Calendar::size() const noexcept {
  return id_ == CalendarId::always_open ? static_cast<std::size_t>(last_day_ - first_day_ + 1)
                                        : sessions_.size();
}

/// Index of the first session on or after `day`; size() where there is none.
std::size_t Calendar::index_from(DayNumber day) const noexcept {
  if (day <= first_day_) return 0;
  if (day > last_day_) return size();
  const auto offset = static_cast<std::size_t>(day - first_day_);
  return id_ == CalendarId::always_open ? offset : first_from_[offset];
}

Session Calendar::make(std::size_t index) const noexcept {
  if (id_ == CalendarId::always_open) {
    const DayNumber day = first_day_ + static_cast<DayNumber>(index);
    return {day, day * kDay, (day + 1) * kDay, false};
  }
  const Entry& e = sessions_[index];
  return {e.day, e.open, e.open + e.length_s * kSecond, e.length_s != usual_length_s_};
}

/// A day that equals the local one during any session. New York sessions lie within 04:00 to 20:00,
/// so five hours behind UTC is the same day in summer too.
DayNumber Calendar::trading_day(TimeNs t) const noexcept {
  if (id_ == CalendarId::always_open) return utc_day(t);
  return t < INT64_MIN + 5 * kHour ? utc_day(t) : utc_day(t - 5 * kHour);
}

std::optional<std::size_t> Calendar::index_at(TimeNs t) const noexcept {
  const DayNumber day = trading_day(t);
  if (!is_session(day)) return std::nullopt;
  const std::size_t index = index_from(day);
  const Session s = make(index);
  if (t < s.open || t >= s.close) return std::nullopt;
  return index;
}

DayNumber Calendar::local_day(TimeNs t) const noexcept {
  return utc_day(id_ == CalendarId::always_open ? t : utc_to_new_york(t));
}

bool Calendar::covers(TimeNs t) const noexcept {
  const DayNumber day = local_day(t);
  return day >= first_day_ && day <= last_day_;
}

bool Calendar::is_session(DayNumber day) const noexcept {
  if (day < first_day_ || day > last_day_) return false;
  const std::size_t index = index_from(day);
  return index < size() && make(index).day == day;
}

std::optional<Session> Calendar::session(DayNumber day) const noexcept {
  if (!is_session(day)) return std::nullopt;
  return make(index_from(day));
}

std::optional<Session> Calendar::session_at(TimeNs t) const noexcept {
  const auto index = index_at(t);
  if (!index) return std::nullopt;
  return make(*index);
}

std::optional<Session> Calendar::next_session(DayNumber day) const noexcept {
  if (day >= last_day_) return std::nullopt;
  const std::size_t index = index_from(day + 1);
  if (index == size()) return std::nullopt;
  return make(index);
}

std::optional<Session> Calendar::previous_session(DayNumber day) const noexcept {
  const std::size_t index = index_from(day);
  if (index == 0) return std::nullopt;
  return make(index - 1);
}

std::int64_t Calendar::count_sessions(DayNumber from, DayNumber to) const noexcept {
  if (to <= from) return 0;
  return static_cast<std::int64_t>(index_from(to)) - static_cast<std::int64_t>(index_from(from));
}

std::optional<TimeNs> Calendar::bar_open(TimeNs t, DurationNs timeframe) const {
  check_timeframe(timeframe);
  const auto s = session_at(t);
  if (!s) return std::nullopt;
  return t - (t - s->open) % timeframe;
}

std::optional<TimeNs> Calendar::bar_close(TimeNs t, DurationNs timeframe) const {
  check_timeframe(timeframe);
  const auto s = session_at(t);
  if (!s) return std::nullopt;
  return std::min(t - (t - s->open) % timeframe + timeframe, s->close);
}

std::optional<TimeNs> Calendar::next_bar_open(TimeNs t, DurationNs timeframe) const {
  check_timeframe(timeframe);
  std::size_t index = index_from(trading_day(t));
  if (index == size()) return std::nullopt;
  Session s = make(index);
  if (t < s.open) return s.open;
  if (t < s.close) {
    const TimeNs next = t - (t - s.open) % timeframe + timeframe;
    if (next < s.close) return next;
  }
  if (++index == size()) return std::nullopt;
  return make(index).open;
}

/// Bars that begin before `t`, counted from the calendar's first session.
std::int64_t Calendar::bars_before(TimeNs t, DurationNs timeframe) const {
  const std::size_t index = index_from(trading_day(t));
  const auto odd_end = std::lower_bound(odd_lengths_.begin(), odd_lengths_.end(), index);
  const auto odd_count = odd_end - odd_lengths_.begin();
  std::int64_t n = (static_cast<std::int64_t>(index) - odd_count) *
                   ceil_div(usual_length_s_ * kSecond, timeframe);
  for (auto it = odd_lengths_.begin(); it != odd_end; ++it) {
    n += ceil_div(sessions_[*it].length_s * kSecond, timeframe);
  }
  if (index < size()) {
    const Session s = make(index);
    if (t > s.open) n += ceil_div(std::min(t, s.close) - s.open, timeframe);
  }
  return n;
}

std::int64_t Calendar::count_bars(TimeNs from, TimeNs to, DurationNs timeframe) const {
  check_timeframe(timeframe);
  if (to <= from) return 0;
  return bars_before(to, timeframe) - bars_before(from, timeframe);
}

}  // namespace bw::calendar
