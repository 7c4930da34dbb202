#include "bellwether/base/time.hpp"

#include <catch2/catch.hpp>
#include <chrono>

using namespace bw;

TEST_CASE("civil dates agree with std::chrono from 1900 to 2200") {
  for (DayNumber n = -25'567; n < 84'006; ++n) {
    const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{n}}};
    const CivilDate d = to_civil(n);
    REQUIRE(d.year == static_cast<int>(ymd.year()));
    REQUIRE(d.month == static_cast<int>(static_cast<unsigned>(ymd.month())));
    REQUIRE(d.day == static_cast<int>(static_cast<unsigned>(ymd.day())));
    REQUIRE(to_day_number(d) == n);
    REQUIRE(weekday(n) ==
            static_cast<int>(
                std::chrono::weekday{std::chrono::sys_days{std::chrono::days{n}}}.c_encoding()));
  }
}

TEST_CASE("times parse and print") {
  CHECK(format_utc(*parse_utc("2014-11-19 09:30")) == "2014-11-19T09:30:00Z");
  CHECK(format_utc(*parse_utc("2021-12-31T23:01:00.000000")) == "2021-12-31T23:01:00Z");
  CHECK(format_utc(*parse_utc("1969-12-31T23:59:59.999999999Z")) ==
        "1969-12-31T23:59:59.999999999Z");
  CHECK(*parse_utc("1970-01-02") == kDay);
  for (const char* bad :
       {"", "2014-02-29", "2014-13-01", "2014-11-19 25:00", "2014-11-19T09:30:00+01:00", "20141119",
        "1776-07-04", "2014-11-19 09:30:61", "2014-11-19 09:30:00."}) {
    INFO(bad);
    CHECK_FALSE(parse_utc(bad).has_value());
  }
}
