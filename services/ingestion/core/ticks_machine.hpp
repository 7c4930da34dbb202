#pragma once
// The machine market.ticks: judges a provider's trades and quotes, joins venues' quotes to the best
// bid and offer, and keeps books from depth updates. Unit: instrument.
#include <array>
#include <memory>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "ingestion/core/config.hpp"
#include "ingestion/core/depth_feed.hpp"
#include "ingestion/core/nbbo.hpp"
#include "ingestion/core/spike_filter.hpp"

namespace bw::ingestion {

class TicksMachine final : public runtime::Machine {
 public:
  explicit TicksMachine(const Config& config) : config_(config) {}

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

 private:
  static constexpr std::size_t kTradeIds = 32;  // remembered, to know a trade that comes twice
  struct State {
    SpikeFilter spikes;
    Nbbo nbbo;
    std::unique_ptr<DepthFeed> depth;  // only where there is depth
    std::array<std::uint64_t, kTradeIds> trade_ids{};
    std::uint64_t trades = 0;  // that had an id
    TimeNs trade_time = 0;     // latest stamp of a trade
    TimeNs down_from = 0;      // since when the feed is down
    bool has_quotes =
        false;  // the provider sends quotes: the book's top is not published beside them
  };
  [[nodiscard]] State* state(Unit unit);
  void on_trade(const RawTrade& raw, Unit unit, runtime::Emit& out);
  [[nodiscard]] bool believable(State& s, const RawTrade& raw, Unit unit, runtime::Emit& out) const;
  void on_quote(const RawQuote& raw, Unit unit, runtime::Emit& out);
  void on_depth(const RawDepth& raw, Unit unit, runtime::Emit& out);
  void on_feed_state(const RawFeedState& raw, Unit unit, runtime::Emit& out);

  const Config& config_;
  std::vector<std::unique_ptr<State>> states_;  // by unit
};

/// `config` outlives the machines.
[[nodiscard]] runtime::MachineSpec ticks_spec(const Config& config);

}  // namespace bw::ingestion
