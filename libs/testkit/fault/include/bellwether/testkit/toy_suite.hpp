#pragma once
// Toy machines that hold hosts to the contract: every output carries a hash of all that its unit
// has seen, so any loss, double or other order shows.
#include <map>
#include <memory>
#include <vector>

#include "bellwether/base/rng.hpp"
#include "bellwether/runtime/machine.hpp"

namespace bw::testkit {

inline constexpr Unit kToyUnits = 4;

struct ToyUnit {
  std::uint64_t hash = 0;
  std::int64_t sum = 0;
  std::int64_t level = 0;
  std::int64_t position = 0;
  std::map<std::uint32_t, std::int64_t> marks;
};

/// One class for all kinds: what it does depends on its kind.
class Toy final : public runtime::Machine {
 public:
  Toy(Kind kind, runtime::Ownership ownership) : kind_(kind) {
    for (Unit u = 1; u <= kToyUnits; ++u) {
      if (ownership.owns(u)) units_[u];
    }
  }
  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override {
    const bool own = in.kind == kind_ || in.kind == Kind::source || kind_ < Kind::broker_orders ||
                     (kind_ == Kind::portfolio_books && in.kind == Kind::broker_orders);
    if (own) {
      handle(in.unit, units_[in.unit], in, out);
      return;
    }
    for (auto& [unit, state] : units_) handle(unit, state, in, out);
  }
  std::vector<Unit> units() const override {
    std::vector<Unit> all;
    for (const auto& [unit, state] : units_) all.push_back(unit);
    return all;
  }
  void save_unit(Unit unit, Writer& w) const override {
    const ToyUnit& s = units_.at(unit);
    w.put(s.hash);
    w.put(s.sum);
    w.put(s.level);
    w.put(s.position);
    w.put(static_cast<std::uint32_t>(s.marks.size()));
    for (const auto& [k, v] : s.marks) {
      w.put(k);
      w.put(v);
    }
  }
  Result<void> load_unit(Unit unit, Reader& r) override {
    ToyUnit& s = units_[unit];
    r.get(s.hash);
    r.get(s.sum);
    r.get(s.level);
    r.get(s.position);
    s.marks.clear();
    for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
      const auto k = r.get<std::uint32_t>();
      r.get(s.marks[k]);
    }
    return {};
  }

 private:
  static std::int64_t value_of(const Event& e) {
    if (const auto* m = std::get_if<Mark>(&e)) return m->price.raw();
    if (const auto* f = std::get_if<Feature>(&e)) return f->close.raw();
    if (const auto* s = std::get_if<Signal>(&e)) return s->reference_price.raw();
    if (const auto* p = std::get_if<Position>(&e)) return p->average_cost.raw();
    if (const auto* t = std::get_if<Timer>(&e)) return static_cast<std::int64_t>(t->id);
    return 0;
  }
  static std::uint64_t hash_of(const Event& e) {
    if (const auto* m = std::get_if<Mark>(&e)) return static_cast<std::uint64_t>(m->source_time);
    if (const auto* f = std::get_if<Feature>(&e)) return f->feature_set;
    if (const auto* s = std::get_if<Signal>(&e)) return s->strategy_version;
    if (const auto* p = std::get_if<Position>(&e))
      return static_cast<std::uint64_t>(p->realised.raw());
    return e.index();
  }
  /// In an event that the kind's topic holds: what a toy says must pass through the codec.
  void say(Unit unit, ToyUnit& s, std::int64_t value, runtime::Emit& out) {
    const auto half = static_cast<std::int64_t>(s.hash >> 1);
    switch (kind_) {
      case Kind::market_bars:
        out.publish(unit, Mark{InstrumentId{unit}, Price::from_raw(value), half});
        break;
      case Kind::analytics_features: {
        Feature f;
        f.close = Price::from_raw(value);
        f.feature_set = s.hash;
        out.publish(unit, f);
        break;
      }
      case Kind::confluence_signals: {
        Signal signal;
        signal.reference_price = Price::from_raw(value);
        signal.strategy_version = s.hash;
        out.publish(unit, signal);
        break;
      }
      case Kind::broker_orders:
        out.publish(
            unit, Position{AccountId{unit}, {}, {}, Price::from_raw(value), Money::from_raw(half)});
        break;
      default:
        out.publish(
            unit,
            BookPosition{AccountId{unit}, {}, {}, Price::from_raw(value), Money::from_raw(half)});
    }
  }
  void handle(Unit unit, ToyUnit& s, const runtime::Stamped& in, runtime::Emit& out) {
    const std::int64_t v = value_of(in.event);
    for (const std::uint64_t part :
         {static_cast<std::uint64_t>(in.time), static_cast<std::uint64_t>(in.kind),
          static_cast<std::uint64_t>(in.unit), in.seq, static_cast<std::uint64_t>(v),
          hash_of(in.event)}) {
      s.hash = mix64(s.hash ^ (part + 0x9e3779b97f4a7c15ULL));
    }
    out.touch(unit);
    const bool timer = in.kind == kind_;
    switch (kind_) {
      case Kind::market_bars:
        say(unit, s, v, out);
        if (!timer && v % 7 == 0) out.set_timer(unit, in.time + 2, 0);
        break;
      case Kind::analytics_features:
        s.sum = (3 * s.sum + v) / 4;
        if (timer || v % 2 == 1) say(unit, s, s.sum, out);
        if (!timer && v % 5 == 0) out.set_timer(unit, in.time + 3, 0);
        break;
      case Kind::confluence_signals:
        s.sum += v;
        if (s.sum / 120 > s.level) {
          s.level = s.sum / 120;
          say(unit, s, s.hash % 2 == 0 ? 1 : -1, out);
        }
        break;
      case Kind::broker_orders:
        if (in.kind == Kind::market_bars) s.marks[in.unit] = v;
        if (in.kind == Kind::confluence_signals && (in.unit + unit) % 2 == 0) {
          s.position += v;
          say(unit, s, s.position, out);
          out.set_timer(unit, in.time + 5, 0);
        }
        if (in.kind == Kind::source || timer) say(unit, s, v, out);
        break;
      default:
        if (in.kind == Kind::market_bars) {
          s.marks[in.unit] = v;
          if (v % 4 == 0) out.set_timer(unit, in.time + 1, 0);
        } else {
          say(unit, s, v + static_cast<std::int64_t>(s.marks.size()), out);
        }
    }
  }
  Kind kind_;
  std::map<Unit, ToyUnit> units_;
};

template <Kind K>
std::unique_ptr<runtime::Machine> make_toy(const void*, runtime::Ownership o) {
  return std::make_unique<Toy>(K, o);
}

inline std::vector<runtime::MachineSpec> toy_suite() {
  const auto own = runtime::Delivery::partitioned;
  const auto all = runtime::Delivery::broadcast;
  std::vector<runtime::MachineSpec> suite(5);
  suite[0] = {
      Kind::market_bars, {{Kind::source, own}}, false, make_toy<Kind::market_bars>, nullptr};
  suite[1] = {Kind::analytics_features,
              {{Kind::market_bars, own}},
              false,
              make_toy<Kind::analytics_features>,
              nullptr};
  suite[2] = {Kind::confluence_signals,
              {{Kind::analytics_features, own}, {Kind::market_bars, own}},
              false,
              make_toy<Kind::confluence_signals>,
              nullptr};
  suite[3] = {Kind::broker_orders,
              {{Kind::confluence_signals, all}, {Kind::market_bars, all}},
              true,
              make_toy<Kind::broker_orders>,
              nullptr};
  suite[4] = {Kind::portfolio_books,
              {{Kind::broker_orders, own}, {Kind::market_bars, all}},
              true,
              make_toy<Kind::portfolio_books>,
              nullptr};
  return suite;
}

/// One row or none a unit and time, at 5, 10, … below `until`.
inline std::vector<runtime::Source::Row> toy_rows(std::uint64_t seed, TimeNs until = 80) {
  Rng rng(seed);
  std::vector<runtime::Source::Row> rows;
  std::map<Unit, std::uint64_t> seqs;
  for (TimeNs t = 5; t < until; t += 5) {
    for (Unit u = 1; u <= kToyUnits; ++u) {
      if (!rng.chance(0.8)) continue;
      Mark m;
      m.instrument = InstrumentId{u};
      m.price = Price::from_raw(rng.between(1, 60));
      m.source_time = t;
      rows.push_back({t, u, ++seqs[u], Kind::market_bars, Event{m}});
    }
  }
  return rows;
}

}  // namespace bw::testkit
