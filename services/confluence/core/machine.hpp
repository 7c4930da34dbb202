#pragma once
// confluence.signals: turns feature vectors into explained signals, by strategy documents.
#include <memory>
#include <vector>

#include "bellwether/domain/instrument.hpp"
#include "bellwether/runtime/machine.hpp"
#include "confluence/core/scoring.hpp"

namespace bw::confluence {

struct Config {
  std::vector<Strategy> strategies;     ///< in any order; they decide in the order of their ids
  std::vector<Instrument> instruments;  ///< for tick sizes; prices of others are not put on a grid
};

/// Whether a machine can run by it: names of features, ids that are twice.
[[nodiscard]] Result<void> check(const Config& config);

/// The newest closed bar's features of one timeframe.
struct Latest {
  bool seen = false;
  std::uint32_t valid = 0;
  std::uint32_t gapped = 0;
  TimeNs bar_open = 0;
  TimeNs bar_close = 0;
  TimeNs data_from = 0;
  TimeNs gap_from = 0;
  TimeNs gap_to = 0;
  Price close;
  std::array<double, indicators::kFeatureCount> values{};
  bool operator==(const Latest&) const = default;
};

/// When the newest bars of a timeframe opened: tells where the stretch begins that a component
/// rests on.
class BarOpens {
 public:
  void push(TimeNs open) noexcept {
    at_ = at_ + 1 == opens_.size() ? 0 : at_ + 1;
    opens_[at_] = open;
    if (count_ < opens_.size()) ++count_;
  }
  /// Open of the bar `bars` back, the newest being 1 back; of the oldest known where there are
  /// fewer.
  [[nodiscard]] TimeNs back(std::size_t bars) const noexcept {
    const std::size_t n = (bars < count_ ? bars : count_) - 1;
    return opens_[at_ >= n ? at_ - n : at_ + opens_.size() - n];
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  void save(Writer& w) const;
  void load(Reader& r);

 private:
  std::array<TimeNs, indicators::kLongestSpan> opens_{};
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

/// Where one strategy stands on one instrument.
struct Standing {
  Direction held = Direction::flat;            ///< the last signal's direction
  Direction leaning = Direction::flat;         ///< side beyond `enter` at the last close
  std::uint32_t streak = 0;                    ///< closes in a row on that side
  std::uint32_t cool_left = 0;                 ///< closes that may not enter yet
  TimeNs left_at = 0;                          ///< close at which a position was left
  HoldBackReason said = HoldBackReason::none;  ///< the hold-back of the present stretch
  Direction said_direction = Direction::flat;
  bool warming_said = false;
  bool operator==(const Standing&) const = default;
};

/// The machine of confluence.signals; unit = instrument. Reads analytics.features and market.bars
/// of its own index. At each close of a strategy's timeframe it scores the newest closed bar of
/// each component's timeframe; it says Signal when the direction changes, and HoldBack once for
/// each stretch of closes on which a signal in the same direction is held back for the same reason.
/// It needs vectors that close together longest timeframe first. Derived: checkpointed by its host.
/// One thread.
class ConfluenceSignals final : public runtime::Machine {
 public:
  /// `config` passed check() and outlives the machine.
  explicit ConfluenceSignals(const Config& config);
  ~ConfluenceSignals() override;

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

 private:
  struct InstrumentState;
  struct Assessment;

  InstrumentState* state_of(Unit unit);
  std::unique_ptr<InstrumentState> fresh(Unit unit) const;
  void on_feature(InstrumentState& s, const Feature& f, runtime::Emit& out);
  static void on_gap(InstrumentState& s, const Gap& gap);
  static void on_split(InstrumentState& s, Quantity ratio);
  static void assess(const CompiledStrategy& c, const InstrumentState& s, Assessment& a);
  void decide(const CompiledStrategy& c, InstrumentState& s, Standing& st, runtime::Emit& out);
  void enter_or_hold(const CompiledStrategy& c, InstrumentState& s, Standing& st, Assessment& a,
                     Direction want, bool cooling, runtime::Emit& out);
  void say(const CompiledStrategy& c, InstrumentState& s, Standing& st, Assessment& a, Direction to,
           runtime::Emit& out);
  static void hold(const CompiledStrategy& c, InstrumentState& s, Standing& st, HoldBack h,
                   runtime::Emit& out);

  const Config* config_;
  std::vector<CompiledStrategy> strategies_;  // by id
  std::vector<std::unique_ptr<InstrumentState>>
      by_unit_;                      // nothing: no strategy cares, or not seen yet
  std::vector<std::uint8_t> known_;  // by unit: 1 looked up, whatever came of it
};

/// `config` outlives the machines.
[[nodiscard]] runtime::MachineSpec confluence_signals_spec(const Config& config);

}  // namespace bw::confluence
