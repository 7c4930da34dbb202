#pragma once
// New York wall time to UTC and back, by the US daylight-saving rules: from the first Sunday of
// April to the last Sunday of October (1987 to 2006), from the second Sunday of March to the first
// Sunday of November (2007 on; Energy Policy Act of 2005, section 110), always at 02:00 local.
// Exact from 1987; earlier years use that year's rule. A local time is written as a TimeNs too: the
// wall clock's reading, as if it were UTC.
#include "bellwether/base/time.hpp"

namespace bw::calendar {

/// −5 h (standard) or −4 h (daylight), at the UTC time `utc`.
[[nodiscard]] DurationNs new_york_offset(TimeNs utc) noexcept;
/// What a clock in New York shows at `utc`.
[[nodiscard]] TimeNs utc_to_new_york(TimeNs utc) noexcept;

enum class LocalKind : std::uint8_t {
  unique,
  ambiguous,    ///< the hour that autumn repeats
  nonexistent,  ///< the hour that spring skips
};

/// Both readings of a local time: with the daylight offset and with the standard one. They are
/// equal where it is unique. Where it is ambiguous, `earlier` is daylight time and `later` standard
/// time. Where it does not exist, `earlier` reads it as daylight time (an hour before the clocks'
/// jump) and `later` as standard time.
struct LocalReading {
  LocalKind kind = LocalKind::unique;
  TimeNs earlier = 0;
  TimeNs later = 0;
};
[[nodiscard]] LocalReading read_new_york(TimeNs local) noexcept;

/// What to do with an hour that occurs twice or never.
enum class OddHour : std::uint8_t { refuse, earlier, later };
/// The UTC time of a local time; out_of_range where the hour is odd and `odd` is refuse.
[[nodiscard]] Result<TimeNs> new_york_to_utc(TimeNs local, OddHour odd = OddHour::refuse);

}  // namespace bw::calendar
