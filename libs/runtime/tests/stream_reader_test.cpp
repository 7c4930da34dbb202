// What a reader accepts of a log, what it passes over, and what halts it.
#include "bellwether/runtime/stream_reader.hpp"

#include <catch2/catch.hpp>

#include "bellwether/base/rng.hpp"
#include "logs.hpp"

using namespace bw;
using namespace bw::runtime;
using namespace bw::runtime::tests;

namespace {

constexpr MachineId kBars{Kind::market_bars, 0};

struct Read {
  Result<void> result;
  std::vector<std::uint64_t> n;
  TimeNs progress = 0;
  std::uint64_t duplicates = 0;
};

Read read(const std::vector<Record>& records) {
  MemoryLog log;
  log.logs[kBars] = records;
  StreamReader reader(kBars, {});
  Read all;
  while (true) {
    auto got = reader.poll(log, 2);
    if (!got) all.result = tl::unexpected(got.error());
    if (!got || *got == 0) break;
  }
  while (!reader.empty()) {
    all.n.push_back(reader.front().n);
    reader.pop();
  }
  all.progress = reader.progress();
  all.duplicates = reader.duplicates();
  return all;
}

}  // namespace

TEST_CASE("each n counts once") {
  const Read r = read({open(1), out(1, 5), out(1, 5), out(2, 6), progress(2, 6), out(2, 6)});
  CHECK(r.result);
  CHECK(r.n == std::vector<std::uint64_t>{1, 2});
  CHECK(r.progress == 6);
  CHECK(r.duplicates == 2);
}

TEST_CASE("behind an open, lower epochs are void: their records, their progress, their holes") {
  const Read r = read({open(1), out(1, 5), open(2), out(2, 9), progress(7, 99), out(4, 9),
                       out(2, 7, 2), progress(2, 7, 2)});
  CHECK(r.result);
  CHECK(r.n == std::vector<std::uint64_t>{1, 2});
  CHECK(r.progress == 7);
}

TEST_CASE("a hole in n halts the reader, and the error says where") {
  const Read r = read({open(1), out(1, 5), out(3, 6)});
  REQUIRE(!r.result);
  CHECK(r.result.error().code == ErrorCode::data_loss);
  CHECK(r.result.error().text().find("record 3 follows 1") != std::string::npos);
  CHECK(r.result.error().text().find("market.bars/0") != std::string::npos);
}

TEST_CASE("progress that names a record which never came halts the reader") {
  const Read r = read({open(1), out(1, 5), progress(2, 6)});
  REQUIRE(!r.result);
  CHECK(r.result.error().code == ErrorCode::data_loss);
}

TEST_CASE("progress never goes back") {
  CHECK(read({open(1), progress(0, 9), progress(0, 4)}).progress == 9);
}

/// A log as owners come and go: each goes on from the records that count, the old one writes on for
/// a while.
static std::vector<Record> any_log(Rng& rng) {
  std::vector<Record> log{open(1)};
  std::uint32_t epoch = 1;
  std::uint64_t n = 0;
  std::uint64_t old_n = 0;
  TimeNs t = 0;
  for (int i = 0; i < 60; ++i) {
    if (rng.chance(0.1)) {
      old_n = n;
      log.push_back(open(++epoch));
    } else if (epoch > 1 && rng.chance(0.15)) {
      ++old_n;
      log.push_back(out(old_n, t + 1'000, epoch - 1));
    } else if (n > 0 && rng.chance(0.1)) {
      const Record again = out(n, t, epoch);
      log.push_back(again);
    } else if (rng.chance(0.3)) {
      log.push_back(progress(n, ++t, epoch));
    } else {
      log.push_back(out(++n, ++t, epoch));
    }
  }
  return log;
}

TEST_CASE(
    "a reader that starts at a saved position reads what the first one had still to hand out") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    MemoryLog log;
    log.logs[kBars] = any_log(rng);
    StreamReader whole(kBars, {});
    std::vector<std::uint64_t> handed_out;
    StreamReader::Position at;
    std::size_t handed_before = 0;
    const int stop = static_cast<int>(rng.between(1, 20));
    for (int turn = 0; turn < 100; ++turn) {
      REQUIRE(whole.poll(log, static_cast<std::size_t>(rng.between(1, 6))));
      // Hands out what progress covers, as an engine does; cuts between two times.
      const bool some = rng.chance(0.5);
      while (some && !whole.empty() && whole.front().t <= whole.progress()) {
        handed_out.push_back(whole.front().n);
        whole.pop();
      }
      if (turn == stop) {
        at = whole.position();
        handed_before = handed_out.size();
      }
    }
    while (!whole.empty()) {
      handed_out.push_back(whole.front().n);
      whole.pop();
    }
    StreamReader second(kBars, at);
    REQUIRE(second.poll(log, 1'000));
    std::vector<std::uint64_t> rest;
    while (!second.empty()) {
      rest.push_back(second.front().n);
      second.pop();
    }
    CHECK(rest ==
          std::vector<std::uint64_t>(
              handed_out.begin() + static_cast<std::ptrdiff_t>(handed_before), handed_out.end()));
    CHECK(second.progress() == whole.progress());
    CHECK(second.have() == whole.have());
  }
}
