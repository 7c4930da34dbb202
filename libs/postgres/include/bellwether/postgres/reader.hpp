#pragma once
// Reader: what the queries of all services read with. Adapters only: pqxx types show here.
#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/result.hpp"

namespace bw::postgres {

/// A read-only connection, made when needed and made again after a loss. One thread.
class Reader {
 public:
  explicit Reader(std::string uri);
  ~Reader();

  /// Calls `row` for each row, in order. `unavailable` where the server does not answer (ask again
  /// later); `failed_precondition` where the tables are not there (run the migrations).
  [[nodiscard]] Result<void> read(const std::string& sql,
                                  const std::vector<std::string>& parameters,
                                  const std::function<void(const pqxx::row&)>& row);

 private:
  std::string uri_;
  std::unique_ptr<pqxx::connection> connection_;
};

/// A numeric(20,8) column; zero where it is NULL or beyond the range of a Decimal.
template <class D>
[[nodiscard]] D decimal_of(const pqxx::field& field) {
  if (field.is_null()) return {};
  return D::parse(field.c_str()).value_or(D{});
}
/// An integer column; zero where it is NULL.
template <class I>
[[nodiscard]] I integer_of(const pqxx::field& field) {
  return static_cast<I>(field.as<std::int64_t>(0));
}

}  // namespace bw::postgres
