// A recorded run of history folds again over its source; one that was changed is refused.
#include "bellwether/runtime/recording.hpp"

#include <catch2/catch.hpp>

#include "logs.hpp"

using namespace bw;
using namespace bw::runtime;
using namespace bw::runtime::tests;

namespace {

constexpr MachineId kBars{Kind::market_bars, 0};
constexpr std::uint64_t kRows = 40;

Mark mark(std::uint64_t n) {
  return {InstrumentId{1}, Price::from_raw(static_cast<std::int64_t>(n)), 0};
}

class Marks final : public Source {
 public:
  const Row* next() override {
    if (n_ == kRows) return nullptr;
    ++n_;
    row_ = {static_cast<TimeNs>(10 * n_), 1, n_, Kind::market_bars, Event{mark(n_)}};
    return &row_;
  }
  [[nodiscard]] bool at_end() const override { return n_ == kRows; }

 private:
  std::uint64_t n_ = 0;
  Row row_;
};

/// Publishes every mark at twice its price.
class Doubler final : public Machine {
 public:
  void step(const Stamped& in, Emit& out) noexcept override {
    const auto* m = std::get_if<Mark>(&in.event);
    if (m == nullptr) return;
    Mark twice = *m;
    twice.price = Price::from_raw(2 * m->price.raw());
    out.publish(in.unit, twice);
  }
  std::vector<Unit> units() const override { return {}; }
  void save_unit(Unit, Writer&) const override {}
  Result<void> load_unit(Unit, Reader&) override { return {}; }
};

std::unique_ptr<Machine> make_doubler(const void*, Ownership) {
  return std::make_unique<Doubler>();
}

MachineSpec spec() {
  return {Kind::market_bars, {{Kind::source, Delivery::partitioned}}, false, make_doubler, nullptr};
}

Counts one_each() {
  Counts counts;
  counts.fill(1);
  return counts;
}

SourceStream history() {
  return {[] { return Result<std::unique_ptr<Source>>(std::make_unique<Marks>()); },
          Kind::market_bars,
          {}};
}

/// What a run of the machine leaves in its log: outputs, and progress at every fourth row.
Recording lived() {
  Recording recording;
  auto& log = recording[kBars];
  for (std::uint64_t n = 1; n <= kRows; ++n) {
    const auto t = static_cast<TimeNs>(10 * n);
    log.push_back({What::out, 1, n, t, Kind::market_bars, 1, n, Event{mark(2 * n)}});
    if (n % 4 == 0) log.push_back({What::progress, 1, n, t, Kind::market_bars, 0, 0, {}});
  }
  return recording;
}

Result<void> fold(const Recording& recording, SourceStream* source) {
  return refold(spec(), {}, one_each(), recording, source);
}

}  // namespace

TEST_CASE("a recorded run of history folds again over its source") {
  auto source = history();
  const auto folded = fold(lived(), &source);
  INFO((folded ? "" : folded.error().text()));
  REQUIRE(folded);
}

TEST_CASE("a recorded run of history without its source lacks an input") {
  const auto folded = fold(lived(), nullptr);
  REQUIRE_FALSE(folded);
  CHECK(folded.error().code == ErrorCode::data_loss);
}

TEST_CASE("a recorded price that was changed is refused, with its record") {
  Recording changed = lived();
  auto& record = changed[kBars].at(6);  // n 6: a progress stands in front of it
  REQUIRE(record.n == 6);
  std::get<Mark>(record.event).price = Price::from_raw(13);
  auto source = history();
  const auto folded = fold(changed, &source);
  REQUIRE_FALSE(folded);
  CHECK(folded.error().text().find("market.bars/0") != std::string::npos);
  CHECK(folded.error().text().find("record 6 ") != std::string::npos);
}
