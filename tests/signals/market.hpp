#pragma once
// Minutes of trading as history, from a recording or made up, and a machine that passes them on:
// enough market to drive analytics and confluence without ingestion.
#include <vector>

#include "analytics/core/features_machine.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/runtime/machine.hpp"
#include "confluence/core/machine.hpp"

namespace bw::signals_test {

/// Rows in order of (time, unit), behind one another in memory.
class Recorded final : public runtime::Source {
 public:
  explicit Recorded(const std::vector<runtime::Source::Row>& rows, std::size_t count)
      : rows_(rows), count_(count) {}
  [[nodiscard]] const Row* next() override { return at_ < count_ ? &rows_[at_++] : nullptr; }
  [[nodiscard]] bool at_end() const override { return at_ >= count_; }

 private:
  const std::vector<runtime::Source::Row>& rows_;
  std::size_t count_;
  std::size_t at_ = 0;
};

/// Stands where market.bars would be: says what it reads.
class PassOn final : public runtime::Machine {
 public:
  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override {
    if (const auto* bar = std::get_if<Bar>(&in.event)) out.publish(in.unit, *bar);
    if (const auto* action = std::get_if<CorporateAction>(&in.event)) out.publish(in.unit, *action);
    if (const auto* gap = std::get_if<Gap>(&in.event)) out.publish(in.unit, *gap);
  }
  [[nodiscard]] std::vector<Unit> units() const override { return {}; }
  void save_unit(Unit, Writer&) const override {}
  [[nodiscard]] Result<void> load_unit(Unit, Reader&) override { return {}; }
};

struct Said {
  std::vector<Signal> signals;
  std::vector<TimeNs> times;
  std::vector<HoldBack> held;
};

class Listener final : public runtime::Sink {
 public:
  void on_output(Kind kind, const runtime::Output& o) override {
    if (kind != Kind::confluence_signals) return;
    if (const auto* g = std::get_if<Signal>(&o.event)) {
      said.signals.push_back(*g);
      said.times.push_back(o.time);
    } else if (const auto* h = std::get_if<HoldBack>(&o.event)) {
      said.held.push_back(*h);
    }
  }
  Said said;
};

[[nodiscard]] inline runtime::MachineSpec pass_on_spec() {
  return {Kind::market_bars,
          {{Kind::source, runtime::Delivery::partitioned}},
          false,
          [](const void*, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
            return std::make_unique<PassOn>();
          },
          nullptr};
}

/// What confluence says over the first `count` rows.
[[nodiscard]] inline Said run(const std::vector<runtime::Source::Row>& rows, std::size_t count,
                              const analytics::Config& analytics_config,
                              const confluence::Config& confluence_config) {
  Recorded source(rows, count);
  Listener listener;
  runtime::InlineHost host({pass_on_spec(), analytics::features_spec(analytics_config),
                            confluence::confluence_signals_spec(confluence_config)},
                           source, listener);
  host.run_to_end();
  return std::move(listener.said);
}

}  // namespace bw::signals_test
