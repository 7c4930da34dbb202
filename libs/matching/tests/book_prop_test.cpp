#include <catch2/catch.hpp>
#include <map>

#include "bellwether/base/rng.hpp"
#include "bellwether/matching/paper_book.hpp"

using namespace bw;
using namespace bw::matching;

namespace {

Quantity q(std::int64_t n) { return Quantity::from_int(n); }
Price p(std::int64_t cents) { return Price::from_raw(cents * 1'000'000); }

PaperOrder random_order(Rng& rng, std::uint64_t id, TimeNs now) {
  PaperOrder o;
  o.id = OrderId(id);
  o.side = rng.chance(0.5) ? Side::buy : Side::sell;
  o.type = static_cast<OrderType>(rng.between(1, 4));
  o.time_in_force = static_cast<TimeInForce>(rng.between(1, o.waits_for_stop() ? 2 : 4));
  o.reduce_only = rng.chance(0.2);
  o.quantity = q(rng.between(1, 300));
  if (o.has_limit()) o.limit_price = p(rng.between(900, 1'100));
  if (o.waits_for_stop()) o.stop_price = p(rng.between(900, 1'100));
  o.accepted_at = now;
  o.accepted_source = now;
  return o;
}

Tape random_bar(Rng& rng, TimeNs now) {
  const std::int64_t open = rng.between(900, 1'100);
  return {DataKind::bar, now, now - 1, p(open), p(open + rng.between(0, 60)),
          p(open - rng.between(0, 60)), q(rng.between(0, 2'000))};
}

}  // namespace

TEST_CASE("stops go first: stop loss and take profit inside one bar") {
  PaperBook<PaperOrder> book;
  PaperOrder take;
  take.id = OrderId(1);
  take.side = Side::sell;
  take.type = OrderType::limit;
  take.time_in_force = TimeInForce::gtc;
  take.quantity = q(100);
  take.limit_price = p(1'050);
  take.reduce_only = true;
  PaperOrder stop = take;
  stop.id = OrderId(2);
  stop.type = OrderType::stop;
  stop.stop_price = p(950);
  book.add(take);
  book.add(stop);
  const Tape t{DataKind::bar, 10, 5, p(1'000), p(1'060), p(940), q(10'000)};
  Liquidity liquidity{q(1'000), q(1'000), true};
  Quantity held = q(100);
  std::vector<std::uint64_t> filled;
  book.step({t, t}, liquidity, {}, {p(1), q(1)}, [&] { return held; },
            [&](PaperOrder& o, const Outcome& out) {
              if (out.quantity.is_positive()) filled.push_back(o.id.value);
              held -= out.quantity;
            });
  REQUIRE(filled == std::vector<std::uint64_t>{2});
  CHECK(held.is_zero());
  CHECK(liquidity.sell == q(900));
}

TEST_CASE("a quote's size is taken once") {
  TakenQuote taken;
  CHECK(taken.left(p(1'000), q(300), 10'000) == q(300));
  taken.take(p(1'000), q(300), q(200));
  CHECK(taken.left(p(1'000), q(300), 10'000) == q(100));
  CHECK(taken.left(p(1'000), q(400), 10'000) == q(400));  // another quote
  CHECK(taken.left(p(1'001), q(300), 5'000) == q(150));
  taken.take(p(1'000), q(300), q(100));
  CHECK(taken.left(p(1'000), q(300), 10'000).is_zero());
}

TEST_CASE("random orders and bars keep every promise of the venue") {
  std::uint64_t fills = 0;
  std::uint64_t refusals = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    PaperBook<PaperOrder> book;
    VenueRules rules;
    rules.slippage = {static_cast<SlippageKind>(rng.below(4)), rng.between(0, 20'000)};
    rules.fees = {Money::from_raw(rng.between(0, 1'000'000)), rng.between(0, 2'000), {}};
    Quantity held;
    std::uint64_t id = 0;
    for (TimeNs now = 10; now < 210; now += 2) {
      while (rng.chance(0.4) && !book.full()) book.add(random_order(rng, ++id, now - 1));
      const Tape t = random_bar(rng, now);
      const Quantity budget = share_of_volume(t.volume, 1'000);
      Liquidity liquidity{budget, budget, true};
      Quantity total;
      std::vector<OrderId> done;
      book.step({t, t}, liquidity, rules, {p(1), q(1)}, [&] { return held; },
                [&](PaperOrder& o, const Outcome& out) {
        if (out.quantity.is_zero()) {
          ++refusals;
          REQUIRE(out.reason != OrderReason::none);
          const bool buy = o.side == Side::buy;
          // The numbers must really stand in each other's way.
          if (out.reason == OrderReason::not_marketable) {
            REQUIRE((buy ? out.seen > out.limit : out.seen < out.limit));
          }
          if (out.reason == OrderReason::stop_not_reached) {
            REQUIRE((buy ? out.seen < out.limit : out.seen > out.limit));
          }
        } else {
          ++fills;
          const Quantity before = held;
          const Execution e = book_fill(o, out, rules.fees);
          held += o.side == Side::buy ? e.quantity : -e.quantity;
          total += e.quantity;
          REQUIRE(o.filled <= o.quantity);
          REQUIRE_FALSE(e.fee.is_negative());
          if (o.has_limit()) {
            REQUIRE((o.side == Side::buy ? e.price <= o.limit_price : e.price >= o.limit_price));
          }
          if (o.time_in_force == TimeInForce::fok) REQUIRE(o.remaining().is_zero());
          if (o.reduce_only) REQUIRE(held.abs() < before.abs());
        }
        if (out.triggers) o.triggered = true;
        if (o.immediate() || o.remaining().is_zero()) done.push_back(o.id);
      });
      for (const OrderId d : done) book.remove(d);
      REQUIRE(total <= budget);
    }
  }
  CHECK(fills > 1'000);
  CHECK(refusals > 1'000);
}
