#include "portfolio/shell/wiring.hpp"

#include "bellwether/config/section.hpp"
#include "bellwether/service/settings.hpp"
#include "portfolio/core/machine.hpp"
#include "portfolio/shell/portfolio_projection.hpp"

namespace bw::portfolio {

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto node = service::settings(inputs, "portfolio");
  if (!node) return tl::unexpected(node.error());
  auto config = std::make_shared<Config>();
  config::Checker checker(*node);
  config::Section root = checker.root();
  root.allow({"curve_step", "openings"});
  config->curve_step = root.duration_or("curve_step", kHour, kMinute, kDay);
  for (config::Section s : root.sections("openings", {0, 100'000})) {
    s.allow({"account", "capital"});
    Opening o;
    o.account = AccountId(static_cast<std::uint32_t>(s.integer("account", 1, kUnitLimit - 1)));
    o.capital = s.positive_decimal<Money>("capital");
    config->openings.push_back(o);
  }
  if (auto r = checker.finish(); !r) return tl::unexpected(r.error());
  if (auto r = check(*config); !r) return tl::unexpected(r.error());
  service::Wiring wiring;
  wiring.specs = {portfolio_books_spec(*config)};
  // Config and projection go together with whoever holds the wiring.
  auto parts = std::make_shared<std::pair<std::shared_ptr<const Config>, PortfolioProjection>>();
  parts->first = config;
  wiring.projections[Kind::portfolio_books] = &parts->second;
  wiring.keep = parts;
  return wiring;
}

}  // namespace bw::portfolio
