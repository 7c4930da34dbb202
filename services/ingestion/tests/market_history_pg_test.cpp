#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <pqxx/pqxx>
#include <thread>

#include "bellwether/base/rng.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/servers/private_postgres.hpp"
#include "ingestion/shell/market_history.hpp"

using namespace bw;
using bw::postgres::HistoryFollower;
using bw::postgres::HistoryWriter;
using runtime::MachineId;
using runtime::Record;
using runtime::What;

namespace {

constexpr MachineId kBars{Kind::market_bars, 0};
constexpr TimeNs kStart = 1'416'355'200'000'000'000;  // 2014-11-19 00:00 UTC

Record bar(std::uint64_t n, std::uint32_t instrument, TimeNs close,
           std::int64_t price = 12'345'678'901) {
  Bar b;
  b.instrument = InstrumentId{instrument};
  b.timeframe = Timeframe::m1;
  b.open_time = close - kMinute;
  b.close_time = close;
  b.open = Price::from_raw(price);
  b.high = Price::from_raw(price + 1);
  b.low = Price::from_raw(price - 1);
  b.close = Price::from_raw(price);
  b.volume = Quantity::from_raw(price * 3);
  b.vwap = Price::from_raw(price);
  b.trades = 17;
  return {What::out, 1, n, close + 5, Kind::market_bars, instrument, n, Event{b}};
}

HistoryWriter::Position at(std::uint64_t n, TimeNs progress = 0) { return {n + 1, n, 1, progress}; }

struct World {
  std::unique_ptr<servers::PrivatePostgres> server;
  explicit World(bool durable = false) {
    servers::PrivatePostgres::Options options;
    options.durable = durable;
    auto started = servers::PrivatePostgres::start(options);
    if (!started) FAIL(started.error().text());
    server = std::move(*started);
    auto all = postgres::runtime_migrations();
    for (auto& m : ingestion::migrations()) all.push_back(m);
    if (auto r = postgres::migrate(server->uri(), all); !r) FAIL(r.error().text());
  }
  [[nodiscard]] HistoryWriter writer() const {
    return {server->uri(), "test", {ingestion::bar_table()}};
  }
  [[nodiscard]] std::string sql(const std::string& statement) const {
    pqxx::connection connection(server->uri());
    pqxx::work tx(connection);
    return tx.exec1(statement)[0].as<std::string>("");
  }
};

}  // namespace

TEST_CASE("bars come back as they were, from the month that they closed in") {
  const World w;
  HistoryWriter writer = w.writer();
  std::vector<Record> records = {bar(1, 3, kStart + 60 * kSecond)};
  std::uint64_t n = 1;
  Rng rng(7);
  for (int i = 0; i < 2'000; ++i) {  // every length of a numeric, both signs
    const auto raw =
        static_cast<std::int64_t>(rng.next() >> rng.between(2, 63)) * (i % 2 == 0 ? 1 : -1) / 3;
    const Record r = bar(++n, 4, kStart + i * kDay, raw);
    records.push_back(r);
  }
  Record other = bar(++n, 3, kStart);
  other.event = Event{Mark{InstrumentId{3}, Price::from_int(1), kStart}};
  records.push_back(other);
  auto written = writer.write(kBars, records, at(n, 77));
  if (!written) FAIL(written.error().text());
  CHECK(*written == 2'001);
  CHECK(w.sql("SELECT concat_ws('|', timeframe, close_time AT TIME ZONE 'UTC', open_time AT TIME "
              "ZONE 'UTC', open, "
              "high, low, close, volume, vwap, trades, origin, known_ns) FROM market.bar WHERE "
              "instrument = 3") ==
        "1m|2014-11-19 00:01:00|2014-11-19 "
        "00:00:00|123.45678901|123.45678902|123.45678900|123.45678901|"
        "370.37036703|123.45678901|17|provider|1416355260000000005");
  pqxx::connection connection(w.server->uri());
  pqxx::work tx(connection);
  std::size_t i = 1;
  for (const auto& row :
       tx.exec("SELECT open, close FROM market.bar WHERE instrument = 4 ORDER BY close_time")) {
    const Price want = std::get<Bar>(records[i++].event).open;
    REQUIRE(Price::parse(row[0].c_str()).value() == want);
  }
  CHECK(i == 2'001);
  CHECK(w.sql("SELECT count(*) FROM market.bar_2014_11") == "13");
  CHECK(w.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'market.bar'::regclass") == "67");
  const auto stored = writer.stored(kBars);
  REQUIRE(stored);
  CHECK(stored->offset == n + 1);
  CHECK(stored->n == n);
  CHECK(stored->progress == 77);
}

TEST_CASE("a batch that is handed over again is stored once, whatever failed") {
  const World w;
  HistoryWriter writer = w.writer();
  std::vector<Record> first, second;
  for (std::uint64_t n = 1; n <= 10; ++n)
    first.push_back(bar(n, 3, kStart + static_cast<TimeNs>(n) * kMinute));
  for (std::uint64_t n = 6; n <= 15; ++n)
    second.push_back(bar(n, 3, kStart + static_cast<TimeNs>(n) * kMinute));
  REQUIRE(writer.write(kBars, first, at(10)));
  CHECK(writer.write(kBars, first, at(10)).value() == 0);
  CHECK(writer.write(kBars, second, at(15)).value() == 5);
  SECTION("the server was killed") {
    w.server->kill();
    std::vector<Record> third = {bar(16, 3, kStart + 16 * kMinute)};
    auto down = writer.write(kBars, third, at(16));
    REQUIRE_FALSE(down);
    CHECK(down.error().code == ErrorCode::unavailable);
    REQUIRE(w.server->restart());
    CHECK(writer.write(kBars, third, at(16)).value() == 1);
    CHECK(writer.write(kBars, third, at(16)).value() == 0);
  }
  SECTION("a second run over the same data, from another log") {
    std::vector<Record> again = {bar(1, 3, kStart + 15 * kMinute),
                                 bar(2, 3, kStart + 16 * kMinute)};
    REQUIRE(writer.write({Kind::market_bars, 1}, again, at(2)));
  }
  CHECK(w.sql("SELECT count(*) FROM market.bar") == "16");
}

TEST_CASE("the all-in-one process has no n: its batches are told apart by time") {
  const World w;
  HistoryWriter writer = w.writer();
  std::vector<Record> records;
  for (int i = 1; i <= 5; ++i) records.push_back(bar(0, 3, kStart + i * kMinute));
  const TimeNs until = records[2].t;
  REQUIRE(writer.write(kBars, std::span(records).first(3), {0, 0, 0, until}).value() == 3);
  CHECK(writer.write(kBars, records, {0, 0, 0, records.back().t}).value() ==
        2);  // from the last image again
  CHECK(w.sql("SELECT count(*) FROM market.bar") == "5");
}

TEST_CASE("a follower goes on where it stood, and two of them store everything once") {
  const World w;
  runtime::Recording recording;
  for (std::uint64_t n = 1; n <= 5'000; ++n) {
    recording[kBars].push_back(bar(n, 3, kStart + static_cast<TimeNs>(n) * kMinute));
    if (n % 100 == 0) {
      recording[kBars].push_back({What::progress,
                                  1,
                                  n,
                                  kStart + static_cast<TimeNs>(n) * kMinute + 5,
                                  Kind::market_bars,
                                  0,
                                  0,
                                  {}});
    }
  }
  runtime::RecordingLog log(recording);
  {
    HistoryWriter writer = w.writer();
    HistoryFollower follower(writer, log, {kBars});
    CHECK(follower.turn(1'234).value() > 0);
  }
  const auto follow = [&] {
    runtime::RecordingLog own(recording);
    HistoryWriter writer = w.writer();
    HistoryFollower follower(writer, own, {kBars});
    while (true) {
      auto read = follower.turn(100);
      if (!read || *read == 0) return;
    }
  };
  std::thread other(follow);
  follow();
  other.join();
  CHECK(w.sql("SELECT count(*) FROM market.bar") == "5000");
}

// Not a check of speed: a figure for libs/postgres/README.md. BELLWETHER_HISTORY_ROWS sets the
// size.
TEST_CASE("bars a second into a durable, keyed table", "[.figure]") {
  const World w(true);
  HistoryWriter writer = w.writer();
  const char* set = std::getenv("BELLWETHER_HISTORY_ROWS");
  const std::size_t total = set != nullptr ? std::strtoull(set, nullptr, 10) : 1'000'000;
  constexpr std::size_t kBatch = 50'000;
  std::vector<Record> records;
  std::uint64_t n = 0;
  std::chrono::nanoseconds spent{0};
  while (n < total) {
    records.clear();
    while (records.size() < kBatch) {
      ++n;
      records.push_back(bar(n, static_cast<std::uint32_t>(n % 20 + 1),
                            kStart + static_cast<TimeNs>(n / 20) * kMinute));
    }
    const auto began = std::chrono::steady_clock::now();
    auto written = writer.write(kBars, records, at(n));
    spent += std::chrono::steady_clock::now() - began;
    if (!written) FAIL(written.error().text());
  }
  std::printf("%llu bars, %.0f a second\n", static_cast<unsigned long long>(n),
              static_cast<double>(n) / std::chrono::duration<double>(spent).count());
}
