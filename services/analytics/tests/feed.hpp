#pragma once
// Feeds events to the machine as a host would, and keeps what it says.
#include <catch2/catch.hpp>
#include <vector>

#include "analytics/core/features_machine.hpp"
#include "bellwether/base/rng.hpp"

namespace bw::analytics::test {

inline constexpr InstrumentId kSpy{7};

struct Feed {
  explicit Feed(const Config& config) : machine(config) {}

  /// Steps with `event` at its time; returns the features said because of it.
  std::vector<Feature> step(const Event& event, TimeNs time) {
    out.begin(time);
    out.outputs().clear();
    machine.step({time, Kind::market_bars, kSpy.value, ++seq, event}, out);
    std::vector<Feature> said;
    for (const runtime::Output& o : out.outputs()) {
      REQUIRE(o.unit == kSpy.value);
      REQUIRE(o.time == time);
      said.push_back(std::get<Feature>(o.event));
    }
    all.insert(all.end(), said.begin(), said.end());
    return said;
  }
  std::vector<Feature> bar(const Bar& b) { return step(b, b.close_time); }

  [[nodiscard]] std::vector<Feature> of(Timeframe tf) const {
    std::vector<Feature> some;
    for (const Feature& f : all) {
      if (f.timeframe == tf) some.push_back(f);
    }
    return some;
  }

  FeaturesMachine machine;
  runtime::Emit out;
  std::uint64_t seq = 0;
  std::vector<Feature> all;
};

inline Config config_for(CalendarId calendar) {
  Config c;
  c.sessions.set(kSpy, calendar);
  return c;
}

inline Bar make_bar(TimeNs open, DurationNs length, Timeframe tf, double close,
                    double volume = 100) {
  Bar b;
  b.instrument = kSpy;
  b.timeframe = tf;
  b.open_time = open;
  b.close_time = open + length;
  b.close = Price::from_double(close);
  b.open = b.close;
  b.high = Price::from_double(close * 1.001);
  b.low = Price::from_double(close * 0.999);
  b.volume = Quantity::from_double(volume);
  b.vwap = b.close;
  return b;
}

inline Bar minute(TimeNs open, double close, double volume = 100) {
  return make_bar(open, kMinute, Timeframe::m1, close, volume);
}

/// Minute bars of one session of `calendar`, closes on a random walk from `price`.
inline std::vector<Bar> session_minutes(const calendar::Calendar& calendar, DayNumber day, Rng& rng,
                                        double& price) {
  const auto session = calendar.session(day);
  REQUIRE(session.has_value());
  std::vector<Bar> bars;
  for (TimeNs t = session->open; t < session->close; t += kMinute) {
    price *= 1 + 0.0005 * rng.normal();
    bars.push_back(minute(t, price, static_cast<double>(100 + rng.below(900))));
  }
  return bars;
}

inline double value(const Feature& f, indicators::FeatureId id) {
  return f.values[indicators::slot_of(id)];
}
inline bool has(std::uint32_t bits, indicators::FeatureId id) {
  return (bits >> indicators::slot_of(id) & 1U) != 0;
}

}  // namespace bw::analytics::test
