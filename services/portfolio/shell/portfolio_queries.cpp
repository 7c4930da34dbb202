#include "portfolio/shell/portfolio_queries.hpp"

#include <algorithm>

#include "bellwether/domain/names.hpp"

namespace bw::portfolio {

using postgres::decimal_of;
using postgres::integer_of;

namespace {

constexpr int kMaxRows = 100'000;

std::string text(std::int64_t v) { return std::to_string(v); }
std::string at_most(int limit) { return std::to_string(std::clamp(limit, 1, kMaxRows)); }

AccountId account_of(const pqxx::row& r) {
  return AccountId{integer_of<std::uint32_t>(r["account"])};
}
InstrumentId instrument_of(const pqxx::row& r) {
  return InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
}

PnlRow pnl_of(const pqxx::row& r) {
  return {{account_of(r), decimal_of<Money>(r["realised"]), decimal_of<Money>(r["unrealised"]),
           decimal_of<Money>(r["fees"]), decimal_of<Money>(r["equity"]),
           decimal_of<Money>(r["peak_equity"]), decimal_of<Money>(r["drawdown"]),
           decimal_of<Money>(r["max_drawdown"])},
          integer_of<TimeNs>(r["at_ns"])};
}

}  // namespace

Result<std::vector<PnlRow>> PortfolioQueries::latest(AccountId account) {
  std::vector<PnlRow> rows;
  auto done = reader_.read(
      "SELECT DISTINCT ON (account) * FROM portfolio.pnl WHERE $1::bigint = 0 OR account = "
      "$1::bigint "
      "ORDER BY account, seq DESC",
      {text(account.value)}, [&](const pqxx::row& r) { rows.push_back(pnl_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<PnlRow>> PortfolioQueries::curve(AccountId account, TimeNs from, TimeNs to,
                                                    int points) {
  std::vector<PnlRow> rows;
  auto done = reader_.read(
      "SELECT * FROM (SELECT *, row_number() OVER (ORDER BY seq DESC) - 1 AS place, count(*) OVER "
      "() AS "
      "total FROM portfolio.pnl WHERE account = $1::bigint AND at_ns >= $2::bigint AND at_ns < "
      "$3::bigint) c WHERE place % greatest(1, (total + $4::bigint - 1) / $4::bigint) = 0 ORDER BY "
      "seq",
      {text(account.value), text(from), text(to), at_most(points)},
      [&](const pqxx::row& r) { rows.push_back(pnl_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<BookPosition>> PortfolioQueries::positions(AccountId account) {
  std::vector<BookPosition> rows;
  auto done = reader_.read(
      "SELECT * FROM portfolio.position WHERE ($1::bigint = 0 OR account = $1::bigint) AND "
      "quantity <> 0 "
      "ORDER BY account, instrument",
      {text(account.value)}, [&](const pqxx::row& r) {
        rows.push_back({account_of(r), instrument_of(r), decimal_of<Quantity>(r["quantity"]),
                        decimal_of<Price>(r["average_cost"]), decimal_of<Money>(r["realised"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<EntryRow>> PortfolioQueries::entries(AccountId account, int limit) {
  std::vector<EntryRow> rows;
  auto done = reader_.read(
      "SELECT * FROM portfolio.ledger_entry WHERE $1::bigint = 0 OR account = $1::bigint "
      "ORDER BY at_ns DESC, entry_id DESC LIMIT $2::bigint",
      {text(account.value), at_most(limit)}, [&](const pqxx::row& r) {
        rows.push_back(
            {{account_of(r), integer_of<std::uint64_t>(r["entry_id"]),
              from_name<LedgerAccount>(r["debit"].c_str()).value_or(LedgerAccount::none),
              from_name<LedgerAccount>(r["credit"].c_str()).value_or(LedgerAccount::none),
              instrument_of(r), decimal_of<Money>(r["amount"]),
              FillId{integer_of<std::uint64_t>(r["fill"])}},
             integer_of<TimeNs>(r["at_ns"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<DifferenceRow>> PortfolioQueries::differences(AccountId account, int limit) {
  std::vector<DifferenceRow> rows;
  auto done = reader_.read(
      "SELECT * FROM portfolio.difference WHERE $1::bigint = 0 OR account = $1::bigint "
      "ORDER BY at_ns DESC, account, seq DESC LIMIT $2::bigint",
      {text(account.value), at_most(limit)}, [&](const pqxx::row& r) {
        rows.push_back(
            {{account_of(r), instrument_of(r), decimal_of<Quantity>(r["broker_quantity"]),
              decimal_of<Quantity>(r["book_quantity"]), decimal_of<Money>(r["broker_cash"]),
              decimal_of<Money>(r["book_cash"])},
             integer_of<TimeNs>(r["at_ns"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

}  // namespace bw::portfolio
