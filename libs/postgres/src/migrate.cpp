#include "bellwether/postgres/migrate.hpp"

#include <pqxx/pqxx>

namespace bw::postgres {

namespace {

constexpr const char* kTable = R"(
  CREATE SCHEMA IF NOT EXISTS bellwether;
  CREATE TABLE IF NOT EXISTS bellwether.migration (
    service    text NOT NULL,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, name)
  ))";
constexpr int kLock = 7'012'014;  // any number that is ours alone

/// Applied already? An error where it was applied with other text.
Result<bool> is_applied(pqxx::work& tx, const Migration& m) {
  const auto rows = tx.exec_params(
      "SELECT checksum = md5($3) FROM bellwether.migration WHERE service = $1 AND name = $2",
      m.service, m.name, m.sql);
  if (rows.empty()) return false;
  if (rows[0][0].as<bool>()) return true;
  return fail(ErrorCode::failed_precondition, "was applied with other text",
              m.service + "/" + m.name, "never edit an applied migration: add a new one");
}

}  // namespace

std::vector<Migration> runtime_migrations() { return runtime::migrations(); }

Result<std::vector<std::string>> migrate(const std::string& uri,
                                         const std::vector<Migration>& migrations) {
  std::vector<std::string> applied;
  std::string at;
  try {
    pqxx::connection connection(uri);
    pqxx::work lock(connection, "lock");
    lock.exec("SELECT pg_advisory_lock(" + std::to_string(kLock) + ")");
    lock.exec(kTable);
    lock.commit();
    for (const Migration& m : migrations) {
      at = m.service + "/" + m.name;
      pqxx::work tx(connection);
      auto done = is_applied(tx, m);
      if (!done) return tl::unexpected(done.error());
      if (*done) continue;
      tx.exec(m.sql);
      tx.exec_params(
          "INSERT INTO bellwether.migration (service, name, checksum) VALUES ($1, $2, md5($3))",
          m.service, m.name, m.sql);
      tx.commit();
      applied.push_back(at);
    }
    return applied;  // the connection's end releases the lock
  } catch (const pqxx::sql_error& e) {
    return fail(ErrorCode::failed_precondition, e.what(), at,
                "mend the migration; nothing of it was applied");
  } catch (const std::exception& e) {
    return fail(ErrorCode::unavailable, e.what(), "PostgreSQL",
                "check that it runs and that the address is right");
  }
}

}  // namespace bw::postgres
