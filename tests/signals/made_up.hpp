#pragma once
// The shipped strategies, and a made-up market to drive them by.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bellwether/base/rng.hpp"
#include "bellwether/calendar/calendar.hpp"
#include "bellwether/testkit/data.hpp"
#include "confluence/shell/strategy_loader.hpp"
#include "market.hpp"

namespace bw::signals_test {

using Rows = std::vector<runtime::Source::Row>;

struct Setup {
  config::InstrumentTable instruments;
  confluence::Config confluence;
  analytics::Config analytics;
};

inline Setup setup() {
  const auto root = testkit::source_root();
  Setup s;
  auto instruments = config::InstrumentTable::load(root / "deploy/config/instruments.yaml");
  REQUIRE(instruments.has_value());
  s.instruments = *instruments;
  const std::array<std::filesystem::path, 1> folder{root / "services/confluence/strategies"};
  auto strategies = confluence::load_strategies(folder, s.instruments);
  if (!strategies) FAIL(strategies.error().text());
  s.confluence.strategies = *strategies;
  s.confluence.instruments = s.instruments.all();
  REQUIRE(confluence::check(s.confluence).has_value());
  return s;
}

/// Bars of one instrument to rows, with a gap event in front of a bar that does not follow the
/// last.
struct RowWriter {
  Rows& rows;
  const calendar::Calendar& calendar;
  TimeNs expected = 0;
  std::uint64_t seq = 0;

  void put(const Bar& bar) {
    if (expected != 0 && bar.open_time != expected) {
      Gap g;
      g.instrument = bar.instrument;
      g.timeframe = Timeframe::m1;
      g.from = expected;
      g.to = bar.open_time;
      for (const GapState state : {GapState::opened, GapState::closed}) {
        g.state = state;
        row(bar.close_time, g.instrument.value, Event{g});
      }
    }
    row(bar.close_time, bar.instrument.value, Event{bar});
    expected = calendar.next_bar_open(bar.open_time, kMinute).value_or(0);
  }
  void row(TimeNs time, Unit unit, const Event& event) {
    runtime::Source::Row r;
    r.time = time;
    r.unit = unit;
    r.seq = ++seq;
    r.event = event;
    rows.push_back(r);
  }
};

inline void sort(Rows& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::pair(a.time, a.unit) < std::pair(b.time, b.unit);
  });
}

/// A random walk with changing drift and volatility, round the clock; a stretch is missing now and
/// then.
inline Rows made_up(std::uint64_t seed, int days) {
  Rows rows;
  const calendar::Calendar calendar(CalendarId::always_open);
  for (Unit unit = 1; unit <= 3; ++unit) {
    Rng rng(seed * 10 + unit);
    RowWriter writer{rows, calendar};
    double price = 100;
    double drift = 0;
    TimeNs open = 1'417'392'000 * kSecond;  // 2014-12-01
    for (int m = 0; m < days * 1'440; ++m, open += kMinute) {
      if (m % 400 == 0) drift = 0.0003 * rng.normal();
      if (rng.chance(0.00002)) {
        const auto missing = rng.between(1, 30);
        m += static_cast<int>(missing);
        open += missing * kMinute;
      }
      Bar b;
      b.instrument = InstrumentId{unit};
      b.timeframe = Timeframe::m1;
      b.open_time = open;
      b.close_time = open + kMinute;
      b.open = Price::from_double(price);
      price *= 1 + drift + 0.001 * rng.normal();
      b.close = Price::from_double(price);
      b.high = std::max(b.open, b.close);
      b.low = std::min(b.open, b.close);
      b.volume = Quantity::from_int(rng.between(1, 1'000));
      writer.put(b);
    }
  }
  sort(rows);
  return rows;
}

}  // namespace bw::signals_test
