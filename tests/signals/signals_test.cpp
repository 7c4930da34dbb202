// The shipped strategies over analytics: no look-ahead, nothing rests on a gap, each of them
// speaks.
#include <zlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <sstream>

#include "bellwether/calendar/new_york.hpp"
#include "confluence/shell/explain.hpp"
#include "made_up.hpp"

using namespace bw;
using namespace bw::signals_test;

namespace {

/// "2014-11-19 09:30,205.31,205.32,205.12,205.17,1257513", New York time.
Bar parse_bar(const std::string& line, InstrumentId instrument) {
  std::istringstream in(line);
  std::array<std::string, 6> field;
  for (auto& f : field) std::getline(in, f, ',');
  Bar b;
  b.instrument = instrument;
  b.timeframe = Timeframe::m1;
  b.open_time = *calendar::new_york_to_utc(*parse_utc(field[0]));
  b.close_time = b.open_time + kMinute;
  b.open = *Price::parse(field[1]);
  b.high = *Price::parse(field[2]);
  b.low = *Price::parse(field[3]);
  b.close = *Price::parse(field[4]);
  b.volume = *Quantity::parse(field[5]);
  return b;
}

std::optional<Rows> recorded(Setup& s) {
  Rows rows;
  const calendar::Calendar calendar(CalendarId::nyse);
  for (const char* symbol : {"SPY", "AAPL", "QQQ"}) {
    const auto path = testkit::data_or_skip("minute/equity/" + std::string(symbol) + ".csv.gz");
    if (!path) return std::nullopt;
    const InstrumentId id = s.instruments.find(symbol)->id;
    s.analytics.sessions.set(id, CalendarId::nyse);
    RowWriter writer{rows, calendar};
    gzFile file = gzopen(path->c_str(), "rb");
    REQUIRE(file != nullptr);
    std::array<char, 256> line{};
    gzgets(file, line.data(), line.size());
    while (gzgets(file, line.data(), line.size()) != nullptr) {
      const Bar b = parse_bar(line.data(), id);
      if (calendar.is_open(b.open_time)) writer.put(b);
    }
    gzclose(file);
  }
  sort(rows);
  return rows;
}

void check_cuts(const Rows& rows, const Setup& s, const Said& whole) {
  for (const std::size_t cut : {rows.size() / 3, rows.size() * 2 / 3, rows.size() - 1}) {
    const Said part = run(rows, cut, s.analytics, s.confluence);
    const TimeNs last = rows[cut - 1].time;
    // Whole times only: the host runs all rows of a time together, and a cut may fall between them.
    const auto before = [&](const Said& said) {
      return static_cast<std::size_t>(std::lower_bound(said.times.begin(), said.times.end(), last) -
                                      said.times.begin());
    };
    REQUIRE(before(part) == before(whole));
    REQUIRE(before(part) > 0);
    for (std::size_t i = 0; i < before(part); ++i) REQUIRE(part.signals[i] == whole.signals[i]);
  }
}

void check_gaps(const Rows& rows, const Said& said) {
  std::map<InstrumentId, std::vector<Gap>> gaps;
  for (const auto& r : rows) {
    if (const auto* g = std::get_if<Gap>(&r.event)) gaps[g->instrument].push_back(*g);
  }
  for (const Signal& signal : said.signals) {
    for (const Gap& g : gaps[signal.instrument]) {
      INFO(format_utc(g.from) << " " << format_utc(signal.data_from));
      REQUIRE_FALSE((g.from < signal.data_to && g.to > signal.data_from));
    }
  }
}

void check_each_speaks(const Said& said, const Setup& s) {
  for (const auto& strategy : s.confluence.strategies) {
    std::array<std::size_t, 3> count{};
    for (const Signal& g : said.signals) {
      if (g.strategy == strategy.id) ++count[static_cast<std::size_t>(g.direction)];
    }
    INFO(strategy.name);
    CHECK(count[0] > 0);
    CHECK(count[1] > 0);
    CHECK((count[2] > 0) == (strategy.allowed != confluence::Allowed::long_only));
    std::cout << strategy.name << ": " << count[1] << " long, " << count[2] << " short, "
              << count[0] << " flat\n";
  }
}

}  // namespace

TEST_CASE("shipped strategies on a made-up market") {
  const Setup s = setup();
  const Rows rows = made_up(1, 40);
  const Said whole = run(rows, rows.size(), s.analytics, s.confluence);
  check_each_speaks(whole, s);
  check_cuts(rows, s, whole);
  check_gaps(rows, whole);
  CHECK(std::any_of(whole.held.begin(), whole.held.end(),
                    [](const HoldBack& h) { return h.reason == HoldBackReason::gap; }));
}

TEST_CASE("shipped strategies on recorded minutes") {
  Setup s = setup();
  const auto rows = recorded(s);
  if (!rows) return;
  const Said whole = run(*rows, rows->size(), s.analytics, s.confluence);
  check_each_speaks(whole, s);
  check_cuts(*rows, s, whole);
  check_gaps(*rows, whole);
  const Signal& last = whole.signals.back();
  const auto strategy = std::find_if(s.confluence.strategies.begin(), s.confluence.strategies.end(),
                                     [&](const auto& x) { return x.id == last.strategy; });
  const std::string text =
      confluence::explain({last, *strategy, *s.instruments.find(last.instrument), {}});
  CHECK(text.find(strategy->name) == 0);
  CHECK(text.find("NOTE") == std::string::npos);
  std::cout << text;
}
