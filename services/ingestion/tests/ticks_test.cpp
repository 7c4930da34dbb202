// Real ticks: the best bid and offer and the bars against straightforward rebuilds; partitions;
// restore.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "ingestion/core/news_machine.hpp"
#include "ingestion/core/ticks_machine.hpp"
#include "ingestion/shell/line_reader.hpp"
#include "run.hpp"

namespace bw::ingestion {

namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& path) {
  auto lines = LineReader::open(path);
  REQUIRE(lines.has_value());
  std::vector<std::vector<std::string>> rows;
  Line line;
  while ((*lines)->next(line)) {
    if (line.number == 1) continue;
    std::vector<std::string> row(1);
    for (const char c : line.text) {
      if (c == ',') {
        row.emplace_back();
      } else {
        row.back().push_back(c);
      }
    }
    rows.push_back(row);
  }
  return rows;
}

/// In New York's October: UTC - 4 h. "2013-10-07 04:00:00.054"
TimeNs stamp_of(const std::string& text) {
  const auto t = parse_utc(text);
  REQUIRE(t.has_value());
  return *t + 4 * kHour;
}

std::vector<runtime::MachineSpec> suite_of(const Config& config) {
  return {ticks_spec(config), bars_spec(config), news_spec(config)};
}

FileSourceOptions ibm_and_spy() {
  FileSourceOptions options;
  options.instruments = {instrument(7, "IBM"), instrument(8, "SPY")};
  return options;
}

std::vector<std::string> tick_paths() {
  std::vector<std::string> paths;
  for (const char* name : {"tick/IBM_20131007_trade.csv.gz", "tick/IBM_20131007_quote.csv.gz",
                           "tick/SPY_20131007_trade.csv.gz"}) {
    const auto path = testkit::data_or_skip(name);
    if (!path) return {};
    paths.push_back(path->string());
  }
  return paths;
}

bool same(const Out& a, const Out& b) {
  return a.kind == b.kind && a.output.time == b.output.time && a.output.unit == b.output.unit &&
         a.output.seq == b.output.seq && a.output.event == b.output.event;
}

/// Passes on the rows of one partition.
class Partition final : public runtime::Source {
 public:
  Partition(runtime::Source& all, runtime::Ownership own) : all_(all), own_(own) {}
  const Row* next() override {
    const Row* row = all_.next();
    while (row != nullptr && !own_.owns(row->unit)) row = all_.next();
    return row;
  }
  bool at_end() const override { return all_.at_end(); }

 private:
  runtime::Source& all_;
  runtime::Ownership own_;
};

}  // namespace

TEST_CASE("NBBO of a day of IBM quotes equals a plain rebuild") {
  const auto path = testkit::data_or_skip("tick/IBM_20131007_quote.csv.gz");
  if (!path) return;
  const auto source = open_files({path->string()}, ibm_and_spy());
  const Config config = config_for(source->instruments());
  Collector sink;
  runtime::InlineHost host({ticks_spec(config)}, *source, sink);
  host.run_to_end();
  const auto quotes = sink.of<Quote>(7);

  // By the words of the definition: highest bid, lowest ask over the venues' last quotes; sizes of
  // the venue with more; the first letter where that is equal too. A quote takes away what it locks
  // or crosses.
  struct Side {
    double price = 0;
    double size = 0;
  };
  std::map<char, Side> bids;
  std::map<char, Side> asks;
  std::size_t at = 0;
  std::size_t wrong = 0;
  std::tuple<double, double, char, double, double, char> last{};
  for (const auto& row : rows_of(path->string())) {
    const char venue = row[5][0];
    const Side bid{std::atof(row[1].c_str()), std::atof(row[2].c_str())};
    const Side ask{std::atof(row[3].c_str()), std::atof(row[4].c_str())};
    if (bid.price != 0 || bid.size != 0) {
      bids[venue] = bid;
      if (bid.size != 0)
        std::erase_if(asks, [&](const auto& a) { return a.second.price <= bid.price; });
    }
    if (ask.price != 0 || ask.size != 0) {
      asks[venue] = ask;
      if (ask.size != 0)
        std::erase_if(bids, [&](const auto& b) { return b.second.price >= ask.price; });
    }
    std::tuple<double, double, char, double, double, char> best{};
    for (const auto& [v, s] : bids) {
      if (s.size == 0) continue;
      auto& [p, n, letter, x, y, z] = best;
      if (s.price > p || (s.price == p && s.size > n)) p = s.price, n = s.size, letter = v;
    }
    for (const auto& [v, s] : asks) {
      if (s.size == 0) continue;
      auto& [x, y, z, p, n, letter] = best;
      if (p == 0 || s.price < p || (s.price == p && s.size > n))
        p = s.price, n = s.size, letter = v;
    }
    if (best == last) continue;
    last = best;
    REQUIRE(at < quotes.size());
    const Quote& q = quotes[at++];
    const auto& [bp, bs, bv, ap, as, av] = best;
    const bool ok = q.bid == Price::from_double(bp) && q.bid_size == Quantity::from_double(bs) &&
                    q.bid_venue == bv && q.ask == Price::from_double(ap) &&
                    q.ask_size == Quantity::from_double(as) && q.ask_venue == av &&
                    q.source_time == stamp_of(row[0]);
    wrong += ok ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(at == quotes.size());
  CHECK(quotes.size() > 20'000);
  // What it is good for: never crossed, in the session nearly always two-sided, a few cents wide.
  std::vector<double> spreads;
  std::size_t one_sided = 0;
  for (const Quote& q : quotes) {
    if (q.source_time < stamp_of("2013-10-07 09:35:00") ||
        q.source_time > stamp_of("2013-10-07 15:55:00")) {
      continue;
    }
    if (q.bid.is_zero() || q.ask.is_zero()) {
      ++one_sided;
    } else {
      spreads.push_back(q.ask.to_double() - q.bid.to_double());
    }
  }
  std::sort(spreads.begin(), spreads.end());
  CHECK(spreads.front() > 0);
  CHECK(spreads[spreads.size() / 2] < 0.05);
  CHECK(one_sided < spreads.size() / 10);
}

TEST_CASE("bars from trades equal a plain aggregation") {
  const auto paths = tick_paths();
  if (paths.empty()) return;
  const auto source = open_files(paths, ibm_and_spy());
  const Config config = config_for(source->instruments());
  Collector sink;
  runtime::InlineHost host(suite_of(config), *source, sink);
  host.run_to_end();
  for (const Unit unit : {7U, 8U}) {
    struct Sum {
      double open = 0, high = 0, low = 0, close = 0, volume = 0, money = 0;
      std::uint32_t trades = 0;
    };
    std::map<TimeNs, Sum> minutes;
    for (const auto& row : rows_of(unit == 7 ? paths[0] : paths[2])) {
      const TimeNs t = stamp_of(row[0]);
      const int clock =
          std::atoi(row[0].substr(11, 2).c_str()) * 60 + std::atoi(row[0].substr(14, 2).c_str());
      if (clock < 570 || clock >= 960 || row[5] == "1") continue;
      const double price = std::atof(row[1].c_str());
      const double size = std::atof(row[2].c_str());
      Sum& s = minutes[t / kMinute];
      if (s.trades == 0) s.open = s.high = s.low = price;
      s.high = std::max(s.high, price);
      s.low = std::min(s.low, price);
      s.close = price;
      s.volume += size;
      s.money += price * size;
      ++s.trades;
    }
    const auto bars = sink.of<Bar>(unit);
    CAPTURE(unit);
    REQUIRE(bars.size() == minutes.size());
    std::size_t i = 0;
    std::size_t wrong = 0;
    for (const auto& [minute, s] : minutes) {
      const Bar& b = bars[i++];
      const bool ok = b.open_time == minute * kMinute && b.origin == BarOrigin::trades &&
                      b.open == Price::from_double(s.open) &&
                      b.high == Price::from_double(s.high) && b.low == Price::from_double(s.low) &&
                      b.close == Price::from_double(s.close) &&
                      b.volume == Quantity::from_double(s.volume) && b.trades == s.trades &&
                      std::abs(b.vwap.to_double() - s.money / s.volume) < 1e-6;
      wrong += ok ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(bars.size() == 390);
  }
}

TEST_CASE("one partition and four give the same per unit") {
  auto paths = tick_paths();
  const auto minutes = testkit::data_or_skip("minute/equity");
  if (paths.empty() || !minutes) return;
  paths.push_back(minutes->string());
  auto whole = open_files(paths, {});
  const Config config = config_for(whole->instruments());
  Collector one;
  runtime::InlineHost host(suite_of(config), *whole, one);
  host.run_to_end();
  std::map<Unit, std::vector<Out>> expected;
  for (const Out& o : one.all) expected[o.output.unit].push_back(o);
  REQUIRE(expected.size() == 4);
  std::size_t compared = 0;
  for (std::uint32_t index = 0; index < 4; ++index) {
    auto again = open_files(paths, {});
    Partition part(*again, {index, 4});
    Collector sink;
    runtime::InlineHost partial(suite_of(config), part, sink);
    partial.run_to_end();
    std::map<Unit, std::vector<Out>> got;
    for (const Out& o : sink.all) got[o.output.unit].push_back(o);
    for (const auto& [unit, list] : got) {
      // Timers behind a partition's last row do not run: its end may come before the whole's.
      const auto& all = expected[unit];
      REQUIRE(list.size() <= all.size());
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (!same(list[i], all[i])) FAIL("unit " << unit << " differs at " << i);
      }
      CHECK(all.size() - list.size() < 20);
      compared += list.size();
    }
  }
  CHECK(compared > 100'000);
}

TEST_CASE("saved in the middle and restored equals the straight run") {
  const auto paths = tick_paths();
  if (paths.empty()) return;
  const auto source = open_files(paths, ibm_and_spy());
  const Config config = config_for(source->instruments());
  Collector straight;
  runtime::InlineHost host(suite_of(config), *source, straight);
  host.run_to_end();
  for (const std::size_t cut : {std::size_t{3'000}, std::size_t{40'000}, std::size_t{90'000}}) {
    CAPTURE(cut);
    Collector before;
    const auto first = open_files(paths, ibm_and_spy());
    runtime::InlineHost a(suite_of(config), *first, before);
    while (before.all.size() < cut && a.step_time()) {
    }
    const auto image = a.image();
    Collector after;
    const auto second = open_files(paths, ibm_and_spy());
    runtime::InlineHost b(suite_of(config), *second, after);
    REQUIRE(b.restore(image).has_value());
    b.run_to_end();
    REQUIRE(before.all.size() + after.all.size() == straight.all.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < after.all.size(); ++i) {
      wrong += same(after.all[i], straight.all[before.all.size() + i]) ? 0 : 1;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace bw::ingestion
