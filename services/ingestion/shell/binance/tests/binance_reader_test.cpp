#include "ingestion/shell/binance/binance_reader.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <map>

#include "bellwether/testkit/data.hpp"
#include "text_lines.hpp"

using namespace bw;
using namespace bw::ingestion;

namespace {

InstrumentId find(std::string_view symbol) {
  if (symbol == "BTCUSDT") return InstrumentId(502);
  if (symbol == "ETHUSDT") return InstrumentId(503);
  return {};
}

std::unique_ptr<RowReader> reader_of(std::string text, std::string error = {}) {
  return make_binance_reader(std::make_unique<TextLines>(std::move(text), std::move(error)),
                             "recording.gz", find);
}

std::vector<RawRow> rows_of(std::string text, std::string error = {}) {
  const auto reader = reader_of(std::move(text), std::move(error));
  std::vector<RawRow> rows;
  while (const RawRow* row = reader->next()) rows.push_back(*row);
  CHECK(reader->next() == nullptr);
  return rows;
}

std::optional<std::string> recording(const std::string& name) {
  const auto path = testkit::data_or_skip("l2/binance_ws_raw/" + name);
  if (!path) return std::nullopt;
  std::FILE* pipe = popen(("gzip -dc '" + path->string() + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 65'536> block{};
  for (std::size_t n = 1; n > 0;) {
    n = std::fread(block.data(), 1, block.size(), pipe);
    text.append(block.data(), n);
  }
  REQUIRE(pclose(pipe) == 0);
  return text;
}

/// A book as Binance says to keep one: "How to manage a local order book correctly".
struct Book {
  std::map<Price, Quantity> bids;
  std::map<Price, Quantity> asks;
  std::vector<std::vector<RawDepth>> waiting;
  std::vector<RawDepth> update;
  std::map<std::uint64_t, std::array<std::int64_t, 4>> top_after;
  bool synced = false;
  bool futures = false;
  std::uint64_t last = 0;
  int applied = 0;
  int crossed = 0;
  int breaks = 0;

  void on(const RawDepth& row) {
    REQUIRE(row.level.begin == update.empty());
    update.push_back(row);
    if (!row.level.last) return;
    if (row.level.snapshot) {
      bids.clear();
      asks.clear();
      apply(update);
      last = row.level.update_id;
      synced = true;
      bool first = true;
      for (const auto& u : waiting) {
        if (!stale(u)) step(u, first);
        first = first && stale(u);
      }
    } else if (!synced) {
      waiting.push_back(update);
    } else if (!stale(update)) {
      step(update, applied == 0);
    }
    update.clear();
  }
  bool stale(const std::vector<RawDepth>& u) const {
    return futures ? u[0].level.update_id < last : u[0].level.update_id <= last;
  }
  void step(const std::vector<RawDepth>& u, bool first) {
    const RawDepth& head = u[0];
    if (first) {
      breaks += head.first_update_id <= last + 1 && head.level.update_id >= last ? 0 : 1;
    } else {
      const bool next =
          futures ? head.previous_update_id == last : head.first_update_id == last + 1;
      breaks += next ? 0 : 1;
    }
    apply(u);
    last = head.level.update_id;
    ++applied;
    const auto bid = std::prev(bids.end());
    const auto ask = asks.begin();
    crossed += bid->first >= ask->first ? 1 : 0;
    top_after[last] = {bid->first.raw(), ask->first.raw(), bid->second.raw(), ask->second.raw()};
  }
  void apply(const std::vector<RawDepth>& rows) {
    for (const RawDepth& row : rows) {
      auto& side = row.level.side == Side::buy ? bids : asks;
      if (row.level.size.is_zero()) {
        side.erase(row.level.price);
      } else {
        side[row.level.price] = row.level.size;
      }
    }
  }
  /// Sum of price × size, exact, with its 16 decimals.
  std::string weight() const {
    unsigned __int128 sum = 0;
    for (const auto* side : {&bids, &asks}) {
      for (const auto& [p, q] : *side) {
        sum += static_cast<unsigned __int128>(p.raw()) * static_cast<unsigned __int128>(q.raw());
      }
    }
    constexpr std::uint64_t kUnit = 10'000'000'000'000'000;
    std::string decimals = std::to_string(static_cast<std::uint64_t>(sum % kUnit));
    decimals.insert(0, 16 - decimals.size(), '0');
    return std::to_string(static_cast<std::uint64_t>(sum / kUnit)) + "." + decimals;
  }
};

struct Expected {
  std::string file;
  std::uint32_t unit;
  int trades, quotes, levels, updates, bids, asks, compared;
  std::string best_bid, best_ask, weight;
  std::uint64_t last;
};

void check_recording(const Expected& e) {
  auto lines = recording(e.file);
  if (!lines) return;
  const auto reader = reader_of(std::move(*lines));
  Book book;
  book.futures = e.unit == 503;
  int trades = 0;
  int levels = 0;
  TimeNs last_time = 0;
  std::uint64_t last_trade = 0;
  std::vector<Quote> quotes;
  while (const RawRow* row = reader->next()) {
    REQUIRE(row->unit == e.unit);
    REQUIRE(row->consumer == Kind::market_ticks);
    REQUIRE(row->time >= last_time);
    last_time = row->time;
    if (const auto* t = std::get_if<RawTrade>(&row->event)) {
      ++trades;
      if (last_trade != 0) REQUIRE(t->trade.trade_id == last_trade + 1);
      last_trade = t->trade.trade_id;
      REQUIRE((t->trade.price.is_positive() && t->trade.size.is_positive() && !t->suspicious));
      REQUIRE(std::abs(t->trade.source_time - row->time) < 5 * kSecond);
    } else if (const auto* q = std::get_if<RawQuote>(&row->event)) {
      quotes.push_back(q->quote);
      REQUIRE(q->quote.bid < q->quote.ask);
    } else {
      const auto& d = std::get<RawDepth>(row->event);
      REQUIRE(d.origin.file.view() == "recording.gz");
      ++levels;
      book.on(d);
    }
  }
  CHECK(trades == e.trades);
  CHECK(static_cast<int>(quotes.size()) == e.quotes);
  CHECK(levels == e.levels);
  CHECK(book.applied == e.updates);
  CHECK(book.crossed == 0);
  CHECK(book.breaks == 0);
  CHECK(book.last == e.last);
  CHECK(static_cast<int>(book.bids.size()) == e.bids);
  CHECK(static_cast<int>(book.asks.size()) == e.asks);
  CHECK(book.bids.rbegin()->first.to_string() == e.best_bid);
  CHECK(book.asks.begin()->first.to_string() == e.best_ask);
  CHECK(book.weight() == e.weight);
  // The book's top after an update and the best bid and offer that the venue itself told for the
  // same moment. RawQuote has no update id: prices and sizes must occur among the quotes in the
  // same order.
  std::size_t at = 0;
  int found = 0;
  for (const auto& [id, top] : book.top_after) {
    for (std::size_t k = at; k < quotes.size(); ++k) {
      const Quote& q = quotes[k];
      if (top == std::array{q.bid.raw(), q.ask.raw(), q.bid_size.raw(), q.ask_size.raw()}) {
        at = k;
        ++found;
        break;
      }
    }
  }
  CHECK(found >= e.compared);
}

constexpr const char* kStamp = "1723161253937085768 ";

std::string depth(const std::string& levels = R"("b":[["1.5","2"]],"a":[["1.6","0"]])") {
  return std::string(kStamp) + R"({"stream":"x","data":{"e":"depthUpdate","E":1700000000123,)" +
         R"("s":"BTCUSDT","U":10,"u":12,)" + levels + "}}\n";
}

}  // namespace

// The numbers come from tests/reference_book.py, which reads the recordings with Python's own json
// and decimal.
TEST_CASE("the spot recording gives the book that an independent rebuild gives") {
  check_recording({"spot_btcusdt_20240808.gz", 502, 9757, 28040, 126090, 3449, 1209, 2196, 564,
                   "61685.99", "61686", "372707323.3096482000000000", 50093421584});
}
TEST_CASE("the USD-M recording gives the book that an independent rebuild gives") {
  check_recording({"usdm_ethusdt_20240808.gz", 503, 14076, 53992, 430662, 6581, 3181, 3013, 551,
                   "2681.38", "2681.39", "239188738.7677400000000000", 5123135545737});
}

TEST_CASE("a depth update becomes a row a level") {
  const auto rows = rows_of(depth());
  REQUIRE(rows.size() == 2);
  const auto& bid = std::get<RawDepth>(rows[0].event);
  const auto& ask = std::get<RawDepth>(rows[1].event);
  CHECK(rows[0].time == 1723161253937085768);
  CHECK(bid.level.side == Side::buy);
  CHECK(bid.level.price.to_string() == "1.5");
  CHECK(bid.level.size.to_string() == "2");
  CHECK((bid.level.begin && !bid.level.last && !bid.level.snapshot));
  CHECK(bid.level.source_time == 1700000000123 * kMillisecond);
  CHECK(ask.level.side == Side::sell);
  CHECK((!ask.level.begin && ask.level.last));
  CHECK(ask.level.size.is_zero());
  for (const auto& d : {bid, ask}) {
    CHECK(d.first_update_id == 10);
    CHECK(d.level.update_id == 12);
    CHECK(d.origin.line == 1);
  }
}

TEST_CASE("an update without levels keeps its ids") {
  const auto rows = rows_of(depth(R"("b":[],"a":[])"));
  REQUIRE(rows.size() == 1);
  const auto& d = std::get<RawDepth>(rows[0].event);
  CHECK(d.level.side == Side::none);
  CHECK((d.level.begin && d.level.last));
  CHECK(d.level.update_id == 12);
}

TEST_CASE("frames without the combined stream around them are read, answers left out") {
  const auto rows = rows_of(
      std::string(kStamp) + R"({"result":null,"id":1})" + "\n" + kStamp +
      R"({"u":7,"s":"BTCUSDT","b":"10","B":"1","a":"11","A":"2"})" + "\n" + kStamp +
      R"({"e":"aggTrade","E":5,"s":"BTCUSDT","a":9,"p":"10","q":"3","f":1,"l":2,"T":4,"m":true})");
  REQUIRE(rows.size() == 2);
  const auto& quote = std::get<RawQuote>(rows[0].event).quote;
  CHECK(quote.ask.to_string() == "11");
  CHECK(quote.source_time == rows[0].time);
  const auto& trade = std::get<RawTrade>(rows[1].event).trade;
  CHECK(trade.trade_id == 9);
  CHECK(trade.aggressor == Side::sell);
  CHECK(trade.source_time == 4 * kMillisecond);
}

TEST_CASE("trades are not counted twice where aggregates come beside them") {
  const std::string trade =
      std::string(kStamp) +
      R"({"e":"trade","E":5,"s":"BTCUSDT","t":1,"p":"1","q":"1","T":4,"m":false})" + "\n";
  const std::string aggregate =
      std::string(kStamp) +
      R"({"e":"aggTrade","E":5,"s":"BTCUSDT","a":9,"p":"1","q":"1","T":4,"m":true})" + "\n";
  CHECK(rows_of(trade + aggregate + trade).size() == 2);
  CHECK(rows_of(aggregate + trade + aggregate).size() == 2);
}

TEST_CASE("time never goes back although the recorder's clock does") {
  const auto rows = rows_of(depth(R"("b":[],"a":[])") + "1600000000000000000" +
                            depth(R"("b":[],"a":[])").substr(19));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].time == rows[0].time);
}

TEST_CASE("a frame that cannot be read is one quarantined row that says where and why") {
  const auto detail = [](const std::string& text) {
    const auto rows = rows_of(depth() + text + "\n" + depth());
    INFO(text);
    REQUIRE(rows.size() == 5);  // the frames around it are whole
    const auto* reject = std::get_if<RawReject>(&rows[2].event);
    REQUIRE(reject != nullptr);
    CHECK(reject->quality.line == 2);
    CHECK(reject->quality.file.view() == "recording.gz");
    CHECK(rows[2].consumer == Kind::market_bars);
    const bool unknown = reject->quality.reason == QualityReason::unknown_instrument;
    CHECK(rows[2].unit == (unknown ? 0U : 502U));
    CHECK(reject->quality.instrument.value == rows[2].unit);
    return std::string(reject->quality.detail.view());
  };
  const auto says = [&](const std::string& text, const std::string& what) {
    const std::string seen = detail(text);
    INFO(text << " -> " << seen);
    CHECK(seen.find(what) != std::string::npos);
  };
  const std::string s = kStamp;
  says("no stamp at all", "receive time");
  says("1723161253 {}", "receive time");
  says("-1723161253937085768 {}", "receive time");
  says("99999999999999999999999 {}", "receive time");
  says(s + R"({"e":"trade")", "no JSON");
  says(s + "\xff\xfe", "no JSON");
  says(s + "[1,2]", "no JSON object");
  says(s + R"({"data":3})", "\"data\"");
  says(s + "{}", "neither");
  says(s + R"({"e":"kline","s":"BTCUSDT"})", "kline");
  says(s + R"({"e":"trade","s":"DOGEUSDT"})", "DOGEUSDT");
  says(s + R"({"e":"trade","s":5})", "\"s\" is no text");
  says(s + R"({"e":"depthUpdate","s":"BTCUSDT","u":2,"E":1,"b":[],"a":[]})", "\"U\" is missing");
  says(s + R"({"e":"depthUpdate","s":"BTCUSDT","U":-2,"u":2,"E":1,"b":[],"a":[]})",
       "\"U\" is no whole");
  says(s + R"({"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"E":1,"b":[["NaN","1"]],"a":[]})",
       "NaN");
  says(s + R"({"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"E":1,"b":[["1"]],"a":[]})",
       "[price, size]");
  says(s + R"({"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"E":1,"b":{},"a":[]})", "is no list");
  says(s + R"({"e":"trade","s":"BTCUSDT","t":1,"p":"1e99","q":"1","T":4,"m":false})", "1e99");
  says(s + R"({"e":"trade","s":"BTCUSDT","t":1,"p":"1","q":"1","T":4,"m":3})", "\"m\"");
  says(s + std::string(2'000, '['), "no JSON");
}

TEST_CASE("a snapshot needs one symbol, and only one") {
  const std::string snapshot =
      std::string(kStamp) + R"({"lastUpdateId":11,"bids":[["1.4","1"]],"asks":[]})" + "\n";
  auto rows = rows_of(snapshot);
  REQUIRE(rows.size() == 1);
  CHECK(std::holds_alternative<RawReject>(rows[0].event));
  rows = rows_of(depth() + snapshot);
  REQUIRE(rows.size() == 3);
  const auto& d = std::get<RawDepth>(rows[2].event);
  CHECK((d.level.snapshot && d.level.begin && d.level.last));
  CHECK(d.level.update_id == 11);
  CHECK(d.first_update_id == 0);
  const std::string other =
      std::string(kStamp) + R"({"u":7,"s":"ETHUSDT","b":"10","B":"1","a":"11","A":"2"})" + "\n";
  rows = rows_of(depth() + other + snapshot);
  REQUIRE(rows.size() == 4);
  CHECK(std::get<RawReject>(rows[3].event).quality.detail.view().find("several") !=
        std::string::npos);
}

TEST_CASE("a line beyond the limit, a cut file and a damaged file are told") {
  auto rows = rows_of(kStamp + std::string(kMaxBinanceFrameBytes + 1, 'x') + "\n" + depth());
  REQUIRE(rows.size() == 3);
  CHECK(std::get<RawReject>(rows[0].event).quality.detail.view().find("8 MiB") !=
        std::string::npos);
  rows = rows_of(depth() + depth().substr(0, 90));
  REQUIRE(rows.size() == 3);
  CHECK(std::get<RawReject>(rows[2].event).quality.detail.view().find("ends within") !=
        std::string::npos);
  rows = rows_of(depth(), "gzip: unexpected end of data");
  REQUIRE(rows.size() == 3);
  CHECK(std::get<RawReject>(rows[2].event).quality.detail.view() == "gzip: unexpected end of data");
}

TEST_CASE("recordings are known by their first line") {
  CHECK(is_binance_recording(depth()));
  CHECK(!is_binance_recording("2014-11-19 09:30,1,2,3,4,5"));
  CHECK(!is_binance_recording("1723161253937085768,{}"));
  CHECK(!is_binance_recording(""));
}
