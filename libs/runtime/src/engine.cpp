#include "bellwether/runtime/engine.hpp"

#include <algorithm>

namespace bw::runtime {

Engine::Engine(const MachineSpec& spec, Ownership ownership, const Counts& counts, Planted planted)
    : spec_(&spec), ownership_(ownership), planted_(planted), machine_(spec.create(ownership)) {
  for (const Input& input : spec.inputs) {
    if (input.kind == Kind::source) {
      readers_.emplace_back(MachineId{Kind::source, ownership.index}, StreamReader::Position{});
    } else if (input.delivery == Delivery::partitioned) {
      readers_.emplace_back(MachineId{input.kind, ownership.index}, StreamReader::Position{});
    } else {
      for (std::uint32_t i = 0; i < counts[static_cast<std::size_t>(input.kind)]; ++i) {
        readers_.emplace_back(MachineId{input.kind, i}, StreamReader::Position{});
      }
    }
  }
}

TimeNs Engine::frontier() const noexcept {
  TimeNs f = kTimeMax;
  for (const auto& r : readers_) f = std::min(f, r.progress());
  return f;
}

TimeNs Engine::next_time() const noexcept {
  TimeNs t = emit_.next_due();
  for (const auto& r : readers_) {
    if (!r.empty()) t = std::min(t, r.front().t);
  }
  return t;
}

bool Engine::fold_to(TimeNs t, std::size_t limit) {
  std::size_t done = 0;
  for (TimeNs next = next_time(); next <= t; next = next_time()) {
    if (done >= limit) return false;
    done += release(next);
    position_ = std::max(position_, next);
    collect();
  }
  if (t != kTimeMax) position_ = std::max(position_, t);
  return true;
}

std::size_t Engine::release(TimeNs t) {
  pending_.clear();
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    while (!readers_[i].empty() && readers_[i].front().t <= t) {
      const Record& r = readers_[i].front();
      pending_.push_back({key_of(r), i, r});
      readers_[i].pop();
    }
  }
  if (planted_.order_by_arrival) {
    std::stable_sort(pending_.begin(), pending_.end(),
                     [](const Pending& a, const Pending& b) { return a.key.kind < b.key.kind; });
  } else {
    std::sort(pending_.begin(), pending_.end(),
              [](const Pending& a, const Pending& b) { return a.key < b.key; });
  }
  std::size_t done = 0;
  for (const Pending& p : pending_) {
    deliver({p.key.t, p.key.kind, p.key.unit, p.key.seq, p.record.event});
    ++done;
  }
  while (emit_.next_due() <= t) {
    const TimerEntry timer = emit_.pop_timer();
    emit_.touch(timer.unit);
    const Event event{Timer{timer.id, timer.tag}};
    deliver({timer.due, spec_->kind, timer.unit, 0, event});
    ++done;
  }
  return done;
}

void Engine::deliver(const Stamped& in) {
  ++events_in_;
  emit_.begin(in.time);
  machine_->step(in, emit_);
}

void Engine::collect() {
  for (const Output& o : emit_.outputs()) {
    out_.push_back({What::out, epoch_, ++n_, o.time, spec_->kind, o.unit, o.seq, o.event});
  }
  emit_.outputs().clear();
}

void Engine::journal(Unit unit, const Event& event, TimeNs at) {
  BW_ASSERT(ownership_.owns(unit), "admitted input for a unit that another machine owns");
  out_.push_back({What::admit, epoch_, ++n_, at, spec_->kind, unit, 0, event});
  emit_.touch(unit);
  deliver({at + 1, Kind::source, unit, 0, event});
  collect();
}

bool Engine::follow(const Record& record) {
  fold_to(std::min(record.t, frontier()));
  if (!ready(record.t)) return false;
  if (record.what == What::admit) journal(record.unit, record.event, record.t);
  return true;
}

Image Engine::image(bool changed_only) {
  Image image;
  image.n = n_;
  image.position = position_;
  Writer w;
  w.put(position_);
  w.put(n_);
  Emit saved = emit_;
  if (planted_.timers_not_saved) saved.forget_timers();
  saved.save(w);
  w.put(static_cast<std::uint32_t>(readers_.size()));
  for (auto& r : readers_) {
    const auto at = r.position();
    w.put(r.stream().kind);
    w.put(r.stream().index);
    w.put(at.offset);
    w.put(at.n);
    w.put(at.epoch);
    w.put(at.progress);
  }
  machine_->save_shared(w);
  image.shared = w.take();
  const auto changed = emit_.take_changed();
  for (const Unit unit : changed_only ? changed : machine_->units()) {
    Writer unit_writer;
    machine_->save_unit(unit, unit_writer);
    image.units.emplace_back(unit, unit_writer.take());
  }
  return image;
}

Result<void> Engine::restore(const Image& image) {
  Reader r(image.shared);
  r.get(position_);
  r.get(n_);
  if (auto loaded = emit_.load(r); !loaded) return loaded;
  const auto count = r.get<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    MachineId stream;
    StreamReader::Position at;
    r.get(stream.kind);
    r.get(stream.index);
    r.get(at.offset);
    r.get(at.n);
    r.get(at.epoch);
    r.get(at.progress);
    const auto it = std::find_if(readers_.begin(), readers_.end(),
                                 [&](const StreamReader& x) { return x.stream() == stream; });
    if (it == readers_.end()) {
      return fail(ErrorCode::failed_precondition, "saved state reads a stream that is no input now",
                  std::string(kind_name(stream.kind)), "start a new generation");
    }
    *it = StreamReader(stream, at);
  }
  if (auto loaded = machine_->load_shared(r); !loaded) return loaded;
  if (auto done = r.finish("shared state"); !done) return done;
  for (const auto& [unit, bytes] : image.units) {
    Reader u(bytes);
    if (auto loaded = machine_->load_unit(unit, u); !loaded) return loaded;
    if (auto done = u.finish("unit state"); !done) return done;
  }
  return {};
}

}  // namespace bw::runtime
