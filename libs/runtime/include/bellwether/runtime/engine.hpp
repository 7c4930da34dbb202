#pragma once
// Engine: one machine with its ordered merge, timers and journal. Shared by every host that reads
// logs (Runner over Kafka and under FaultHost) and by replay in recorded order. No clock, no
// network: a host polls the readers, says how far to go, and takes what came out.
#include <memory>

#include "bellwether/runtime/machine.hpp"
#include "bellwether/runtime/stream_reader.hpp"

namespace bw::runtime {

/// Rules that a test may break on purpose, to show that the fault campaign would notice. All off in
/// production.
struct Planted {
  bool order_by_arrival = false;  ///< events of one time and rank as they came, not by unit
  bool checkpoint_before_ack = false;
  bool publish_before_commit = false;
  bool no_epoch_fence = false;
  bool timers_not_saved = false;
};

/// The number of machines of each kind; Kind::source counts as its consumer.
using Counts = std::array<std::uint32_t, kKindCount>;

class Engine {
 public:
  Engine(const MachineSpec& spec, Ownership ownership, const Counts& counts, Planted planted = {});

  [[nodiscard]] const MachineSpec& spec() const noexcept { return *spec_; }
  [[nodiscard]] TimeNs position() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t n() const noexcept { return n_; }
  [[nodiscard]] std::vector<StreamReader>& readers() noexcept { return readers_; }
  [[nodiscard]] Machine& machine() noexcept { return *machine_; }
  void set_epoch(std::uint32_t epoch) noexcept { epoch_ = epoch; }

  /// The lowest progress of all inputs: up to there everything is known. kTimeMax without inputs.
  [[nodiscard]] TimeNs frontier() const noexcept;
  /// Has every input progressed to `t`?
  [[nodiscard]] bool ready(TimeNs t) const noexcept { return frontier() >= t; }

  /// Releases everything up to `t` in the total order. Stops between two times after `limit`
  /// events; returns whether `t` was reached.
  bool fold_to(TimeNs t, std::size_t limit = SIZE_MAX);
  /// Admits outside input for `unit` at position + 1 ns, before all other events of that time;
  /// journals it first.
  void admit(Unit unit, const Event& event) { journal(unit, event, position_); }
  /// Redoes one recorded decision (admit or progress). False: its inputs have not been read yet.
  [[nodiscard]] bool follow(const Record& record);

  /// Records made since the last take, in n order.
  [[nodiscard]] std::vector<Record>& out() noexcept { return out_; }
  [[nodiscard]] std::uint64_t events_in() const noexcept { return events_in_; }

  /// State of engine and machine. `changed_only`: units that changed since the last image
  /// (ledgers).
  [[nodiscard]] Image image(bool changed_only);
  [[nodiscard]] Result<void> restore(const Image& image);

 private:
  struct Pending {
    OrderKey key;
    std::size_t reader;
    Record record;
  };
  [[nodiscard]] TimeNs next_time() const noexcept;
  std::size_t release(TimeNs t);
  void journal(Unit unit, const Event& event, TimeNs at);
  void deliver(const Stamped& in);
  void collect();

  const MachineSpec* spec_;
  Ownership ownership_;
  Planted planted_;
  std::unique_ptr<Machine> machine_;
  Emit emit_;
  std::vector<StreamReader> readers_;
  std::vector<Pending> pending_;
  std::vector<Record> out_;
  TimeNs position_ = 0;
  std::uint64_t n_ = 0;
  std::uint32_t epoch_ = 0;
  std::uint64_t events_in_ = 0;
};

}  // namespace bw::runtime
