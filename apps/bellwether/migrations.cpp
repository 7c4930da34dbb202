#include "migrations.hpp"

#include "broker/shell/broker_projection.hpp"
#include "confluence/shell/signal_history.hpp"
#include "ingestion/shell/market_history.hpp"
#include "portfolio/shell/portfolio_projection.hpp"

namespace bw::app {

// Folder migrations/, by bw_migrations().
[[nodiscard]] std::vector<postgres::Migration> migrations();

std::vector<postgres::Migration> all_migrations() {
  auto all = postgres::runtime_migrations();
  for (const auto service : {ingestion::migrations, confluence::migrations, broker::migrations,
                             portfolio::migrations, app::migrations}) {
    for (auto& m : service()) all.push_back(std::move(m));
  }
  return all;
}

Result<std::vector<std::string>> migrate_all(const std::string& uri) {
  return postgres::migrate(uri, all_migrations());
}

}  // namespace bw::app
