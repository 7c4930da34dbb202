#pragma once
// Machine analytics.features: bars in, indicators out. README.md says what it promises.
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "bellwether/base/fixed.hpp"
#include "bellwether/runtime/machine.hpp"
#include "config.hpp"
#include "track.hpp"

namespace bw::analytics {

/// Splits of one instrument that are announced and not yet in effect; more are not remembered.
inline constexpr std::size_t kMaxPendingSplits = 8;

/// One instrument: its tracks, the candles being built for longer timeframes, gaps and splits to
/// come.
class InstrumentUnit {
 public:
  InstrumentUnit(InstrumentId instrument, const Config& config)
      : instrument_(instrument), config_(&config) {
    last_in_.fill(INT64_MIN);
  }

  void on_bar(const Bar& bar, runtime::Emit& out);
  void on_gap(const Gap& gap) noexcept;
  void on_session(const Session& session, runtime::Emit& out);
  void on_corporate_action(const CorporateAction& action) noexcept;

  void save(Writer& out) const;
  [[nodiscard]] Result<void> load(Reader& in);

 private:
  struct PendingSplit {
    DayNumber ex_date = 0;
    double factor = 1;  ///< on prices
  };
  /// Gaps of one timeframe: the one that reaches farthest, which is all that windows ending now
  /// need.
  struct Gaps {
    GapSpan newest;
    TimeNs reach = INT64_MIN;     ///< the farthest end of others, closed while `newest` was open
    std::uint32_t late_bars = 0;  ///< bars since it began that came too late to be used
    void note(const Gap& gap) noexcept;
  };

  void enter_session(TimeNs t) noexcept;
  void aggregate(const Candle& c, Timeframe from, runtime::Emit& out);
  void open_bucket(Timeframe tf, const Candle& c);
  void flush(TimeNs until, runtime::Emit& out);
  void publish(Timeframe tf, const Candle& c, runtime::Emit& out);
  void apply_splits() noexcept;
  Track& track(Timeframe tf);

  void note_late(Timeframe from) noexcept;

  InstrumentId instrument_;
  const Config* config_;
  Timeframe base_ = Timeframe::none;  ///< the finest timeframe that came; only it is aggregated
  TimeNs session_open_ = 0;           ///< of the session that the last bar fell into
  TimeNs session_close_ = 0;
  bool in_session_ = false;
  TimeNs next_end_ = kTimeMax;  ///< the earliest end of a used bucket
  TimeNs last_middle_ = INT64_MIN;  ///< of the newest bar: a day stamped from midnight to midnight
                                    ///< UTC has its middle in its own local day
  std::uint8_t fresh_ = 0;  ///< bit i: the next bucket of timeframe i is its first
  std::array<TimeNs, kTimeframeCount> last_in_;  ///< open time of the last bar read, by timeframe
  std::array<Bucket, kTimeframeCount> buckets_;
  std::array<Gaps, kTimeframeCount> gaps_;
  std::array<std::optional<Track>, kTimeframeCount> tracks_;
  FixedVector<PendingSplit, kMaxPendingSplits> splits_;
};

/// Reads market.bars of its own index; publishes one Feature for each complete bar of each
/// configured timeframe. Owned and driven by its host; one thread.
class FeaturesMachine final : public runtime::Machine {
 public:
  explicit FeaturesMachine(const Config& config) : config_(&config) {}

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

 private:
  InstrumentUnit& unit(Unit id);
  const Config* config_;
  std::vector<std::unique_ptr<InstrumentUnit>> units_;  // by instrument id; empty where unknown
};

/// How a suite wires the machine. `config` must outlive it.
[[nodiscard]] runtime::MachineSpec features_spec(const Config& config);

}  // namespace bw::analytics
