#include "confluence/shell/wiring.hpp"

#include "bellwether/config/section.hpp"
#include "bellwether/service/settings.hpp"
#include "confluence/core/machine.hpp"
#include "confluence/shell/signal_history.hpp"
#include "confluence/shell/strategy_loader.hpp"

namespace bw::confluence {

Result<std::vector<Strategy>> strategies_of(const service::Inputs& inputs,
                                            const config::InstrumentTable& instruments) {
  auto node = service::settings(inputs, "confluence");
  if (!node) return tl::unexpected(node.error());
  config::Checker checker(*node);
  config::Section root = checker.root();
  root.allow({"strategies"});
  const auto configured = root.texts("strategies", {1, kMaxStrategies});
  if (auto r = checker.finish(); !r) return tl::unexpected(r.error());
  std::vector<std::filesystem::path> paths = inputs.strategies;
  if (paths.empty()) {
    for (const std::string& path : configured) paths.push_back(inputs.home / path);
  }
  return load_strategies(paths, instruments);
}

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto instruments = service::load_instruments(inputs);
  if (!instruments) return tl::unexpected(instruments.error());
  auto strategies = strategies_of(inputs, *instruments);
  if (!strategies) return tl::unexpected(strategies.error());

  auto config = std::make_shared<Config>();
  config->strategies = std::move(*strategies);
  config->instruments = instruments->all();
  if (auto r = check(*config); !r) return tl::unexpected(r.error());
  service::Wiring wiring;
  wiring.specs = {confluence_signals_spec(*config)};
  wiring.history = signal_tables();
  wiring.history_kinds = {Kind::confluence_signals};
  wiring.keep = config;
  return wiring;
}

}  // namespace bw::confluence
