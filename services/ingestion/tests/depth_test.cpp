// Books from recorded and from made-up depth messages.
#include <map>

#include "ingestion/core/ticks_machine.hpp"
#include "run.hpp"

namespace bw::ingestion {

namespace {

/// Passes on what `keep` lets through.
class Filter final : public runtime::Source {
 public:
  Filter(runtime::Source& all, std::function<bool(const Row&)> keep)
      : all_(all), keep_(std::move(keep)) {}
  const Row* next() override {
    const Row* row = all_.next();
    while (row != nullptr && !keep_(*row)) row = all_.next();
    return row;
  }
  bool at_end() const override { return all_.at_end(); }

 private:
  runtime::Source& all_;
  std::function<bool(const Row&)> keep_;
};

Collector run_recording(const std::string& path,
                        const std::function<bool(const runtime::Source::Row&)>& keep) {
  FileSourceOptions options;
  options.instruments = {instrument(11, "BTCUSDT", CalendarId::always_open, AssetClass::crypto),
                         instrument(12, "ETHUSDT", CalendarId::always_open, AssetClass::crypto)};
  const auto source = open_files({path}, options);
  const Config config = config_for(source->instruments());
  Filter filter(*source, keep);
  Collector sink;
  runtime::InlineHost host({ticks_spec(config), bars_spec(config)}, filter, sink);
  host.run_to_end();
  return sink;
}

struct Rebuilt {
  std::map<Price, Quantity> bids;
  std::map<Price, Quantity> asks;
  explicit Rebuilt(const Collector& sink) {
    for (const DepthLevel& l : sink.of<DepthLevel>()) {
      if (l.snapshot && l.begin) bids.clear(), asks.clear();
      auto& side = l.side == Side::buy ? bids : asks;
      if (l.size.is_zero()) {
        side.erase(l.price);
      } else {
        side[l.price] = l.size;
      }
    }
  }
};

}  // namespace

TEST_CASE("recorded depth gives the venue's book, with no gap") {
  // Sizes and prices at the end: counted with Python's json and decimal
  // (shell/binance/tests/reference_book.py).
  struct Case {
    const char* file;
    std::size_t bids, asks;
    const char *bid, *ask;
    std::size_t trades;
  };
  for (const Case& c :
       {Case{"spot_btcusdt_20240808.gz", 1209, 2196, "61685.99", "61686", 9757},
        Case{"usdm_ethusdt_20240808.gz", 3181, 3013, "2681.38", "2681.39", 14076}}) {
    CAPTURE(c.file);
    const auto path = testkit::data_or_skip(std::string("l2/binance_ws_raw/") + c.file);
    if (!path) return;
    const Collector sink = run_recording(path->string(), [](const auto& row) {
      return !std::holds_alternative<RawQuote>(row.event);
    });
    const Rebuilt book(sink);
    CHECK(book.bids.size() == c.bids);
    CHECK(book.asks.size() == c.asks);
    CHECK(sink.of<Gap>().empty());
    CHECK(sink.of<Trade>().size() == c.trades);
    const auto quotes = sink.of<Quote>();
    REQUIRE(quotes.size() > 1'000);
    CHECK(quotes.back().bid.to_string() == c.bid);
    CHECK(quotes.back().ask.to_string() == c.ask);
    std::size_t crossed = 0;
    for (const Quote& q : quotes) crossed += q.bid >= q.ask ? 1 : 0;
    CHECK(crossed == 0);
    CHECK(!sink.of<Bar>().empty());
  }
}

TEST_CASE("a lost depth update breaks the book: gap, no quote, until a snapshot") {
  for (const char* file : {"spot_btcusdt_20240808.gz", "usdm_ethusdt_20240808.gz"}) {
    CAPTURE(file);
    const auto path = testkit::data_or_skip(std::string("l2/binance_ws_raw/") + file);
    if (!path) return;
    std::size_t messages = 0;
    const Collector sink = run_recording(path->string(), [&](const auto& row) {
      const auto* d = std::get_if<RawDepth>(&row.event);
      if (d != nullptr && d->level.begin && !d->level.snapshot) ++messages;
      return !std::holds_alternative<RawQuote>(row.event) && !(d != nullptr && messages == 1'000);
    });
    const auto gaps = sink.of<Gap>();
    REQUIRE(gaps.size() == 2);  // of market.ticks, and passed on in market.bars
    CHECK(gaps[0] == gaps[1]);
    CHECK(gaps[0].state == GapState::opened);
    CHECK(gaps[0].cause == GapCause::sequence_break);
    CHECK(sink.of<Quote>().back().bid.is_zero());
    CHECK(sink.of<Quote>().back().ask.is_zero());
  }
}

TEST_CASE("the provider's own quotes go before the book's top") {
  const auto path = testkit::data_or_skip("l2/binance_ws_raw/spot_btcusdt_20240808.gz");
  if (!path) return;
  const Collector sink = run_recording(path->string(), [](const auto&) { return true; });
  std::size_t raw = 0;
  run_recording(path->string(), [&](const auto& row) {
    raw += std::holds_alternative<RawQuote>(row.event) ? 1 : 0;
    return false;
  });
  CHECK(raw == 28'040);
  CHECK(sink.of<Quote>().size() <= raw + 10);
  CHECK(sink.of<Quote>().size() > raw / 2);
}

namespace {

/// Messages of one level each.
struct Messages {
  Config config =
      config_for({instrument(11, "BTCUSDT", CalendarId::always_open, AssetClass::crypto)});
  TicksMachine machine{config};
  runtime::Emit out;
  TimeNs now = 1'000;

  void send(bool snapshot, std::uint64_t first, std::uint64_t last, std::uint64_t previous,
            const char* price, const char* size = "1", Side side = Side::buy) {
    RawDepth raw;
    raw.level.instrument = InstrumentId(11);
    raw.level.price = *Price::parse(price);
    raw.level.size = *Quantity::parse(size);
    raw.level.side = side;
    raw.level.snapshot = snapshot;
    raw.level.begin = raw.level.last = true;
    raw.level.update_id = last;
    raw.level.source_time = now;
    raw.first_update_id = first;
    raw.previous_update_id = previous;
    out.begin(now++);
    const Event event{raw};
    machine.step({now, Kind::source, 11, 1, event}, out);
  }
  template <class E>
  std::size_t count() {
    std::size_t n = 0;
    for (const auto& o : out.outputs()) n += std::holds_alternative<E>(o.event) ? 1 : 0;
    return n;
  }
};

}  // namespace

TEST_CASE("updates that come before their snapshot wait for it") {
  Messages m;
  m.send(false, 5, 8, 0, "10");   // older than the snapshot
  m.send(false, 9, 12, 0, "11");  // spans it
  m.send(false, 13, 14, 0, "12");
  CHECK(m.count<DepthLevel>() == 0);
  CHECK(m.count<Quality>() == 1);
  m.send(true, 0, 10, 0, "9");
  CHECK(m.count<DepthLevel>() == 3);
  CHECK(m.count<Gap>() == 0);
  m.send(false, 15, 15, 0, "13");
  CHECK(m.count<DepthLevel>() == 4);
  m.send(false, 14, 15, 0, "13");  // again
  CHECK(m.count<DepthLevel>() == 4);
  m.send(false, 17, 18, 0, "14");  // 16 is missing
  CHECK(m.count<Gap>() == 1);
  m.send(true, 0, 17, 0, "13");  // resync; 17…18 waited and spans it
  CHECK(m.count<Gap>() == 2);
  CHECK(m.count<DepthLevel>() == 6);
}

TEST_CASE("futures follow by the id before") {
  Messages m;
  m.send(true, 0, 100, 0, "10");
  m.send(false, 90, 105, 80, "11");    // the first: spans 100
  m.send(false, 120, 130, 105, "12");  // ids jump, pu does not
  CHECK(m.count<Gap>() == 0);
  CHECK(m.count<DepthLevel>() == 3);
  m.send(false, 131, 140, 129, "13");
  CHECK(m.count<Gap>() == 1);
}

}  // namespace bw::ingestion
