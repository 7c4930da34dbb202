// Signals to paper fills to books: front office and back office count apart and agree.
#include <catch2/catch.hpp>
#include <map>

#include "broker/core/machine.hpp"
#include "made_up.hpp"
#include "portfolio/core/machine.hpp"

using namespace bw;
using namespace bw::signals_test;

namespace {

class Ledger final : public runtime::Sink {
 public:
  void on_output(Kind, const runtime::Output& o) override {
    if (std::holds_alternative<Fill>(o.event)) ++fills;
    if (std::holds_alternative<ReconciliationDifference>(o.event)) ++differences;
    if (const auto* c = std::get_if<Cash>(&o.event)) cash[c->account] = c->cash;
    if (const auto* p = std::get_if<Position>(&o.event)) {
      positions[{p->account, p->instrument}] = *p;
    }
    if (const auto* e = std::get_if<LedgerEntry>(&o.event)) {
      balance[e->account] += e->debit == LedgerAccount::cash ? e->amount : Money{};
      balance[e->account] -= e->credit == LedgerAccount::cash ? e->amount : Money{};
    }
  }
  std::size_t fills = 0;
  std::size_t differences = 0;
  std::map<AccountId, Money> cash;
  std::map<AccountId, Money> balance;
  std::map<std::pair<AccountId, InstrumentId>, Position> positions;
};

/// A split and a dividend between two bars of each instrument.
void add_actions(Rows& rows) {
  Rows with;
  for (const auto& r : rows) {
    const auto* bar = std::get_if<Bar>(&r.event);
    if (bar != nullptr && bar->open_time % (5 * kDay) == 0) {
      CorporateAction a;
      a.instrument = bar->instrument;
      a.ex_date = utc_day(bar->open_time);
      a.kind = bar->open_time % (10 * kDay) == 0 ? CorporateActionKind::dividend
                                                 : CorporateActionKind::split;
      a.amount = *Money::parse("0.37");
      a.ratio = *Quantity::parse("1.5");
      auto row = r;
      row.event = Event{a};
      with.push_back(row);
    }
    with.push_back(r);
  }
  rows = std::move(with);
}

}  // namespace

TEST_CASE("the broker's positions and cash and the books never differ") {
  const Setup s = setup();
  broker::Config desk;
  desk.instruments = s.instruments.all();
  for (std::uint32_t id = 1; id <= 3; ++id) {
    broker::AccountConfig a;
    a.id = AccountId{id};
    desk.accounts.push_back(a);
  }
  REQUIRE(broker::check(desk).has_value());
  portfolio::Config books;
  for (const auto& a : desk.accounts) books.openings.push_back({a.id, a.opening_cash});

  Rows rows = made_up(7, 30);
  add_actions(rows);
  Recorded source(rows, rows.size());
  Ledger ledger;
  runtime::InlineHost host(
      {pass_on_spec(), analytics::features_spec(s.analytics),
       confluence::confluence_signals_spec(s.confluence), broker::broker_orders_spec(desk),
       portfolio::portfolio_books_spec(books)},
      source, ledger);
  host.run_to_end();

  REQUIRE(ledger.fills > 100);
  CHECK(ledger.differences == 0);
  const auto& kept =
      dynamic_cast<const portfolio::PortfolioBooks&>(host.machine(Kind::portfolio_books));
  for (const auto& [account, cash] : ledger.cash) {
    CHECK(ledger.balance[account] == cash);
    REQUIRE(kept.books(account) != nullptr);
    CHECK(kept.books(account)->trial_balance().is_zero());
    CHECK(kept.books(account)->balance(LedgerAccount::cash) == cash);
  }
  for (const auto& [key, p] : ledger.positions) {
    const portfolio::Holding* h = kept.books(key.first)->find(key.second);
    REQUIRE(h != nullptr);
    CHECK(h->quantity == p.quantity);
    CHECK(h->realised == p.realised);
  }
}
