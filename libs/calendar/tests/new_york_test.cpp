#include "bellwether/calendar/new_york.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

using namespace bw;
using namespace bw::calendar;

namespace {
TimeNs at(const char* text) { return *parse_utc(text); }
}  // namespace

TEST_CASE(
    "New York offsets agree with the system's zone database, hour by hour from 1987 to 2030") {
  if (!std::filesystem::exists("/usr/share/zoneinfo/America/New_York")) {
    std::fprintf(stderr, "SKIPPED: /usr/share/zoneinfo is absent; install tzdata\n");
    return;
  }
  ::setenv("TZ", "America/New_York", 1);
  ::tzset();
  for (TimeNs t = at("1987-01-01"); t < at("2031-01-01"); t += kHour) {
    const auto seconds = static_cast<std::time_t>(t / kSecond);
    std::tm tm{};
    ::localtime_r(&seconds, &tm);
    if (new_york_offset(t) != tm.tm_gmtoff * kSecond) {
      FAIL(format_utc(t) << ": " << new_york_offset(t) / kHour << " h, system " << tm.tm_gmtoff);
    }
  }
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("the clocks change at 02:00 local") {
  CHECK(utc_to_new_york(at("2015-03-08 06:59:59")) == at("2015-03-08 01:59:59"));
  CHECK(utc_to_new_york(at("2015-03-08 07:00:00")) == at("2015-03-08 03:00:00"));
  CHECK(utc_to_new_york(at("2015-11-01 05:59:59")) == at("2015-11-01 01:59:59"));
  CHECK(utc_to_new_york(at("2015-11-01 06:00:00")) == at("2015-11-01 01:00:00"));
  CHECK(utc_to_new_york(at("2006-04-02 07:00:00")) == at("2006-04-02 03:00:00"));
  CHECK(utc_to_new_york(at("2006-10-29 06:00:00")) == at("2006-10-29 01:00:00"));
  CHECK(utc_to_new_york(at("2007-03-11 07:00:00")) == at("2007-03-11 03:00:00"));
}

TEST_CASE("local times: one reading, two, or none") {
  const auto usual = read_new_york(at("2014-11-19 09:30"));
  CHECK(usual.kind == LocalKind::unique);
  CHECK(usual.earlier == at("2014-11-19 14:30"));
  CHECK(usual.later == usual.earlier);

  const auto twice = read_new_york(at("2014-11-02 01:30"));
  CHECK(twice.kind == LocalKind::ambiguous);
  CHECK(twice.earlier == at("2014-11-02 05:30"));
  CHECK(twice.later == at("2014-11-02 06:30"));

  const auto never = read_new_york(at("2015-03-08 02:30"));
  CHECK(never.kind == LocalKind::nonexistent);
  CHECK(never.earlier == at("2015-03-08 06:30"));
  CHECK(never.later == at("2015-03-08 07:30"));

  CHECK(*new_york_to_utc(at("2015-01-15 09:30")) == at("2015-01-15 14:30"));
  CHECK(*new_york_to_utc(at("2014-11-02 01:30"), OddHour::later) == at("2014-11-02 06:30"));
  const auto refused = new_york_to_utc(at("2014-11-02 01:30"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("'2014-11-02T01:30:00' occurs twice") == 0);
  CHECK(new_york_to_utc(at("2015-03-08 02:30")).error().code == ErrorCode::out_of_range);
}

TEST_CASE("each UTC time is one of the readings of its local time") {
  for (TimeNs t = at("1998-01-01"); t < at("2031-01-01"); t += 17 * kMinute) {
    const auto r = read_new_york(utc_to_new_york(t));
    if (r.kind == LocalKind::nonexistent || (r.earlier != t && r.later != t)) FAIL(format_utc(t));
  }
}
