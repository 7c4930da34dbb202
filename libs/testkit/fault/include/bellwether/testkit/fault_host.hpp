#pragma once
// FaultHost: a suite of machines in one process under a seeded scheduler of faults: crashes before
// and after a commit, lost and ambiguous acknowledgements, delay, reorder across partitions,
// changes of owner, zombies, frozen processes, stepping clocks, a database that is away. Seed and
// commit replay a failure.
#include <string>
#include <vector>

#include "bellwether/runtime/engine.hpp"
#include "bellwether/runtime/recording.hpp"

namespace bw::testkit {

struct FaultOptions {
  std::uint64_t seed = 1;
  runtime::Planted planted;
  bool live = false;  ///< rows are admitted from outside by the clock instead of read as a source
  int ticks = 220;    ///< length of the stretch with faults
  TimeNs clock_start = kSecond;    ///< the wall clock at the first tick
  DurationNs tick = kMillisecond;  ///< how far it moves a tick
  bool rows_at_their_time =
      false;  ///< live: a row is offered at its own time instead of spread evenly
};

/// A person's command in a live run: offered until its owner says that it is safe.
struct Command {
  Kind kind = Kind::broker_orders;
  Unit unit = 0;
  Event event;
};

/// Runs `suite` over `rows` (ascending in time) under faults until everything is processed. In
/// history the outputs must equal those of InlineHost; live, every log must come again from its
/// journal. `commands` are live only. Returns an empty text, or the promise that broke.
[[nodiscard]] std::string run_faults(const std::vector<runtime::MachineSpec>& suite,
                                     const std::vector<runtime::Source::Row>& rows,
                                     const std::vector<Command>& commands,
                                     const FaultOptions& options);

/// Compares what `recording` published with what InlineHost publishes from the same rows. Returns
/// an empty text, or the first difference.
[[nodiscard]] std::string differs_from_inline(const std::vector<runtime::MachineSpec>& suite,
                                              const std::vector<runtime::Source::Row>& rows,
                                              const runtime::Recording& recording);

/// Rows from memory, as a source.
class VectorSource final : public runtime::Source {
 public:
  explicit VectorSource(const std::vector<Row>& rows) : rows_(rows) {}
  [[nodiscard]] const Row* next() override { return at_ < rows_.size() ? &rows_[at_++] : nullptr; }
  [[nodiscard]] bool at_end() const override { return at_ >= rows_.size(); }

 private:
  const std::vector<Row>& rows_;
  std::size_t at_ = 0;
};

}  // namespace bw::testkit
