#include "analytics/shell/wiring.hpp"

#include "analytics/core/features_machine.hpp"
#include "bellwether/config/section.hpp"
#include "bellwether/service/settings.hpp"

namespace bw::analytics {

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto node = service::settings(inputs, "analytics");
  if (!node) return tl::unexpected(node.error());
  config::Checker check(*node);
  config::Section features = check.root().section("features");
  const auto names = features.texts("timeframes", {1, kTimeframeCount});
  if (auto r = check.finish(); !r) return tl::unexpected(r.error());
  std::vector<std::string_view> views(names.begin(), names.end());
  auto timeframes = TimeframeSet::parse(views);
  if (!timeframes) return tl::unexpected(timeframes.error());
  auto instruments = service::load_instruments(inputs);
  if (!instruments) return tl::unexpected(instruments.error());

  auto config = std::make_shared<Config>();
  config->timeframes = *timeframes;
  for (const Instrument& i : instruments->all()) config->sessions.set(i.id, i.calendar);
  service::Wiring wiring;
  wiring.specs = {features_spec(*config)};
  wiring.keep = config;
  return wiring;
}

}  // namespace bw::analytics
