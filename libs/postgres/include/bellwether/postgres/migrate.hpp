#pragma once
// Forward-only migrations: each is applied once, in order, in a transaction of its own. One that
// was applied and has changed since is an error: a mend is a new migration.
#include <string>
#include <vector>

#include "bellwether/base/result.hpp"

namespace bw::postgres {

struct Migration {
  std::string service;  ///< whose schema
  std::string name;     ///< "0001_orders": the order within the service
  std::string sql;
};

/// The runtime's own tables (machines, outbox).
[[nodiscard]] std::vector<Migration> runtime_migrations();

/// Applies what is missing and returns the names of what was applied ("broker/0001_orders"). Waits
/// for another process that migrates at the same time.
[[nodiscard]] Result<std::vector<std::string>> migrate(const std::string& uri,
                                                       const std::vector<Migration>& migrations);

}  // namespace bw::postgres

// Each bw_migrations() in CMake defines one of these.
namespace bw::runtime {
[[nodiscard]] std::vector<postgres::Migration> migrations();
}
