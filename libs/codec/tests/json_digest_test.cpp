#include <sodium.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "bellwether/codec/digest.hpp"
#include "bellwether/codec/json.hpp"
#include "random_event.hpp"

using namespace bw;
using namespace bw::codec;
using runtime::Record;
using runtime::What;

namespace {

Record fill_record() {
  Fill fill;
  fill.fill = FillId(18'446'744'073'709'551'615U);
  fill.order = OrderId(7);
  fill.account = AccountId(1);
  fill.instrument = InstrumentId(2);
  fill.side = Side::sell;
  fill.quantity = Quantity::from_int(10);
  fill.price = Price::from_raw(15'012'345'678);
  fill.fee = Money::from_raw(-1);
  return {What::out, 4, 9, 1'416'407'460'000'000'000, Kind::broker_orders, 1, 12, fill};
}

}  // namespace

TEST_CASE("a record's JSON is the documented line") {
  CHECK(
      to_json(fill_record()) ==
      R"({"t":"2014-11-19T14:31:00Z","kind":"broker.orders","unit":"1","seq":"12","type":"fill",)"
      R"("event":{"fill":"18446744073709551615","order":"7","account":"1","instrument":"2",)"
      R"("side":"sell","quantity":"10","price":"150.12345678","fee":"-0.00000001","slippage":"0",)"
      R"("source_time":null}})");
  CHECK(to_json(Event{}) == "null");
  Record admitted{What::admit, 1, 1, 0, Kind::broker_orders, 1, 0, CancelOrder{}};
  CHECK(to_json(admitted).find(R"("seq":"0","admitted":true,"type":"cancel_order")") !=
        std::string::npos);
}

TEST_CASE("hashes, bits, days, venues, lists and doubles have their documented form") {
  Feature feature;
  feature.feature_set = 0xab;
  feature.valid = 5;
  feature.values[0] = 0.1;
  feature.values[1] = 1e300;
  const auto f = nlohmann::json::parse(to_json(Event{feature}));
  CHECK(f["feature_set"] == "00000000000000ab");
  CHECK(f["valid"] == "00000005");
  CHECK(f["values"].size() == kMaxFeatures);
  CHECK(f["values"][0].get<double>() == 0.1);
  CHECK(f["values"][1].get<double>() == 1e300);
  CHECK(f["timeframe"] == "none");
  Session session;
  session.date = to_day_number({2014, 11, 19});
  CHECK(nlohmann::json::parse(to_json(Event{session}))["date"] == "2014-11-19");
  Trade trade;
  trade.venue = 'Q';
  CHECK(nlohmann::json::parse(to_json(Event{trade}))["venue"] == "Q");
  CHECK(nlohmann::json::parse(to_json(Event{Trade{}}))["venue"] == "");
  CHECK(nlohmann::json::parse(to_json(Event{Signal{}}))["contributions"].empty());
}

TEST_CASE("every event's JSON parses, whatever its text holds") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < std::variant_size_v<Event>; ++i) {
      Record record = random_record(i, rng);
      record.t = static_cast<TimeNs>(rng.below(1ULL << 62));
      const std::string text = to_json(record);
      INFO("seed " << seed << ": " << text);
      const auto parsed = nlohmann::ordered_json::parse(text, nullptr, false);
      REQUIRE_FALSE(parsed.is_discarded());
      REQUIRE(parsed["type"] == std::string(event_name(record.event)));
      REQUIRE(text.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("JSON text is escaped, and bad UTF-8 is replaced as nlohmann does it") {
  Rng rng(3);
  for (int k = 0; k < 20'000; ++k) {
    std::string text(rng.below(8), ' ');
    for (auto& c : text)
      c = static_cast<char>(rng.chance(0.5) ? rng.between(0x70, 0xFF) : rng.below(256));
    std::string out;
    append_json_string(text, out);
    const auto back = nlohmann::json::parse(out, nullptr, false);
    REQUIRE_FALSE(back.is_discarded());
    const std::string strict =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const bool valid = strict.find("\xEF\xBF\xBD") == std::string::npos;
    if (valid)
      REQUIRE(back.get<std::string>() == text);
    else
      REQUIRE(back.get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
  }
}

TEST_CASE("the digest is SHA-256 of the canonical bytes") {
  // sha256 of nothing, FIPS 180-4.
  CHECK(Digest().text() ==
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::string bytes;
  append_canonical(fill_record(), bytes);
  // t, kind, unit, seq, "fill", and Fill's fields: ids 8+8+4+4, side 1, four decimals, source_time.
  REQUIRE(bytes.size() == 8 + 1 + 4 + 8 + 4 + 4 + 24 + 1 + 32 + 8);
  CHECK(bytes.substr(8, 13) == std::string("\x08\x01\0\0\0\x0c\0\0\0\0\0\0\0", 13));
  CHECK(bytes.substr(21, 8) == std::string("\x04\0\0\0fill", 8));
}

TEST_CASE("the digest sees every field of what it covers, and nothing else") {
  const Record base = fill_record();
  Digest one;
  one.add(base);
  CHECK(one.count() == 1);
  const auto changed = [&](auto change) {
    Record r = base;
    change(r, std::get<Fill>(r.event));
    Digest d;
    d.add(r);
    return d.hex() != one.hex();
  };
  CHECK(changed([](Record& r, Fill&) { r.t += 1; }));
  CHECK(changed([](Record& r, Fill&) { r.unit += 1; }));
  CHECK(changed([](Record& r, Fill&) { r.seq += 1; }));
  CHECK(changed([](Record&, Fill& f) { f.fee = Money{}; }));
  CHECK(changed([](Record&, Fill& f) { f.source_time = 1; }));
  CHECK(changed([](Record&, Fill& f) { f.side = Side::buy; }));
  CHECK_FALSE(changed([](Record& r, Fill&) { r.epoch = 99; }));
  CHECK_FALSE(changed([](Record& r, Fill&) { r.n = 99; }));
  Digest same;
  same.add({What::out, 1, 1, 1, Kind::market_bars, 1, 1, Bar{}});
  same.add({What::progress, 1, 1, 1, Kind::broker_orders, 0, 0, Fill{}});
  same.add({What::admit, 1, 1, 1, Kind::broker_orders, 1, 0, SubmitOrder{}});
  same.add({What::out, 1, 1, 1, Kind::portfolio_books, 1, 1, BookPosition{}});
  same.add(base);
  CHECK(same.hex() == one.hex());
}

TEST_CASE("the digest depends on order, not on when it is asked or on padding") {
  std::vector<Record> records;
  Rng rng(11);
  for (int k = 0; k < 2'000; ++k) {
    const auto i = rng.below(std::variant_size_v<Event>);
    records.push_back(random_record(i, rng));
  }
  Digest plain;
  Digest asked;
  for (const auto& r : records) {
    plain.add(r);
    alignas(Record) unsigned char dirty[sizeof(Record)];  // the same values over other padding
    std::memset(dirty, 0xEE, sizeof dirty);
    auto* copy = new (dirty) Record();
    copy->what = r.what;
    copy->t = r.t;
    copy->kind = r.kind;
    copy->unit = r.unit;
    copy->seq = r.seq;
    copy->event = r.event;
    asked.add(*copy);
    static_cast<void>(asked.hex());
  }
  CHECK(plain.count() > 100);
  CHECK(plain.hex() == asked.hex());
  std::string whole;
  for (const auto& r : records) {
    if (r.what == What::out && Digest::covers(r.event)) append_canonical(r, whole);
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(whole.data()),
                     whole.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  CHECK(plain.hex() == sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size()));
  Digest reversed;
  for (auto r = records.rbegin(); r != records.rend(); ++r) reversed.add(*r);
  CHECK(reversed.hex() != plain.hex());
}
