#pragma once
// What the analytics machine is told: which timeframes to compute, and whose sessions each
// instrument follows. Built once by the host, then read-only; outlives the machine.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bellwether/base/result.hpp"
#include "bellwether/calendar/calendar.hpp"
#include "bellwether/domain/market.hpp"

namespace bw::analytics {

inline constexpr std::size_t kTimeframeCount = kTimeframes.size();

/// Index of a timeframe in kTimeframes; asks for one that is not none.
[[nodiscard]] constexpr std::size_t index_of(Timeframe tf) noexcept {
  return static_cast<std::size_t>(tf) - 1;
}

/// A set of timeframes; bit i stands for kTimeframes[i].
struct TimeframeSet {
  std::uint8_t bits = (1U << kTimeframeCount) - 1;
  [[nodiscard]] constexpr bool has(Timeframe tf) const noexcept {
    return (bits >> index_of(tf) & 1U) != 0;
  }
  /// From "1m", "5m", "15m", "1h", "1d". Refuses other words and an empty list, naming
  /// features.timeframes.
  [[nodiscard]] static Result<TimeframeSet> parse(std::span<const std::string_view> names);
};

/// Each instrument's trading calendar. An instrument that was not set trades round the clock.
class SessionTable {
 public:
  void set(InstrumentId instrument, CalendarId calendar);
  [[nodiscard]] const calendar::Calendar& of(InstrumentId instrument) const noexcept {
    const auto i = static_cast<std::size_t>(instrument.value);
    const CalendarId id = i < of_.size() ? of_[i] : CalendarId::always_open;
    return calendars_[static_cast<std::size_t>(id)];
  }

 private:
  std::array<calendar::Calendar, 3> calendars_{calendar::Calendar(CalendarId::always_open),
                                               calendar::Calendar(CalendarId::nyse),
                                               calendar::Calendar(CalendarId::us_extended)};
  std::vector<CalendarId> of_;  // by instrument id
};

struct Config {
  TimeframeSet timeframes;
  SessionTable sessions;
};

}  // namespace bw::analytics
