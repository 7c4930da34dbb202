#include <catch2/catch.hpp>

#include "bellwether/servers/private_postgres.hpp"
#include "confluence/shell/signal_history.hpp"
#include "confluence/shell/signal_queries.hpp"

using namespace bw;
using namespace bw::confluence;
using runtime::MachineId;
using runtime::Record;
using runtime::What;

namespace {

constexpr MachineId kSignals{Kind::confluence_signals, 0};
constexpr TimeNs kStart = 1'417'392'000'000'000'001;  // 2014-12-01 00:00 UTC and 1 ns

Signal signal_of(std::uint64_t seq, Direction direction, double score) {
  Signal s;
  s.id = SignalId{derive_id(Kind::confluence_signals, 3, seq)};
  s.strategy = StrategyId{2};
  s.instrument = InstrumentId{3};
  s.timeframe = Timeframe::m15;
  s.direction = direction;
  s.strategy_version = 0xfedc'ba98'7654'3210;
  s.score = score;
  s.confidence = 1.0 / 3;
  s.reference_price = Price::from_raw(20'123'456'789);
  s.stop_loss = Price::from_raw(1);
  s.data_from = kStart - kHour;
  s.data_to = kStart;
  s.sizing = {SizingMethod::volatility_target, 0, 0.1, 0.2345};
  s.contributions.push_back({4, Timeframe::h1, true, -1e-17, 0.1, 0.30000000000000004});
  s.contributions.push_back({5, Timeframe::m15, false, 0, 0, 0});
  return s;
}

Record record(std::uint64_t n, const Event& event) {
  return {What::out, 1, n,    kStart + static_cast<TimeNs>(n) * kHour, Kind::confluence_signals,
          3,         n, event};
}

}  // namespace

TEST_CASE("signals and hold-backs come back bit for bit, by filter and by id") {
  servers::PrivatePostgres::Options options;
  options.durable = false;
  auto server = servers::PrivatePostgres::start(options);
  if (!server) FAIL(server.error().text());
  SignalQueries q((*server)->uri());
  CHECK(q.signals({}).error().code == ErrorCode::failed_precondition);
  auto all = postgres::runtime_migrations();
  for (auto& m : migrations()) all.push_back(m);
  if (auto r = postgres::migrate((*server)->uri(), all); !r) FAIL(r.error().text());
  postgres::HistoryWriter writer((*server)->uri(), "test", signal_tables());
  const Signal up = signal_of(1, Direction::long_, 0.1 + 0.2);
  const Signal down = signal_of(2, Direction::short_, -0.9);
  HoldBack held{StrategyId{2},
                InstrumentId{3},
                Timeframe::m15,
                HoldBackReason::gap,
                Direction::long_,
                0xfedc'ba98'7654'3210,
                0.7,
                kStart,
                kStart + 1};
  const std::vector<Record> records = {record(1, Event{up}), record(2, Event{down}),
                                       record(3, Event{held})};
  auto written = writer.write(kSignals, records, {3, 3, 1, 0});
  if (!written) FAIL(written.error().text());
  CHECK(*written == 3);
  CHECK(writer.write(kSignals, records, {3, 3, 1, 0}).value() == 0);

  auto rows = q.signals({});
  if (!rows) FAIL(rows.error().text());
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].signal == down);  // newest first
  CHECK((*rows)[1].signal == up);
  CHECK((*rows)[1].at == kStart + kHour);
  SignalFilter filter;
  filter.direction = Direction::long_;
  CHECK(q.signals(filter)->size() == 1);
  filter = {};
  filter.min_score = 0.5;
  CHECK(q.signals(filter)->front().signal == down);
  filter = {};
  filter.strategy = StrategyId{9};
  CHECK(q.signals(filter)->empty());
  filter = {};
  filter.to = kStart + 2 * kHour;
  CHECK(q.signals(filter)->size() == 1);
  auto one = q.signal(up.id);
  REQUIRE(one);
  CHECK(one->signal == up);
  CHECK(q.signal(SignalId{1}).error().code == ErrorCode::not_found);
  auto held_back = q.hold_backs({});
  REQUIRE(held_back);
  REQUIRE(held_back->size() == 1);
  CHECK((*held_back)[0].hold_back == held);
  CHECK((*held_back)[0].at == kStart + 3 * kHour);
}
