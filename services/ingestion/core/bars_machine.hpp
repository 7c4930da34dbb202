#pragma once
// The machine market.bars: judges a provider's bars, builds bars from trades where there are none,
// and says what is missing, what was quarantined, and when sessions open and close. Unit:
// instrument.
#include <array>
#include <memory>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "ingestion/core/bar_series.hpp"
#include "ingestion/core/config.hpp"
#include "ingestion/core/session_tracker.hpp"
#include "ingestion/core/spike_filter.hpp"
#include "ingestion/core/trade_bars.hpp"

namespace bw::ingestion {

class BarsMachine final : public runtime::Machine {
 public:
  explicit BarsMachine(const Config& config) : config_(config) {}

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

 private:
  static constexpr std::size_t kActions = 32;  // remembered, to know one that comes twice
  struct State {
    State(const Config& c, const Instrument& i)
        : instrument(i), sessions(c.reference->sessions(i), i.id, c.bar_grace) {}
    const Instrument& instrument;
    SessionTracker sessions;
    SpikeFilter spikes;  // of bars within a day
    TradeBars building;
    std::array<std::unique_ptr<BarSeries>, 6> series;  // by timeframe
    TimeNs provider_until =
        0;              // up to here (source time) the provider's minutes stand for the trades
    TimeNs marked = 0;  // minute of the last mark or trade
    bool off_session = false;  // in a stretch of trades outside the session
    std::array<CorporateAction, kActions> actions{};
    std::uint64_t actions_seen = 0;
    std::uint8_t feed_gaps = 0;  // by cause, a bit each: gaps of market.ticks that were passed on
  };
  [[nodiscard]] State* state(Unit unit);
  [[nodiscard]] BarSeries& series(State& s, Timeframe tf) const;
  void on_raw_bar(const RawBar& raw, Unit unit, runtime::Emit& out);
  [[nodiscard]] bool believable(State& s, const RawBar& raw, runtime::Emit& out) const;
  void on_trade(const Trade& trade, Unit unit, runtime::Emit& out);
  void on_quote(const Quote& quote, Unit unit, runtime::Emit& out);
  void on_timer(const Timer& timer, Unit unit, runtime::Emit& out);
  void on_action(const RawCorporateAction& raw, Unit unit, runtime::Emit& out);
  void on_feed_gap(const Gap& gap, Unit unit, runtime::Emit& out);
  void on_feed_state(const RawFeedState& raw, Unit unit, runtime::Emit& out);
  void close_built_bar(State& s, runtime::Emit& out) const;

  const Config& config_;
  std::vector<std::unique_ptr<State>> states_;  // by unit
};

/// `config` outlives the machines.
[[nodiscard]] runtime::MachineSpec bars_spec(const Config& config);

}  // namespace bw::ingestion
