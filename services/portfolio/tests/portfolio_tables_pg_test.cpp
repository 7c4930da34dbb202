#include <catch2/catch.hpp>

#include "bellwether/servers/private_postgres.hpp"
#include "portfolio/shell/portfolio_projection.hpp"
#include "portfolio/shell/portfolio_queries.hpp"

using namespace bw;
using namespace bw::portfolio;
using runtime::Record;
using runtime::What;

namespace {

constexpr TimeNs kStart = 1'416'407'400'000'000'000;

Record record(std::uint64_t seq, const Event& event) {
  return {What::out, 1,   seq,  kStart + static_cast<TimeNs>(seq), Kind::portfolio_books,
          7,         seq, event};
}

Pnl pnl(std::int64_t equity) {
  Pnl p;
  p.account = AccountId{7};
  p.equity = Money::from_raw(equity);
  p.drawdown = Money::from_raw(1);
  p.max_drawdown = Money::from_raw(2);
  p.fees = Money::from_raw(3);
  return p;
}

}  // namespace

TEST_CASE("the books' tables hold what the machine said, once") {
  servers::PrivatePostgres::Options options;
  options.durable = false;
  auto server = servers::PrivatePostgres::start(options);
  if (!server) FAIL(server.error().text());
  auto all = postgres::runtime_migrations();
  for (auto& m : migrations()) all.push_back(m);
  if (auto r = postgres::migrate((*server)->uri(), all); !r) FAIL(r.error().text());
  PortfolioProjection projection;
  postgres::PgStore store((*server)->uri(), {{Kind::portfolio_books, &projection}});

  LedgerEntry entry{AccountId{7},
                    derive_id(Kind::portfolio_books, 7, 1),
                    LedgerAccount::securities,
                    LedgerAccount::cash,
                    InstrumentId{3},
                    Money::from_raw(12'345'678'901),
                    FillId{9}};
  const BookPosition first{
      AccountId{7}, InstrumentId{3}, Quantity::from_int(1), Price::from_int(2), {}};
  const BookPosition second{AccountId{7}, InstrumentId{3}, Quantity::from_int(5),
                            Price::from_int(6), Money::from_raw(-7)};
  const ReconciliationDifference difference{AccountId{7},          InstrumentId{3},
                                            Quantity::from_int(1), Quantity::from_int(2),
                                            Money::from_int(3),    Money::from_int(4)};
  std::vector<Record> records = {record(1, Event{entry}), record(2, Event{first}),
                                 record(3, Event{second}), record(4, Event{difference})};
  for (std::uint64_t i = 5; i <= 104; ++i) {
    records.push_back(record(i, Event{pnl(static_cast<std::int64_t>(i) * 100)}));
  }
  for (int twice = 0; twice < 2; ++twice) {
    auto r = store.commit_suite("demo", {1, ""}, "b", records);
    if (!r) FAIL(r.error().text());
  }

  PortfolioQueries q((*server)->uri());
  auto entries = q.entries({}, 10);
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  CHECK((*entries)[0].entry == entry);
  CHECK((*entries)[0].at == kStart + 1);
  auto positions = q.positions(AccountId{7});
  REQUIRE(positions);
  REQUIRE(positions->size() == 1);
  CHECK((*positions)[0] == second);
  auto differences = q.differences({}, 10);
  REQUIRE(differences);
  REQUIRE(differences->size() == 1);
  CHECK((*differences)[0].difference == difference);
  auto latest = q.latest({});
  REQUIRE(latest);
  REQUIRE(latest->size() == 1);
  CHECK((*latest)[0].pnl == pnl(10'400));
  auto curve = q.curve(AccountId{7}, 0, kTimeMax, 1'000);
  REQUIRE(curve);
  REQUIRE(curve->size() == 100);
  CHECK(curve->front().pnl == pnl(500));
  CHECK(curve->back().at == kStart + 104);
  auto thin = q.curve(AccountId{7}, 0, kTimeMax, 10);
  REQUIRE(thin);
  CHECK(thin->size() == 10);
  CHECK(thin->back().pnl == pnl(10'400));
  auto part = q.curve(AccountId{7}, kStart + 10, kStart + 20, 1'000);
  REQUIRE(part);
  CHECK(part->size() == 10);
}
