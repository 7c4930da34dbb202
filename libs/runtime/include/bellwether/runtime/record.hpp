#pragma once
// What stands in a machine's log.
#include "bellwether/domain/event.hpp"

namespace bw::runtime {

/// A machine is (kind, index): kind names its topic, index its partition.
struct MachineId {
  Kind kind = Kind::source;
  std::uint32_t index = 0;
  auto operator<=>(const MachineId&) const = default;
};

enum class What : std::uint8_t {
  open,      ///< a new owner begins; behind it, records of a lower epoch are void. Has no n.
  progress,  ///< everything up to t is out. Has no n of its own: n is that of the record before it
  out,       ///< an event that the machine published
  admit,     ///< the journal: outside input taken in at position t, in front of what it causes
};

/// One record. Outputs and admissions carry a contiguous n over all epochs.
struct Record {
  What what = What::out;
  std::uint32_t epoch = 0;
  std::uint64_t n = 0;
  TimeNs t = 0;            ///< event_time; admit: the position that it was admitted at
  Kind kind = Kind::source;
  Unit unit = 0;
  std::uint64_t seq = 0;   ///< unit_seq of an output
  Event event;

  /// Equal but for the epoch: what recovery compares.
  [[nodiscard]] bool same_as(const Record& o) const {
    return what == o.what && n == o.n && t == o.t && kind == o.kind && unit == o.unit &&
           seq == o.seq && event == o.event;
  }
};

/// The one total order of events.
struct OrderKey {
  TimeNs t;
  Kind kind;
  Unit unit;
  std::uint64_t seq;
  auto operator<=>(const OrderKey&) const = default;
};
[[nodiscard]] inline OrderKey key_of(const Record& r) noexcept {
  return {r.t, r.kind, r.unit, r.seq};
}

}  // namespace bw::runtime
