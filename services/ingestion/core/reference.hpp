#pragma once
// Reference: the instruments that ingestion knows, with their calendars. Built once, then
// read-only; machines of all three kinds share it.
#include <array>
#include <memory>
#include <vector>

#include "bellwether/base/result.hpp"
#include "bellwether/calendar/calendar.hpp"
#include "bellwether/domain/instrument.hpp"
#include "bellwether/domain/kind.hpp"

namespace bw::ingestion {

class Reference {
 public:
  /// Refuses ids of 0, above kUnitLimit or given twice.
  [[nodiscard]] static Result<std::shared_ptr<const Reference>> make(
      const std::vector<Instrument>& instruments);

  [[nodiscard]] const Instrument* find(Unit unit) const noexcept {
    return unit < by_unit_.size() && by_unit_[unit].id.is_set() ? &by_unit_[unit] : nullptr;
  }
  /// The sessions in which the instrument trades.
  [[nodiscard]] const calendar::Calendar& sessions(const Instrument& i) const noexcept {
    return calendars_[static_cast<std::size_t>(i.calendar)];
  }
  /// The sessions in which a bar is expected every minute: without the thin extended hours.
  [[nodiscard]] const calendar::Calendar& expected(const Instrument& i) const noexcept {
    return i.calendar == CalendarId::us_extended
               ? calendars_[static_cast<std::size_t>(CalendarId::nyse)]
               : sessions(i);
  }

 private:
  Reference();
  std::vector<Instrument> by_unit_;
  std::array<calendar::Calendar, 3> calendars_;
};

}  // namespace bw::ingestion
