// Recordings with damaged bytes: whatever stands in a line, the reader goes on, says where the
// damage is, and never gives out half an update.
#include <catch2/catch.hpp>

#include "bellwether/base/rng.hpp"
#include "text_lines.hpp"

using namespace bw;
using namespace bw::ingestion;

namespace {

constexpr std::array<std::string_view, 6> kFrames{
    R"({"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":10,)"
    R"("u":12,"b":[["61737.63","0.5"],["61730.17","0"]],"a":[["61837.64","1.5"]]}})",
    R"({"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":13,"u":15,"pu":12,"b":[],"a":[]})",
    R"({"stream":"btcusdt@bookTicker","data":{"u":7,"s":"BTCUSDT","b":"1","B":"2",)"
    R"("a":"3","A":"4"}})",
    R"({"e":"trade","E":5,"s":"BTCUSDT","t":1,"p":"61837.63","q":"0.02","T":4,"m":true,"M":true})",
    R"({"e":"aggTrade","E":5,"s":"ETHUSDT","a":9,"p":"1","q":"1","f":1,"l":2,"T":4,"m":false})",
    R"({"lastUpdateId":12,"bids":[["61737.63","0.5"],["61730.17","0.25"]],)"
    R"("asks":[["61837.64","1"]]})",
};

/// Bytes that mean something to JSON, and some that mean nothing to anybody.
constexpr std::string_view kBytes = "{}[]\":,.-+eE0123456789tfn\\ \x01\x7f\xc3\xff";

std::string damaged(std::string line, Rng& rng) {
  for (auto n = rng.below(4); n > 0 && !line.empty(); --n) {
    const auto at = rng.below(line.size());
    const char byte = kBytes[rng.below(kBytes.size())];
    switch (rng.below(5)) {
      case 0:
        line[at] = byte;
        break;
      case 1:
        line.insert(at, 1, byte);
        break;
      case 2:
        line.erase(at, 1 + rng.below(8));
        break;
      case 3:
        line.insert(at, line.substr(rng.below(line.size()), rng.below(24)));
        break;
      default:
        line.resize(at);
        break;
    }
  }
  return line;
}

struct Seen {
  std::size_t rejects = 0;
  std::size_t others = 0;
};

/// Reads all lines; of each the row count, and rows that hold together.
Seen read(const std::string& text, std::uint64_t lines) {
  const auto find = [](std::string_view symbol) {
    return symbol == "BTCUSDT"   ? InstrumentId(502)
           : symbol == "ETHUSDT" ? InstrumentId(503)
                                 : InstrumentId();
  };
  const auto reader = make_binance_reader(std::make_unique<TextLines>(text), "damaged.gz", find);
  Seen seen;
  TimeNs last = 0;
  bool inside = false;  // an update has begun and not ended
  while (const RawRow* row = reader->next()) {
    if (row->time < last) FAIL("time went back");
    last = row->time;
    const auto* depth = std::get_if<RawDepth>(&row->event);
    if (inside && depth == nullptr) FAIL("an update was left without its last level");
    if (depth != nullptr) {
      if (depth->level.begin == inside) FAIL("an update began twice or not at all");
      inside = !depth->level.last;
    }
    if (const auto* reject = std::get_if<RawReject>(&row->event)) {
      ++seen.rejects;
      const Quality& q = reject->quality;
      if (q.line == 0 || q.line > lines || q.detail.empty()) FAIL("a reject says not where or why");
    } else {
      ++seen.others;
      if (row->unit != 502 && row->unit != 503) FAIL("a row of no instrument");
    }
  }
  if (inside) FAIL("the file ended within an update");
  return seen;
}

}  // namespace

TEST_CASE("no damage stops the reader or splits an update") {
  const std::uint64_t seed = GENERATE(range(1, 41));
  INFO("seed " << seed);
  Rng rng(seed);
  std::string text;
  constexpr std::uint64_t kLines = 500;
  for (std::uint64_t k = 0; k < kLines; ++k) {
    const std::string stamp =
        std::to_string(1'723'161'253'937'085'768 + rng.between(-5'000, 50'000));
    text += damaged(stamp + " " + std::string(kFrames[rng.below(kFrames.size())]), rng) + "\n";
  }
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  const Seen seen = read(text, lines);
  CHECK(seen.rejects > 100);
  CHECK(seen.others > 100);
}
