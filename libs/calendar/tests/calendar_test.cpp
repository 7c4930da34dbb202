#include "bellwether/calendar/calendar.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "bellwether/domain/names.hpp"

using namespace bw;
using calendar::Calendar;

namespace {

TimeNs at(const char* text) { return *parse_utc(text); }
DayNumber day(const char* text) { return utc_day(at(text)); }

/// Bars by walking the sessions, the slow and obvious way.
std::vector<TimeNs> walk_bars(const Calendar& c, TimeNs from, TimeNs to, DurationNs timeframe) {
  std::vector<TimeNs> bars;
  for (auto s = c.session(c.local_day(from) - 1) ? c.session(c.local_day(from) - 1)
                                                 : c.next_session(c.local_day(from) - 1);
       s && s->open < to; s = c.next_session(s->day)) {
    for (TimeNs t = s->open; t < s->close; t += timeframe) {
      if (t >= from && t < to) bars.push_back(t);
    }
  }
  return bars;
}

}  // namespace

TEST_CASE("a usual day, a summer day, an early close") {
  const Calendar nyse(CalendarId::nyse);
  const auto winter = nyse.session(day("2015-01-15"));
  REQUIRE(winter.has_value());
  CHECK(winter->open == at("2015-01-15 14:30"));
  CHECK(winter->close == at("2015-01-15 21:00"));
  CHECK_FALSE(winter->shortened);
  CHECK(nyse.session(day("2015-07-15"))->open == at("2015-07-15 13:30"));
  const auto early = nyse.session(day("2014-11-28"));
  CHECK(early->close == at("2014-11-28 18:00"));
  CHECK(early->shortened);
  CHECK_FALSE(nyse.session(day("2014-11-27")).has_value());

  const Calendar extended(CalendarId::us_extended);
  CHECK(extended.session(day("2013-10-07"))->open == at("2013-10-07 08:00"));
  CHECK(extended.session(day("2013-10-07"))->close == at("2013-10-08 00:00"));
  CHECK(extended.session(day("2014-11-28"))->close == at("2014-11-28 22:00"));
}

TEST_CASE("the session that holds a time is half open") {
  const Calendar nyse(CalendarId::nyse);
  CHECK_FALSE(nyse.session_at(at("2015-01-15 14:29:59.999999999")).has_value());
  CHECK(nyse.session_at(at("2015-01-15 14:30"))->day == day("2015-01-15"));
  CHECK(nyse.session_at(at("2015-01-15 20:59:59.999999999")).has_value());
  CHECK_FALSE(nyse.session_at(at("2015-01-15 21:00")).has_value());
  CHECK_FALSE(nyse.is_open(at("2015-01-17 15:00")));
  const Calendar extended(CalendarId::us_extended);
  CHECK(extended.session_at(at("2013-10-07 23:59"))->day == day("2013-10-07"));
  CHECK_FALSE(extended.is_open(at("2013-10-08 00:00")));
}

TEST_CASE("next and previous sessions pass over closures") {
  const Calendar nyse(CalendarId::nyse);
  CHECK(nyse.next_session(day("2001-09-10"))->day == day("2001-09-17"));
  CHECK(nyse.previous_session(day("2001-09-17"))->day == day("2001-09-10"));
  CHECK(nyse.next_session(day("2012-10-26"))->day == day("2012-10-31"));
  CHECK(nyse.next_session(day("2015-01-17"))->day == day("2015-01-20"));  // a Saturday; King's day
  CHECK(nyse.count_sessions(day("2014-01-01"), day("2015-01-01")) == 252);
  CHECK(nyse.count_sessions(day("2015-01-02"), day("2015-01-02")) == 0);
}

TEST_CASE("outside 1998 to 2030 there is no answer, and no accident") {
  const Calendar nyse(CalendarId::nyse);
  CHECK_FALSE(nyse.covers(at("1997-12-31 15:00")));
  CHECK_FALSE(nyse.covers(at("2031-01-01 15:00")));
  CHECK(nyse.covers(at("2030-12-31 15:00")));
  CHECK(nyse.covers(at("2031-01-01 04:59")));  // still the last evening of 2030 in New York
  CHECK_FALSE(nyse.session(day("1997-12-31")).has_value());
  CHECK(nyse.next_session(day("1990-01-01"))->day == day("1998-01-02"));
  CHECK_FALSE(nyse.next_session(day("2030-12-31")).has_value());
  CHECK_FALSE(nyse.previous_session(day("1998-01-02")).has_value());
  CHECK(nyse.previous_session(day("2040-01-01"))->day == day("2030-12-31"));
  CHECK_FALSE(nyse.next_bar_open(at("2030-12-31 20:59"), kMinute).has_value());
  CHECK(nyse.count_bars(INT64_MIN, INT64_MAX, kDay) ==
        nyse.count_sessions(nyse.first_day(), nyse.last_day() + 1));
  CHECK_FALSE(nyse.session_at(INT64_MIN).has_value());
  CHECK_FALSE(nyse.session_at(INT64_MAX).has_value());
  CHECK_FALSE(nyse.covers(INT64_MIN));
  CHECK_FALSE(nyse.covers(INT64_MAX));
}

TEST_CASE("bars begin at the open and the last one ends with the session") {
  const Calendar nyse(CalendarId::nyse);
  CHECK(nyse.bar_open(at("2015-01-15 14:59:59"), kHour) == at("2015-01-15 14:30"));
  CHECK(nyse.bar_close(at("2015-01-15 14:59:59"), kHour) == at("2015-01-15 15:30"));
  CHECK(nyse.bar_open(at("2015-01-15 20:45"), kHour) == at("2015-01-15 20:30"));
  CHECK(nyse.bar_close(at("2015-01-15 20:45"), kHour) == at("2015-01-15 21:00"));
  CHECK(nyse.bar_close(at("2015-01-15 14:30"), kDay) == at("2015-01-15 21:00"));
  CHECK_FALSE(nyse.bar_open(at("2015-01-15 21:00"), kMinute).has_value());
  CHECK(nyse.next_bar_open(at("2015-01-15 14:30"), kMinute) == at("2015-01-15 14:31"));
  CHECK(nyse.next_bar_open(at("2015-01-15 20:59"), kMinute) == at("2015-01-16 14:30"));
  CHECK(nyse.next_bar_open(at("2015-01-16 20:30"), kHour) == at("2015-01-20 14:30"));
  CHECK(nyse.next_bar_open(at("2015-01-16 03:00"), kHour) == at("2015-01-16 14:30"));
  // 390 minutes a day; 210 on the two half days of late 2014 (27 November and Christmas closed)
  CHECK(nyse.count_bars(at("2014-11-19"), at("2015-01-01"), kMinute) == 390 * 27 + 210 * 2);
  CHECK(nyse.count_bars(at("2015-01-15 14:30"), at("2015-01-15 15:30"), 5 * kMinute) == 12);
}

TEST_CASE("crypto never closes") {
  const Calendar crypto(CalendarId::always_open);
  CHECK(crypto.is_session(day("2024-12-25")));
  CHECK(crypto.session_at(at("2024-12-25 23:59:59"))->close == at("2024-12-26"));
  CHECK(crypto.next_bar_open(at("2024-12-25 23:59:30"), kMinute) == at("2024-12-26"));
  CHECK(crypto.bar_open(at("2024-12-25 23:59:30"), kHour) == at("2024-12-25 23:00"));
  CHECK(crypto.count_bars(at("2024-01-01"), at("2025-01-01"), kMinute) == 366 * 1440);
  CHECK(crypto.count_sessions(day("2024-01-01"), day("2025-01-01")) == 366);
  CHECK(crypto.previous_session(day("2024-03-01"))->day == day("2024-02-29"));
}

TEST_CASE("counts and the next bar agree with a walk over the sessions") {
  for (const CalendarId id : {CalendarId::nyse, CalendarId::us_extended, CalendarId::always_open}) {
    const Calendar c(id);
    for (const DurationNs timeframe : {kMinute, 5 * kMinute, 7 * kMinute, kHour, 4 * kHour, kDay}) {
      // half days, a long weekend, both changes of the clocks
      for (const char* start : {"2014-11-26 13:07", "2014-12-23 20:59", "2012-10-26 21:00",
                                "2015-03-06 04:30", "2002-09-10 14:30:00.5"}) {
        const TimeNs from = at(start);
        for (const DurationNs length : {kMinute, 9 * kHour, 4 * kDay + kHour, 12 * kDay}) {
          const auto bars = walk_bars(c, from, from + length, timeframe);
          INFO(name_of(id) << ' ' << start << ' ' << timeframe / kMinute << " min, "
                           << length / kHour << " h");
          REQUIRE(c.count_bars(from, from + length, timeframe) ==
                  static_cast<std::int64_t>(bars.size()));
          std::vector<TimeNs> steps;
          for (auto t = c.next_bar_open(from - 1, timeframe); t && *t < from + length;
               t = c.next_bar_open(*t, timeframe)) {
            steps.push_back(*t);
          }
          REQUIRE(steps == bars);
        }
      }
    }
  }
}
