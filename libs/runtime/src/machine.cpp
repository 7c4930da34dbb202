#include "bellwether/runtime/machine.hpp"

#include <algorithm>
#include <functional>

namespace bw::runtime {

std::uint64_t Emit::set_timer(Unit unit, TimeNs due, std::uint32_t tag) {
  touch(unit);
  const TimerEntry entry{std::max(due, now_ + 1), unit, ++of(unit).last_timer, tag};
  timers_.push_back(entry);
  std::push_heap(timers_.begin(), timers_.end(), std::greater<>());
  return entry.id;
}

TimerEntry Emit::pop_timer() {
  BW_ASSERT(!timers_.empty(), "no timer to pop");
  std::pop_heap(timers_.begin(), timers_.end(), std::greater<>());
  const TimerEntry entry = timers_.back();
  timers_.pop_back();
  return entry;
}

std::vector<Unit> Emit::take_changed() {
  std::vector<Unit> changed;
  changed.swap(changed_);
  std::sort(changed.begin(), changed.end());
  for (const Unit u : changed) units_[u].touched = false;
  return changed;
}

void Emit::grow(Unit unit) {
  BW_ASSERT(unit < kUnitLimit, "unit beyond the limit");
  units_.resize(unit + 1);
}

void Emit::save(Writer& w) const {
  std::uint32_t used = 0;
  for (const auto& u : units_) used += u.seq != 0 || u.last_timer != 0 ? 1U : 0U;
  w.put(used);
  for (Unit unit = 0; unit < units_.size(); ++unit) {
    const PerUnit& u = units_[unit];
    if (u.seq == 0 && u.last_timer == 0) continue;
    w.put(unit);
    w.put(u.seq);
    w.put(u.last_timer);
  }
  std::vector<TimerEntry> sorted = timers_;
  std::sort(sorted.begin(), sorted.end());
  w.put(static_cast<std::uint32_t>(sorted.size()));
  for (const auto& t : sorted) {
    w.put(t.due);
    w.put(t.unit);
    w.put(t.id);
    w.put(t.tag);
  }
}

Result<void> Emit::load(Reader& r) {
  units_.clear();
  changed_.clear();
  timers_.clear();
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    const auto unit = r.get<Unit>();
    if (unit >= kUnitLimit) return fail(ErrorCode::data_loss, "saved unit is out of range", "emit");
    r.get(of(unit).seq);
    r.get(of(unit).last_timer);
  }
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    TimerEntry t;
    r.get(t.due);
    r.get(t.unit);
    r.get(t.id);
    r.get(t.tag);
    timers_.push_back(t);  // ascending order is a heap already
  }
  if (!r.ok()) return fail(ErrorCode::data_loss, "saved state is cut short", "emit");
  return {};
}

Result<void> check_order(const std::vector<MachineSpec>& suite) {
  for (const auto& spec : suite) {
    for (const auto& input : spec.inputs) {
      if (input.kind >= spec.kind) {
        return fail(ErrorCode::invalid_argument,
                    std::string(kind_name(spec.kind)) + " may not read " +
                        std::string(kind_name(input.kind)),
                    "inputs", "events flow from lower to higher rank; send a request instead");
      }
    }
  }
  return {};
}

}  // namespace bw::runtime
