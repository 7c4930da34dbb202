// NYSE facts, day by day, as two independent public calendars (exchange_calendars 4.13.2,
// pandas_market_calendars 5.5.0) have them: 311 closed weekdays without a difference, and the 13:00
// closes. They differ in one: 31 December 1999, which NYSE's board decided on 3 June 1999.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "bellwether/calendar/calendar.hpp"
#include "bellwether/calendar/new_york.hpp"
#include "bellwether/testkit/data.hpp"

using namespace bw;
using calendar::Calendar;

namespace {

struct YearFacts {
  int year;
  const char* closed_weekdays;  ///< MMDD
  const char* early_closes;
};

constexpr YearFacts kFacts[] = {
    {1998, "0101 0119 0216 0410 0525 0703 0907 1126 1225", "1127 1224"},
    {1999, "0101 0118 0215 0402 0531 0705 0906 1125 1224", "1126 1231"},
    {2000, "0117 0221 0421 0529 0704 0904 1123 1225", "0703 1124"},
    {2001, "0101 0115 0219 0413 0528 0704 0903 0911 0912 0913 0914 1122 1225", "0703 1123 1224"},
    {2002, "0101 0121 0218 0329 0527 0704 0902 1128 1225", "0705 1129 1224"},
    {2003, "0101 0120 0217 0418 0526 0704 0901 1127 1225", "0703 1128 1224 1226"},
    {2004, "0101 0119 0216 0409 0531 0611 0705 0906 1125 1224", "1126"},
    {2005, "0117 0221 0325 0530 0704 0905 1124 1226", "1125"},
    {2006, "0102 0116 0220 0414 0529 0704 0904 1123 1225", "0703 1124"},
    {2007, "0101 0102 0115 0219 0406 0528 0704 0903 1122 1225", "0703 1123 1224"},
    {2008, "0101 0121 0218 0321 0526 0704 0901 1127 1225", "0703 1128 1224"},
    {2009, "0101 0119 0216 0410 0525 0703 0907 1126 1225", "1127 1224"},
    {2010, "0101 0118 0215 0402 0531 0705 0906 1125 1224", "1126"},
    {2011, "0117 0221 0422 0530 0704 0905 1124 1226", "1125"},
    {2012, "0102 0116 0220 0406 0528 0704 0903 1029 1030 1122 1225", "0703 1123 1224"},
    {2013, "0101 0121 0218 0329 0527 0704 0902 1128 1225", "0703 1129 1224"},
    {2014, "0101 0120 0217 0418 0526 0704 0901 1127 1225", "0703 1128 1224"},
    {2015, "0101 0119 0216 0403 0525 0703 0907 1126 1225", "1127 1224"},
    {2016, "0101 0118 0215 0325 0530 0704 0905 1124 1226", "1125"},
    {2017, "0102 0116 0220 0414 0529 0704 0904 1123 1225", "0703 1124"},
    {2018, "0101 0115 0219 0330 0528 0704 0903 1122 1205 1225", "0703 1123 1224"},
    {2019, "0101 0121 0218 0419 0527 0704 0902 1128 1225", "0703 1129 1224"},
    {2020, "0101 0120 0217 0410 0525 0703 0907 1126 1225", "1127 1224"},
    {2021, "0101 0118 0215 0402 0531 0705 0906 1125 1224", "1126"},
    {2022, "0117 0221 0415 0530 0620 0704 0905 1124 1226", "1125"},
    {2023, "0102 0116 0220 0407 0529 0619 0704 0904 1123 1225", "0703 1124"},
    {2024, "0101 0115 0219 0329 0527 0619 0704 0902 1128 1225", "0703 1129 1224"},
    {2025, "0101 0109 0120 0217 0418 0526 0619 0704 0901 1127 1225", "0703 1128 1224"},
    {2026, "0101 0119 0216 0403 0525 0619 0703 0907 1126 1225", "1127 1224"},
    {2027, "0101 0118 0215 0326 0531 0618 0705 0906 1125 1224", "1126"},
    {2028, "0117 0221 0414 0529 0619 0704 0904 1123 1225", "0703 1124"},
    {2029, "0101 0115 0219 0330 0528 0619 0704 0903 1122 1225", "0703 1123 1224"},
    {2030, "0101 0121 0218 0419 0527 0619 0704 0902 1128 1225", "0703 1129 1224"},
};

std::set<DayNumber> days_of(int year, const char* text) {
  std::set<DayNumber> days;
  std::istringstream in(text);
  for (int mmdd = 0; in >> mmdd;) days.insert(to_day_number({year, mmdd / 100, mmdd % 100}));
  return days;
}

/// The first ten characters of each line that begins with a digit.
std::set<DayNumber> recorded_days(const std::filesystem::path& path) {
  std::set<DayNumber> days;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.size() < 10 || line[0] < '0' || line[0] > '9') continue;
    const auto t = parse_utc(line.substr(0, 10));
    REQUIRE(t.has_value());
    days.insert(utc_day(*t));
  }
  return days;
}

}  // namespace

TEST_CASE("NYSE rules give the closed days and early closes of 1998 to 2030") {
  const Calendar nyse(CalendarId::nyse);
  std::size_t closed = 0;
  std::size_t early = 0;
  int next_year = 1998;
  for (const YearFacts& facts : kFacts) {
    REQUIRE(facts.year == next_year++);
    const auto closed_days = days_of(facts.year, facts.closed_weekdays);
    const auto early_days = days_of(facts.year, facts.early_closes);
    closed += closed_days.size();
    early += early_days.size();
    for (DayNumber d = to_day_number({facts.year, 1, 1}); d <= to_day_number({facts.year, 12, 31});
         ++d) {
      const bool weekend = weekday(d) == 0 || weekday(d) == 6;
      INFO(format_date(d));
      REQUIRE(nyse.is_session(d) == (!weekend && !closed_days.contains(d)));
      if (!nyse.is_session(d)) continue;
      const auto s = nyse.session(d);
      REQUIRE(s.has_value());
      const DurationNs close = calendar::utc_to_new_york(s->close) - d * kDay;
      const DurationNs open = calendar::utc_to_new_york(s->open) - d * kDay;
      REQUIRE(close == (early_days.contains(d) ? 13 : 16) * kHour);
      const bool memorial = d == to_day_number({2002, 9, 11});
      REQUIRE(open == (memorial ? 12 * kHour : 9 * kHour + 30 * kMinute));
      REQUIRE(s->shortened == (memorial || early_days.contains(d)));
    }
  }
  CHECK(next_year == 2031);
  CHECK(closed == 311);
  CHECK(early == 73);
}

TEST_CASE("recorded daily prices occur on NYSE sessions and on no other day") {
  const Calendar nyse(CalendarId::nyse);
  struct File {
    const char* path;
    CivilDate from, to;
    bool gapless;  ///< QQQ's file lacks the years under its other ticker
  };
  for (const File& f : {File{"SPY.csv", {1998, 1, 2}, {2021, 3, 31}, true},
                        File{"AAPL.csv", {1998, 1, 2}, {2016, 12, 30}, true},
                        File{"QQQ.csv", {1999, 3, 10}, {2021, 3, 31}, false}}) {
    const auto path =
        testkit::data_or_skip(std::string("daily/lean_unadjusted_1998_2021/") + f.path);
    if (!path) return;
    const auto days = recorded_days(*path);
    REQUIRE(days.size() > 3'000);
    CHECK(*days.begin() == to_day_number(f.from));
    CHECK(*days.rbegin() == to_day_number(f.to));
    for (const DayNumber d : days) {
      INFO(f.path << ' ' << format_date(d));
      REQUIRE(nyse.is_session(d));
    }
    const auto expected = nyse.count_sessions(to_day_number(f.from), to_day_number(f.to) + 1);
    if (f.gapless) CHECK(static_cast<std::int64_t>(days.size()) == expected);
  }
}

TEST_CASE("recorded ticks and minutes of 04:00 to 20:00 lie in extended sessions") {
  const Calendar extended(CalendarId::us_extended);
  const auto path = testkit::data_or_skip("minute/extended_hours/SPY_nt_2011-01_utc.csv");
  if (!path) return;
  std::ifstream in(*path);
  int rows = 0;
  for (std::string line; std::getline(in, line); ++rows) {
    // 20110103 090100;… is the bar's end, in UTC
    const auto number = [&](std::size_t at, std::size_t n) {
      return std::stoi(line.substr(at, n));
    };
    const TimeNs end = from_utc({number(0, 4), number(4, 2), number(6, 2)},
                                number(9, 2) * kHour + number(11, 2) * kMinute);
    INFO(line);
    REQUIRE(extended.is_open(end - kMinute));
  }
  CHECK(rows > 5'000);
}
