#include "bellwether/base/time.hpp"

#include <cstdio>

namespace bw {

// Days from civil and back: the proleptic Gregorian calendar counted in 400-year eras that begin on
// 1 March (E. G. Richards, "Calendars", Explanatory Supplement to the Astronomical Almanac, 2013,
// section 15.11).
DayNumber to_day_number(CivilDate d) noexcept {
  const int y = d.month <= 2 ? d.year - 1 : d.year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int month_from_march = (d.month + 9) % 12;
  const int day_of_year = (153 * month_from_march + 2) / 5 + d.day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate to_civil(DayNumber day) noexcept {
  const int z = day + 719'468;
  const int era = (z >= 0 ? z : z - 146'096) / 146'097;
  const int day_of_era = z - era * 146'097;
  const int year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month_from_march = (5 * day_of_year + 2) / 153;
  CivilDate d;
  d.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  d.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  d.year = year_of_era + era * 400 + (d.month <= 2 ? 1 : 0);
  return d;
}

int weekday(DayNumber day) noexcept { return ((day % 7) + 7 + 4) % 7; }

DayNumber utc_day(TimeNs t) noexcept {
  const std::int64_t q = t / kDay;
  return static_cast<DayNumber>(t % kDay < 0 ? q - 1 : q);
}

TimeNs from_utc(CivilDate date, DurationNs since_midnight) noexcept {
  return static_cast<TimeNs>(to_day_number(date)) * kDay + since_midnight;
}

namespace {

tl::unexpected<Error> bad(std::string_view text, const char* why) {
  return fail(ErrorCode::invalid_argument, "'" + std::string(text.substr(0, 40)) + "' " + why, {},
              "write a time such as 2014-11-19T09:30:00Z");
}

/// Reads exactly `count` digits at `at`; -1 where there are none.
int digits(std::string_view s, std::size_t at, std::size_t count) {
  if (at + count > s.size()) return -1;
  int v = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (s[i] < '0' || s[i] > '9') return -1;
    v = v * 10 + (s[i] - '0');
  }
  return v;
}

int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace

Result<TimeNs> parse_utc(std::string_view s) {
  const int year = digits(s, 0, 4);
  const int month = digits(s, 5, 2);
  const int day = digits(s, 8, 2);
  if (year < 0 || month < 0 || day < 0 || s[4] != '-' || s[7] != '-')
    return bad(s, "is not a time");
  if (year < 1900 || year > 2200) return bad(s, "is outside the years 1900 to 2200");
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return bad(s, "names a day that does not exist");
  }
  TimeNs t = from_utc({year, month, day});
  if (s.size() == 10) return t;
  const int hour = digits(s, 11, 2);
  const int minute = digits(s, 14, 2);
  if ((s[10] != ' ' && s[10] != 'T') || hour < 0 || minute < 0 || s[13] != ':' || hour > 23 ||
      minute > 59) {
    return bad(s, "is not a time");
  }
  t += hour * kHour + minute * kMinute;
  std::size_t i = 16;
  if (i < s.size() && s[i] == ':') {
    const int second = digits(s, i + 1, 2);
    if (second < 0 || second > 59) return bad(s, "is not a time");
    t += second * kSecond;
    i += 3;
    if (i < s.size() && s[i] == '.') {
      DurationNs unit = kSecond / 10;
      const std::size_t first = ++i;
      for (; i < s.size() && s[i] >= '0' && s[i] <= '9'; ++i, unit /= 10) t += (s[i] - '0') * unit;
      if (i == first) return bad(s, "is not a time");
    }
  }
  const std::string_view zone = s.substr(i);
  if (!zone.empty() && zone != "Z" && zone != "+00:00") return bad(s, "is not in UTC");
  return t;
}

std::string format_date(DayNumber day) {
  const CivilDate d = to_civil(day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
  return text;
}

std::string format_utc(TimeNs t) {
  const DayNumber day = utc_day(t);
  std::int64_t rest = t % kDay;  // t - day * kDay would overflow at the range's lower end
  if (rest < 0) rest += kDay;
  const auto hour = static_cast<int>(rest / kHour);
  const auto minute = static_cast<int>(rest % kHour / kMinute);
  const auto second = static_cast<int>(rest % kMinute / kSecond);
  const auto ns = static_cast<int>(rest % kSecond);
  char text[48];
  if (ns == 0) {
    std::snprintf(text, sizeof text, "T%02d:%02d:%02dZ", hour, minute, second);
  } else if (ns % 1'000'000 == 0) {
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%03dZ", hour, minute, second, ns / 1'000'000);
  } else if (ns % 1'000 == 0) {
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06dZ", hour, minute, second, ns / 1'000);
  } else {
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%09dZ", hour, minute, second, ns);
  }
  return format_date(day) + text;
}

}  // namespace bw
