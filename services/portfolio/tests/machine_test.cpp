#include "portfolio/core/machine.hpp"

#include <catch2/catch.hpp>

#include "portfolio/tests/test_host.hpp"

using namespace bw;
using namespace bw::portfolio;

TEST_CASE("the configuration names its faults") {
  Config c;
  CHECK(check(c).has_value());
  c.curve_step = kSecond;
  CHECK(check(c).error().field == "curve_step");
  c.curve_step = kDay;
  c.openings = {{AccountId{1}, Money::from_int(5)}, {AccountId{1}, Money::from_int(5)}};
  CHECK(check(c).error().message == "account 1 is listed twice");
  c.openings[1] = {AccountId{2}, Money{}};
  CHECK(check(c).error().field == "openings[1].capital");
  c.openings[1] = {AccountId{}, Money{}};
  CHECK(check(c).error().field == "openings[1].account");
}

TEST_CASE("a fill gives entries, the position and a point of the curve") {
  const Config config;
  TestHost host(config);
  host.cash(1, "100000");
  CHECK(host.take<LedgerEntry>().size() == 1);
  CHECK(host.last<Pnl>().equity.to_string() == "100000");
  host.out.clear();

  host.fill(1, 7, Side::buy, "100", "10", "2");
  const auto entries = host.take<LedgerEntry>();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].entry == derive_id(Kind::portfolio_books, 1, 3));
  CHECK(entries[1].entry == derive_id(Kind::portfolio_books, 1, 4));
  CHECK(host.last<BookPosition>().quantity.to_string() == "100");
  CHECK(host.last<Pnl>().equity.to_string() == "99998");
  CHECK(host.last<Pnl>().fees.to_string() == "2");

  host.out.clear();
  host.position(1, 7, "100");
  host.cash(1, "98998");
  CHECK(host.out.empty());
  host.position(1, 7, "90");
  CHECK(host.out.empty());  // not before all of that time is in
  host.cash(1, "98999");
  CHECK(host.last<ReconciliationDifference>().book_quantity.to_string() == "100");
  host.cash(2, "5");
  CHECK(host.last<ReconciliationDifference>().broker_cash.to_string() == "98999");
}

TEST_CASE("a configured opening is booked first and checked against the broker's cash") {
  Config config;
  config.openings = {{AccountId{1}, Money::from_int(50'000)}};
  TestHost host(config);
  host.cash(1, "100000");
  const auto entries = host.take<LedgerEntry>();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].debit == LedgerAccount::cash);
  CHECK(entries[0].credit == LedgerAccount::capital);
  host.cash(2, "5");
  CHECK(host.last<ReconciliationDifference>().book_cash.to_string() == "50000");
}

TEST_CASE("fills before the first cash: capital is what remains") {
  const Config config;
  TestHost host(config);
  host.fill(1, 7, Side::buy, "10", "100", "1");
  CHECK(host.take<Pnl>().empty());
  host.cash(1, "98999");
  CHECK(host.machine.books(AccountId{1})->balance(LedgerAccount::capital).to_string() == "-100000");
  CHECK(host.last<Pnl>().equity.to_string() == "99999");
}

TEST_CASE("a fill worth less than the smallest amount is told and saved all the same") {
  const Config config;
  TestHost host(config);
  host.cash(1, "100000");
  host.out.clear();
  host.fill(1, 7, Side::buy, "0.00000001", "0.01");
  CHECK(host.take<LedgerEntry>().empty());
  CHECK(host.last<BookPosition>().quantity.to_string() == "0.00000001");
  CHECK(host.changed == std::vector<Unit>{1});
  host.out.clear();
  host.fill(1, 8, Side::buy, "92000000000", "92000000000");  // does not fit: not booked
  CHECK(host.out.empty());
  CHECK(host.changed.empty());
}

TEST_CASE("the curve has a point an hour and at the close, not one a bar") {
  const Config config;
  TestHost host(config);
  host.cash(1, "100000");
  host.cash(2, "100000");
  host.bar(7, 9 * kHour + 30 * kMinute, "10");
  host.fill(1, 7, Side::buy, "100", "10");
  host.out.clear();
  for (int m = 31; m <= 60; ++m) host.bar(7, 9 * kHour + m * kMinute, m == 60 ? "12" : "11");
  CHECK(host.out.empty());
  host.bar(7, 10 * kHour + kMinute,
           "50");  // the hour's point rests on the bar that closed at 10:00
  auto points = host.take<Pnl>();
  REQUIRE(points.size() == 1);  // account 2 holds nothing: its equity did not move
  CHECK(points[0].account == AccountId{1});
  CHECK(points[0].equity.to_string() == "100200");

  host.out.clear();
  host.session(8, SessionState::closed);  // not held
  host.session(7, SessionState::opened);
  CHECK(host.out.empty());
  host.session(7, SessionState::closed);
  CHECK(host.last<Pnl>().equity.to_string() == "104000");
  host.out.clear();
  host.session(7, SessionState::closed);
  CHECK(host.out.empty());
}

TEST_CASE("late and impossible prices do not value") {
  const Config config;
  TestHost host(config);
  host.bar(7, 2 * kMinute, "10");
  host.bar(7, kMinute, "99");
  host.bar(7, 3 * kMinute, "-1");
  CHECK(host.machine.mark(InstrumentId{7}).to_string() == "10");
  host.mark(7, 3 * kMinute, "11");
  CHECK(host.machine.mark(InstrumentId{7}).to_string() == "11");
  host.fill(1, 7, Side::buy, "100000", "100000");
  host.cash(1, "0");
  host.mark(7, 4 * kMinute, "92000000000");  // × 100,000 is beyond money: cost stands in
  host.session(7, SessionState::closed);
  CHECK(host.last<Pnl>().unrealised.is_zero());
}

TEST_CASE("corporate actions reach holders only, and equity does not jump over a split") {
  const Config config;
  TestHost host(config);
  host.cash(1, "100000");
  host.cash(2, "100000");
  host.bar(7, kMinute, "400");
  host.fill(1, 7, Side::buy, "10", "400");
  host.out.clear();
  host.split(7, "4");
  REQUIRE(host.take<BookPosition>().size() == 1);
  CHECK(host.last<BookPosition>().quantity.to_string() == "40");
  CHECK(host.machine.mark(InstrumentId{7}).to_string() == "100");
  host.session(7, SessionState::closed);
  CHECK(host.take<Pnl>().empty());
  host.dividend(7, "0.5");
  REQUIRE(host.take<LedgerEntry>().size() == 1);
  CHECK(host.last<LedgerEntry>().amount.to_string() == "20");
  CHECK(host.take<Pnl>().empty());
}

TEST_CASE("the machine declares its inputs and is a ledger") {
  const Config config;
  const auto spec = portfolio_books_spec(config);
  CHECK(spec.ledger);
  CHECK(runtime::check_order({spec}).has_value());
  CHECK(spec.create({})->units().empty());
}
