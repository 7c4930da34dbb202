#pragma once
// Drives one PortfolioBooks by hand: events in, what it said out.
#include <vector>

#include "portfolio/core/machine.hpp"

namespace bw::portfolio {

struct TestHost {
  explicit TestHost(const Config& config) : machine(config) {}

  /// Runs what is due before the next event, too.
  void step(Kind kind, Unit unit, const Event& event) {
    now += 2;
    while (emit.has_timer() && emit.next_due() < now) {
      const auto t = emit.pop_timer();
      one(t.due, Kind::portfolio_books, t.unit, Event{Timer{t.id, t.tag}});
    }
    one(now, kind, unit, event);
  }
  void one(TimeNs time, Kind kind, Unit unit, const Event& event) {
    emit.begin(time);
    machine.step({time, kind, unit, ++seq, event}, emit);
    for (auto& o : emit.outputs()) out.push_back(o);
    emit.outputs().clear();
    changed = emit.take_changed();
  }
  void cash(Unit account, const char* amount) {
    Cash c;
    c.account = AccountId{account};
    c.cash = *Money::parse(amount);
    step(Kind::broker_orders, account, Event{c});
  }
  void position(Unit account, std::uint32_t instrument, const char* quantity) {
    Position p;
    p.account = AccountId{account};
    p.instrument = InstrumentId{instrument};
    p.quantity = *Quantity::parse(quantity);
    step(Kind::broker_orders, account, Event{p});
  }
  void fill(Unit account, std::uint32_t instrument, Side side, const char* quantity,
            const char* price, const char* fee = "0") {
    Fill f;
    f.account = AccountId{account};
    f.instrument = InstrumentId{instrument};
    f.side = side;
    f.quantity = *Quantity::parse(quantity);
    f.price = *Price::parse(price);
    f.fee = *Money::parse(fee);
    step(Kind::broker_orders, account, Event{f});
  }
  void bar(std::uint32_t instrument, TimeNs close_time, const char* close) {
    Bar b;
    b.instrument = InstrumentId{instrument};
    b.timeframe = Timeframe::m1;
    b.open_time = close_time - kMinute;
    b.close_time = close_time;
    b.close = *Price::parse(close);
    step(Kind::market_bars, instrument, Event{b});
  }
  void mark(std::uint32_t instrument, TimeNs time, const char* price) {
    step(Kind::market_bars, instrument,
         Event{Mark{InstrumentId{instrument}, *Price::parse(price), time}});
  }
  void session(std::uint32_t instrument, SessionState state) {
    Session s;
    s.instrument = InstrumentId{instrument};
    s.state = state;
    step(Kind::market_bars, instrument, Event{s});
  }
  void split(std::uint32_t instrument, const char* ratio) {
    CorporateAction a;
    a.instrument = InstrumentId{instrument};
    a.kind = CorporateActionKind::split;
    a.ratio = *Quantity::parse(ratio);
    step(Kind::market_bars, instrument, Event{a});
  }
  void dividend(std::uint32_t instrument, const char* amount) {
    CorporateAction a;
    a.instrument = InstrumentId{instrument};
    a.kind = CorporateActionKind::dividend;
    a.amount = *Money::parse(amount);
    step(Kind::market_bars, instrument, Event{a});
  }
  template <class E>
  [[nodiscard]] std::vector<E> take() const {
    std::vector<E> found;
    for (const auto& o : out) {
      if (const auto* e = std::get_if<E>(&o.event)) found.push_back(*e);
    }
    return found;
  }
  template <class E>
  [[nodiscard]] E last() const {
    const auto all = take<E>();
    BW_ASSERT(!all.empty(), "nothing of that type was said");
    return all.back();
  }

  PortfolioBooks machine;
  runtime::Emit emit;
  std::vector<runtime::Output> out;
  std::vector<Unit> changed;
  TimeNs now = 0;
  std::uint64_t seq = 0;
};

}  // namespace bw::portfolio
