#include <algorithm>

#include "bellwether/kafka/kafka_log.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/runtime/stream_reader.hpp"
#include "servers.hpp"

using namespace bw;
using namespace bw::kafka;
using namespace bw::kafka::tests;
using runtime::Ack;
using runtime::LogEntry;
using runtime::MachineId;
using runtime::Record;
using runtime::What;

namespace {

constexpr MachineId kMachine{Kind::market_bars, 1};

Record mark(std::uint32_t epoch, std::uint64_t n, std::int64_t price) {
  Mark m;
  m.instrument = InstrumentId{3};
  m.price = Price::from_int(price);
  return {What::out, epoch, n, static_cast<TimeNs>(10 * n), Kind::market_bars, 3, n, Event{m}};
}
Record open(std::uint32_t epoch) { return {What::open, epoch, 0, 0, Kind::market_bars, 0, 0, {}}; }
Record progress(std::uint32_t epoch, std::uint64_t n, TimeNs t) {
  return {What::progress, epoch, n, t, Kind::market_bars, 0, 0, {}};
}

/// A process: its own producer and log.
struct Owner {
  Wakeup wakeup;
  std::unique_ptr<Producer> producer;
  std::unique_ptr<KafkaLog> log;
  explicit Owner(const Options& options) {
    auto p = Producer::create(options, wakeup);
    if (!p) FAIL(p.error().text());
    producer = std::move(*p);
    auto l = KafkaLog::create(options, kMachine, *producer, wakeup);
    if (!l) FAIL(l.error().text());
    log = std::move(*l);
  }
  std::vector<Ack> acked(std::size_t count) {
    std::vector<Ack> all;
    REQUIRE(eventually([&] {
      REQUIRE(log->acks(all));
      return all.size() >= count;
    }));
    return all;
  }
  std::vector<LogEntry> read(std::uint64_t offset, std::size_t count) {
    std::vector<LogEntry> all;
    REQUIRE(eventually([&] {
      const std::uint64_t at = all.empty() ? offset : all.back().offset + 1;
      auto r = log->fetch(kMachine, at, count - all.size(), all);
      if (!r) CHECK(r.error().code == ErrorCode::unavailable);
      return all.size() >= count;
    }));
    return all;
  }
};

Options fresh_topic() {
  Options options;
  options.brokers = private_kafka(true).brokers();
  options.topic_prefix = next_prefix();
  auto made = create_topics(options, {{topic_of(options, Kind::market_bars), 2, 1, {}}});
  if (!made) FAIL(made.error().text());
  CHECK(made->size() == 1);
  return options;
}

}  // namespace

TEST_CASE(
    "records come back in order, are acknowledged in order, and can be read again from any "
    "offset") {
  const Options options = fresh_topic();
  Owner owner(options);
  constexpr std::uint64_t kCount = 5'000;
  for (std::uint64_t n = 1; n <= kCount; ++n) {
    REQUIRE(owner.log->append(mark(1, n, static_cast<std::int64_t>(n))));
  }
  const auto acks = owner.acked(kCount);
  REQUIRE(acks.size() == kCount);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    REQUIRE(acks[i].n == i + 1);
    REQUIRE(acks[i].offset == i);
  }
  const auto all = owner.read(0, kCount);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    REQUIRE(all[i].offset == i);
    REQUIRE(all[i].record.same_as(mark(1, i + 1, static_cast<std::int64_t>(i + 1))));
  }
  for (const std::uint64_t from : {4'990ULL, 17ULL, 2'500ULL, 0ULL}) {  // seek forth and back
    const auto some = owner.read(from, 10);
    REQUIRE(some.size() == 10);
    CHECK(some.front().offset == from);
    CHECK(some.front().record.n == from + 1);
  }
  std::vector<LogEntry> none;
  CHECK(owner.log->fetch({Kind::market_bars, 0}, 0, 10, none));  // the other partition
  CHECK(none.empty());
}

TEST_CASE("behind a newer owner's open, the old owner's records are void") {
  const Options options = fresh_topic();
  Owner old(options);
  Owner young(options);
  for (const Record& r : {open(1), mark(1, 1, 100), progress(1, 1, 10)})
    REQUIRE(old.log->append(r));
  old.acked(3);
  REQUIRE(young.log->append(open(2)));
  young.acked(1);
  REQUIRE(old.log->append(mark(1, 2, 666)));  // a zombie
  REQUIRE(old.log->append(progress(1, 2, 99)));
  old.acked(2);
  for (const Record& r : {mark(2, 2, 200), mark(2, 2, 200), progress(2, 2, 20)})
    REQUIRE(young.log->append(r));
  young.acked(3);
  runtime::StreamReader reader(kMachine, {});
  REQUIRE(eventually([&] {
    auto got = reader.poll(*young.log, 3);
    if (!got) FAIL(got.error().text());
    return reader.progress() == 20;
  }));
  REQUIRE(reader.buffered() == 2);
  CHECK(reader.front().same_as(mark(1, 1, 100)));
  reader.pop();
  CHECK(reader.front().same_as(mark(2, 2, 200)));
  CHECK(reader.duplicates() == 1);
  CHECK(reader.next_offset() == 9);
}

TEST_CASE("a broker that is killed loses nothing, and what waited is delivered once it is back") {
  const Options options = fresh_topic();
  Owner owner(options);
  for (std::uint64_t n = 1; n <= 100; ++n) REQUIRE(owner.log->append(mark(1, n, 1)));
  owner.acked(100);
  private_kafka().kill();
  for (std::uint64_t n = 101; n <= 200; ++n) REQUIRE(owner.log->append(mark(1, n, 1)));
  REQUIRE(eventually([&] {
    owner.producer->poll();
    return owner.producer->down();
  }));
  REQUIRE(private_kafka().restart());
  const auto acks = owner.acked(100);
  CHECK(acks.front().n == 101);
  CHECK(acks.back().n == 200);
  CHECK_FALSE(owner.producer->down());
  CHECK(owner.producer->healthy());
  const auto all = owner.read(0, 200);
  for (std::uint64_t i = 0; i < 200; ++i) REQUIRE(all[i].record.n == i + 1);
}

TEST_CASE("topics are made once, and another partition count is refused") {
  const Options options = fresh_topic();
  const std::string name = topic_of(options, Kind::market_bars);
  auto again = create_topics(options, {{name, 2, 1, {}}});
  REQUIRE(again);
  CHECK(again->empty());
  auto other = create_topics(options, {{name, 3, 1, {}}});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::failed_precondition);
  REQUIRE(delete_topics(options, {name, "never.made"}));
  REQUIRE(eventually([&] {
    auto topics = list_topics(options);
    REQUIRE(topics);
    return std::none_of(topics->begin(), topics->end(),
                        [&](const auto& t) { return t.name == name; });
  }));
}
