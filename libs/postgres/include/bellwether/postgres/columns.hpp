#pragma once
// Columns: many rows for PostgreSQL in one round trip. Values gather column by column as array
// literals, which a statement unfolds: `INSERT INTO t (a, b) SELECT a, b FROM unnest($1::bigint[],
// $2::text[]) AS r(a, b)`.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/time.hpp"

namespace pqxx {
class transaction_base;
}

namespace bw::postgres {

/// Put every column of a row, in order; then the next row. One thread.
class Columns {
 public:
  explicit Columns(std::size_t count) : literals_(count) {}

  Columns& null();
  Columns& integer(std::int64_t v);
  /// Ids are bigint: all derived ids lie below 2^63 (rank 6 bits, the highest rank 10).
  Columns& id(std::uint64_t v) { return integer(static_cast<std::int64_t>(v)); }
  Columns& boolean(bool v);
  /// Shortest digits that read back to the same double.
  Columns& real(double v);
  template <class Tag>
  Columns& decimal(Fixed<Tag> v) {
    return raw(v.to_string());
  }
  /// As timestamptz[]: PostgreSQL keeps microseconds, so the rest of `t` is cut off. NULL where `t`
  /// is 0.
  Columns& time(TimeNs t);
  /// What is no UTF-8, and NUL, becomes '?': a text that was cut short must not stop a ledger.
  Columns& text(std::string_view v);
  Columns& bytes(std::string_view v);

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  /// Runs `sql` with `front` as its first parameters and then the columns, and forgets the rows.
  /// Nothing runs where there is no row. Throws what pqxx throws. Returns the number of rows
  /// affected.
  std::size_t exec(pqxx::transaction_base& tx, const std::string& sql,
                   const std::vector<std::string>& front = {});

 private:
  Columns& raw(std::string_view literal);

  std::vector<std::string> literals_;
  std::size_t at_ = 0;
  std::size_t rows_ = 0;
};

/// "2014-11-19 14:30:00.123456+00": microseconds, cut off.
[[nodiscard]] std::string timestamp_text(TimeNs t);
/// `text` with every byte that is no part of valid UTF-8 (or is NUL) replaced by '?'.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace bw::postgres
