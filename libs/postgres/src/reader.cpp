#include "bellwether/postgres/reader.hpp"

namespace bw::postgres {

Reader::Reader(std::string uri) : uri_(std::move(uri)) {}

Reader::~Reader() = default;

Result<void> Reader::read(const std::string& sql, const std::vector<std::string>& parameters,
                          const std::function<void(const pqxx::row&)>& row) {
  try {
    if (!connection_ || !connection_->is_open())
      connection_ = std::make_unique<pqxx::connection>(uri_);
    pqxx::read_transaction tx(*connection_);
    const auto rows = tx.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
    for (const auto& r : rows) row(r);
    return {};
  } catch (const pqxx::undefined_table& e) {
    return fail(ErrorCode::failed_precondition, e.what(), "PostgreSQL", "run `bellwether migrate`");
  } catch (const pqxx::sql_error& e) {
    const std::string group = e.sqlstate().substr(0, 2);
    const bool passes = group == "53" || group == "57" || group == "08" || group == "40";
    return fail(passes ? ErrorCode::unavailable : ErrorCode::internal, e.what(), "PostgreSQL");
  } catch (const std::exception& e) {
    connection_.reset();
    return fail(ErrorCode::unavailable, e.what(), "PostgreSQL",
                "check that it runs and that the address is right");
  }
}

}  // namespace bw::postgres
