#include "confluence/shell/wiring.hpp"

#include "bellwether/service/settings.hpp"
#include "confluence/core/machine.hpp"
#include "confluence/shell/strategy_loader.hpp"

namespace bw::confluence {

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto instruments = service::load_instruments(inputs);
  if (!instruments) return tl::unexpected(instruments.error());
  std::vector<std::filesystem::path> paths = inputs.strategies;
  if (paths.empty()) paths.push_back(inputs.home / "services/confluence/strategies");
  auto strategies = load_strategies(paths, *instruments);
  if (!strategies) return tl::unexpected(strategies.error());

  auto config = std::make_shared<Config>();
  config->strategies = std::move(*strategies);
  config->instruments = instruments->all();
  if (auto r = check(*config); !r) return tl::unexpected(r.error());
  service::Wiring wiring;
  wiring.specs = {confluence_signals_spec(*config)};
  wiring.keep = config;
  return wiring;
}

}  // namespace bw::confluence
