#include "bellwether/calendar/new_york.hpp"

namespace bw::calendar {
namespace {

constexpr DurationNs kStandard = -5 * kHour;
constexpr DurationNs kDaylight = -4 * kHour;

/// The first Sunday on or after the day.
DayNumber sunday_from(CivilDate date) noexcept {
  const DayNumber day = to_day_number(date);
  return day + (7 - weekday(day)) % 7;
}

struct Daylight {
  TimeNs begin_utc;  ///< 02:00 standard time
  TimeNs end_utc;    ///< 02:00 daylight time
};

Daylight daylight_of(int year) noexcept {
  const bool since_2007 = year >= 2007;
  const DayNumber begin = sunday_from(since_2007 ? CivilDate{year, 3, 8} : CivilDate{year, 4, 1});
  const DayNumber end = sunday_from(since_2007 ? CivilDate{year, 11, 1} : CivilDate{year, 10, 25});
  return {begin * kDay + 2 * kHour - kStandard, end * kDay + 2 * kHour - kDaylight};
}

}  // namespace

DurationNs new_york_offset(TimeNs utc) noexcept {
  constexpr TimeNs kFar = 250 * 365 * kDay;  // beyond it, a year's days may not fit a TimeNs
  if (utc > kFar || utc < -kFar) return kStandard;
  const Daylight d = daylight_of(to_civil(utc_day(utc)).year);
  return utc >= d.begin_utc && utc < d.end_utc ? kDaylight : kStandard;
}

TimeNs utc_to_new_york(TimeNs utc) noexcept {
  TimeNs local = 0;
  return __builtin_add_overflow(utc, new_york_offset(utc), &local) ? INT64_MIN : local;
}

LocalReading read_new_york(TimeNs local) noexcept {
  const TimeNs as_daylight = local - kDaylight;
  const TimeNs as_standard = local - kStandard;
  const bool daylight_fits = new_york_offset(as_daylight) == kDaylight;
  const bool standard_fits = new_york_offset(as_standard) == kStandard;
  if (daylight_fits && standard_fits) return {LocalKind::ambiguous, as_daylight, as_standard};
  if (daylight_fits) return {LocalKind::unique, as_daylight, as_daylight};
  if (standard_fits) return {LocalKind::unique, as_standard, as_standard};
  return {LocalKind::nonexistent, as_daylight, as_standard};
}

Result<TimeNs> new_york_to_utc(TimeNs local, OddHour odd) {
  const LocalReading r = read_new_york(local);
  if (r.kind == LocalKind::unique || odd == OddHour::earlier) return r.earlier;
  if (odd == OddHour::later) return r.later;
  std::string shown = format_utc(local);
  shown.pop_back();  // the Z: this is a local time
  const bool twice = r.kind == LocalKind::ambiguous;
  return fail(ErrorCode::out_of_range,
              "'" + shown + "' occurs " + (twice ? "twice" : "never") +
                  " in New York: the clocks go " + (twice ? "back" : "forward") + " in that hour",
              {}, "write the time in UTC, or say which reading is meant");
}

}  // namespace bw::calendar
