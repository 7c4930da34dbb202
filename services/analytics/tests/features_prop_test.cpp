// The machine on random streams of bars, gaps, sessions and splits: restored in the middle it goes
// on with the same bytes, nothing looks ahead, and a damaged state is refused.
#include <cmath>

#include "feed.hpp"

using namespace bw;
using namespace bw::analytics;
using namespace bw::analytics::test;

namespace {

struct Moment {
  TimeNs time;
  Event event;
};

Event disturbance(Rng& rng, const Bar& near) {
  const TimeNs from = near.open_time - static_cast<TimeNs>(rng.below(90)) * kMinute;
  const TimeNs to = rng.chance(0.3) ? 0 : from + static_cast<TimeNs>(rng.below(60)) * kMinute;
  switch (rng.below(4)) {
    case 0:
      return CorporateAction{kSpy, CorporateActionKind::split,
                             utc_day(near.open_time) + static_cast<DayNumber>(rng.below(3)),
                             Quantity::from_int(rng.between(2, 9)), {}};
    case 1:
      return Session{kSpy, SessionState::closed, utc_day(near.open_time), near.close_time};
    default:
      return Gap{kSpy, static_cast<GapState>(rng.below(3)), GapCause::silence,
                 static_cast<Timeframe>(rng.below(6)), from, to, 1};
  }
}

/// Three sessions of minutes with holes, late bars, days of a provider, and what else may come.
std::vector<Moment> stream(Rng& rng, const calendar::Calendar& calendar) {
  std::vector<Moment> moments;
  double price = 80;
  DayNumber day = to_day_number({2015, 3, 5});  // the clocks change on 8 March
  for (int n = 0; n < 3; ++n, day = calendar.next_session(day)->day) {
    const auto bars = session_minutes(calendar, day, rng, price);
    for (std::size_t i = 0; i < bars.size(); ++i) {
      if (rng.chance(0.05)) continue;
      const TimeNs t = bars[i].close_time;
      moments.push_back({t, bars[i]});
      if (rng.chance(0.02)) moments.push_back({t, bars[rng.below(i + 1)]});
      if (rng.chance(0.02)) moments.push_back({t, disturbance(rng, bars[i])});
    }
    if (rng.chance(0.5)) {
      const auto s = *calendar.session(day);
      moments.push_back({s.close, make_bar(s.open, s.close - s.open, Timeframe::d1, price)});
    }
  }
  return moments;
}

Bytes state_of(const FeaturesMachine& machine) {
  Writer w;
  machine.save_unit(kSpy.value, w);
  return w.take();
}

}  // namespace

TEST_CASE("restored in the middle equals straight through; a prefix gives a prefix") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    const Config config = config_for(static_cast<CalendarId>(seed % 3));
    const auto moments = stream(rng, config.sessions.of(kSpy));
    const std::size_t cut = 1 + rng.below(moments.size() - 1);
    Feed straight(config);
    Feed first(config);
    Feed second(config);
    for (std::size_t i = 0; i < moments.size(); ++i) {
      if (i == cut) {
        REQUIRE(first.all == straight.all);
        const Bytes saved = state_of(first.machine);
        Reader in(saved);
        REQUIRE(second.machine.load_unit(kSpy.value, in).has_value());
        REQUIRE(in.finish("unit").has_value());
        REQUIRE(second.machine.units() == std::vector<Unit>{kSpy.value});
      }
      const auto expected = straight.step(moments[i].event, moments[i].time);
      REQUIRE((i < cut ? first : second).step(moments[i].event, moments[i].time) == expected);
    }
    REQUIRE(state_of(second.machine) == state_of(straight.machine));
  }
}

TEST_CASE("no feature looks ahead: it closes no later than what was read, and each only once") {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    const Config config = config_for(static_cast<CalendarId>(seed % 3));
    Feed feed(config);
    std::array<TimeNs, kTimeframeCount> last{};
    for (const Moment& m : stream(rng, config.sessions.of(kSpy))) {
      for (const Feature& f : feed.step(m.event, m.time)) {
        REQUIRE(f.bar_close <= m.time);
        REQUIRE(f.bar_open < f.bar_close);
        REQUIRE(f.data_from <= f.bar_open);
        REQUIRE(f.bar_open > last[index_of(f.timeframe)]);
        last[index_of(f.timeframe)] = f.bar_open;
        REQUIRE((f.gapped & ~f.valid) == 0);
        for (const double v : f.values) REQUIRE(std::isfinite(v));
      }
    }
    REQUIRE(feed.all.size() > 1'000);
  }
}

TEST_CASE("a state cut short, of another configuration or of no instrument is refused") {
  Rng rng(5);
  const Config config = config_for(CalendarId::nyse);
  Feed feed(config);
  for (const Moment& m : stream(rng, config.sessions.of(kSpy))) feed.step(m.event, m.time);
  const Bytes saved = state_of(feed.machine);
  for (std::size_t n = 0; n < saved.size(); n += n < 400 ? 1 : 97) {
    FeaturesMachine fresh(config);
    Reader in(std::string_view(saved).substr(0, n));
    REQUIRE_FALSE(fresh.load_unit(kSpy.value, in).has_value());
  }
  Config other = config;
  other.timeframes.bits = 1;
  FeaturesMachine fresh(other);
  Reader in(saved);
  CHECK(fresh.load_unit(kSpy.value, in).error().code == ErrorCode::failed_precondition);
  Reader again(saved);
  CHECK_FALSE(fresh.load_unit(0, again).has_value());
}
