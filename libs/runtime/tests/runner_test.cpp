// What stops a machine from starting, and what stops it from going on. What faults do to it:
// libs/testkit/fault.
#include "bellwether/runtime/runner.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/testkit/fault_host.hpp"
#include "bellwether/testkit/toy_suite.hpp"
#include "logs.hpp"

using namespace bw;
using namespace bw::runtime;
using namespace bw::runtime::tests;

namespace {

constexpr MachineId kBars{Kind::market_bars, 0};
constexpr MachineId kSource{Kind::source, 0};

/// Publishes what it reads, changed by `bias`.
class Echo final : public Machine {
 public:
  explicit Echo(std::int64_t bias) : bias_(bias) {}
  void step(const Stamped& in, Emit& out) noexcept override {
    const auto* mark = std::get_if<Mark>(&in.event);
    if (mark == nullptr) return;
    Mark m = *mark;
    m.price = Price::from_raw(m.price.raw() + bias_);
    out.publish(in.unit, m);
  }
  std::vector<Unit> units() const override { return {}; }
  void save_unit(Unit, Writer&) const override {}
  Result<void> load_unit(Unit, Reader&) override { return {}; }

 private:
  std::int64_t bias_;
};

std::unique_ptr<Machine> make_echo(const void* bias, Ownership) {
  return std::make_unique<Echo>(*static_cast<const std::int64_t*>(bias));
}

struct World {
  World() {
    log.own = kBars;
    auto& source = log.logs[kSource];
    for (std::uint64_t n = 1; n <= 50; ++n) {
      const auto t = static_cast<TimeNs>(10 * n);
      Mark m{InstrumentId{1}, Price::from_raw(static_cast<std::int64_t>(n)), t};
      source.push_back({What::out, 1, n, t, Kind::source, 1, n, Event{m}});
      source.push_back({What::progress, 1, n, t, Kind::source, 0, 0, {}});
    }
  }
  /// Turns until all up to `until` is published, or the error that ended it.
  Result<void> live(const std::string& build, const std::int64_t& bias, DurationNs image_interval,
                    TimeNs until = 500) {
    const MachineSpec spec{
        Kind::market_bars, {{Kind::source, Delivery::partitioned}}, false, make_echo, &bias};
    RunnerOptions options;
    options.build = build;
    options.poll_limit = 7;
    options.image_interval = image_interval;
    Counts counts;
    counts.fill(1);
    Runner runner(spec, {}, counts, log, store, clock, options);
    for (int i = 0; i < 500; ++i) {
      if (auto r = runner.turn(); !r) return r;
    }
    REQUIRE(runner.finished(until));
    return {};
  }
  [[nodiscard]] std::size_t published() {
    const auto& own = log.logs[kBars];
    return static_cast<std::size_t>(
        std::count_if(own.begin(), own.end(), [](const Record& r) { return r.what == What::out; }));
  }

  MemoryLog log;
  MemoryStore store;
  CountingClock clock;
};

constexpr DurationNs kOften = 2 * kMillisecond;
constexpr DurationNs kNever = kTimeMax;

}  // namespace

TEST_CASE("a machine that starts again publishes nothing twice and loses nothing") {
  World w;
  const std::int64_t bias = 0;
  REQUIRE(w.live("one", bias, kNever));
  CHECK(w.published() == 50);
  REQUIRE(w.live("one", bias, kNever));
  CHECK(w.published() == 50);
}

TEST_CASE("recovery that makes another record than the log has halts, and says which") {
  World w;
  std::int64_t bias = 0;
  REQUIRE(w.live("one", bias, kNever));
  bias = 1;
  const auto again = w.live("one", bias, kNever);
  REQUIRE(!again);
  CHECK(again.error().code == ErrorCode::data_loss);
  CHECK(again.error().text().find("another record 1 (mark)") != std::string::npos);
  CHECK(w.published() == 50);
}

TEST_CASE("new code starts from a clean checkpoint, and only from one") {
  World w;
  const std::int64_t bias = 0;
  SECTION("clean") {
    REQUIRE(w.live("one", bias, kOften));
    REQUIRE(w.store.image.n == 50);
    CHECK(w.live("two", bias, kOften));
    CHECK(w.published() == 50);
  }
  SECTION("behind its log") {
    auto& source = w.log.logs[kSource];
    const auto all = source;
    source.resize(20);
    REQUIRE(w.live("one", bias, kOften, 100));
    REQUIRE(w.store.image.n == 10);
    w.store.frozen = true;
    source = all;
    REQUIRE(w.live("one", bias, kOften));
    CHECK(w.published() == 50);
    const auto started = w.live("two", bias, kOften);
    REQUIRE(!started);
    CHECK(started.error().code == ErrorCode::failed_precondition);
    CHECK(started.error().text().find("build one is behind its log") != std::string::npos);
  }
}

TEST_CASE("outside input has a limit") {
  World w;
  const std::int64_t bias = 0;
  const MachineSpec spec{Kind::market_bars, {}, false, make_echo, &bias};
  Counts counts;
  counts.fill(1);
  Runner runner(spec, {}, counts, w.log, w.store, w.clock, {});
  for (std::size_t i = 0; i < Runner::kOutsideLimit; ++i) REQUIRE(runner.offer({1, Event{}, 0}));
  CHECK_FALSE(runner.offer({1, Event{}, 0}));
}

TEST_CASE("a suite with a machine that reads to its right, or itself, is refused") {
  auto suite = testkit::toy_suite();
  CHECK(check_order(suite));
  SECTION("to its right") { suite[1].inputs.push_back({Kind::broker_orders, Delivery::broadcast}); }
  SECTION("itself") { suite[3].inputs.push_back({Kind::broker_orders, Delivery::broadcast}); }
  const auto r = check_order(suite);
  REQUIRE(!r);
  CHECK(r.error().code == ErrorCode::invalid_argument);
}

namespace {

class Collect final : public Sink {
 public:
  void on_output(Kind kind, const Output& o) override {
    records.push_back({What::out, 0, 0, o.time, kind, o.unit, o.seq, o.event});
  }
  std::vector<Record> records;
};

}  // namespace

TEST_CASE(
    "in process: saved between any two times and restored, the suite goes on as if nothing had "
    "been") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    const auto rows = testkit::toy_rows(seed);
    testkit::VectorSource all(rows);
    Collect whole;
    InlineHost straight(testkit::toy_suite(), all, whole);
    straight.run_to_end();

    testkit::VectorSource first(rows);
    Collect parts;
    SuiteImage image;
    {
      InlineHost host(testkit::toy_suite(), first, parts);
      for (std::uint64_t i = 0; i < seed && !host.source_ended(); ++i) {
        host.step_time();
      }
      image = host.image();
    }
    testkit::VectorSource again(rows);
    InlineHost host(testkit::toy_suite(), again, parts);
    REQUIRE(host.restore(image));
    host.run_to_end();
    CHECK(host.events() == straight.events());
    REQUIRE(parts.records.size() == whole.records.size());
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
      REQUIRE(parts.records[i].same_as(whole.records[i]));
    }
  }
}

TEST_CASE("in process: what is delivered comes in the total order") {
  const auto rows = testkit::toy_rows(3);
  testkit::VectorSource source(rows);
  Collect all;
  InlineHost host(testkit::toy_suite(), source, all);
  host.run_to_end();
  REQUIRE(all.records.size() > 50);
  CHECK(std::is_sorted(all.records.begin(), all.records.end(),
                       [](const Record& a, const Record& b) { return key_of(a) < key_of(b); }));
}
