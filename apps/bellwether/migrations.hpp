#pragma once
#include "bellwether/postgres/migrate.hpp"

namespace bw::app {

/// All migrations of the suite, in the order in which they are applied.
[[nodiscard]] std::vector<postgres::Migration> all_migrations();
[[nodiscard]] Result<std::vector<std::string>> migrate_all(const std::string& uri);

}  // namespace bw::app
