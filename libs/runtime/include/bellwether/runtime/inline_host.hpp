#pragma once
// InlineHost: a whole suite in one process, one machine a kind, without logs. The engine of
// backtests and replay, and of the all-in-one process. On sorted history the total order is a loop:
// times, then ranks, then units.
#include <algorithm>
#include <memory>
#include <optional>

#include "bellwether/runtime/machine.hpp"
#include "bellwether/runtime/ports.hpp"

namespace bw::runtime {

/// Sees every output of every machine in the total order, and every admission at its place. Called
/// on the host's thread, between steps; what it is handed is valid during the call only.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_output(Kind kind, const Output& output) = 0;
  /// Outside input was admitted at `position`, in front of what follows.
  virtual void on_admit(Kind /*kind*/, Unit /*unit*/, const Event& /*event*/, TimeNs /*position*/) {
  }
};

/// State of the whole suite, cut between two times.
struct SuiteImage {
  TimeNs position = 0;
  Bytes bytes;
};

class InlineHost {
 public:
  /// The suite in rank order (sorted here); `source` and `sink` outlive the host.
  InlineHost(std::vector<MachineSpec> suite, Source& source, Sink& sink);

  /// Runs all of one time: the earliest of source rows, timers and admissions, at most `until`.
  /// False: nothing is due up to there (a source that has no row yet counts as nothing).
  bool step_time(TimeNs until = kTimeMax);
  /// One time of history: as step_time, but ends with the timers that are due within kHistoryTail
  /// of the last row.
  bool step_history(TimeNs until = kTimeMax) {
    return step_time(source_ended() ? std::min(until, last_row_ + kHistoryTail) : until);
  }
  /// Nothing of history is left to run.
  [[nodiscard]] bool history_ended() {
    return source_ended() && next_time() > last_row_ + kHistoryTail;
  }
  /// Runs history to its end.
  void run_to_end();
  /// The clock has reached `t` and nothing before it is still to come: what is admitted next is
  /// stamped behind it.
  void advance_to(TimeNs t) noexcept { position_ = position_ > t ? position_ : t; }
  /// Admits outside input at position + 1 ns, before all other events of that time.
  void admit(Kind kind, Unit unit, const Event& event);

  [[nodiscard]] TimeNs position() const noexcept { return position_; }
  /// Events published by all machines; the count that replay prints.
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] bool source_ended() const { return row_ == nullptr && source_.at_end(); }
  [[nodiscard]] Machine& machine(Kind kind);

  [[nodiscard]] SuiteImage image() const;
  /// Restores an image; source rows up to its position are skipped.
  [[nodiscard]] Result<void> restore(const SuiteImage& image);

 private:
  struct Slot {
    MachineSpec spec;
    std::unique_ptr<Machine> machine;
    Emit emit;
    std::vector<Source::Row> rows;  // of the time being run, for this kind
    std::size_t row_count = 0;
    std::vector<std::pair<Unit, Event>> admissions;
    std::vector<Slot*> inputs;  // in rank order
    bool reads_source = false;
  };
  [[nodiscard]] TimeNs next_time();
  void take_rows(TimeNs t);
  void run_slot(Slot& slot, TimeNs t);
  void hand_over(Slot& slot);

  std::vector<std::unique_ptr<Slot>> slots_;
  std::array<Slot*, kKindCount> by_kind_{};
  Source& source_;
  Sink& sink_;
  const Source::Row* row_ = nullptr;
  TimeNs position_ = 0;
  TimeNs last_row_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t rows_ = 0;
  bool admissions_ = false;
};

}  // namespace bw::runtime
