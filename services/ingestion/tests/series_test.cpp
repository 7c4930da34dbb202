// The order of bars: duplicates, rows out of order, holes, sessions; bad values; trades' odd cases.
#include <deque>

#include "ingestion/core/news_machine.hpp"
#include "ingestion/core/ticks_machine.hpp"
#include "run.hpp"

namespace bw::ingestion {

namespace {

constexpr Unit kCoin = 3;
constexpr Unit kStock = 4;

/// Rows from memory.
class Rows final : public runtime::Source {
 public:
  template <class E>
  void add(TimeNs time, Unit unit, const E& event, Kind consumer = Kind::market_bars) {
    Row r;
    r.time = time;
    r.unit = unit;
    r.seq = ++seq_;
    r.consumer = consumer;
    r.event = event;
    rows_.push_back(r);
  }
  const Row* next() override { return at_ < rows_.size() ? &rows_[at_++] : nullptr; }
  bool at_end() const override { return at_ >= rows_.size(); }

 private:
  std::deque<Row> rows_;
  std::size_t at_ = 0;
  std::uint64_t seq_ = 0;
};

const TimeNs kStart = *parse_utc("2021-06-01T12:00:00Z");

RawBar minute(int n, const char* close = "100", Unit unit = kCoin) {
  RawBar raw;
  raw.bar.instrument = InstrumentId(unit);
  raw.bar.timeframe = Timeframe::m1;
  raw.bar.open_time = kStart + n * kMinute;
  raw.bar.close_time = raw.bar.open_time + kMinute;
  raw.bar.open = raw.bar.high = raw.bar.low = raw.bar.close = *Price::parse(close);
  raw.bar.volume = Quantity::from_int(5);
  raw.origin.line = static_cast<std::uint64_t>(n);
  return raw;
}

Config test_config() {
  return config_for({instrument(kCoin, "COIN", CalendarId::always_open, AssetClass::crypto),
                     instrument(kStock, "STOCK")});
}

/// Runs minutes in the order given; a row's event time is the highest close so far, as FileSource
/// has it.
Collector run_minutes(const std::vector<RawBar>& bars, const Config& config) {
  Rows rows;
  TimeNs t = 0;
  for (const RawBar& b : bars) {
    t = std::max(t, b.bar.close_time + 50 * kMillisecond);
    rows.add(t, b.bar.instrument.value, b);
  }
  Collector sink;
  runtime::InlineHost host({bars_spec(config)}, rows, sink);
  host.run_to_end();
  return sink;
}

std::vector<int> minutes_of(const Collector& sink) {
  std::vector<int> v;
  for (const Bar& b : sink.of<Bar>())
    v.push_back(static_cast<int>((b.open_time - kStart) / kMinute));
  return v;
}

std::vector<QualityReason> reasons_of(const Collector& sink) {
  std::vector<QualityReason> v;
  for (const Quality& q : sink.of<Quality>()) v.push_back(q.reason);
  return v;
}

}  // namespace

TEST_CASE("rows out of order within the window go out in order, without a gap") {
  const Config config = test_config();
  for (const auto& order :
       std::vector<std::vector<int>>{{0, 2, 1, 3}, {0, 2, 3, 1, 4}, {0, 1, 4, 3, 2, 5}}) {
    std::vector<RawBar> bars;
    for (const int n : order) bars.push_back(minute(n));
    const Collector sink = run_minutes(bars, config);
    std::vector<int> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    CHECK(minutes_of(sink) == sorted);
    CHECK(sink.of<Gap>().empty());
    CHECK(sink.of<Quality>().empty());
  }
}

TEST_CASE("a bar that stays missing is a gap; when it comes after all it is out of order") {
  const Config config = test_config();
  std::vector<RawBar> bars;
  for (const int n : {0, 1, 4, 5, 6, 7, 2, 8}) bars.push_back(minute(n));
  const Collector sink = run_minutes(bars, config);
  CHECK(minutes_of(sink) == std::vector<int>{0, 1, 4, 5, 6, 7, 8});
  const auto gaps = sink.of<Gap>();
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].state == GapState::opened);
  CHECK(gaps[1].state == GapState::closed);
  CHECK(gaps[1].from == kStart + 2 * kMinute);
  CHECK(gaps[1].to == kStart + 4 * kMinute);
  CHECK(gaps[1].missing == 2);
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::out_of_order});
  // The gap was known two bars' time after bar 4 had come, and said before bar 4.
  for (const Out& o : sink.all) {
    const auto* b = std::get_if<Bar>(&o.output.event);
    if (b != nullptr && b->open_time == kStart + 4 * kMinute) {
      CHECK(o.output.time == kStart + 7 * kMinute + 50 * kMillisecond);
    }
  }
}

TEST_CASE("silence opens a gap before anything comes again") {
  const Config config = test_config();
  Rows rows;
  for (const int n : {0, 1, 2}) rows.add(minute(n).bar.close_time, kCoin, minute(n));
  rows.add(minute(30).bar.close_time, kCoin, minute(30));
  Collector sink;
  runtime::InlineHost host({bars_spec(config)}, rows, sink);
  host.run_to_end();
  REQUIRE(sink.of<Gap>().size() == 2);
  TimeNs opened = 0;
  for (const Out& o : sink.all) {
    const auto* g = std::get_if<Gap>(&o.output.event);
    if (g != nullptr && g->state == GapState::opened) opened = o.output.time;
  }
  CHECK(opened >= kStart + 4 * kMinute);
  CHECK(opened <= kStart + 10 * kMinute);
  CHECK(sink.of<Gap>()[1].missing == 27);
}

TEST_CASE(
    "the same bar twice is a duplicate, another one for its time is malformed, the first stays") {
  const Config config = test_config();
  const Collector sink = run_minutes(
      {minute(0), minute(1), minute(1), minute(0), minute(1, "101"), minute(2)}, config);
  CHECK(minutes_of(sink) == std::vector<int>{0, 1, 2});
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::duplicate,
                                                       QualityReason::duplicate,
                                                       QualityReason::malformed_row});
  CHECK(sink.of<Bar>()[1].close.to_string() == "100");
}

TEST_CASE("bad values are quarantined with their reason and place") {
  const Config config = test_config();
  const auto one = [&](auto&& change) {
    RawBar bad = minute(1);
    bad.origin.line = 17;
    bad.origin.file.assign("x.csv");
    change(bad.bar);
    const Collector sink = run_minutes({minute(0), bad, minute(1), minute(2)}, config);
    CHECK(minutes_of(sink) == std::vector<int>{0, 1, 2});
    const auto q = sink.of<Quality>();
    REQUIRE(q.size() == 1);
    CHECK(q[0].line == 17);
    CHECK(q[0].file.view() == "x.csv");
    return q[0].reason;
  };
  CHECK(one([](Bar& b) { b.low = Price::from_int(-1); }) == QualityReason::negative_price);
  CHECK(one([](Bar& b) { b.open = Price(); }) == QualityReason::zero_price);
  CHECK(one([](Bar& b) { b.low = Price::from_int(101); }) == QualityReason::high_below_low);
  CHECK(one([](Bar& b) { b.close = Price::from_int(102); }) == QualityReason::high_below_low);
  CHECK(one([](Bar& b) { b.volume = Quantity::from_int(-1); }) == QualityReason::negative_volume);
  CHECK(one([](Bar& b) { b.close_time = b.open_time; }) == QualityReason::malformed_row);
  CHECK(one([](Bar& b) { b.open = b.high = b.low = b.close = Price::from_int(130); }) ==
        QualityReason::price_spike);
}

TEST_CASE("a new price level is believed once it is confirmed") {
  const Config config = test_config();
  const Collector sink =
      run_minutes({minute(0), minute(1), minute(2, "150"), minute(3, "151"), minute(4, "150"),
                   minute(5, "152"), minute(6, "152"), minute(7, "152")},
                  config);
  CHECK(minutes_of(sink) == std::vector<int>{0, 1, 4, 5, 6, 7});
  CHECK(reasons_of(sink) ==
        std::vector<QualityReason>{QualityReason::price_spike, QualityReason::price_spike});
}

TEST_CASE("a corporate action that two files give comes out once, also behind a checkpoint") {
  const Config config = test_config();
  RawCorporateAction split;
  split.action.instrument = InstrumentId(kStock);
  split.action.kind = CorporateActionKind::split;
  split.action.ex_date = 18'779;
  split.action.ratio = Quantity::from_int(4);
  RawCorporateAction other = split;
  other.action.ratio = Quantity::from_int(5);
  RawCorporateAction cash = split;
  cash.action.kind = CorporateActionKind::dividend;
  cash.action.amount = Money::from_int(1);
  RawCorporateAction next_day = split;
  ++next_day.action.ex_date;
  const auto fill = [&](Rows& rows) {
    TimeNs t = kStart;
    for (const auto& a : {split, split, other, cash, next_day, cash}) rows.add(t++, kStock, a);
  };
  Collector sink;
  Rows rows;
  fill(rows);
  runtime::InlineHost first({bars_spec(config)}, rows, sink);
  while (sink.all.size() < 2 && first.step_time()) {
  }
  const auto image = first.image();
  Rows again;
  fill(again);
  runtime::InlineHost host({bars_spec(config)}, again, sink);
  REQUIRE(host.restore(image).has_value());
  host.run_to_end();
  const auto actions = sink.of<CorporateAction>();
  REQUIRE(actions.size() == 3);
  CHECK(actions[0] == split.action);
  CHECK(actions[1] == cash.action);
  CHECK(actions[2] == next_day.action);
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::duplicate,
                                                       QualityReason::malformed_row,
                                                       QualityReason::duplicate});
}

TEST_CASE("a feed's gaps reach those who read bars, unless a provider's minutes stand") {
  const Config config = test_config();
  for (const GapCause cause : {GapCause::feed_down, GapCause::sequence_break}) {
    for (const bool provider : {false, true}) {
      CAPTURE(static_cast<int>(cause), provider);
      Rows rows;
      const TimeNs begin = kStart + 2 * kMinute;
      if (provider) rows.add(kStart + kMinute, kCoin, minute(0));
      RawFeedState feed;
      feed.instrument = InstrumentId(kCoin);
      feed.cause = cause;
      feed.state = SessionState::closed;
      feed.at = begin;
      rows.add(begin, kCoin, feed, Kind::market_ticks);
      feed.state = SessionState::opened;
      feed.at = begin + 30 * kSecond;
      rows.add(feed.at, kCoin, feed, Kind::market_ticks);
      Collector sink;
      runtime::InlineHost host({ticks_spec(config), bars_spec(config)}, rows, sink);
      host.run_to_end();
      std::vector<Gap> told;
      for (const Out& o : sink.all) {
        const auto* g = std::get_if<Gap>(&o.output.event);
        if (g != nullptr && g->cause == cause && o.kind == Kind::market_bars) told.push_back(*g);
      }
      REQUIRE(told.size() == (provider ? 0U : 2U));
      if (provider) continue;
      CHECK(told[0].state == GapState::opened);
      CHECK(told[0].from == begin);
      CHECK(told[1].state == GapState::closed);
      CHECK(told[1].to == feed.at);
    }
  }
}

TEST_CASE("sessions open and close by the calendar") {
  const Config config = test_config();
  Rows rows;
  const TimeNs open = *parse_utc("2021-06-01T13:30:00Z");
  RawBar b = minute(0, "100", kStock);
  for (int day = 0; day < 2; ++day) {
    for (int n = 0; n < 390; ++n) {
      b.bar.open_time = open + day * kDay + n * kMinute;
      b.bar.close_time = b.bar.open_time + kMinute;
      rows.add(b.bar.close_time, kStock, b);
    }
  }
  b.bar.open_time = open + 2 * kDay - kMinute;  // before the third day's opening
  b.bar.close_time = open + 2 * kDay;
  rows.add(b.bar.close_time, kStock, b);
  Collector sink;
  runtime::InlineHost host({bars_spec(config)}, rows, sink);
  host.run_to_end();
  const auto sessions = sink.of<bw::Session>();
  REQUIRE(sessions.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(sessions[i].state == (i % 2 == 0 ? SessionState::opened : SessionState::closed));
    CHECK(sessions[i].at ==
          open + static_cast<TimeNs>(i / 2) * kDay + (i % 2 == 0 ? 0 : 390 * kMinute));
  }
  CHECK(sink.of<Gap>().empty());
  CHECK(sink.of<Bar>().size() == 780);
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::off_session});
}

TEST_CASE("a built bar closes by the clock where no trade comes, and late trades are said") {
  const Config config = test_config();
  Rows rows;
  const auto trade = [&](TimeNs at, TimeNs stamp, const char* price, std::uint64_t id) {
    RawTrade t;
    t.trade.instrument = InstrumentId(kCoin);
    t.trade.price = *Price::parse(price);
    t.trade.size = Quantity::from_int(2);
    t.trade.source_time = stamp;
    t.trade.trade_id = id;
    rows.add(at, kCoin, t, Kind::market_ticks);
  };
  trade(kStart + 10 * kSecond, kStart + 10 * kSecond, "100", 1);
  trade(kStart + 20 * kSecond, kStart + 20 * kSecond, "104", 2);
  trade(kStart + 21 * kSecond, kStart + 20 * kSecond, "104", 2);
  trade(kStart + 62 * kSecond, kStart + 59 * kSecond, "103", 3);
  trade(kStart + 65 * kSecond, kStart + 65 * kSecond, "102", 4);
  trade(kStart + 120 * kSecond, kStart + 120 * kSecond, "101", 5);
  trade(kStart + 121 * kSecond, kStart + 121 * kSecond, "10100", 6);
  Collector sink;
  runtime::InlineHost host({ticks_spec(config), bars_spec(config)}, rows, sink);
  host.run_to_end();
  const auto bars = sink.of<Bar>();
  REQUIRE(bars.size() == 3);  // the last one closes in the time that history runs on
  CHECK(bars[0].trades == 2);
  CHECK(bars[0].vwap.to_string() == "102");
  CHECK(bars[0].volume.to_string() == "4");
  CHECK(bars[1].open.to_string() == "102");
  std::vector<TimeNs> when;
  for (const Out& o : sink.all) {
    if (std::holds_alternative<Bar>(o.output.event)) when.push_back(o.output.time - kStart);
  }
  CHECK(when == std::vector<TimeNs>{61 * kSecond, 120 * kSecond, 181 * kSecond});
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::duplicate,
                                                       QualityReason::out_of_order,
                                                       QualityReason::price_spike});
}

TEST_CASE("a stamp more than a day ahead of its row is quarantined, and the rows behind it stay") {
  const Config config = test_config();
  Rows rows;
  const auto add = [&](TimeNs at, DurationNs ahead, std::uint64_t id) {
    RawTrade t;
    t.trade.instrument = InstrumentId(kCoin);
    t.trade.price = Price::from_int(100);
    t.trade.size = Quantity::from_int(2);
    t.trade.source_time = at + ahead;
    t.trade.trade_id = id;
    rows.add(at, kCoin, t, Kind::market_ticks);
    RawQuote q;
    q.quote.instrument = InstrumentId(kStock);
    q.quote.bid = Price::from_int(static_cast<std::int64_t>(99 + id));
    q.quote.ask = Price::from_int(static_cast<std::int64_t>(100 + id));
    q.quote.bid_size = q.quote.ask_size = Quantity::from_int(1);
    q.quote.source_time = at + ahead;
    q.bid_given = q.ask_given = true;
    rows.add(at, kStock, q, Kind::market_ticks);
  };
  add(kStart, 0, 1);
  add(kStart + kSecond, kDay + 1, 2);
  add(kStart + 2 * kSecond, 0, 3);
  Collector ticks;
  runtime::InlineHost host({ticks_spec(config)}, rows, ticks);
  host.run_to_end();
  CHECK(ticks.of<Trade>().size() == 2);
  CHECK(ticks.of<Quote>().size() == 2);
  CHECK(reasons_of(ticks) == std::vector<QualityReason>(2, QualityReason::malformed_row));

  Rows bars;
  bars.add(minute(0).bar.close_time, kCoin, minute(0));
  bars.add(minute(1).bar.close_time, kCoin, minute(2'000));
  bars.add(minute(1).bar.close_time + kSecond, kCoin, minute(1));
  Collector sink;
  runtime::InlineHost second({bars_spec(config)}, bars, sink);
  second.run_to_end();
  CHECK(minutes_of(sink) == std::vector<int>{0, 1});
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::malformed_row});
}

TEST_CASE("an article comes out once for each instrument") {
  const Config config = test_config();
  Rows rows;
  RawArticle a;
  a.article.article_id = 9;
  a.article.published = kStart;
  a.article.headline.assign("Something happened");
  rows.add(kStart, kCoin, a, Kind::news_articles);
  rows.add(kStart, kStock, a, Kind::news_articles);
  rows.add(kStart + 1, kCoin, a, Kind::news_articles);
  Collector sink;
  runtime::InlineHost host({news_spec(config)}, rows, sink);
  host.run_to_end();
  CHECK(sink.of<Article>().size() == 2);
  CHECK(sink.of<Article>()[1].instrument.value == kStock);
  CHECK(reasons_of(sink) == std::vector<QualityReason>{QualityReason::duplicate});
}

}  // namespace bw::ingestion
