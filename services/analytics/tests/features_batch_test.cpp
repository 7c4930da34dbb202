// The machine against a batch recomputation on recorded minutes: bars of each timeframe are grouped
// by the wall clock of New York that the file states, all at once, and the kernels (checked against
// TA-Lib by their own tests) run over each list. Nothing of the machine's own aggregation is used.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "bellwether/calendar/new_york.hpp"
#include "bellwether/testkit/data.hpp"
#include "feed.hpp"

using namespace bw;
using namespace bw::analytics;
using namespace bw::analytics::test;

namespace {

struct Row {
  std::string day;  ///< "2014-11-19"
  int minute = 0;   ///< since 09:30
  Bar bar;
};

/// The file goes on after the early closes (13:00) of two days; ingestion quarantines such rows.
bool after_close(const Row& r) {
  return (r.day == "2014-11-28" || r.day == "2014-12-24") && r.minute >= 210;
}

std::vector<Row> read_minutes(const std::filesystem::path& path) {
  struct Close {
    void operator()(std::FILE* f) const { ::pclose(f); }
  };
  const std::unique_ptr<std::FILE, Close> pipe(
      ::popen(("gzip -dc '" + path.string() + "'").c_str(), "r"));
  REQUIRE(pipe != nullptr);
  std::vector<Row> rows;
  char line[256];
  while (std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    int h = 0, m = 0;
    char day[11] = {}, o[32], hi[32], lo[32], c[32], v[32];
    if (std::sscanf(line, "%10s %d:%d,%31[^,],%31[^,],%31[^,],%31[^,],%31[^,\r\n]", day, &h, &m, o,
                    hi, lo, c, v) != 8) {
      continue;  // the names
    }
    Row r;
    r.day = day;
    r.minute = (h - 9) * 60 + m - 30;
    r.bar.instrument = kSpy;
    r.bar.timeframe = Timeframe::m1;
    r.bar.open_time = *calendar::new_york_to_utc(*parse_utc(r.day) + h * kHour + m * kMinute);
    r.bar.close_time = r.bar.open_time + kMinute;
    r.bar.open = *Price::parse(o);
    r.bar.high = *Price::parse(hi);
    r.bar.low = *Price::parse(lo);
    r.bar.close = *Price::parse(c);
    r.bar.volume = *Quantity::parse(v);
    r.bar.vwap = Price::from_double(
        (r.bar.high.to_double() + r.bar.low.to_double() + r.bar.close.to_double()) / 3);
    if (!after_close(r)) rows.push_back(r);
  }
  return rows;
}

struct Group {
  double high = 0, low = 0, close = 0, traded = 0, volume = 0;
  std::string day;
};

/// Bars of `minutes` length by (day, minute / length); 0: whole days.
std::vector<Group> group(const std::vector<Row>& rows, int minutes) {
  std::map<std::pair<std::string, int>, Group> groups;
  for (const Row& r : rows) {
    const auto key = std::pair(r.day, minutes == 0 ? 0 : r.minute / minutes);
    const auto [it, fresh] = groups.try_emplace(key);
    Group& g = it->second;
    const double high = r.bar.high.to_double(), low = r.bar.low.to_double();
    g.high = fresh ? high : std::max(g.high, high);
    g.low = fresh ? low : std::min(g.low, low);
    g.close = r.bar.close.to_double();
    g.traded += r.bar.vwap.to_double() * r.bar.volume.to_double();
    g.volume += r.bar.volume.to_double();
    g.day = r.day;
  }
  std::vector<Group> list;
  for (auto& [key, g] : groups) list.push_back(g);
  return list;
}

void compare(const std::vector<Group>& groups, const std::vector<Feature>& features) {
  using namespace bw::indicators;
  REQUIRE(features.size() == groups.size());
  Sma a = *Sma::create(20), b = *Sma::create(50), c = *Sma::create(200);
  Ema d = *Ema::create(12), e = *Ema::create(26), f = *Ema::create(50);
  Rsi rsi = *Rsi::create(14);
  Macd macd = *Macd::create({12, 26, 9});
  Bollinger bands = *Bollinger::create(20, 2);
  Atr atr = *Atr::create(14);
  Vwap vwap;
  std::string day;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& g = groups[i];
    const double x = g.close;
    if (g.day != day) vwap.reset();
    day = g.day;
    const MacdReading m = macd.update(x);
    const BandsReading w = bands.update(x);
    const double expected[] = {
        a.update(x).value, b.update(x).value, c.update(x).value, d.update(x).value,
        e.update(x).value, f.update(x).value, rsi.update(x).value, m.macd, m.signal, m.histogram,
        w.upper, w.middle, w.lower, w.ready ? w.percent_b(x) : 0, w.ready ? w.bandwidth() : 0,
        atr.update(g.high, g.low, x).value, vwap.update(g.traded / g.volume, g.volume).value};
    static_assert(std::size(expected) == kFeatureCount);
    INFO(g.day << ", bar " << i);
    for (std::size_t s = 0; s < kFeatureCount; ++s) {
      const double mine = features[i].values[s];
      if (mine == expected[s]) continue;  // spares a million messages
      INFO(kFeatureTable[s].name);
      REQUIRE(mine == Approx(expected[s]).epsilon(1e-12).margin(1e-12));
    }
  }
}

}  // namespace

TEST_CASE("features of recorded minutes equal a batch recomputation on every timeframe") {
  for (const char* symbol : {"SPY", "AAPL", "QQQ"}) {
    const auto path = testkit::data_or_skip(std::string("minute/equity/") + symbol + ".csv.gz");
    if (!path) return;
    INFO(symbol);
    const auto rows = read_minutes(*path);
    REQUIRE(rows.size() > 30'000);
    const Config config = config_for(CalendarId::nyse);
    Feed feed(config);
    for (const Row& r : rows) feed.bar(r.bar);
    // The file may end before its last bars are complete: the next opening publishes them.
    const TimeNs later = rows.back().bar.close_time + kDay;
    feed.step(Session{kSpy, SessionState::opened, 0, later}, later);
    compare(group(rows, 1), feed.of(Timeframe::m1));
    compare(group(rows, 5), feed.of(Timeframe::m5));
    compare(group(rows, 15), feed.of(Timeframe::m15));
    compare(group(rows, 60), feed.of(Timeframe::h1));
    compare(group(rows, 0), feed.of(Timeframe::d1));
  }
}
