#include "ingestion/core/reference.hpp"

namespace bw::ingestion {

Reference::Reference()
    : calendars_{calendar::Calendar(CalendarId::always_open), calendar::Calendar(CalendarId::nyse),
                 calendar::Calendar(CalendarId::us_extended)} {}

Result<std::shared_ptr<const Reference>> Reference::make(
    const std::vector<Instrument>& instruments) {
  const std::shared_ptr<Reference> r(new Reference());
  for (const Instrument& i : instruments) {
    const std::string field = "instrument " + std::string(i.symbol.view());
    if (!i.id.is_set() || i.id.value >= kUnitLimit) {
      return fail(ErrorCode::invalid_argument, "its id is 0 or too high", field,
                  "give an id from 1 to " + std::to_string(kUnitLimit - 1));
    }
    if (r->find(i.id.value) != nullptr) {
      return fail(ErrorCode::already_exists,
                  "its id " + std::to_string(i.id.value) + " is taken by " +
                      std::string(r->find(i.id.value)->symbol.view()),
                  field, "give each instrument an id of its own");
    }
    if (i.id.value >= r->by_unit_.size()) r->by_unit_.resize(i.id.value + 1);
    r->by_unit_[i.id.value] = i;
  }
  return std::shared_ptr<const Reference>(r);
}

}  // namespace bw::ingestion
