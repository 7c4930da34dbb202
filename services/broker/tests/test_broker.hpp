#pragma once
// A broker with one stock and one coin, driven event by event; keeps what it published.
#include <memory>

#include "broker/core/machine.hpp"

namespace bw::broker::test {

inline Quantity q(const char* s) { return *Quantity::parse(s); }
inline Price p(const char* s) { return *Price::parse(s); }
inline Money m(const char* s) { return *Money::parse(s); }

inline constexpr InstrumentId kStock{1};
inline constexpr InstrumentId kCoin{2};
inline constexpr DurationNs kLag = 50 * kMillisecond;
/// 2015-01-05 14:30 UTC, a Monday's opening bell in New York.
inline const TimeNs kOpen = from_utc({2015, 1, 5}, 14 * kHour + 30 * kMinute);

inline Instrument instrument(InstrumentId id, CalendarId calendar, const char* lot) {
  Instrument i;
  i.id = id;
  i.tick_size = p("0.01");
  i.lot_size = q(lot);
  i.calendar = calendar;
  return i;
}

/// Account 1 with nothing that costs: no fees, no slippage, no volume limit.
inline Config plain_config() {
  Config c;
  c.instruments = {instrument(kStock, CalendarId::nyse, "1"),
                   instrument(kCoin, CalendarId::always_open, "0.001")};
  c.accounts.resize(1);
  c.accounts[0].id = AccountId(1);
  c.accounts[0].limits.max_position_bps = 10'000;
  c.venue.volume = {0, 0, 0};
  return c;
}

class TestBroker {
 public:
  explicit TestBroker(Config c = plain_config()) : config(std::move(c)) { restart(); }
  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  void restart() { machine = std::make_unique<BrokerOrders>(config, runtime::Ownership{}); }

  template <class E>
  void send(Kind kind, Unit unit, const E& event) {
    const Event e{event};
    emit.begin(now);
    machine->step({now, kind, unit, 0, e}, emit);
    for (const runtime::Output& o : emit.outputs()) said.push_back(o);
    emit.outputs().clear();
    (void)emit.take_changed();
  }

  /// A minute bar that closes a minute after the last one, and comes kLag later.
  void bar(const char* open, const char* high, const char* low, const char* close,
           const char* volume = "100000", InstrumentId id = kStock) {
    Bar b;
    b.instrument = id;
    b.timeframe = Timeframe::m1;
    b.open_time = source;
    b.close_time = source + kMinute;
    b.open = p(open);
    b.high = p(high);
    b.low = p(low);
    b.close = p(close);
    b.volume = q(volume);
    source += kMinute;
    now = source + kLag;
    send(Kind::market_bars, id.value, b);
  }
  void flat_bar(const char* price) { bar(price, price, price, price); }
  void quote(const char* bid, const char* bid_size, const char* ask, const char* ask_size) {
    Quote x;
    x.instrument = kStock;
    x.bid = p(bid);
    x.bid_size = q(bid_size);
    x.ask = p(ask);
    x.ask_size = q(ask_size);
    now += kMillisecond;
    x.source_time = now;
    send(Kind::market_ticks, 1, x);
  }
  void trade(const char* price, const char* size) {
    Trade x;
    x.instrument = kStock;
    x.price = p(price);
    x.size = q(size);
    now += kMillisecond;
    x.source_time = now;
    send(Kind::market_ticks, 1, x);
  }
  void session(SessionState state, DayNumber date, TimeNs at) {
    Session s;
    s.instrument = kStock;
    s.state = state;
    s.date = date;
    s.at = at;
    send(Kind::market_bars, 1, s);
  }

  /// A command with a fresh request id, at this very moment.
  SubmitOrder order(Side side, const char* quantity, OrderType type = OrderType::market,
                    TimeInForce tif = TimeInForce::gtc, const char* limit = "0",
                    const char* stop = "0", InstrumentId id = kStock) {
    SubmitOrder o;
    o.request_id = RequestId("r" + std::to_string(++requests));
    o.account = AccountId(1);
    o.instrument = id;
    o.side = side;
    o.type = type;
    o.time_in_force = tif;
    o.quantity = q(quantity);
    o.limit_price = p(limit);
    o.stop_price = p(stop);
    return o;
  }
  /// Its order id, or none where it was refused.
  OrderId submit(const SubmitOrder& o, Unit account = 1) {
    const std::size_t before = said.size();
    send(Kind::source, account, o);
    for (std::size_t i = before; i < said.size(); ++i) {
      if (const auto* intent = std::get_if<OrderIntent>(&said[i].event)) return intent->order;
    }
    return {};
  }
  void cancel(OrderId id) {
    CancelOrder c;
    c.request_id = RequestId("c" + std::to_string(++requests));
    c.account = AccountId(1);
    c.order = id;
    send(Kind::source, 1, c);
  }
  void kill(bool engaged) {
    SetKillSwitch k;
    k.request_id = RequestId("k" + std::to_string(++requests));
    k.engaged = engaged;
    send(Kind::source, 1, k);
  }
  Signal signal(Direction direction, double fraction = 0.05, const char* stop = "0",
                const char* take = "0") {
    Signal s;
    s.id = SignalId(derive_id(Kind::confluence_signals, 1, ++signals));
    s.strategy = StrategyId(7);
    s.instrument = kStock;
    s.direction = direction;
    s.sizing = {SizingMethod::fixed_fraction, fraction, 0, 0};
    s.stop_loss = p(stop);
    s.take_profit = p(take);
    return s;
  }
  void give(const Signal& s) { send(Kind::confluence_signals, s.instrument.value, s); }

  template <class E>
  [[nodiscard]] std::vector<E> all(Unit account = 1) const {
    std::vector<E> found;
    for (const runtime::Output& o : said) {
      if (o.unit != account) continue;
      if (const auto* e = std::get_if<E>(&o.event)) found.push_back(*e);
    }
    return found;
  }
  template <class E>
  [[nodiscard]] E last(Unit account = 1) const {
    const auto found = all<E>(account);
    return found.empty() ? E{} : found.back();
  }
  /// The newest event of an order.
  [[nodiscard]] OrderEvent event(OrderId id) const {
    OrderEvent e;
    for (const auto& x : all<OrderEvent>(unit_of_id(id.value))) {
      if (x.order == id) e = x;
    }
    return e;
  }
  [[nodiscard]] std::size_t open_orders() const {
    std::size_t n = 0;
    for (const Desk& d : machine->account(AccountId(1))->desks) n += d.book.size();
    return n;
  }
  [[nodiscard]] Quantity held(InstrumentId id = kStock) const {
    for (const Desk& d : machine->account(AccountId(1))->desks) {
      if (d.holding.instrument == id) return d.holding.quantity;
    }
    return {};
  }

  Config config;
  std::unique_ptr<BrokerOrders> machine;
  runtime::Emit emit;
  TimeNs source = kOpen;
  TimeNs now = kOpen + kLag;
  std::vector<runtime::Output> said;
  int requests = 0;
  std::uint64_t signals = 0;
};

}  // namespace bw::broker::test
