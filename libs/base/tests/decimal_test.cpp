#include "bellwether/base/decimal.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "bellwether/base/rng.hpp"

using namespace bw;

TEST_CASE("decimals parse and print exactly") {
  CHECK(Price::parse("205.17")->raw() == 20'517'000'000);
  CHECK(Price::parse("-0.00000001")->raw() == -1);
  CHECK(Price::parse(".5")->to_string() == "0.5");
  CHECK(Price::parse("1e-3")->to_string() == "0.001");
  CHECK(Price::parse("92233720368.54775807")->raw() == INT64_MAX);
  CHECK(Price::parse("0.000000005")->raw() == 0);   // half to even
  CHECK(Price::parse("0.000000015")->raw() == 2);   // half to even
  for (const char* bad : {"", "-", ".", "1.2.3", "nan", "inf", "1e", "12x", "92233720368.54775808",
                          "1e400", "1111111111111111111111111111111", " 1"}) {
    INFO(bad);
    CHECK_FALSE(Price::parse(bad).has_value());
  }
  CHECK_FALSE(parse_decimal("0.000000001", false).has_value());
}

TEST_CASE("a double from outside that does not fit gives nothing") {
  CHECK(Price::checked_from_double(1.5) == Price::from_raw(150'000'000));
  CHECK(Price::checked_from_double(-9.1e10).has_value());
  for (const double v : {9.2e10, -9.2e10, 1e22, std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(v);
    CHECK(!Price::checked_from_double(v));
  }
}

TEST_CASE("printing and parsing are inverse") {
  Rng rng(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto raw = static_cast<std::int64_t>(rng.next()) >> rng.below(60);
    if (raw == INT64_MIN) continue;
    REQUIRE(*parse_decimal(format_decimal(raw)) == raw);
  }
}

TEST_CASE("products and quotients round half to even") {
  CHECK(*mul_div(1, 1, 2) == 0);
  CHECK(*mul_div(3, 1, 2) == 2);
  CHECK(*mul_div(-1, 1, 2) == 0);
  CHECK(*mul_div(-3, 1, 2) == -2);
  CHECK(*mul_div(7, 1, -2) == -4);
  CHECK_FALSE(mul_div(INT64_MAX, 2, 1).has_value());
  CHECK_FALSE(mul_div(1, 1, 0).has_value());
  CHECK(notional(Price::from_int(205), Quantity::from_int(-100)) == Money::from_int(-20'500));
  CHECK(unit_price(Money::from_int(10), Quantity::from_int(4)).to_string() == "2.5");
  CHECK(round_down_to(*Quantity::parse("-1.29"), *Quantity::parse("0.1")).to_string() == "-1.2");
}
