#include "migrations.hpp"

namespace bw::app {

std::vector<postgres::Migration> all_migrations() { return postgres::runtime_migrations(); }

Result<std::vector<std::string>> migrate_all(const std::string& uri) {
  return postgres::migrate(uri, all_migrations());
}

}  // namespace bw::app
