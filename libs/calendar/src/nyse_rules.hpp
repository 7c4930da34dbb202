#pragma once
// The rules of NYSE (Rule 7.2, formerly Rule 51, and the exchange's notices), for one local day.
#include "bellwether/base/time.hpp"

namespace bw::calendar {

inline constexpr int kFirstYear = 1998;
inline constexpr int kLastYear = 2030;

struct NyseDay {
  bool open = false;
  int open_minute = 9 * 60 + 30;  ///< minutes after local midnight
  int close_minute = 16 * 60;
};

/// Right for the years kFirstYear to kLastYear.
[[nodiscard]] NyseDay nyse_day(DayNumber day) noexcept;

}  // namespace bw::calendar
