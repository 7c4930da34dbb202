#include "nyse_rules.hpp"

#include <algorithm>
#include <array>

namespace bw::calendar {
namespace {

constexpr int kSunday = 0;
constexpr int kMonday = 1;
constexpr int kThursday = 4;
constexpr int kFriday = 5;
constexpr int kSaturday = 6;

// Closed for once: the attacks of 2001; the mourning of Reagan, Ford, Bush and Carter; hurricane
// Sandy.
constexpr std::array<CivilDate, 10> kClosedOnce{{{2001, 9, 11},
                                                 {2001, 9, 12},
                                                 {2001, 9, 13},
                                                 {2001, 9, 14},
                                                 {2004, 6, 11},
                                                 {2007, 1, 2},
                                                 {2012, 10, 29},
                                                 {2012, 10, 30},
                                                 {2018, 12, 5},
                                                 {2025, 1, 9}}};

// 13:00 for once: the eve of 2000; the Friday after Independence Day 2002; the Friday after
// Christmas 2003.
constexpr std::array<CivilDate, 3> kEarlyOnce{{{1999, 12, 31}, {2002, 7, 5}, {2003, 12, 26}}};

/// The n-th (1 to 5) given weekday of a month, or the last one where n is 0.
DayNumber nth_weekday(int year, int month, int which_weekday, int n) noexcept {
  if (n == 0) {
    const DayNumber last =
        to_day_number(month == 12 ? CivilDate{year + 1, 1, 1} : CivilDate{year, month + 1, 1}) - 1;
    return last - (weekday(last) - which_weekday + 7) % 7;
  }
  const DayNumber first = to_day_number({year, month, 1});
  return first + (which_weekday - weekday(first) + 7) % 7 + 7 * (n - 1);
}

/// Western Easter Sunday: the anonymous Gregorian computus ("Nature", 20 April 1876; Meeus,
/// "Astronomical Algorithms", 1991, chapter 8).
DayNumber easter_sunday(int year) noexcept {
  const int golden = year % 19;
  const int century = year / 100;
  const int of_century = year % 100;
  const int moon_correction = (century - (century + 8) / 25 + 1) / 3;
  const int epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
  const int to_sunday =
      (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
  const int late = (golden + 11 * epact + 22 * to_sunday) / 451;
  const int from_march = epact + to_sunday - 7 * late + 114;
  return to_day_number({year, from_march / 31, from_march % 31 + 1});
}

/// A holiday on Saturday is kept on Friday, one on Sunday on Monday.
DayNumber observed(CivilDate holiday) noexcept {
  const DayNumber day = to_day_number(holiday);
  if (weekday(day) == kSaturday) return day - 1;
  return weekday(day) == kSunday ? day + 1 : day;
}

bool is_holiday(DayNumber day, CivilDate date) noexcept {
  const int year = date.year;
  switch (date.month) {
    case 1: {
      // New Year's Day on a Saturday is not kept on Friday: that is the last day of the accounting
      // year.
      const DayNumber new_year = to_day_number({year, 1, 1});
      return day == new_year || (weekday(new_year) == kSunday && day == new_year + 1) ||
             day == nth_weekday(year, 1, kMonday, 3);  // Martin Luther King's day, since 1998
    }
    case 2:
      return day == nth_weekday(year, 2, kMonday, 3);  // Washington's birthday
    case 3:
    case 4:
      return day == easter_sunday(year) - 2;  // Good Friday
    case 5:
      return day == nth_weekday(year, 5, kMonday, 0);  // Memorial Day
    case 6:
      return year >= 2022 && day == observed({year, 6, 19});  // Juneteenth
    case 7:
      return day == observed({year, 7, 4});  // Independence Day
    case 9:
      return day == nth_weekday(year, 9, kMonday, 1);  // Labor Day
    case 11:
      return day == nth_weekday(year, 11, kThursday, 4);  // Thanksgiving
    case 12:
      return day == observed({year, 12, 25});  // Christmas
    default:
      return false;
  }
}

bool closes_early(DayNumber day, CivilDate date) noexcept {
  if (date.month == 7 && date.day == 3) {
    // The eve of Independence Day. Up to 2012 a Thursday holiday had its half day on the Friday
    // after, or none.
    const int holiday_weekday = weekday(day + 1);
    return holiday_weekday != kMonday && holiday_weekday <= kFriday &&
           (holiday_weekday != kThursday || date.year >= 2013);
  }
  if (date.month == 11) return day == nth_weekday(date.year, 11, kThursday, 4) + 1;
  if (date.month == 12 && date.day == 24) return true;  // a Friday is closed already
  return std::find(kEarlyOnce.begin(), kEarlyOnce.end(), date) != kEarlyOnce.end();
}

}  // namespace

NyseDay nyse_day(DayNumber day) noexcept {
  NyseDay result;
  const int w = weekday(day);
  const CivilDate date = to_civil(day);
  if (w == kSaturday || w == kSunday || is_holiday(day, date) ||
      std::find(kClosedOnce.begin(), kClosedOnce.end(), date) != kClosedOnce.end()) {
    return result;
  }
  result.open = true;
  if (closes_early(day, date)) result.close_minute = 13 * 60;
  if (date == CivilDate{2002, 9, 11}) result.open_minute = 12 * 60;  // a year after the attacks
  return result;
}

}  // namespace bw::calendar
