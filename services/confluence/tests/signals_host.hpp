#pragma once
// Drives one ConfluenceSignals by hand: features in, signals and hold-backs out; and strategies to
// drive it by.
#include <initializer_list>
#include <vector>

#include "confluence/core/machine.hpp"

namespace bw::confluence {

inline constexpr Unit kApple = 7;
/// A Monday, 09:00 UTC.
inline constexpr TimeNs kStart = 1'416'819'600 * kSecond;

inline Normaliser linear(double low, double high) {
  Normaliser n;
  n.kind = NormaliserKind::linear;
  n.low = low;
  n.high = high;
  return n;
}

inline Component component(const char* feature, Timeframe tf, Normaliser n, double weight = 1) {
  Component c;
  c.name = std::string(feature) + "@" + std::to_string(static_cast<int>(tf));
  c.timeframe = tf;
  c.feature = feature;
  c.normaliser = n;
  c.weight = weight;
  return c;
}

/// One component: percent b, 0 … 1 onto -1 … 1; so that a test can say a score outright.
inline Strategy simple(const char* name = "simple") {
  Strategy s;
  s.name = name;
  s.id = strategy_id(name);
  s.content_hash = fnv1a(name);
  s.timeframe = Timeframe::m1;
  s.all_instruments = true;
  s.components = {component("bollinger_percent_b", Timeframe::m1, linear(0, 1))};
  s.enter = 0.5;
  s.exit = 0.125;
  s.sizing.method = SizingMethod::fixed_fraction;
  s.sizing.fraction = 0.05;
  return s;
}

inline Feature feature(Timeframe tf, TimeNs close_time, const char* close,
                       std::initializer_list<std::pair<const char*, double>> values) {
  Feature f;
  f.instrument = InstrumentId{kApple};
  f.timeframe = tf;
  f.count = indicators::kFeatureCount;
  f.feature_set = indicators::feature_set_hash();
  f.bar_open = close_time - duration_of(tf);
  f.bar_close = close_time;
  f.data_from = f.bar_open;
  f.close = *Price::parse(close);
  for (const auto& [name, value] : values) {
    const std::size_t slot = *indicators::find_feature(name);
    f.valid |= 1U << slot;
    f.values[slot] = value;
  }
  return f;
}

struct SignalsHost {
  explicit SignalsHost(const Config& config) : machine(config) {}

  void step(Kind kind, Unit unit, const Event& event) {
    ++now;
    emit.begin(now);
    machine.step({now, kind, unit, ++seq, event}, emit);
    for (auto& o : emit.outputs()) out.push_back(o);
    emit.outputs().clear();
  }
  void feature(const Feature& f) { step(Kind::analytics_features, f.instrument.value, Event{f}); }
  /// A minute that closes `minute` after kStart with that score for simple().
  void score(int minute, double score) {
    feature(bw::confluence::feature(Timeframe::m1, kStart + minute * kMinute, "100",
                                    {{"bollinger_percent_b", (score + 1) / 2}}));
  }
  void gap(GapState state, TimeNs from, TimeNs to) {
    Gap g;
    g.instrument = InstrumentId{kApple};
    g.state = state;
    g.from = from;
    g.to = to;
    step(Kind::market_bars, kApple, Event{g});
  }
  template <class E>
  [[nodiscard]] std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& o : out) {
      if (const auto* e = std::get_if<E>(&o.event)) found.push_back(*e);
    }
    return found;
  }
  template <class E>
  [[nodiscard]] E last() const {
    const auto found = all<E>();
    BW_ASSERT(!found.empty(), "nothing of that type was said");
    return found.back();
  }
  /// "long short flat" of the signals since the last call.
  [[nodiscard]] std::string directions() {
    std::string text;
    for (const Signal& s : all<Signal>()) {
      text += text.empty() ? "" : " ";
      text += s.direction == Direction::long_  ? "long"
              : s.direction == Direction::flat ? "flat"
                                               : "short";
    }
    out.clear();
    return text;
  }

  ConfluenceSignals machine;
  runtime::Emit emit;
  std::vector<runtime::Output> out;
  TimeNs now = 0;
  std::uint64_t seq = 0;
};

}  // namespace bw::confluence
