#include "config.hpp"

#include <string>

#include "bellwether/domain/names.hpp"

namespace bw::analytics {

Result<TimeframeSet> TimeframeSet::parse(std::span<const std::string_view> names) {
  TimeframeSet set;
  set.bits = 0;
  for (const std::string_view name : names) {
    const auto tf = from_name<Timeframe>(name);
    if (!tf || *tf == Timeframe::none) {
      return fail(ErrorCode::invalid_argument,
                  "'" + std::string(name.substr(0, 40)) + "' is no timeframe",
                  "features.timeframes", "use some of 1m, 5m, 15m, 1h, 1d");
    }
    set.bits = static_cast<std::uint8_t>(set.bits | 1U << index_of(*tf));
  }
  if (set.bits == 0) {
    return fail(ErrorCode::invalid_argument, "is empty", "features.timeframes",
                "name at least one of 1m, 5m, 15m, 1h, 1d");
  }
  return set;
}

void SessionTable::set(InstrumentId instrument, CalendarId calendar) {
  const auto i = static_cast<std::size_t>(instrument.value);
  if (i >= of_.size()) of_.resize(i + 1, CalendarId::always_open);
  of_[i] = calendar;
}

}  // namespace bw::analytics
