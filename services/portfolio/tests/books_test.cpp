#include "portfolio/core/books.hpp"

#include <catch2/catch.hpp>

using namespace bw;
using namespace bw::portfolio;
using enum LedgerAccount;

namespace {

constexpr InstrumentId kApple{7};

Money money(const char* text) { return *Money::parse(text); }

Fill fill(Side side, const char* quantity, const char* price, const char* fee = "0",
          InstrumentId instrument = kApple) {
  Fill f;
  f.fill = FillId{11};
  f.account = AccountId{1};
  f.instrument = instrument;
  f.side = side;
  f.quantity = *Quantity::parse(quantity);
  f.price = *Price::parse(price);
  f.fee = money(fee);
  return f;
}

Books opened() {
  Books b{AccountId{1}};
  b.open(Money::from_int(100'000));
  return b;
}

void check_entry(const LedgerEntry& e, LedgerAccount debit, LedgerAccount credit,
                 const char* amount) {
  CHECK(e.debit == debit);
  CHECK(e.credit == credit);
  CHECK(e.amount.to_string() == amount);
}

}  // namespace

TEST_CASE("a long round trip books cost, average cost, profit and fees") {
  Books b = opened();
  // 100 at 10 and 50 at 13: 1,650 for 150 shares, 11 a share.
  Entries e = b.book(fill(Side::buy, "100", "10", "1.5"));
  REQUIRE(e.size() == 2);
  check_entry(e[0], securities, cash, "1000");
  check_entry(e[1], fees, cash, "1.5");
  b.book(fill(Side::buy, "50", "13", "1"));
  CHECK(b.position(kApple).average_cost.to_string() == "11");
  CHECK(b.balance(securities).to_string() == "1650");
  // 60 sold at 14: 840 received for 660 of cost, 180 earned; the average cost stays.
  e = b.book(fill(Side::sell, "60", "14", "1"));
  REQUIRE(e.size() == 3);
  check_entry(e[0], cash, securities, "840");
  check_entry(e[1], securities, realised_pnl, "180");
  check_entry(e[2], fees, cash, "1");
  CHECK(b.position(kApple).average_cost.to_string() == "11");
  CHECK(b.position(kApple).quantity.to_string() == "90");
  CHECK(b.position(kApple).realised.to_string() == "180");
  // the rest at 9: 810 for 990, 180 lost.
  e = b.book(fill(Side::sell, "90", "9"));
  check_entry(e[0], cash, securities, "810");
  check_entry(e[1], realised_pnl, securities, "180");
  CHECK(b.balance(securities).is_zero());
  CHECK(b.position(kApple).average_cost.is_zero());
  CHECK(b.balance(cash).to_string() == "99996.5");  // only the fees are gone
  CHECK(b.trial_balance().is_zero());
}

TEST_CASE("a short sale, its cover and a flip through zero") {
  Books b = opened();
  b.book(fill(Side::sell, "100", "20"));
  CHECK(b.balance(cash).to_string() == "102000");
  CHECK(b.balance(securities).to_string() == "-2000");
  CHECK(b.position(kApple).average_cost.to_string() == "20");
  // 40 covered at 15: 800 of the proceeds were for them, 600 paid, 200 earned.
  Entries e = b.book(fill(Side::buy, "40", "15"));
  check_entry(e[0], securities, cash, "600");
  check_entry(e[1], securities, realised_pnl, "200");
  CHECK(b.balance(securities).to_string() == "-1200");
  // 100 bought at 25: 60 close the short (1,200 - 1,500 = -300), 40 open a long at 25.
  e = b.book(fill(Side::buy, "100", "25"));
  check_entry(e[0], securities, cash, "2500");
  check_entry(e[1], realised_pnl, securities, "300");
  CHECK(b.position(kApple).quantity.to_string() == "40");
  CHECK(b.position(kApple).average_cost.to_string() == "25");
  CHECK(b.position(kApple).realised.to_string() == "-100");
  CHECK(b.trial_balance().is_zero());
}

TEST_CASE("cost that does not divide leaves nothing behind") {
  Books b = opened();
  b.book(fill(Side::buy, "3", "0.33333333"));
  b.book(fill(Side::buy, "4", "0.1"));
  b.book(fill(Side::sell, "1", "0.5"));
  b.book(fill(Side::sell, "5", "0.5"));
  b.book(fill(Side::sell, "1", "0.5"));
  CHECK(b.balance(securities).is_zero());
  CHECK(b.balance(cash).to_string() == "100002.10000001");  // 3.5 - 1.39999999
  CHECK(b.balance(realised_pnl).to_string() == "-2.10000001");
}

TEST_CASE("a fee may be a rebate") {
  Books b = opened();
  const Entries e = b.book(fill(Side::buy, "1", "10", "-0.25"));
  check_entry(e[1], cash, fees, "0.25");
  CHECK(b.balance(fees).to_string() == "-0.25");
}

TEST_CASE("what is no fill is not booked") {
  Books b = opened();
  CHECK(b.book(fill(Side::none, "1", "10")).empty());
  CHECK(b.book(fill(Side::buy, "0", "10")).empty());
  CHECK(b.book(fill(Side::buy, "-1", "10")).empty());
  CHECK(b.book(fill(Side::buy, "1", "-10")).empty());
  CHECK(b == opened());
}

TEST_CASE("equity, peak and drawdown") {
  Books b = opened();
  b.book(fill(Side::buy, "100", "100", "5"));
  const auto at = [&](const char* price) {
    return b.value([p = *Price::parse(price)](InstrumentId) { return p; });
  };
  Pnl p = at("100");
  CHECK(p.equity.to_string() == "99995");
  CHECK(p.peak_equity.to_string() == "100000");
  CHECK(p.drawdown.to_string() == "5");
  p = at("110");
  CHECK(p.unrealised.to_string() == "1000");
  CHECK(p.realised.is_zero());
  CHECK(p.fees.to_string() == "5");
  CHECK(p.equity.to_string() == "100995");
  CHECK(p.drawdown.is_zero());
  p = at("90");
  CHECK(p.peak_equity.to_string() == "100995");
  CHECK(p.drawdown.to_string() == "2000");
  p = at("104");
  CHECK(p.drawdown.to_string() == "600");
  CHECK(p.max_drawdown.to_string() == "2000");
  CHECK(at("0").unrealised.is_zero());  // no price: the last fill's stands in
}

TEST_CASE("a split keeps cost, a dividend is cash for the holder and a cost for the short") {
  Books b = opened();
  b.book(fill(Side::buy, "10", "400"));
  CHECK(b.split(kApple, Quantity::from_int(4)));
  CHECK(b.position(kApple).quantity.to_string() == "40");
  CHECK(b.position(kApple).average_cost.to_string() == "100");
  CHECK(b.value([](InstrumentId) { return Price{}; }).equity.to_string() == "100000");
  CHECK_FALSE(b.split(kApple, Quantity{}));
  CHECK_FALSE(b.split(InstrumentId{99}, Quantity::from_int(2)));

  Entries e = b.dividend(kApple, money("0.25"));
  REQUIRE(e.size() == 1);
  check_entry(e[0], cash, dividends, "10");
  CHECK(b.dividend(InstrumentId{99}, money("1")).empty());
  b.book(fill(Side::sell, "50", "100"));
  e = b.dividend(kApple, money("0.25"));
  check_entry(e[0], dividends, cash, "2.5");
  const Pnl p = b.value([](InstrumentId) { return Price::from_int(100); });
  CHECK(p.realised.to_string() == "7.5");
  CHECK(p.equity.to_string() == "100007.5");
}

TEST_CASE("differences are said once, and again only when they change") {
  Books b = opened();
  b.book(fill(Side::buy, "10", "10"));
  bool changed = false;
  Position p;
  p.instrument = kApple;
  p.quantity = Quantity::from_int(10);
  CHECK_FALSE(b.differs(p, changed));
  CHECK_FALSE(changed);
  p.quantity = Quantity::from_int(12);
  CHECK(b.differs(p, changed));
  CHECK(changed);
  const auto d = b.differences();
  REQUIRE(d.size() == 1);
  CHECK(d[0].broker_quantity.to_string() == "12");
  CHECK(d[0].book_quantity.to_string() == "10");
  CHECK_FALSE(b.differs(p, changed));
  CHECK_FALSE(changed);
  CHECK(b.differences().empty());
  p.quantity = Quantity::from_int(10);
  CHECK_FALSE(b.differs(p, changed));
  CHECK(changed);
  p.instrument = InstrumentId{8};  // a position that the books never saw
  CHECK(b.differs(p, changed));
  CHECK(b.differences().at(0).book_quantity.is_zero());

  Cash c;
  c.cash = money("99900");
  CHECK_FALSE(b.differs(c, changed));
  CHECK_FALSE(changed);
  c.cash = money("99900.00000001");
  CHECK(b.differs(c, changed));
  CHECK(b.differences().at(0).book_cash.to_string() == "99900");
  CHECK_FALSE(b.differs(c, changed));
}

TEST_CASE("what is there again by the end of a time is no difference") {
  Books b = opened();
  b.book(fill(Side::buy, "10", "10"));
  bool changed = false;
  b.dividend(kApple, money("1"));
  b.dividend(kApple, money("2"));  // both known, when the broker tells its cash after the first
  Cash c;
  c.cash = money("99910");
  CHECK(b.differs(c, changed));
  c.cash = money("99930");
  CHECK_FALSE(b.differs(c, changed));
  CHECK(changed);
  CHECK(b.differences().empty());
  Position p;
  p.instrument = kApple;
  p.quantity = Quantity::from_int(11);
  CHECK(b.differs(p, changed));
  b.book(fill(Side::buy, "1", "10"));  // the fill comes after all
  CHECK(b.differences().empty());
}

TEST_CASE("amounts that do not fit are not booked, no part of them") {
  Books b = opened();
  b.book(fill(Side::buy, "1", "10"));
  const Books before = b;
  const char* most = "92233720368.54775807";
  CHECK(b.book(fill(Side::buy, "2", most)).empty());           // more than money holds
  CHECK(b.book(fill(Side::sell, "1", most)).empty());          // cash would not hold it
  CHECK(b.book(fill(Side::buy, most, "0.00000001")).empty());  // nor the holding that many
  // The trade would fit, the fee behind it would not.
  const Entries e = b.book(fill(Side::buy, "1", most, most, InstrumentId{8}));
  CHECK(e.empty());
  CHECK(b.dividend(kApple, money(most)).empty());
  CHECK(b == before);
  CHECK(b.trial_balance().is_zero());
}

TEST_CASE("equity beyond what money holds saturates") {
  Books b = opened();
  b.book(fill(Side::buy, "1", "10"));
  b.book(fill(Side::buy, "1", "10", "0", InstrumentId{8}));
  const Price most = Price::from_raw(INT64_MAX);
  const Pnl up = b.value([&](InstrumentId) { return most; });
  CHECK(up.equity == Money::from_raw(INT64_MAX));
  CHECK(up.unrealised == Money::from_raw(INT64_MAX));
  CHECK(b.equity([&](InstrumentId) { return most; }) == b.last_equity());
  // Short of both: as deep down, from as high a peak.
  Books s = b;
  s.book(fill(Side::sell, "2", "10"));
  s.book(fill(Side::sell, "2", "10", "0", InstrumentId{8}));
  const Pnl down = s.value([&](InstrumentId) { return most; });
  CHECK(down.equity == Money::from_raw(-INT64_MAX));
  CHECK(down.drawdown == Money::from_raw(INT64_MAX));
}

TEST_CASE("an average cost that no price can say is told as none") {
  Books b = opened();
  b.book(fill(Side::buy, "1", "10000"));
  b.book(fill(Side::buy, "0.00000001", "0.01"));  // the split's price comes from here
  // It leaves one raw unit of what cost 10,000: 1e12 a share.
  REQUIRE(b.split(kApple, Quantity::from_raw(1)));
  CHECK(b.position(kApple).quantity == Quantity::from_raw(1));
  CHECK(b.position(kApple).average_cost.is_zero());
}

TEST_CASE("a difference that does not fit is told as the largest there is") {
  Books b = opened();
  b.book(fill(Side::sell, "10", "1"));
  bool changed = false;
  Position p;
  p.instrument = kApple;
  p.quantity = Quantity::from_raw(INT64_MAX);
  CHECK(b.differs(p, changed));
  Cash c;
  c.cash = Money::from_raw(-INT64_MAX);
  CHECK(b.differs(c, changed));
  CHECK(b.differences().size() == 2);
}

TEST_CASE("damaged state is an error") {
  Books b = opened();
  b.book(fill(Side::buy, "1", "1"));
  Writer w;
  b.save(w);
  for (std::size_t cut = 0; cut < w.size(); ++cut) {
    Reader r(std::string_view(w.bytes()).substr(0, cut));
    REQUIRE_FALSE(Books::load(AccountId{1}, r).has_value());
  }
  Reader whole(w.bytes());
  CHECK(*Books::load(AccountId{1}, whole) == b);
}
