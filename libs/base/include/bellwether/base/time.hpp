#pragma once
// Time is nanoseconds since 1970-01-01 00:00 UTC, without leap seconds. Nothing here reads a clock:
// the one door to the wall clock is the Clock port (runtime/ports.hpp).
#include <cstdint>
#include <string>
#include <string_view>

#include "bellwether/base/result.hpp"

namespace bw {

using TimeNs = std::int64_t;      ///< a point in time
using DurationNs = std::int64_t;  ///< a length of time

inline constexpr DurationNs kMicrosecond = 1'000;
inline constexpr DurationNs kMillisecond = 1'000'000;
inline constexpr DurationNs kSecond = 1'000'000'000;
inline constexpr DurationNs kMinute = 60 * kSecond;
inline constexpr DurationNs kHour = 60 * kMinute;
inline constexpr DurationNs kDay = 24 * kHour;
inline constexpr TimeNs kTimeMax = INT64_MAX;

/// A calendar day, as days since 1970-01-01.
using DayNumber = std::int32_t;

struct CivilDate {
  int year = 1970;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31
  auto operator<=>(const CivilDate&) const = default;
};

[[nodiscard]] DayNumber to_day_number(CivilDate date) noexcept;
[[nodiscard]] CivilDate to_civil(DayNumber day) noexcept;
/// 0 = Sunday … 6 = Saturday.
[[nodiscard]] int weekday(DayNumber day) noexcept;
/// The UTC day that holds `t`.
[[nodiscard]] DayNumber utc_day(TimeNs t) noexcept;
[[nodiscard]] TimeNs from_utc(CivilDate date, DurationNs since_midnight = 0) noexcept;

/// "2014-11-19", "2014-11-19 09:30", "2014-11-19T09:30:00.123456789Z": read as UTC; zone offsets
/// are refused unless they are Z or +00:00. Refuses days that do not exist and years outside
/// 1900..2200.
[[nodiscard]] Result<TimeNs> parse_utc(std::string_view text);
/// "2014-11-19T09:30:00Z", with as many decimals as are needed (0, 3, 6 or 9).
[[nodiscard]] std::string format_utc(TimeNs t);
[[nodiscard]] std::string format_date(DayNumber day);

}  // namespace bw
