// The machine on hand-made bars: which features come when, over which data, and what gaps and
// splits do.
#include "feed.hpp"

using namespace bw;
using namespace bw::analytics;
using namespace bw::analytics::test;
using indicators::FeatureId;
using indicators::kFeatureCount;
using indicators::kFeatureTable;

namespace {

const DayNumber kDayOne = to_day_number({2014, 11, 19});    // a Wednesday
const DayNumber kShortDay = to_day_number({2014, 11, 28});  // closes at 13:00

const Config& nyse() {
  static const Config config = config_for(CalendarId::nyse);
  return config;
}
const calendar::Calendar& nyse_calendar() { return nyse().sessions.of(kSpy); }

TimeNs open_of(DayNumber day) { return nyse_calendar().session(day)->open; }

}  // namespace

TEST_CASE("a session gives each timeframe's bars, cut from its open, the longest first") {
  Feed feed(nyse());
  Rng rng(1);
  double price = 205;
  for (const Bar& b : session_minutes(nyse_calendar(), kDayOne, rng, price)) feed.bar(b);
  CHECK(feed.of(Timeframe::m1).size() == 390);
  CHECK(feed.of(Timeframe::m5).size() == 78);
  CHECK(feed.of(Timeframe::m15).size() == 26);
  CHECK(feed.of(Timeframe::h1).size() == 7);  // 09:30 … 15:30; the last one is half an hour
  CHECK(feed.of(Timeframe::d1).size() == 1);
  REQUIRE(feed.all.size() == 390 + 78 + 26 + 7 + 1);
  const std::size_t n = feed.all.size();
  const Timeframe order[] = {Timeframe::d1, Timeframe::h1, Timeframe::m15, Timeframe::m5,
                             Timeframe::m1};
  for (std::size_t i = 0; i < 5; ++i) CHECK(feed.all[n - 5 + i].timeframe == order[i]);
  const Feature last_hour = feed.of(Timeframe::h1).back();
  CHECK(last_hour.bar_open == open_of(kDayOne) + 6 * kHour);
  CHECK(last_hour.bar_close == open_of(kDayOne) + 6 * kHour + 30 * kMinute);
  const Feature day = feed.of(Timeframe::d1).back();
  CHECK(day.bar_open == open_of(kDayOne));
  CHECK(day.bar_close == last_hour.bar_close);
  CHECK(day.close == feed.of(Timeframe::m1).back().close);
}

TEST_CASE("early closes and round-the-clock days") {
  Rng rng(2);
  double price = 205;
  Feed half(nyse());
  for (const Bar& b : session_minutes(nyse_calendar(), kShortDay, rng, price)) half.bar(b);
  CHECK(half.of(Timeframe::m1).size() == 210);
  CHECK(half.of(Timeframe::h1).size() == 4);
  CHECK(half.of(Timeframe::d1).size() == 1);
  const Config crypto = config_for(CalendarId::always_open);
  Feed day(crypto);
  for (const Bar& b : session_minutes(crypto.sessions.of(kSpy), kDayOne, rng, price)) day.bar(b);
  CHECK(day.of(Timeframe::m5).size() == 288);
  CHECK(day.of(Timeframe::h1).size() == 24);
  REQUIRE(day.of(Timeframe::d1).size() == 1);
  CHECK(day.of(Timeframe::d1)[0].bar_open == kDayOne * kDay);
}

TEST_CASE("days alone give features of days alone") {
  Feed feed(nyse());
  DayNumber day = kDayOne;
  for (int i = 0; i < 250; ++i) {
    const auto s = *nyse_calendar().session(day);
    const auto said = feed.bar(make_bar(s.open, s.close - s.open, Timeframe::d1, 100 + i, 1'000));
    REQUIRE(said.size() == 1);
    REQUIRE(said[0].timeframe == Timeframe::d1);
    REQUIRE(value(said[0], FeatureId::vwap) == Approx(100 + i));  // a day is its own session
    day = nyse_calendar().next_session(day)->day;
  }
  CHECK(feed.all.back().valid == (1U << kFeatureCount) - 1);
  CHECK(value(feed.all.back(), FeatureId::sma_200) == Approx(349 - 99.5));
}

TEST_CASE("slots become valid at the table's warm-up, are zero before, and say what they rest on") {
  Feed feed(nyse());
  Rng rng(3);
  double price = 205;
  const auto bars = session_minutes(nyse_calendar(), kDayOne, rng, price);
  for (std::size_t i = 0; i < 250; ++i) {
    const Feature f = feed.bar(bars[i]).back();
    CHECK(f.count == kFeatureCount);
    CHECK(f.feature_set == indicators::feature_set_hash());
    const int seen = static_cast<int>(i) + 1;
    int rests_on = 1;
    for (std::size_t s = 0; s < kFeatureCount; ++s) {
      const bool valid = (f.valid >> s & 1U) != 0;
      const int span = kFeatureTable[s].span;
      REQUIRE(valid == (seen >= kFeatureTable[s].warm_up));
      if (!valid) REQUIRE(f.values[s] == 0.0);
      if (valid) rests_on = std::max(rests_on, span == 0 ? seen : std::min(span, seen));
    }
    REQUIRE(f.data_from == bars[i + 1 - static_cast<std::size_t>(rests_on)].open_time);
    REQUIRE(value(f, FeatureId::sma_20) ==
            Approx(value(f, FeatureId::bollinger_middle)).margin(1e-9));
  }
}

TEST_CASE("VWAP begins with the session and is the same on every timeframe") {
  Feed feed(nyse());
  Rng rng(4);
  double price = 205;
  for (const DayNumber day : {kDayOne, kDayOne + 1}) {
    double traded = 0;
    double volume = 0;
    for (const Bar& b : session_minutes(nyse_calendar(), day, rng, price)) {
      traded += b.vwap.to_double() * b.volume.to_double();
      volume += b.volume.to_double();
      for (const Feature& f : feed.bar(b)) {
        REQUIRE(value(f, FeatureId::vwap) == Approx(traded / volume).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("a longer bar is published only when it is complete, and never from its middle") {
  Feed feed(nyse());
  const TimeNs open = open_of(kDayOne);
  for (int i = 7; i < 20; ++i) feed.bar(minute(open + i * kMinute, 100 + i));  // from 09:37
  REQUIRE(feed.of(Timeframe::m5).size() == 2);
  CHECK(feed.of(Timeframe::m5)[0].bar_open == open + 10 * kMinute);
  CHECK(feed.of(Timeframe::m15).empty());
  // 09:50 … 09:52, then nothing until 10:00: both unfinished bars come in front of its own.
  for (int i = 20; i < 23; ++i) feed.bar(minute(open + i * kMinute, 100 + i));
  const auto said = feed.bar(minute(open + 30 * kMinute, 130));
  REQUIRE(said.size() == 3);
  CHECK(said[0].timeframe == Timeframe::m5);
  CHECK(said[0].bar_close == open + 25 * kMinute);
  CHECK(said[1].timeframe == Timeframe::m15);
  CHECK(said[1].bar_close == open + 30 * kMinute);
  CHECK(said[1].close == Price::from_int(122));
  CHECK(said[2].timeframe == Timeframe::m1);
}

TEST_CASE("the session's close publishes what its last minute did not complete") {
  Feed feed(nyse());
  Rng rng(5);
  double price = 205;
  auto bars = session_minutes(nyse_calendar(), kDayOne, rng, price);
  bars.pop_back();
  for (const Bar& b : bars) feed.bar(b);
  CHECK(feed.of(Timeframe::d1).empty());
  const TimeNs close = nyse_calendar().session(kDayOne)->close;
  const auto said = feed.step(Session{kSpy, SessionState::closed, kDayOne, close}, close);
  REQUIRE(said.size() == 4);
  CHECK(said[0].timeframe == Timeframe::d1);
  CHECK(said[0].close == bars.back().close);
  CHECK(feed.step(Session{kSpy, SessionState::halted, kDayOne, close}, close).empty());
}

TEST_CASE("late, repeated and doubly provided bars count once") {
  Feed feed(nyse());
  Rng rng(6);
  double price = 205;
  const auto s = *nyse_calendar().session(kDayOne);
  const auto bars = session_minutes(nyse_calendar(), kDayOne, rng, price);
  for (const Bar& b : bars) {
    feed.bar(b);
    REQUIRE(feed.bar(b).empty());
  }
  CHECK(feed.bar(bars[5]).empty());
  CHECK(feed.bar(make_bar(s.open, s.close - s.open, Timeframe::d1, price)).empty());
  CHECK(feed.of(Timeframe::d1).size() == 1);
  Bar nothing = bars[0];
  nothing.timeframe = Timeframe::none;
  CHECK(feed.bar(nothing).empty());
}

TEST_CASE("a gap marks the slots that rest on it, until it has left their bars") {
  Feed feed(nyse());
  Rng rng(7);
  double price = 205;
  std::vector<Bar> bars;
  for (const DayNumber day : {kDayOne, kDayOne + 1}) {
    const auto more = session_minutes(nyse_calendar(), day, rng, price);
    bars.insert(bars.end(), more.begin(), more.end());
  }
  for (std::size_t i = 0; i < 210; ++i) feed.bar(bars[i]);
  CHECK_FALSE(feed.all.back().over_gap);
  Gap gap{kSpy, GapState::opened, GapCause::missing_bars, Timeframe::m1, bars[210].open_time, 0, 3};
  feed.step(gap, bars[213].open_time);
  gap.state = GapState::closed;
  gap.to = bars[213].open_time;
  feed.step(gap, bars[213].open_time);
  std::size_t after = 0;
  for (std::size_t i = 213; i < bars.size(); ++i) {
    const Feature f = feed.bar(bars[i]).back();
    ++after;
    // The bar that opens where the gap ends does not hold it.
    REQUIRE(has(f.gapped, FeatureId::sma_20) == (after < 20));
    REQUIRE(has(f.gapped, FeatureId::rsi_14) == (after < 95));
    REQUIRE(has(f.gapped, FeatureId::sma_200) == (after < 200));
    REQUIRE(has(f.gapped, FeatureId::vwap) == (i < 390));
    REQUIRE(f.over_gap == (f.gapped != 0));
    REQUIRE(f.gap_from == (f.over_gap ? gap.from : 0));
    REQUIRE(f.gap_to == (f.over_gap ? gap.to : 0));
    if (f.over_gap) REQUIRE(f.data_from < gap.to);
  }
  CHECK(feed.of(Timeframe::d1)[0].over_gap);  // its session's volume and range are not whole
}

TEST_CASE("a gap without an end lies in every window; one of days leaves minutes alone") {
  Feed feed(nyse());
  const TimeNs open = open_of(kDayOne);
  for (int i = 0; i < 30; ++i) feed.bar(minute(open + i * kMinute, 100 + i % 3));
  const TimeNs from = open + 30 * kMinute;
  feed.step(Gap{kSpy, GapState::opened, GapCause::missing_bars, Timeframe::d1, from, 0, 1}, from);
  CHECK_FALSE(feed.bar(minute(from, 100)).back().over_gap);
  feed.step(Gap{kSpy, GapState::opened, GapCause::feed_down, Timeframe::none, from + kMinute, 0, 0},
            from + kMinute);
  for (int i = 31; i < 100; ++i) {
    const Feature f = feed.bar(minute(open + i * kMinute, 100)).back();
    REQUIRE(f.gapped == f.valid);
    REQUIRE(f.over_gap);
    REQUIRE(f.gap_to == 0);
  }
}

TEST_CASE("what was backfilled in order is no gap; what came too late is one") {
  const TimeNs open = open_of(kDayOne);
  for (const bool in_order : {true, false}) {
    Feed feed(nyse());
    for (int i = 0; i < 60; ++i) feed.bar(minute(open + i * kMinute, 100 + i % 7));
    Gap gap{kSpy, GapState::opened, GapCause::silence, Timeframe::m1, open + 60 * kMinute, 0, 0};
    feed.step(gap, gap.from);
    const auto backfill = [&] {
      for (int i = 60; i < 65; ++i) feed.bar(minute(open + i * kMinute, 100 + i % 7));
    };
    if (in_order) backfill();
    feed.bar(minute(open + 65 * kMinute, 100));
    if (!in_order) backfill();
    gap.to = open + 65 * kMinute;
    for (const GapState state : {GapState::closed, GapState::backfilled}) {
      gap.state = state;
      feed.step(gap, open + 66 * kMinute);
    }
    CHECK(feed.bar(minute(open + 66 * kMinute, 100)).back().over_gap == !in_order);
  }
}

TEST_CASE("of overlapping gaps none is lost") {
  Feed feed(nyse());
  const TimeNs open = open_of(kDayOne);
  const auto at = [&](int i) { return open + i * kMinute; };
  const auto gap = [&](GapState state, int from, int to) {
    feed.step(Gap{kSpy, state, GapCause::silence, Timeframe::m1, at(from), to > 0 ? at(to) : 0, 0},
              at(30));
  };
  for (int i = 0; i < 30; ++i) feed.bar(minute(at(i), 100));
  gap(GapState::opened, 30, 0);
  gap(GapState::opened, 35, 0);
  gap(GapState::closed, 35, 50);
  gap(GapState::closed, 30, 40);
  const Feature f = feed.bar(minute(at(50), 100)).back();
  CHECK(f.gap_from == at(30));
  CHECK(f.gap_to == at(50));
}

TEST_CASE("a split restates the state: as if prices had always been the new ones") {
  Feed lived(nyse());
  Feed restated(nyse());
  Rng rng(8);
  double price = 640;
  const DayNumber ex_date = kDayOne + 1;
  const auto before = session_minutes(nyse_calendar(), kDayOne, rng, price);
  const auto after = session_minutes(nyse_calendar(), ex_date, rng, price);
  const auto seventh = [](Bar b) {
    for (Price* p : {&b.open, &b.high, &b.low, &b.close, &b.vwap}) *p = scale(*p, 1, 7);
    b.volume = scale(b.volume, 7, 1);
    return b;
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    lived.bar(before[i]);
    restated.bar(seventh(before[i]));
    if (i != 100) continue;  // announced the day before: must not act yet
    const Quantity seven = Quantity::from_int(7);
    lived.step(CorporateAction{kSpy, CorporateActionKind::split, ex_date, seven, {}},
               before[i].close_time);
  }
  CHECK(value(lived.all.back(), FeatureId::sma_20) ==
        Approx(7 * value(restated.all.back(), FeatureId::sma_20)).epsilon(1e-7));
  for (const Bar& b : after) {
    const auto a = lived.bar(seventh(b));
    const auto c = restated.bar(seventh(b));
    REQUIRE(a.size() == c.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      REQUIRE(a[i].valid == c[i].valid);
      REQUIRE(a[i].close == c[i].close);
      for (std::size_t s = 0; s < kFeatureCount; ++s) {
        REQUIRE(a[i].values[s] == Approx(c[i].values[s]).epsilon(1e-6).margin(1e-6));
      }
    }
  }
}

TEST_CASE("a split that comes after its first bar, and a dividend, change nothing") {
  Feed told(nyse());
  Feed untold(nyse());
  const TimeNs open = open_of(kDayOne);
  for (int i = 0; i < 60; ++i) {
    const Bar b = minute(open + i * kMinute, 100 + i % 5);
    REQUIRE(told.bar(b) == untold.bar(b));
    if (i != 30) continue;
    told.step(CorporateAction{kSpy, CorporateActionKind::split, kDayOne, Quantity::from_int(2), {}},
              b.close_time);
    told.step(CorporateAction{kSpy, CorporateActionKind::dividend, kDayOne + 1, {},
                              Money::from_int(1)},
              b.close_time);
  }
}

TEST_CASE("only configured timeframes are computed; other events are passed over") {
  const std::string_view names[] = {"5m", "1d"};
  Config config = config_for(CalendarId::nyse);
  config.timeframes = *TimeframeSet::parse(names);
  Feed feed(config);
  Rng rng(9);
  double price = 205;
  const auto bars = session_minutes(nyse_calendar(), kDayOne, rng, price);
  for (const Bar& b : bars) {
    feed.bar(b);
    CHECK(feed.bar(b).empty());
  }
  CHECK(feed.all.size() == 78 + 1);
  CHECK(feed.step(Mark{kSpy, Price::from_int(1), 0}, bars.back().close_time).empty());
  const std::string_view bad[] = {"5m", "2h"};
  CHECK(TimeframeSet::parse(bad).error().field == "features.timeframes");
  CHECK_FALSE(TimeframeSet::parse({}).has_value());
}

TEST_CASE("the machine reads bars of its own index and nothing to its right") {
  std::vector<runtime::MachineSpec> suite;
  suite.push_back(features_spec(nyse()));
  CHECK(suite[0].inputs.size() == 1);
  CHECK(suite[0].inputs[0].delivery == runtime::Delivery::partitioned);
  CHECK_FALSE(suite[0].ledger);
  CHECK(suite[0].create({})->units().empty());
  CHECK(runtime::check_order(suite).has_value());
}
