#pragma once
// The contract between a decision (a core) and whatever runs it (a host).
//
// A machine reads events in one total order and emits effects: events to publish and timers to set.
// It never reads a clock, a file, a socket or a random device, never logs, throws or starts a
// thread, and allocates nothing per event once its units are known. So the same machine gives the
// same bytes live, in a backtest and under injected faults. docs/determinism.md states the contract
// sentence by sentence.
#include <memory>
#include <vector>

#include "bellwether/base/hash.hpp"
#include "bellwether/base/serial.hpp"
#include "bellwether/domain/event.hpp"

namespace bw::runtime {

/// An event with its identity (kind, unit, seq) and the time from which the system could know it.
/// Timers come with the machine's own kind; what was admitted from outside with Kind::source.
struct Stamped {
  TimeNs time;  ///< event_time
  Kind kind;
  Unit unit;
  std::uint64_t seq;  ///< unit_seq; 0 for timers and admitted events
  const Event& event;
};

/// One effect of a step: an event of the machine's own kind.
struct Output {
  TimeNs time = 0;
  Unit unit = 0;
  std::uint64_t seq = 0;
  Event event;
};

struct TimerEntry {
  TimeNs due = 0;
  Unit unit = 0;
  std::uint64_t id = 0;
  std::uint32_t tag = 0;
  auto operator<=>(const TimerEntry&) const = default;
};

/// What a machine emits goes through here. Owned by the host, one a machine; holds the parts of a
/// machine's state that every machine has: unit_seq counters and timers.
class Emit {
 public:
  /// The unit_seq that the next publish for `unit` will take; ids derive from it.
  [[nodiscard]] std::uint64_t next_seq(Unit unit) const noexcept {
    return (unit < units_.size() ? units_[unit].seq : 0) + 1;
  }
  /// Publishes `body` for `unit`, at the time of the input that is being handled.
  template <class E>
  void publish(Unit unit, const E& body) {
    Output& o = outputs_.emplace_back();
    o.time = now_;
    o.unit = unit;
    o.seq = ++of(unit).seq;
    o.event.template emplace<E>(body);
    touch(unit);
  }
  /// A timer for `unit`: comes back as Timer{id, tag} at `due`, at the earliest 1 ns from now.
  /// Timers cannot be taken back: a machine ignores one that has lost its meaning.
  std::uint64_t set_timer(Unit unit, TimeNs due, std::uint32_t tag);
  /// Says that the unit's state changed although nothing was published: a ledger saves changed
  /// units only.
  void touch(Unit unit) {
    PerUnit& u = of(unit);
    if (u.touched) return;
    u.touched = true;
    changed_.push_back(unit);
  }
  [[nodiscard]] TimeNs now() const noexcept { return now_; }

  // For hosts.
  void begin(TimeNs now) noexcept { now_ = now; }
  [[nodiscard]] std::vector<Output>& outputs() noexcept { return outputs_; }
  [[nodiscard]] bool has_timer() const noexcept { return !timers_.empty(); }
  [[nodiscard]] TimeNs next_due() const noexcept {
    return timers_.empty() ? kTimeMax : timers_.front().due;
  }
  TimerEntry pop_timer();
  /// Units changed since the last call, in ascending order.
  [[nodiscard]] std::vector<Unit> take_changed();
  [[nodiscard]] std::size_t timer_count() const noexcept { return timers_.size(); }
  void save(Writer& w) const;
  [[nodiscard]] Result<void> load(Reader& r);
  void forget_timers() noexcept { timers_.clear(); }  ///< only for the test that plants this bug

 private:
  struct PerUnit {
    std::uint64_t seq = 0;         // last unit_seq given out
    std::uint64_t last_timer = 0;  // last timer id given out
    bool touched = false;
  };
  PerUnit& of(Unit unit) {
    if (unit >= units_.size()) grow(unit);
    return units_[unit];
  }
  void grow(Unit unit);

  TimeNs now_ = 0;
  std::vector<Output> outputs_;
  std::vector<PerUnit> units_;
  std::vector<Unit> changed_;
  std::vector<TimerEntry> timers_;  // heap, earliest first
};

/// A pure decision maker over the units of one machine. Lifecycle: constructed empty, then either
/// load_* or nothing, then step by step. One thread. Owned by its host.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual void step(const Stamped& in, Emit& out) noexcept = 0;

  /// State that no unit owns (what broadcast inputs taught it); may be empty.
  virtual void save_shared(Writer&) const {}
  [[nodiscard]] virtual Result<void> load_shared(Reader&) { return {}; }
  /// The units that have state, ascending.
  [[nodiscard]] virtual std::vector<Unit> units() const = 0;
  virtual void save_unit(Unit unit, Writer& w) const = 0;
  [[nodiscard]] virtual Result<void> load_unit(Unit unit, Reader& r) = 0;
};

enum class Delivery : std::uint8_t {
  partitioned,  ///< the machine's own index of that kind
  broadcast,    ///< all indices of that kind
};

struct Input {
  Kind kind;
  Delivery delivery;
};

/// Which units a machine owns.
struct Ownership {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  [[nodiscard]] bool owns(Unit unit) const noexcept {
    return count == 1 || machine_index(unit, count) == index;
  }
};

/// A machine kind as the suite wires it: what it reads, how it is stored, how it is made.
struct MachineSpec {
  Kind kind;
  std::vector<Input>
      inputs;           ///< of lower rank only; Kind::source where it reads the outside in history
  bool ledger = false;  ///< committed to the database before anything is published
  std::unique_ptr<Machine> (*make)(const void* context, Ownership ownership) = nullptr;
  const void* context = nullptr;  ///< configuration, outlives the machine

  [[nodiscard]] std::unique_ptr<Machine> create(Ownership o) const { return make(context, o); }
};

/// Refuses an input of the same or a higher rank: a cycle.
[[nodiscard]] Result<void> check_order(const std::vector<MachineSpec>& suite);

/// History ends this long behind its last row, so that timers that wait for a row which never comes
/// (a bar that closes, a hole that is given up) still run. The same for every host.
inline constexpr DurationNs kHistoryTail = 150 * kSecond;

/// A pull stream of history: rows in ascending (time, unit, seq), re-readable from the start. `seq`
/// counts per unit from 1. Filtered to one consumer kind; the host filters units.
class Source {
 public:
  struct Row {
    TimeNs time = 0;
    Unit unit = 0;
    std::uint64_t seq = 0;
    Kind consumer = Kind::market_bars;  ///< the machine kind that it is for
    Event event;
  };
  virtual ~Source() = default;
  /// The next row, or nullptr at the end (or, for a live source, when nothing is there yet: see
  /// at_end). Valid until the next call.
  [[nodiscard]] virtual const Row* next() = 0;
  [[nodiscard]] virtual bool at_end() const = 0;
  /// Rows before `time` are not needed any more: a source that can leave them out faster than they
  /// are read may do so, with their seq counted. Never goes back.
  virtual void skip_to(TimeNs /*time*/) {}
};

}  // namespace bw::runtime
