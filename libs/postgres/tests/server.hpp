#pragma once
// A private PostgreSQL for the tests of this folder.
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <string>

#include "bellwether/postgres/migrate.hpp"
#include "bellwether/servers/private_postgres.hpp"

namespace bw::postgres::tests {

inline std::unique_ptr<servers::PrivatePostgres> start_server() {
  servers::PrivatePostgres::Options options;
  options.durable = false;  // a killed server loses nothing by it: the page cache stays
  auto server = servers::PrivatePostgres::start(options);
  if (!server) FAIL(server.error().text());
  return std::move(*server);
}

/// The first field of the first row; "" where there is none.
inline std::string sql(const std::string& uri, const std::string& statement) {
  pqxx::connection connection(uri);
  pqxx::work tx(connection);
  const auto rows = tx.exec(statement);
  std::string out = rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
  tx.commit();
  return out;
}

}  // namespace bw::postgres::tests
