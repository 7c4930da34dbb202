#pragma once
// The whole suite in one process: every service's machines, made from one set of inputs.
#include <memory>
#include <span>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "bellwether/runtime/source_stream.hpp"
#include "bellwether/service/process.hpp"

namespace bw::app {

class Suite {
 public:
  /// Reads instruments, strategies, accounts and feed; errors name file, line, field and mend.
  [[nodiscard]] static Result<std::unique_ptr<Suite>> make(const service::Inputs& inputs);
  virtual ~Suite() = default;

  [[nodiscard]] virtual std::vector<runtime::MachineSpec> specs() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<runtime::Source>> open_feed() const = 0;
  [[nodiscard]] virtual const std::vector<Instrument>& instruments() const = 0;
  /// "SPY", or "#12" where the reference lacks it.
  [[nodiscard]] virtual std::string symbol(InstrumentId id) const = 0;
  /// The strategy's name, or "#12".
  [[nodiscard]] virtual std::string strategy_name(StrategyId id) const = 0;
  /// Why a signal was given, for people or as JSON; `held_back`: what was held back before it.
  [[nodiscard]] virtual std::string explain(const Signal& signal,
                                            std::span<const HoldBack> held_back,
                                            bool json) const = 0;
  /// The components that weigh most, in a few words: "momentum +0.25, averages_crossed +0.24".
  [[nodiscard]] virtual std::string reasons(const Signal& signal) const = 0;
};

}  // namespace bw::app
