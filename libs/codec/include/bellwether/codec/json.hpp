#pragma once
// Records as JSON lines, for --trace, the command line and people. A public format:
//
//   {"t":"2014-11-19T14:31:00Z","kind":"broker.orders","unit":"1","seq":"7",
//    "type":"fill","event":{…}}
//
// One line, keys in this order, the event's in its struct's order (libs/domain); an admission has
// "admitted":true behind "seq". Epoch and n are left out: they tell of the run, not of what was
// decided. Ids and 64-bit numbers are decimal strings; prices, quantities and money are decimal
// strings ("-1.5"); hashes are 16 hex digits, bit sets 8; times are RFC 3339 in UTC with up to 9
// decimals, and null where 0 (unknown, none); durations are nanoseconds as decimal strings; days
// are dates, null where 0; enums are the words of domain/names.hpp; doubles are the shortest digits
// that read back to the same value. Text that is no UTF-8 shows U+FFFD.
#include <string>

#include "bellwether/runtime/record.hpp"

namespace bw::codec {

/// Appends the record's JSON object, without a newline.
void append_json(const runtime::Record& record, std::string& out);
[[nodiscard]] std::string to_json(const runtime::Record& record);
/// Only the event's own object; "null" where there is none.
[[nodiscard]] std::string to_json(const Event& event);

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);
/// Appends the shortest digits that read back to `v`; null where it is not finite.
void append_json_number(double v, std::string& out);

}  // namespace bw::codec
