#include "portfolio/shell/portfolio_projection.hpp"

#include <map>
#include <utility>

#include "bellwether/domain/names.hpp"
#include "bellwether/postgres/columns.hpp"

namespace bw::portfolio {

using postgres::Columns;
using runtime::Record;

namespace {

constexpr const char* kEntries =
    "INSERT INTO portfolio.ledger_entry SELECT * FROM unnest($1::bigint[], $2::bigint[], "
    "$3::text[], "
    "$4::text[], $5::bigint[], $6::numeric[], $7::bigint[], $8::timestamptz[], $9::bigint[]) "
    "ON CONFLICT DO NOTHING";
constexpr const char* kPnl =
    "INSERT INTO portfolio.pnl SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::numeric[], "
    "$4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], "
    "$10::timestamptz[], $11::bigint[]) ON CONFLICT DO NOTHING";
constexpr const char* kPositions =
    "INSERT INTO portfolio.position AS p SELECT * FROM unnest($1::bigint[], $2::bigint[], "
    "$3::numeric[], $4::numeric[], $5::numeric[], $6::timestamptz[], $7::bigint[]) "
    "ON CONFLICT (account, instrument) DO UPDATE SET quantity = EXCLUDED.quantity, average_cost = "
    "EXCLUDED.average_cost, realised = EXCLUDED.realised, at = EXCLUDED.at, seq = EXCLUDED.seq "
    "WHERE p.seq < EXCLUDED.seq";
constexpr const char* kDifferences =
    "INSERT INTO portfolio.difference SELECT * FROM unnest($1::bigint[], $2::bigint[], "
    "$3::bigint[], "
    "$4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::timestamptz[], $9::bigint[]) "
    "ON CONFLICT DO NOTHING";

struct Batch {
  Columns entries{9}, pnl{11}, differences{9};
  std::map<std::pair<std::uint32_t, std::uint32_t>, const Record*>
      positions;  // the last one counts

  void add(const Record& r, const LedgerEntry& e) {
    entries.id(e.entry).id(e.account.value).text(name_of(e.debit)).text(name_of(e.credit));
    entries.id(e.instrument.value).decimal(e.amount).id(e.fill.value).time(r.t).integer(r.t);
  }
  void add(const Record& r, const Pnl& e) {
    pnl.id(e.account.value).id(r.seq).decimal(e.realised).decimal(e.unrealised).decimal(e.fees);
    pnl.decimal(e.equity).decimal(e.peak_equity).decimal(e.drawdown).decimal(e.max_drawdown);
    pnl.time(r.t).integer(r.t);
  }
  void add(const Record& r, const BookPosition& e) {
    positions[{e.account.value, e.instrument.value}] = &r;
  }
  void add(const Record& r, const ReconciliationDifference& e) {
    differences.id(e.account.value).id(r.seq).id(e.instrument.value).decimal(e.broker_quantity);
    differences.decimal(e.book_quantity).decimal(e.broker_cash).decimal(e.book_cash);
    differences.time(r.t).integer(r.t);
  }
  template <class E>
  void add(const Record&, const E&) {}

  void write(pqxx::transaction_base& tx) {
    Columns rows(7);
    for (const auto& [key, r] : positions) {
      const auto& e = std::get<BookPosition>(r->event);
      rows.id(key.first).id(key.second).decimal(e.quantity).decimal(e.average_cost);
      rows.decimal(e.realised).time(r->t).id(r->seq);
    }
    entries.exec(tx, kEntries);
    pnl.exec(tx, kPnl);
    rows.exec(tx, kPositions);
    differences.exec(tx, kDifferences);
  }
};

}  // namespace

void PortfolioProjection::write(pqxx::transaction_base& tx, std::span<const Record> records) {
  Batch batch;
  for (const Record& r : records) {
    if (r.what != runtime::What::out) continue;
    std::visit([&](const auto& event) { batch.add(r, event); }, r.event);
  }
  batch.write(tx);
}

}  // namespace bw::portfolio
