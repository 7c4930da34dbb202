// Simulated rows through ingestion's machines: clean ones are believed, spoilt ones are found.
#include <catch2/catch.hpp>
#include <map>

#include "bellwether/runtime/inline_host.hpp"
#include "ingestion/core/bars_machine.hpp"
#include "ingestion/core/ticks_machine.hpp"
#include "ingestion/simulator/simulator.hpp"

using namespace bw;
using namespace bw::ingestion;
using namespace bw::ingestion::simulator;

namespace {

class Count final : public runtime::Sink {
 public:
  void on_output(Kind kind, const runtime::Output& o) override {
    bars += std::holds_alternative<Bar>(o.event) ? 1 : 0;
    trades += std::holds_alternative<Trade>(o.event) ? 1 : 0;
    if (const auto* q = std::get_if<Quality>(&o.event)) {
      ++quality[q->reason];
      last = std::string(q->detail.view()) + " at " + format_utc(q->source_time);
    }
    if (const auto* g = std::get_if<Gap>(&o.event); g != nullptr && kind == Kind::market_bars) {
      missing += g->state == GapState::closed ? g->missing : 0;
    }
    if (const auto* s = std::get_if<Session>(&o.event)) ++sessions[s->state];
  }
  std::uint64_t bars = 0;
  std::uint64_t trades = 0;
  std::uint64_t missing = 0;
  std::map<QualityReason, int> quality;
  std::map<SessionState, int> sessions;
  std::string last;
};

Count judge(const simulator::Options& options) {
  auto source = Simulator::make(options);
  REQUIRE(source);
  std::vector<Instrument> instruments;
  for (const Profile& p : kProfiles) instruments.push_back(instrument_of(p));
  ingestion::Config config;
  const auto reference = Reference::make(instruments);
  REQUIRE(reference);
  config.reference = *reference;
  Count count;
  runtime::InlineHost host({ticks_spec(config), bars_spec(config)}, *source, count);
  host.run_to_end();
  return count;
}

simulator::Options weeks() {
  simulator::Options o;
  o.seed = 17;
  o.start = from_utc({2024, 3, 4});
  o.end = from_utc({2024, 3, 16});
  o.mode = Mode::bars;
  return o;
}

}  // namespace

TEST_CASE("clean simulated bars are all believed, and a halt is no gap") {
  simulator::Options o = weeks();
  o.halts_per_day = 0.2;
  std::uint64_t made = 0;
  auto source = Simulator::make(o);
  REQUIRE(source);
  while (const auto* row = source->next()) {
    made += std::holds_alternative<RawBar>(row->event) ? 1 : 0;
  }
  const Count c = judge(o);
  INFO(c.last);
  CHECK(c.bars == made);
  CHECK(c.quality.empty());
  CHECK(c.missing == 0);
  CHECK(c.sessions.at(SessionState::halted) > 10);
  CHECK(c.sessions.at(SessionState::halted) == c.sessions.at(SessionState::resumed));
}

TEST_CASE("spoilt simulated bars are quarantined by their reasons") {
  simulator::Options o = weeks();
  o.dirt = 0.002;
  Count c = judge(o);
  CHECK(c.quality[QualityReason::price_spike] > 10);
  CHECK(c.quality[QualityReason::zero_price] > 10);
  CHECK(c.quality[QualityReason::high_below_low] > 10);
  CHECK(c.quality[QualityReason::duplicate] > 10);
  CHECK(c.missing > 100);
}

TEST_CASE("clean simulated trades and quotes are all believed, and make the minutes' bars") {
  simulator::Options o = weeks();
  o.mode = Mode::ticks;
  o.end = o.start + 2 * kDay;
  o.trades_per_minute = 3;
  o.halts_per_day = 0.2;
  std::uint64_t made = 0;
  std::map<std::pair<Unit, TimeNs>, int> minutes;
  auto source = Simulator::make(o);
  REQUIRE(source);
  while (const auto* row = source->next()) {
    const auto* trade = std::get_if<RawTrade>(&row->event);
    if (trade == nullptr) continue;
    ++made;
    ++minutes[{row->unit, trade->trade.source_time / kMinute}];
  }
  const Count c = judge(o);
  INFO(c.last);
  CHECK(c.trades == made);
  // The last minute of the stream is complete only when the next one's rows come.
  CHECK(c.bars <= minutes.size());
  CHECK(c.bars + kInstrumentCount >= minutes.size());
  CHECK(c.quality.empty());
  CHECK(c.missing == 0);
}

TEST_CASE("spoilt simulated trades and quotes are quarantined by their reasons") {
  simulator::Options o = weeks();
  o.mode = Mode::ticks;
  o.end = o.start + 2 * kDay;
  o.trades_per_minute = 3;
  o.dirt = 0.01;
  Count c = judge(o);
  for (const QualityReason reason :
       {QualityReason::price_spike, QualityReason::zero_price, QualityReason::negative_price,
        QualityReason::duplicate, QualityReason::time_backwards, QualityReason::crossed_quote,
        QualityReason::flagged_by_source}) {
    INFO(static_cast<int>(reason));
    CHECK(c.quality[reason] > 10);
  }
}
