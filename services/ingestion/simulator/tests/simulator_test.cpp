#include "ingestion/simulator/simulator.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "bellwether/config/instruments.hpp"
#include "bellwether/testkit/data.hpp"

using namespace bw;
using namespace bw::ingestion::simulator;

namespace {

const TimeNs kMonday = from_utc({2024, 3, 4});

Options week(std::uint64_t seed, Mode mode) {
  Options o;
  o.seed = seed;
  o.start = kMonday;
  o.end = kMonday + 2 * kDay;
  o.mode = mode;
  o.trades_per_minute = 3;
  return o;
}

Simulator make(const Options& o) {
  auto s = Simulator::make(o);
  REQUIRE(s);
  return *s;
}

std::vector<runtime::Source::Row> read(Simulator s, std::size_t limit = SIZE_MAX) {
  std::vector<runtime::Source::Row> rows;
  while (rows.size() < limit) {
    const auto* row = s.next();
    if (row == nullptr) break;
    rows.push_back(*row);
  }
  return rows;
}

bool same(const runtime::Source::Row& a, const runtime::Source::Row& b) {
  return a.time == b.time && a.unit == b.unit && a.seq == b.seq && a.consumer == b.consumer &&
         a.event == b.event;
}

void require_same(const std::vector<runtime::Source::Row>& a,
                  const std::vector<runtime::Source::Row>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!same(a[k], b[k])) FAIL("row " << k << " differs");
  }
}

Options dirty_day(Mode mode) {
  Options o = week(5, mode);
  o.end = kMonday + kDay;
  o.dirt = 0.05;
  o.halts_per_day = 0.5;
  o.feed_latency = 3 * kMillisecond;
  return o;
}

}  // namespace

TEST_CASE("the same seed gives the same rows, another seed others") {
  const Mode mode = GENERATE(Mode::bars, Mode::ticks);
  Options o = week(7, mode);
  const auto rows = read(make(o), 200'000);
  REQUIRE(rows.size() > 10'000);
  require_same(rows, read(make(o), 200'000));
  o.seed = 8;
  const auto others = read(make(o), rows.size());
  std::size_t equal = 0;
  for (std::size_t k = 0; k < std::min(rows.size(), others.size()); ++k) {
    equal += same(rows[k], others[k]) ? 1 : 0;
  }
  CHECK(equal < rows.size() / 100);
}

TEST_CASE("rows come in order of time, unit and seq, and seq counts from 1") {
  const Mode mode = GENERATE(Mode::bars, Mode::ticks);
  const Options o = dirty_day(mode);
  std::map<Unit, std::uint64_t> seq;
  std::tuple<TimeNs, Unit, std::uint64_t> last{0, 0, 0};
  for (const auto& row : read(make(o))) {
    REQUIRE(row.seq == ++seq[row.unit]);
    const std::tuple<TimeNs, Unit, std::uint64_t> now{row.time, row.unit, row.seq};
    REQUIRE(last < now);
    last = now;
    REQUIRE(row.time > o.start);
    REQUIRE(row.time <= o.end);
  }
  CHECK(seq.size() == kInstrumentCount);
}

TEST_CASE("a copy goes on with the same rows") {
  Simulator a = make(dirty_day(Mode::ticks));
  for (int k = 0; k < 12'345; ++k) REQUIRE(a.next() != nullptr);
  Simulator b = a;
  require_same(read(a, 5'000), read(b, 5'000));
}

TEST_CASE("skip_to leaves out rows and changes none") {
  const Mode mode = GENERATE(Mode::bars, Mode::ticks);
  Options o = dirty_day(mode);
  o.end = kMonday + 2 * kDay;
  const auto all = read(make(o));
  const std::vector<TimeNs> points{kMonday,
                                   kMonday + 14 * kHour + 31 * kMinute + 17 * kSecond,
                                   kMonday + 15 * kHour + 3 * kMillisecond,
                                   kMonday + kDay,
                                   kMonday + kDay + 20 * kHour + 59 * kMinute,
                                   o.end,
                                   o.end + 1};
  for (const TimeNs t : points) {
    Simulator s = make(o);
    if (t > kMonday + kDay) {
      for (int k = 0; k < 777; ++k) REQUIRE(s.next() != nullptr);  // from the middle, too
    }
    s.skip_to(t);
    std::vector<runtime::Source::Row> expected;
    for (const auto& row : all) {
      if (row.time >= t) expected.push_back(row);
    }
    if (!expected.empty()) CHECK(s.next_time() == expected.front().time);
    require_same(expected, read(s));
  }
}

TEST_CASE("skip_to never goes back, and ends at the end") {
  Simulator s = make(week(3, Mode::bars));
  s.skip_to(kMonday + kDay);
  const TimeNs before = s.next_time();
  s.skip_to(kMonday);
  CHECK(s.next_time() == before);
  s.skip_to(kTimeMax);
  CHECK(s.next() == nullptr);
  CHECK(s.at_end());
  CHECK(s.next_time() == kTimeMax);
}

TEST_CASE("an instrument's rows do not depend on the others that are asked for") {
  Options o = week(11, Mode::ticks);
  o.end = kMonday + 16 * kHour;
  std::vector<runtime::Source::Row> wanted;
  for (const auto& row : read(make(o))) {
    if (row.unit == 1003 || row.unit == 1024) wanted.push_back(row);
  }
  o.instruments.push_back(InstrumentId(1003));
  o.instruments.push_back(InstrumentId(1024));
  require_same(wanted, read(make(o)));
}

TEST_CASE("a reader for one consumer sees its rows with the same seq") {
  Options o = week(11, Mode::ticks);
  o.end = kMonday + 16 * kHour;
  const auto all = read(make(o));
  std::size_t sum = 0;
  for (const Kind kind : {Kind::market_ticks, Kind::market_bars, Kind::news_articles}) {
    o.only = kind;
    std::vector<runtime::Source::Row> wanted;
    for (const auto& row : all) {
      if (row.consumer == kind) wanted.push_back(row);
    }
    require_same(wanted, read(make(o)));
    sum += wanted.size();
  }
  CHECK(sum == all.size());
}

TEST_CASE("clean rows are sound: positive, on tick, ordered, uncrossed, inside the session") {
  Options o = week(GENERATE(1, 2), GENERATE(Mode::bars, Mode::ticks));
  o.trades_per_minute = 8;
  const calendar::Calendar nyse(CalendarId::nyse);
  std::map<Unit, Quote> quotes;
  std::size_t trades_off_quote = 0;
  for (const auto& row : read(make(o))) {
    const Profile& c = kProfiles[row.unit - kFirstId];
    const std::int64_t tick = tick_of(c).raw();
    const auto good = [&](Price p) { return p.is_positive() && p.raw() % tick == 0; };
    const auto whole = [&](Quantity q) {
      return q.is_positive() && q.raw() % lot_of(c).raw() == 0;
    };
    if (const auto* r = std::get_if<RawBar>(&row.event)) {
      const Bar& b = r->bar;
      REQUIRE((good(b.open) && good(b.high) && good(b.low) && good(b.close) && whole(b.volume)));
      REQUIRE((b.low <= std::min(b.open, b.close) && b.high >= std::max(b.open, b.close)));
      REQUIRE((b.low <= b.vwap && b.vwap <= b.high));
      REQUIRE(b.close_time - b.open_time == kMinute);
      REQUIRE(b.origin == BarOrigin::simulator);
      REQUIRE(b.trades > 0);
      if (!is_crypto(c)) REQUIRE(nyse.is_open(b.open_time));
    } else if (const auto* q = std::get_if<RawQuote>(&row.event)) {
      REQUIRE((good(q->quote.bid) && good(q->quote.ask) && q->quote.bid < q->quote.ask));
      REQUIRE((whole(q->quote.bid_size) && whole(q->quote.ask_size)));
      quotes[row.unit] = q->quote;
    } else if (const auto* t = std::get_if<RawTrade>(&row.event)) {
      REQUIRE((good(t->trade.price) && whole(t->trade.size)));
      if (!is_crypto(c)) REQUIRE(nyse.is_open(t->trade.source_time));
      const Quote& seen = quotes.at(row.unit);
      const bool buy = t->trade.aggressor == Side::buy;
      trades_off_quote += t->trade.price == (buy ? seen.ask : seen.bid) ? 0 : 1;
    } else if (const auto* a = std::get_if<RawArticle>(&row.event)) {
      REQUIRE(a->article.headline.view().substr(0, 11) == "[simulated]");
    }
  }
  CHECK(trades_off_quote == 0);
}

TEST_CASE("nothing trades in a halt, and a halt is told") {
  Options o = week(21, GENERATE(Mode::bars, Mode::ticks));
  o.end = kMonday + 5 * kDay;
  o.trades_per_minute = 2;
  o.halts_per_day = 0.4;
  const Kind told_to = GENERATE(Kind::market_bars, Kind::market_ticks);
  if (o.mode == Mode::bars && told_to == Kind::market_ticks) return;
  Simulator s = make(o);
  std::set<Unit> halted;
  std::size_t halts = 0;
  std::size_t resumes = 0;
  while (const auto* row = s.next()) {
    if (const auto* f = std::get_if<RawFeedState>(&row->event)) {
      if (row->consumer != told_to) continue;
      if (f->state == SessionState::halted) {
        REQUIRE(halted.insert(row->unit).second);
        ++halts;
      } else {
        REQUIRE(f->state == SessionState::resumed);
        REQUIRE(halted.erase(row->unit) == 1);
        ++resumes;
      }
    } else if (!std::holds_alternative<RawArticle>(row->event)) {
      REQUIRE(halted.count(row->unit) == 0);
    }
  }
  CHECK(halts == resumes);
  CHECK(halts > 15);  // 23 instruments × 5 days × 0.4, less those that do not fit
}

TEST_CASE("dirt shows in every form, and only where it is asked for") {
  Options o = week(9, Mode::ticks);
  o.trades_per_minute = 4;
  const auto count = [](const Options& options) {
    std::map<std::string, int> seen;
    std::map<Unit, std::pair<std::uint64_t, TimeNs>> last;
    Simulator s = make(options);
    while (const auto* row = s.next()) {
      if (const auto* q = std::get_if<RawQuote>(&row->event)) {
        seen["crossed"] += q->quote.bid > q->quote.ask ? 1 : 0;
      }
      const auto* t = std::get_if<RawTrade>(&row->event);
      if (t == nullptr) continue;
      auto& [id, time] = last[row->unit];
      seen["zero"] += t->trade.price.is_zero() ? 1 : 0;
      seen["negative"] += t->trade.price.is_negative() ? 1 : 0;
      seen["flagged"] += t->suspicious ? 1 : 0;
      seen["duplicate"] += t->trade.trade_id == id ? 1 : 0;
      seen["backwards"] += t->trade.source_time < time ? 1 : 0;
      id = t->trade.trade_id;
      time = t->trade.source_time;
    }
    return seen;
  };
  for (const auto& [what, n] : count(o)) {
    INFO(what);
    CHECK(n == 0);
  }
  o.dirt = 0.03;
  for (const auto& [what, n] : count(o)) {
    INFO(what);
    CHECK(n > 10);
  }
}

TEST_CASE("options out of range are refused by name") {
  Options o = week(1, Mode::bars);
  o.dirt = 1.5;
  auto r = Simulator::make(o);
  REQUIRE(!r);
  CHECK(r.error().field == "simulator.dirt");
  o = week(1, Mode::bars);
  o.trades_per_minute = 0.0 / 1.0;
  REQUIRE(!Simulator::make(o));
  o = week(1, Mode::bars);
  o.end = o.start;
  REQUIRE(Simulator::make(o).error().field == "simulator.end");
  o = week(1, Mode::bars);
  o.start = from_utc({1990, 1, 1});
  REQUIRE(Simulator::make(o).error().field == "simulator.start");
  o = week(1, Mode::bars);
  o.instruments.push_back(InstrumentId(42));
  REQUIRE(Simulator::make(o).error().field == "simulator.instruments");
}

TEST_CASE("the instruments are those of the reference") {
  const auto path = testkit::source_root() / "deploy/config/instruments.yaml";
  const auto table = config::InstrumentTable::load(path.string());
  REQUIRE(table);
  std::set<std::uint32_t> simulated;
  for (const Instrument& i : table->all()) {
    if (i.simulated) simulated.insert(i.id.value);
  }
  CHECK(simulated.size() == kInstrumentCount);
  for (std::size_t i = 0; i < kInstrumentCount; ++i) {
    const Profile& p = kProfiles[i];
    INFO(p.symbol);
    CHECK(p.id == kFirstId + i);
    CHECK(p.market_loading * p.market_loading + p.sector_loading * p.sector_loading < 1);
    const Instrument* known = table->find(InstrumentId(p.id));
    REQUIRE(known != nullptr);
    CHECK(*known == instrument_of(p));
  }
}
