#include "ingestion/shell/wiring.hpp"

#include "bellwether/service/settings.hpp"
#include "ingestion/core/bars_machine.hpp"
#include "ingestion/core/news_machine.hpp"
#include "ingestion/core/ticks_machine.hpp"
#include "ingestion/shell/feed.hpp"
#include "ingestion/shell/live_feed.hpp"
#include "ingestion/shell/market_history.hpp"
#include "ingestion/shell/settings.hpp"

namespace bw::ingestion {

Result<service::Wiring> wire(const service::Inputs& inputs) {
  auto instruments = service::load_instruments(inputs);
  if (!instruments) return tl::unexpected(instruments.error());
  auto node = service::settings(inputs, "ingestion");
  if (!node) return tl::unexpected(node.error());
  auto settings = read_settings(*node);
  if (!settings) return tl::unexpected(settings.error());
  auto config = std::make_shared<Config>(settings->machines);
  auto reference = Reference::make(instruments->all());
  if (!reference) return tl::unexpected(reference.error());
  config->reference = *reference;

  service::Wiring wiring;
  wiring.specs = {ticks_spec(*config), bars_spec(*config), news_spec(*config)};
  wiring.history = {bar_table()};
  wiring.history_kinds = {Kind::market_bars};
  struct Kept {
    std::shared_ptr<Config> config;
    LiveFeed feed;
  };
  auto kept = std::make_shared<Kept>(Kept{config, LiveFeed(inputs)});
  wiring.shell = &kept->feed;
  wiring.keep = kept;
  const auto all = instruments->all();
  wiring.source = [inputs, all] { return open_feed(inputs, all); };
  return wiring;
}

}  // namespace bw::ingestion
