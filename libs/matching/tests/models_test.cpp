#include "bellwether/matching/models.hpp"

#include <catch2/catch.hpp>

using namespace bw;
using namespace bw::matching;

namespace {

Quantity q(const char* s) { return *Quantity::parse(s); }
Price p(const char* s) { return *Price::parse(s); }
Money m(const char* s) { return *Money::parse(s); }

Price slip(SlippageModel model, Side side, const char* price, const char* quantity = "100",
           const char* volume = "10000", const char* tick = "0.01", bool spread_paid = false) {
  return slipped(model, side, p(price), q(quantity), q(volume), p(tick), spread_paid);
}

}  // namespace

TEST_CASE("fees by unit, by value and at least the minimum") {
  CHECK(total_fee({m("0.005"), 0, {}}, q("1000"), m("50000")) == m("5"));
  CHECK(total_fee({{}, 1'000, {}}, q("1"), m("25000")) == m("25"));  // 10 bps
  CHECK(total_fee({m("0.005"), 0, m("1")}, q("10"), m("500")) == m("1"));
  CHECK(total_fee({m("0.005"), 100, {}}, q("100"), m("10000")) == m("1.5"));
  CHECK(total_fee({m("0.005"), 100, m("1")}, {}, {}).is_zero());
}

TEST_CASE("slippage models, worked by hand") {
  CHECK(slip({}, Side::buy, "10") == p("10"));
  CHECK(slip({}, Side::sell, "10.005") == p("10"));   // to the tick, against the order
  CHECK(slip({}, Side::buy, "10.005") == p("10.01"));
  const SlippageModel half{SlippageKind::half_spread, 500};  // 5 bps
  CHECK(slip(half, Side::buy, "100") == p("100.05"));
  CHECK(slip(half, Side::sell, "100") == p("99.95"));
  CHECK(slip(half, Side::buy, "100", "100", "10000", "0.01", true) == p("100"));
  const SlippageModel bps{SlippageKind::proportional, 200};
  CHECK(slip(bps, Side::sell, "50") == p("49.99"));
  // 100 of 10,000 is a hundredth: its root is a tenth of 2 %, 0.2 % of 100.
  const SlippageModel root{SlippageKind::volume_share_sqrt, 20'000};
  CHECK(slip(root, Side::buy, "100") == p("100.2"));
  CHECK(slip(root, Side::sell, "100") == p("99.8"));
  CHECK(slip(root, Side::buy, "100", "100", "0") == p("102"));  // volume unknown: the whole cost
  CHECK(slip({SlippageKind::proportional, 2'000'000}, Side::sell, "10").is_positive());
}

TEST_CASE("slippage is never to the order's good, however high the price") {
  const SlippageModel bps{SlippageKind::proportional, 200};
  for (const char* price : {"23058430092", "50000000000", "92233720368.54775807"}) {
    for (const char* tick : {"0.01", "90000000000"}) {
      INFO(price << " by " << tick);
      CHECK(slip(bps, Side::buy, price, "1", "1", tick) >= p(price));
      CHECK(slip(bps, Side::sell, price, "1", "1", tick) <= p(price));
    }
  }
}

TEST_CASE("shares of volume") {
  CHECK(share_of_volume(q("1000"), 1'000) == q("100"));
  CHECK(share_of_volume(q("1000"), 0) == kUnlimited);
  CHECK(share_of_volume(q("0"), 1'000).is_zero());
}
