// The whole suite under faults: simulated market -> bars -> features -> signals -> orders -> books.
// History must equal the clean fold; a live run must come again from its journals; and the money
// must be right in both.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "bellwether/domain/names.hpp"
#include "bellwether/testkit/fault_host.hpp"
#include "ingestion/simulator/simulator.hpp"
#include "suite.hpp"

using namespace bw;
using runtime::Planted;
using testkit::FaultOptions;

namespace {

constexpr TimeNs kOpen = 1'704'205'800 * kSecond;  // 2024-01-02 14:30 UTC, a session's open
constexpr DurationNs kLength = 18 * kMinute;
constexpr int kTicks = 220;

std::uint64_t seeds(std::uint64_t otherwise) {
  const char* set = std::getenv("BELLWETHER_SIM_SEEDS");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : otherwise;
}

const app::Suite& suite() {
  static const auto made = [] {
    const char* root = std::getenv("BELLWETHER_SOURCE");
    service::Inputs inputs;
    inputs.home = root != nullptr ? root : ".";
    inputs.strategies = {inputs.home / "tests/sim/strategies/quick.yaml"};
    auto suite = app::Suite::make(inputs);
    if (!suite) throw std::runtime_error(suite.error().text());
    return std::move(*suite);
  }();
  return *made;
}

/// A stretch of the simulated market: three instruments, few trades, some dirt, headlines.
std::vector<runtime::Source::Row> rows_of(std::uint64_t seed) {
  ingestion::simulator::Options o;
  o.seed = seed;
  o.start = kOpen;
  o.end = kOpen + kLength;
  o.trades_per_minute = 2;
  o.quotes_per_trade = 1;
  o.dirt = 0.02;
  o.jumps_per_day = 1;
  o.halts_per_day = 0.5;
  for (const std::uint32_t id : {1001U, 1002U, 1003U}) o.instruments.push_back(InstrumentId{id});
  auto simulator = ingestion::simulator::Simulator::make(o);
  if (!simulator) throw std::runtime_error(simulator.error().text());
  std::vector<runtime::Source::Row> rows;
  while (const auto* row = simulator->next()) rows.push_back(*row);
  return rows;
}

/// A person's orders and cancels, some of them wrong, some twice.
std::vector<testkit::Command> commands_of(std::uint64_t seed) {
  Rng rng(seed * 7 + 1);
  std::vector<testkit::Command> commands;
  for (int i = 0; i < 6; ++i) {
    SubmitOrder order;
    order.request_id = RequestId("order-" + std::to_string(rng.below(5)));
    order.account = AccountId{1};
    order.instrument = InstrumentId{static_cast<std::uint32_t>(1001 + rng.below(4))};
    order.side = rng.chance(0.5) ? Side::buy : Side::sell;
    order.quantity = Quantity::from_int(rng.between(0, 40));
    commands.push_back({Kind::broker_orders, 1, Event{order}});
  }
  CancelOrder cancel;
  cancel.request_id = RequestId("cancel-1");
  cancel.account = AccountId{1};
  cancel.order = OrderId{derive_id(Kind::broker_orders, 1, 3)};
  commands.push_back({Kind::broker_orders, 1, Event{cancel}});
  return commands;
}

std::string run(std::uint64_t seed, bool live, Planted planted = {}) {
  FaultOptions o;
  o.seed = seed;
  o.live = live;
  o.planted = planted;
  o.ticks = kTicks;
  o.clock_start = kOpen;
  o.tick = kLength / kTicks;
  o.rows_at_their_time = true;
  return testkit::run_faults(suite().specs(), rows_of(seed), commands_of(seed), o);
}

class Books final : public runtime::Sink {
 public:
  void on_output(Kind kind, const runtime::Output& o) override {
    ++counts[std::string(event_name(o.event))];
    if (const auto* i = std::get_if<OrderIntent>(&o.event)) {
      CHECK(intents.insert(i->order.value).second);  // no order is made twice
    }
    if (const auto* f = std::get_if<Fill>(&o.event)) {
      CHECK(fills.insert(f->fill.value).second);
      const Quantity signed_quantity = f->side == Side::buy ? f->quantity : -f->quantity;
      filled[f->instrument] += signed_quantity;
    }
    if (const auto* p = std::get_if<Position>(&o.event)) broker[p->instrument] = p->quantity;
    if (const auto* p = std::get_if<BookPosition>(&o.event)) books[p->instrument] = p->quantity;
    (void)kind;
  }
  std::map<std::string, std::uint64_t> counts;
  std::set<std::uint64_t> intents;
  std::set<std::uint64_t> fills;
  std::map<InstrumentId, Quantity> filled;
  std::map<InstrumentId, Quantity> broker;
  std::map<InstrumentId, Quantity> books;
};

std::uint64_t caught_at(Planted planted) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const std::string history = run(seed, false, planted);
    const std::string broke = history.empty() ? run(seed, true, planted) : history;
    if (broke.empty()) continue;
    std::printf("caught at seed %llu: %s\n", static_cast<unsigned long long>(seed), broke.c_str());
    return seed;
  }
  return 0;
}

}  // namespace

TEST_CASE("the clean fold trades, and broker, books and fills agree") {
  std::map<std::string, std::uint64_t> all;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto rows = rows_of(seed);
    testkit::VectorSource source(rows);
    Books seen;
    runtime::InlineHost host(suite().specs(), source, seen);
    host.run_to_end();
    INFO("seed " << seed);
    for (const auto& [instrument, quantity] : seen.filled) {
      CHECK(seen.broker[instrument] == quantity);
      CHECK(seen.books[instrument] == quantity);
    }
    CHECK(seen.counts["reconciliation_difference"] == 0);
    for (const auto& [name, count] : seen.counts) all[name] += count;
  }
  for (const auto& [name, count] : all) {
    std::printf("%8llu %s\n", static_cast<unsigned long long>(count), name.c_str());
  }
  for (const char* name :
       {"trade", "quote", "bar", "feature", "signal", "order_intent", "order_event", "fill",
        "position", "cash", "ledger_entry", "pnl", "quality"}) {
    INFO(name);
    CHECK(all[name] > 0);
  }
}

TEST_CASE("history under faults equals the clean fold") {
  for (std::uint64_t seed = 1; seed <= seeds(500); ++seed) {
    INFO("seed " << seed);
    REQUIRE(run(seed, false) == "");
  }
}

TEST_CASE("a live run under faults comes again from its journals") {
  for (std::uint64_t seed = 1; seed <= seeds(500); ++seed) {
    INFO("seed " << seed);
    REQUIRE(run(seed, true) == "");
  }
}

TEST_CASE("bugs planted in the suite's runtime are caught within 300 seeds") {
  SECTION("order by arrival") { CHECK(caught_at({.order_by_arrival = true}) > 0); }
  SECTION("checkpoint before the ack") { CHECK(caught_at({.checkpoint_before_ack = true}) > 0); }
  SECTION("publish before the commit") { CHECK(caught_at({.publish_before_commit = true}) > 0); }
  SECTION("epoch fence off") { CHECK(caught_at({.no_epoch_fence = true}) > 0); }
  SECTION("timers not in the state") { CHECK(caught_at({.timers_not_saved = true}) > 0); }
}
