// Every event, every field, there and back; and bytes that are no records.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "bellwether/codec/codec.hpp"
#include "random_event.hpp"

using namespace bw;
using namespace bw::codec;
using runtime::Record;
using runtime::What;

namespace {

constexpr std::size_t kAlternatives = std::variant_size_v<Event>;

}  // namespace

TEST_CASE("every event of every topic comes back as it was") {
  std::size_t tried = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < kAlternatives; ++i) {
      const Record record = random_record(i, rng);
      if (record.kind == Kind::source) continue;
      INFO("seed " << seed << ", " << event_name(record.event) << " in " << kind_name(record.kind));
      std::string bytes;
      REQUIRE(encode(record, bytes).has_value());
      REQUIRE(bytes.size() <= kMaxRecordBytes / 2);
      const auto back = decode(record.kind, bytes);
      REQUIRE(back.has_value());
      REQUIRE(back->same_as(record));
      REQUIRE(back->epoch == record.epoch);
      std::string again;  // equal bytes tell 0.0 from -0.0
      REQUIRE(encode(*back, again).has_value());
      REQUIRE(again == bytes);
      const auto head = peek(bytes);
      REQUIRE(head.has_value());
      REQUIRE(head->what == record.what);
      REQUIRE(head->epoch == record.epoch);
      REQUIRE(head->n == record.n);
      REQUIRE(head->t == record.t);
      REQUIRE(head->unit == record.unit);
      REQUIRE(head->seq == record.seq);
      REQUIRE(event_field_name(record.kind, head->event_field) == event_name(record.event));
      ++tried;
    }
  }
  CHECK(tried > 10'000);
}

TEST_CASE("only timers and nothing have no topic") {
  Rng rng(1);
  for (std::size_t i = 0; i < kAlternatives; ++i) {
    const Event event = random_event(i, rng);
    const bool has_none =
        std::holds_alternative<std::monostate>(event) || std::holds_alternative<Timer>(event);
    INFO(event_name(event));
    CHECK(kinds_of(event).empty() == has_none);
  }
}

TEST_CASE("an event is refused by every topic that does not hold it") {
  Rng rng(2);
  std::string bytes;
  for (std::size_t i = 0; i < kAlternatives; ++i) {
    Record record;
    record.what = What::out;
    record.event = random_event(i, rng);
    const auto kinds = kinds_of(record.event);
    for (std::size_t k = 0; k < kKindCount; ++k) {
      record.kind = static_cast<Kind>(k);
      const bool holds = std::find(kinds.begin(), kinds.end(), record.kind) != kinds.end();
      INFO(event_name(record.event) << " in " << kind_name(record.kind));
      const auto r = encode(record, bytes);
      CHECK(r.has_value() == holds);
      if (!r) CHECK(r.error().code == ErrorCode::invalid_argument);
      CHECK(bytes.empty() == !holds);
    }
  }
}

TEST_CASE("open and progress carry no event") {
  for (const What what : {What::open, What::progress}) {
    Record record{what, 3, 17, 1'416'407'400'000'000'000, Kind::market_bars, 0, 0, Bar{}};
    std::string bytes;
    REQUIRE(encode(record, bytes).has_value());
    record.event = std::monostate{};
    const auto back = decode(Kind::market_bars, bytes);
    REQUIRE(back.has_value());
    CHECK(back->same_as(record));
    CHECK(back->epoch == 3);
    CHECK(peek(bytes)->event_field == 0);
    CHECK(bytes.size() < 24);
  }
}

TEST_CASE("numbers that are not finite are refused on the way out") {
  std::string bytes;
  Record record{What::out, 1, 1, 1, Kind::analytics_features, 1, 1, Feature{}};
  std::get<Feature>(record.event).values[3] = std::numeric_limits<double>::quiet_NaN();
  auto r = encode(record, bytes);
  REQUIRE_FALSE(r.has_value());
  CHECK(r.error().field == "feature.values");
  record.kind = Kind::confluence_signals;
  Signal signal;
  signal.contributions.push_back({});
  signal.contributions[0].raw = std::numeric_limits<double>::infinity();
  record.event = signal;
  r = encode(record, bytes);
  REQUIRE_FALSE(r.has_value());
  CHECK(r.error().field == "signal.contributions.raw");
}

TEST_CASE("bytes cut short, changed or invented are an error or a record, never a crash") {
  std::size_t errors = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < kAlternatives; ++i) {
      const Record record = random_record(i, rng);
      if (record.kind == Kind::source) continue;
      std::string bytes;
      REQUIRE(encode(record, bytes).has_value());
      for (int k = 0; k < 20; ++k) {
        std::string bad = bytes;
        switch (rng.below(4)) {
          case 0:
            bad.resize(rng.below(bytes.size()));
            break;
          case 1:
            bad[rng.below(bad.size())] = static_cast<char>(rng.next());
            break;
          case 2:
            bad.insert(rng.below(bad.size()), 1 + rng.below(9), static_cast<char>(rng.next()));
            break;
          default:
            for (auto& c : bad) c = static_cast<char>(rng.next());
        }
        static_cast<void>(peek(bad));
        static_cast<void>(decode_request(bad));
        const auto back = decode(record.kind, bad);
        if (!back) {
          ++errors;
          CHECK((back.error().code == ErrorCode::data_loss ||
                 back.error().code == ErrorCode::unimplemented));
          continue;
        }
        std::string again;  // what decodes is a proper record: it encodes
        REQUIRE(encode(*back, again).has_value());
      }
    }
  }
  CHECK(errors > 5'000);
}

TEST_CASE("a record beyond the limit is refused unread") {
  const std::string long_one(kMaxRecordBytes + 1, '\x0a');
  CHECK(decode(Kind::market_bars, long_one).error().code == ErrorCode::data_loss);
  CHECK(peek(long_one).error().code == ErrorCode::data_loss);
  CHECK(decode_request(long_one).error().code == ErrorCode::data_loss);
  CHECK(decode(Kind::source, "").error().code == ErrorCode::invalid_argument);
  CHECK_FALSE(decode(Kind::market_bars, "").has_value());
  CHECK_FALSE(peek("").has_value());
}

TEST_CASE("requests come back as they were") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < kAlternatives; ++i) {
      Request request{UserId(static_cast<std::uint32_t>(rng.next())),
                      static_cast<TimeNs>(rng.next()), random_event(i, rng)};
      const bool is_request = std::holds_alternative<SubmitOrder>(request.event) ||
                              std::holds_alternative<CancelOrder>(request.event) ||
                              std::holds_alternative<SetKillSwitch>(request.event);
      std::string bytes;
      REQUIRE(encode(request, bytes).has_value() == is_request);
      if (!is_request) continue;
      const auto back = decode_request(bytes);
      REQUIRE(back.has_value());
      REQUIRE(back->user == request.user);
      REQUIRE(back->received == request.received);
      REQUIRE(back->event == request.event);
    }
  }
}
