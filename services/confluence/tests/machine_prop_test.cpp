// Random features, gaps and strategies: no look-ahead, the same after a restore, the same in any
// number of partitions, and what is said always agrees with the rules.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "bellwether/base/rng.hpp"
#include "confluence/tests/signals_host.hpp"

using namespace bw;
using namespace bw::confluence;

namespace {

constexpr Unit kUnits = 6;

Strategy random_strategy(Rng& rng, int number) {
  Strategy s = simple(("strategy " + std::to_string(number)).c_str());
  const std::array<const char*, 6> names{"rsi_14", "macd_histogram", "bollinger_percent_b",
                                         "close",  "sma_20",         "vwap"};
  s.components.clear();
  const auto count = rng.between(1, 5);
  s.timeframe = rng.chance(0.8) ? Timeframe::m1 : Timeframe::m5;
  for (int i = 0; i < count; ++i) {
    const Timeframe tf = rng.chance(0.5) ? s.timeframe : Timeframe::h1;
    Component c =
        component(names[rng.below(names.size())], tf, linear(-0.5, 0.5), 0.5 + rng.uniform());
    c.normaliser.kind = static_cast<NormaliserKind>(rng.below(4));
    c.normaliser.inverted = rng.chance(0.3);
    if (rng.chance(0.3)) c.minus = "sma_50";
    if (rng.chance(0.3)) c.divided_by = "atr_14";
    s.components.push_back(c);
  }
  s.combination = static_cast<Combination>(rng.below(3));
  s.enter = 0.1 + 0.5 * rng.uniform();
  s.exit = s.enter * rng.uniform();
  s.confirmation_bars = static_cast<std::uint32_t>(rng.between(1, 3));
  s.cool_down_bars = static_cast<std::uint32_t>(rng.between(0, 3));
  s.allowed = static_cast<Allowed>(rng.below(3));
  s.stops.stop_loss = {StopKind::percent, 2};
  return s;
}

struct Row {
  Kind kind;
  Unit unit;
  Event event;
};

Row random_feature(Rng& rng, Unit unit, Timeframe tf, TimeNs close, bool warm) {
  Feature f = feature(tf, close, "100", {});
  f.instrument = InstrumentId{unit};
  f.close = Price::from_raw((100 + rng.between(-1, 1)) * kDecimalOne);
  f.data_from = kStart - kHour;
  for (std::size_t i = 0; i < indicators::kFeatureCount; ++i) {
    f.values[i] = rng.normal();
    if (warm || rng.chance(0.5)) f.valid |= 1U << i;
    if (rng.chance(0.002)) f.gapped |= 1U << i;
  }
  if (f.gapped != 0) {
    f.over_gap = true;
    f.gap_to = f.bar_open - kMinute;
    f.gap_from = f.gap_to - kMinute;
  }
  return {Kind::analytics_features, unit, Event{f}};
}

std::vector<Row> random_market(Rng& rng, int minutes) {
  std::vector<Row> rows;
  for (int m = 1; m <= minutes; ++m) {
    const TimeNs t = kStart + m * kMinute;
    for (Unit u = 1; u <= kUnits; ++u) {
      if (!rng.chance(0.01)) continue;
      Gap g;
      g.instrument = InstrumentId{u};
      g.state = static_cast<GapState>(rng.below(3));
      g.from = t;
      rows.push_back({Kind::market_bars, u, Event{g}});
    }
    const bool warm = m > 20;
    for (Unit u = 1; u <= kUnits; ++u) {
      if (m % 60 == 0) rows.push_back(random_feature(rng, u, Timeframe::h1, t, warm));
      if (m % 5 == 0) rows.push_back(random_feature(rng, u, Timeframe::m5, t, warm));
      rows.push_back(random_feature(rng, u, Timeframe::m1, t, warm));
    }
  }
  return rows;
}

struct World {
  Config config;
  std::vector<Row> rows;
};

World random_world(std::uint64_t seed) {
  Rng rng(seed);
  World w;
  for (int i = 0; i < 6; ++i) w.config.strategies.push_back(random_strategy(rng, i));
  REQUIRE(check(w.config).has_value());
  w.rows = random_market(rng, 300);
  return w;
}

bool same(const runtime::Output& a, const runtime::Output& b) {
  return a.unit == b.unit && a.seq == b.seq && a.time == b.time && a.event == b.event;
}

void run(SignalsHost& host, const World& w, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i)
    host.step(w.rows[i].kind, w.rows[i].unit, w.rows[i].event);
}

}  // namespace

TEST_CASE("a run that is cut gives the first part of the whole run") {
  std::size_t signals = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const World w = random_world(seed);
    SignalsHost whole(w.config);
    run(whole, w, 0, w.rows.size());
    signals += whole.all<Signal>().size();
    SignalsHost part(w.config);
    const std::size_t cut = Rng(seed).below(w.rows.size());
    run(part, w, 0, cut);
    std::size_t expected = 0;  // all that the whole run said up to then, no less
    for (const auto& o : whole.out) expected += o.time <= static_cast<TimeNs>(cut) ? 1U : 0U;
    REQUIRE(part.out.size() == expected);
    for (std::size_t i = 0; i < part.out.size(); ++i) REQUIRE(same(part.out[i], whole.out[i]));
  }
  REQUIRE(signals > 2'000);  // otherwise this proves nothing
}

TEST_CASE("a machine restored anywhere goes on as if nothing had been") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const World w = random_world(seed);
    SignalsHost whole(w.config);
    run(whole, w, 0, w.rows.size());
    const std::size_t cut = Rng(seed).below(w.rows.size());
    SignalsHost before(w.config);
    run(before, w, 0, cut);
    SignalsHost after(w.config);
    for (const Unit u : before.machine.units()) {
      Writer state;
      before.machine.save_unit(u, state);
      Reader r(state.bytes());
      REQUIRE(after.machine.load_unit(u, r).has_value());
      REQUIRE(r.finish("confluence").has_value());
      Writer again;
      after.machine.save_unit(u, again);
      REQUIRE(again.bytes() == state.bytes());
    }
    Writer emit_state;
    before.emit.save(emit_state);
    Reader emit_in(emit_state.bytes());
    REQUIRE(after.emit.load(emit_in).has_value());
    after.out = before.out;
    after.now = before.now;
    after.seq = before.seq;
    run(after, w, cut, w.rows.size());
    REQUIRE(after.out.size() == whole.out.size());
    for (std::size_t i = 0; i < after.out.size(); ++i) REQUIRE(same(after.out[i], whole.out[i]));
  }
}

TEST_CASE("one machine or four: each instrument hears the same") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    const World w = random_world(seed);
    const auto spec = confluence_signals_spec(w.config);
    std::map<Unit, std::vector<Event>> one;
    std::map<Unit, std::vector<Event>> four;
    for (const std::uint32_t count : {1U, 4U}) {
      for (std::uint32_t index = 0; index < count; ++index) {
        const runtime::Ownership mine{index, count};
        const auto machine = spec.create(mine);
        runtime::Emit emit;
        TimeNs now = 0;
        for (const Row& row : w.rows) {
          ++now;
          if (!mine.owns(row.unit)) continue;
          emit.begin(now);
          machine->step({now, row.kind, row.unit, 1, row.event}, emit);
        }
        for (const auto& o : emit.outputs()) (count == 1 ? one : four)[o.unit].push_back(o.event);
      }
    }
    REQUIRE(one == four);
    REQUIRE(one.size() == kUnits);
  }
}

TEST_CASE("what is said agrees with the rules") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const World w = random_world(seed);
    SignalsHost host(w.config);
    run(host, w, 0, w.rows.size());
    std::map<std::pair<StrategyId, InstrumentId>, Direction> held;
    for (const Signal& g : host.all<Signal>()) {
      const auto s = std::find_if(w.config.strategies.begin(), w.config.strategies.end(),
                                  [&](const Strategy& x) { return x.id == g.strategy; });
      REQUIRE(s != w.config.strategies.end());
      Direction& before = held[{g.strategy, g.instrument}];
      REQUIRE(before != g.direction);
      before = g.direction;
      REQUIRE(std::abs(g.score) <= 1);
      REQUIRE(g.confidence >= 0);
      REQUIRE(g.confidence <= 1);
      REQUIRE(g.data_from < g.data_to);
      double sum = 0;
      for (const Contribution& c : g.contributions) {
        REQUIRE(std::abs(c.normalised) <= 1);
        sum += c.contribution;
      }
      if (s->combination == Combination::weighted_mean || g.direction != Direction::flat) {
        REQUIRE(g.score == Approx(sum).margin(1e-12));
      }
      if (g.direction == Direction::long_) {
        REQUIRE(g.score >= s->enter);
        REQUIRE(s->allowed != Allowed::short_only);
        REQUIRE(g.stop_loss < g.reference_price);
      } else if (g.direction == Direction::short_) {
        REQUIRE(g.score <= -s->enter);
        REQUIRE(s->allowed != Allowed::long_only);
        REQUIRE(g.stop_loss > g.reference_price);
      } else {
        REQUIRE(g.stop_loss.is_zero());
      }
    }
  }
}

TEST_CASE("damaged state and state of another table are errors") {
  const World w = random_world(3);
  SignalsHost host(w.config);
  run(host, w, 0, 500);
  Writer state;
  host.machine.save_unit(1, state);
  for (std::size_t cut = 0; cut < state.size(); cut += 7) {
    SignalsHost fresh(w.config);
    Reader r(std::string_view(state.bytes()).substr(0, cut));
    REQUIRE_FALSE(fresh.machine.load_unit(1, r).has_value());
  }
  Bytes other = state.bytes();
  other[0] = static_cast<char>(other[0] ^ 1);
  Reader r(other);
  SignalsHost fresh(w.config);
  CHECK(fresh.machine.load_unit(1, r).error().code == ErrorCode::failed_precondition);
}
