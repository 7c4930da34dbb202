#include "migrations.hpp"

namespace bw::app {

[[nodiscard]] std::vector<postgres::Migration> migrations();  // folder migrations/, by bw_migrations()

std::vector<postgres::Migration> all_migrations() {
  auto all = postgres::runtime_migrations();
  for (auto& m : migrations()) all.push_back(std::move(m));
  return all;
}

Result<std::vector<std::string>> migrate_all(const std::string& uri) {
  return postgres::migrate(uri, all_migrations());
}

}  // namespace bw::app
