#include "bellwether/runtime/inline_host.hpp"

#include <algorithm>

namespace bw::runtime {

namespace {

bool by_unit(const Output& a, const Output& b) noexcept {
  return a.unit != b.unit ? a.unit < b.unit : a.seq < b.seq;
}

}  // namespace

InlineHost::InlineHost(std::vector<MachineSpec> suite, Source& source, Sink& sink)
    : source_(source), sink_(sink) {
  BW_ASSERT(check_order(suite).has_value(), "a machine reads to its right");
  std::sort(suite.begin(), suite.end(),
            [](const MachineSpec& a, const MachineSpec& b) { return a.kind < b.kind; });
  for (auto& spec : suite) {
    auto slot = std::make_unique<Slot>();
    slot->spec = spec;
    slot->machine = spec.create({});
    by_kind_[static_cast<std::size_t>(spec.kind)] = slot.get();
    std::sort(spec.inputs.begin(), spec.inputs.end(),
              [](const Input& a, const Input& b) { return a.kind < b.kind; });
    for (const Input& input : spec.inputs) {
      if (input.kind == Kind::source) slot->reads_source = true;
      Slot* from = by_kind_[static_cast<std::size_t>(input.kind)];
      if (from != nullptr) slot->inputs.push_back(from);
    }
    slots_.push_back(std::move(slot));
  }
  row_ = source_.next();
}

TimeNs InlineHost::next_time() {
  if (row_ == nullptr) row_ = source_.next();
  TimeNs t = row_ != nullptr ? std::max(row_->time, position_ + 1) : kTimeMax;
  for (const auto& slot : slots_) t = std::min(t, slot->emit.next_due());
  if (admissions_) t = std::min(t, position_ + 1);
  return t;
}

bool InlineHost::step_time(TimeNs until) {
  const TimeNs t = next_time();
  if (t == kTimeMax || t > until) return false;
  take_rows(t);
  admissions_ = false;
  for (const auto& slot : slots_) slot->emit.outputs().clear();
  for (const auto& slot : slots_) run_slot(*slot, t);
  position_ = t;
  return true;
}

void InlineHost::take_rows(TimeNs t) {
  for (const auto& slot : slots_) slot->row_count = 0;
  while (row_ != nullptr && row_->time <= t) {
    Slot* slot = by_kind_[static_cast<std::size_t>(row_->consumer)];
    if (slot != nullptr && slot->reads_source) {
      if (slot->row_count == slot->rows.size()) slot->rows.emplace_back();
      slot->rows[slot->row_count++] = *row_;
    }
    ++rows_;
    last_row_ = row_->time;
    row_ = source_.next();
  }
}

void InlineHost::run_slot(Slot& slot, TimeNs t) {
  slot.emit.begin(t);
  for (const auto& [unit, event] : slot.admissions) {
    slot.machine->step({t, Kind::source, unit, 0, event}, slot.emit);
  }
  slot.admissions.clear();
  for (std::size_t i = 0; i < slot.row_count; ++i) {
    const Source::Row& row = slot.rows[i];
    slot.machine->step({t, Kind::source, row.unit, row.seq, row.event}, slot.emit);
  }
  for (const Slot* from : slot.inputs) {
    const Kind kind = from->spec.kind;
    for (const Output& o : const_cast<Slot*>(from)->emit.outputs()) {
      slot.machine->step({t, kind, o.unit, o.seq, o.event}, slot.emit);
    }
  }
  while (slot.emit.next_due() <= t) {
    const TimerEntry timer = slot.emit.pop_timer();
    const Event event{Timer{timer.id, timer.tag}};
    slot.machine->step({t, slot.spec.kind, timer.unit, 0, event}, slot.emit);
  }
  hand_over(slot);
}

void InlineHost::hand_over(Slot& slot) {
  auto& out = slot.emit.outputs();
  if (out.size() > 1 && !std::is_sorted(out.begin(), out.end(), by_unit)) {
    std::sort(out.begin(), out.end(), by_unit);
  }
  events_ += out.size();
  for (const Output& o : out) sink_.on_output(slot.spec.kind, o);
}

void InlineHost::run_to_end() {
  while (step_history()) {
  }
}

void InlineHost::admit(Kind kind, Unit unit, const Event& event) {
  Slot* slot = by_kind_[static_cast<std::size_t>(kind)];
  BW_ASSERT(slot != nullptr, "admitted input for a machine that is not in the suite");
  slot->admissions.emplace_back(unit, event);
  admissions_ = true;
  sink_.on_admit(kind, unit, event, position_);
}

Machine& InlineHost::machine(Kind kind) {
  Slot* slot = by_kind_[static_cast<std::size_t>(kind)];
  BW_ASSERT(slot != nullptr, "no such machine in the suite");
  return *slot->machine;
}

SuiteImage InlineHost::image() const {
  Writer w;
  w.put(position_);
  w.put(last_row_);
  w.put(events_);
  w.put(rows_);
  w.put(static_cast<std::uint32_t>(slots_.size()));
  for (const auto& slot : slots_) {
    w.put(slot->spec.kind);
    slot->emit.save(w);
    slot->machine->save_shared(w);
    const auto units = slot->machine->units();
    w.put(static_cast<std::uint32_t>(units.size()));
    for (const Unit unit : units) {
      Writer u;
      slot->machine->save_unit(unit, u);
      w.put(unit);
      w.put_bytes(u.bytes());
    }
  }
  return {position_, w.take()};
}

Result<void> InlineHost::restore(const SuiteImage& image) {
  Reader r(image.bytes);
  r.get(position_);
  r.get(last_row_);
  r.get(events_);
  r.get(rows_);
  if (r.get<std::uint32_t>() != slots_.size()) {
    return fail(ErrorCode::failed_precondition, "saved state is of another suite", "machines",
                "start with the same services, or from an empty state");
  }
  for (const auto& slot : slots_) {
    if (r.get<Kind>() != slot->spec.kind) {
      return fail(ErrorCode::failed_precondition, "saved state is of another suite", "machines");
    }
    if (auto loaded = slot->emit.load(r); !loaded) return loaded;
    if (auto loaded = slot->machine->load_shared(r); !loaded) return loaded;
    for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
      const auto unit = r.get<Unit>();
      Reader u(r.get_bytes());
      if (auto loaded = slot->machine->load_unit(unit, u); !loaded) return loaded;
      if (auto done = u.finish("unit state"); !done) return done;
    }
  }
  if (row_ != nullptr && row_->time <= position_) source_.skip_to(position_ + 1);
  while (row_ != nullptr && row_->time <= position_) row_ = source_.next();
  return r.finish("suite state");
}

}  // namespace bw::runtime
