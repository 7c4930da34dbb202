#pragma once
// The machine news.articles: one event for each instrument that an article names, each once. Unit:
// instrument.
#include <memory>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "ingestion/core/config.hpp"

namespace bw::ingestion {

class NewsMachine final : public runtime::Machine {
 public:
  explicit NewsMachine(const Config& config) : config_(config) {}

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

 private:
  /// Ids of the last articles, the oldest overwritten first.
  struct State {
    std::vector<std::uint64_t> ids;
    std::uint64_t count = 0;
  };
  [[nodiscard]] State* state(Unit unit);

  const Config& config_;
  std::vector<std::unique_ptr<State>> states_;  // by unit
};

/// `config` outlives the machines.
[[nodiscard]] runtime::MachineSpec news_spec(const Config& config);

}  // namespace bw::ingestion
