#include "suite.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "analytics/shell/wiring.hpp"
#include "broker/shell/wiring.hpp"
#include "bellwether/service/settings.hpp"
#include "confluence/shell/explain.hpp"
#include "confluence/shell/wiring.hpp"
#include "ingestion/shell/feed.hpp"
#include "ingestion/shell/wiring.hpp"
#include "portfolio/shell/wiring.hpp"

namespace bw::app {

namespace {

class WholeSuite final : public Suite {
 public:
  Result<void> read(const service::Inputs& inputs) {
    inputs_ = inputs;
    auto table = service::load_instruments(inputs);
    if (!table) return tl::unexpected(table.error());
    instruments_ = table->all();
    auto strategies = confluence::strategies_of(inputs, *table);
    if (!strategies) return tl::unexpected(strategies.error());
    strategies_ = std::move(*strategies);
    using Wire = Result<service::Wiring> (*)(const service::Inputs&);
    for (const Wire wire : {Wire(ingestion::wire), Wire(analytics::wire), Wire(confluence::wire), Wire(broker::wire),
                            Wire(portfolio::wire)}) {
      auto wiring = wire(inputs);
      if (!wiring) return tl::unexpected(wiring.error());
      wirings_.push_back(std::move(*wiring));
    }
    return {};
  }

  std::vector<runtime::MachineSpec> specs() const override {
    std::vector<runtime::MachineSpec> all;
    for (const auto& w : wirings_) all.insert(all.end(), w.specs.begin(), w.specs.end());
    return all;
  }
  Result<std::unique_ptr<runtime::Source>> open_feed() const override {
    return ingestion::open_feed(inputs_, instruments_);
  }
  const std::vector<Instrument>& instruments() const override { return instruments_; }
  std::string symbol(InstrumentId id) const override {
    const Instrument* i = find(id);
    return i == nullptr ? "#" + std::to_string(id.value) : std::string(i->symbol.view());
  }
  std::string strategy_name(StrategyId id) const override {
    const auto* s = find(id);
    return s == nullptr ? "#" + std::to_string(id.value) : s->name;
  }
  std::string explain(const Signal& signal, std::span<const HoldBack> held_back,
                      bool json) const override {
    const auto* strategy = find(signal.strategy);
    const Instrument* instrument = find(signal.instrument);
    if (strategy == nullptr || instrument == nullptr) {
      const std::string why = "its strategy or instrument is not among the documents given";
      return json ? "{\"signal\":\"" + std::to_string(signal.id.value) + "\",\"note\":\"" + why + "\"}"
                  : "signal " + std::to_string(signal.id.value) + ": " + why +
                        "\ngive them with --documents and --instruments\n";
    }
    const confluence::Story story{signal, *strategy, *instrument, held_back};
    return json ? confluence::explain_json(story) : confluence::explain(story);
  }
  std::string reasons(const Signal& signal) const override {
    const auto* strategy = find(signal.strategy);
    std::vector<Contribution> parts(signal.contributions.begin(), signal.contributions.end());
    std::stable_sort(parts.begin(), parts.end(), [](const Contribution& a, const Contribution& b) {
      return std::abs(a.contribution) > std::abs(b.contribution);
    });
    std::string text;
    for (std::size_t i = 0; i < parts.size() && i < 3; ++i) {
      const Contribution& c = parts[i];
      const bool named = strategy != nullptr && c.component < strategy->components.size();
      std::array<char, 16> share{};
      std::snprintf(share.data(), share.size(), " %+.2f", c.contribution);
      text += (text.empty() ? "" : ", ") +
              (named ? strategy->components[c.component].name : "#" + std::to_string(c.component)) +
              share.data();
    }
    return text;
  }

 private:
  const Instrument* find(InstrumentId id) const {
    const auto it = std::find_if(instruments_.begin(), instruments_.end(),
                                 [&](const Instrument& i) { return i.id == id; });
    return it == instruments_.end() ? nullptr : &*it;
  }
  const confluence::Strategy* find(StrategyId id) const {
    const auto it = std::find_if(strategies_.begin(), strategies_.end(),
                                 [&](const confluence::Strategy& s) { return s.id == id; });
    return it == strategies_.end() ? nullptr : &*it;
  }

  service::Inputs inputs_;
  std::vector<Instrument> instruments_;
  std::vector<confluence::Strategy> strategies_;
  std::vector<service::Wiring> wirings_;
};

}  // namespace

Result<std::unique_ptr<Suite>> Suite::make(const service::Inputs& inputs) {
  auto suite = std::make_unique<WholeSuite>();
  if (auto r = suite->read(inputs); !r) return tl::unexpected(r.error());
  return std::unique_ptr<Suite>(std::move(suite));
}

}  // namespace bw::app
