#include <catch2/catch.hpp>
#include <map>

#include "bellwether/base/rng.hpp"
#include "broker/core/order_state.hpp"
#include "test_broker.hpp"

using namespace bw;
using namespace bw::broker;
using namespace bw::broker::test;

namespace {

struct Input {
  TimeNs time = 0;
  Kind kind = Kind::source;
  Unit unit = 0;
  Event event;
};

// A market of two instruments, and everything that accounts may be asked, at random. It does not
// look at what the broker answers, so every broker can be given the same.
class Script {
 public:
  explicit Script(std::uint64_t seed, int minutes = 240) : rng_(seed) {
    for (int i = 0; i < minutes; ++i) minute(i);
  }
  std::vector<Input> inputs;

 private:
  template <class E>
  void add(Kind kind, Unit unit, const E& e) {
    inputs.push_back({now_, kind, unit, Event{e}});
  }
  void minute(int i) {
    if (i % 80 == 0) session(SessionState::opened);
    now_ += 10 * kSecond;
    if (rng_.chance(0.2)) command();
    if (i % 80 >= 60 && rng_.chance(0.5)) tick();
    now_ = source_ + kMinute + kLag;
    for (const InstrumentId id : {kStock, kCoin}) bar(id);
    source_ += kMinute;
    if (i % 80 == 79) session(SessionState::closed);
    if (rng_.chance(0.02)) action();
    if (rng_.chance(0.15)) signal();
    if (rng_.chance(0.3)) command();
    if (i % 80 == 79) {
      source_ += kDay;
      now_ += kDay;
    }
  }
  Price near() {
    return Price::from_raw(price_ * rng_.between(90, 110) / 100 * 1'000'000);
  }
  void bar(InstrumentId id) {
    Bar b;
    b.instrument = id;
    b.timeframe = Timeframe::m1;
    b.open_time = source_;
    b.close_time = source_ + kMinute;
    const std::int64_t open = price_ + rng_.between(-150, 150);
    price_ = std::max<std::int64_t>(500, open + rng_.between(-200, 205));
    const auto cents = [](std::int64_t c) { return Price::from_raw(c * 1'000'000); };
    b.open = cents(open);
    b.close = cents(price_);
    b.high = cents(std::max(open, price_) + rng_.between(0, 100));
    b.low = cents(std::min(open, price_) - rng_.between(0, 100));
    b.volume = Quantity::from_int(rng_.between(0, 3'000));
    add(Kind::market_bars, id.value, b);
  }
  void tick() {
    Quote x;
    x.instrument = kStock;
    x.bid = Price::from_raw((price_ - rng_.between(1, 20)) * 1'000'000);
    x.ask = Price::from_raw((price_ + rng_.between(1, 20)) * 1'000'000);
    x.bid_size = x.ask_size = Quantity::from_int(rng_.between(0, 300));
    if (rng_.chance(0.1)) x.ask = {};
    x.source_time = now_;
    add(Kind::market_ticks, 1, x);
  }
  void session(SessionState state) {
    Session s;
    s.instrument = kStock;
    s.state = state;
    s.date = utc_day(source_);
    s.at = source_;
    add(Kind::market_bars, 1, s);
  }
  void action() {
    CorporateAction a;
    a.instrument = kStock;
    a.kind = rng_.chance(0.5) ? CorporateActionKind::split : CorporateActionKind::dividend;
    a.ratio = rng_.chance(0.5) ? q("2") : q("0.5");
    a.amount = Money::from_raw(rng_.between(1, kDecimalOne));
    add(Kind::market_bars, 1, a);
  }
  void signal() {
    Signal s;
    s.id = SignalId(derive_id(Kind::confluence_signals, 1, ++count_));
    s.strategy = StrategyId(static_cast<std::uint32_t>(rng_.between(7, 8)));
    s.instrument = rng_.chance(0.7) ? kStock : kCoin;
    s.direction = static_cast<Direction>(rng_.below(3));
    s.sizing = {SizingMethod::fixed_fraction, 0.2 * rng_.uniform(), 0, 0};
    const bool up = s.direction == Direction::long_;
    const auto away = [&](bool above) {
      const std::int64_t percent = above ? rng_.between(101, 104) : rng_.between(96, 99);
      return Price::from_raw(price_ * percent / 100 * 1'000'000);
    };
    if (rng_.chance(0.7)) s.stop_loss = away(!up);
    if (rng_.chance(0.7)) s.take_profit = away(up);
    add(Kind::confluence_signals, s.instrument.value, s);
  }
  void command() {
    const auto unit = static_cast<Unit>(rng_.between(1, 3));
    const RequestId id("q" + std::to_string(rng_.chance(0.05) ? count_ : ++count_));
    if (rng_.chance(0.15)) {
      CancelOrder c;
      c.request_id = id;
      c.account = AccountId(unit);
      c.order = OrderId(derive_id(Kind::broker_orders, unit, rng_.below(300)));
      return add(Kind::source, unit, c);
    }
    if (rng_.chance(0.03)) {
      SetKillSwitch k;
      k.request_id = id;
      k.engaged = rng_.chance(0.4);
      return add(Kind::source, unit, k);
    }
    SubmitOrder o;
    o.request_id = id;
    o.account = AccountId(unit);
    o.instrument = rng_.chance(0.8) ? kStock : kCoin;
    o.side = rng_.chance(0.5) ? Side::buy : Side::sell;
    o.type = static_cast<OrderType>(rng_.between(1, 4));
    o.time_in_force = static_cast<TimeInForce>(rng_.between(1, 4));
    o.quantity = Quantity::from_int(rng_.between(1, 120));
    if (o.type == OrderType::limit || o.type == OrderType::stop_limit) o.limit_price = near();
    if (o.type == OrderType::stop || o.type == OrderType::stop_limit) o.stop_price = near();
    add(Kind::source, unit, o);
  }

  Rng rng_;
  TimeNs source_ = kOpen;
  TimeNs now_ = kOpen;
  std::int64_t price_ = 10'000;  // cents
  std::uint64_t count_ = 0;
};

Config three_accounts() {
  Config c = plain_config();
  c.accounts.resize(3, c.accounts[0]);
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.accounts[i].id = AccountId(i + 1);
    c.accounts[i].limits.max_position_bps = 1'000;
    c.accounts[i].limits.max_daily_loss_bps = 50;  // so that it is reached
    c.accounts[i].limits.max_orders_per_minute = 2;
  }
  c.accounts[1].limits.shorting_allowed = false;
  c.accounts[1].limits.max_open_orders = 3;
  c.accounts[2].strategies = {StrategyId(7)};
  c.accounts[2].limits.max_position_bps = 20'000;
  c.accounts[2].limits.margin.long_bps = 5'000;
  c.venue.volume = {1'000, 1'000, 10'000};
  c.venue.fees = {m("0.005"), 100, m("1")};
  c.venue.slippage = {matching::SlippageKind::volume_share_sqrt, 2'000};
  return c;
}

bool same(const runtime::Output& a, const runtime::Output& b) {
  return a.time == b.time && a.unit == b.unit && a.seq == b.seq && a.event == b.event;
}

// Runs the inputs; every `restart_every` of them (0: never) all state goes through bytes into a new
// machine.
std::vector<runtime::Output> run(const Config& c, const std::vector<Input>& inputs,
                                 std::size_t restart_every = 0) {
  auto machine = std::make_unique<BrokerOrders>(c, runtime::Ownership{});
  runtime::Emit emit;
  std::vector<runtime::Output> all;
  // What a ledger keeps: the bytes of the units that changed, of each step.
  std::map<Unit, Bytes> stored;
  std::size_t n = 0;
  for (const Input& in : inputs) {
    emit.begin(in.time);
    machine->step({in.time, in.kind, in.unit, 0, in.event}, emit);
    all.insert(all.end(), emit.outputs().begin(), emit.outputs().end());
    emit.outputs().clear();
    const auto changed = emit.take_changed();
    if (restart_every == 0) continue;
    for (const Unit unit : changed) {
      Writer w;
      machine->save_unit(unit, w);
      stored[unit] = w.take();
    }
    if (++n % restart_every != 0) continue;
    Writer shared;
    Writer counters;
    machine->save_shared(shared);
    emit.save(counters);
    machine = std::make_unique<BrokerOrders>(c, runtime::Ownership{});
    emit = {};
    Reader r(shared.bytes());
    Reader e(counters.bytes());
    // Units first in every other restart: the order must not matter.
    if (n % 2 == 0) REQUIRE(machine->load_shared(r).has_value());
    for (const auto& [unit, bytes] : stored) {
      Reader u(bytes);
      REQUIRE(machine->load_unit(unit, u).has_value());
      REQUIRE(u.at_end());
    }
    if (n % 2 != 0) REQUIRE(machine->load_shared(r).has_value());
    REQUIRE(emit.load(e).has_value());
  }
  return all;
}

// Follows one run from its outputs alone and holds them to what README.md promises.
class Auditor {
 public:
  explicit Auditor(const Config& c) {
    for (const auto& a : c.accounts) cash_[a.id.value] = a.opening_cash;
  }
  void input(const Input& in) {
    const auto* a = std::get_if<CorporateAction>(&in.event);
    if (a == nullptr) return;
    for (auto& [key, h] : holdings_) {
      if (key.second != a->instrument) continue;
      if (a->kind == CorporateActionKind::dividend) {
        cash_[key.first] += *account::dividend_of(h, a->amount);
      } else if (!h.quantity.is_zero()) {
        REQUIRE(account::apply_split(h, a->ratio));
      }
    }
    if (a->kind != CorporateActionKind::split) return;
    for (auto& [id, o] : orders_) {
      if (o.intent.instrument != a->instrument) continue;
      o.filled = scale(o.filled, a->ratio.raw(), kDecimalOne);
      o.intent.limit_price = scale(o.intent.limit_price, kDecimalOne, a->ratio.raw());
    }
  }
  void output(const runtime::Output& out) {
    std::visit([&](const auto& e) { see(out, e); }, out.event);
  }
  std::map<OrderReason, int> refusals;
  std::map<OrderState, int> states;

 private:
  struct Known {
    OrderIntent intent;
    OrderState state = OrderState::none;
    Quantity filled;
    TimeNs time = 0;
  };
  template <class E>
  void see(const runtime::Output&, const E&) {}
  void see(const runtime::Output& out, const OrderIntent& e) {
    REQUIRE(e.order.value == derive_id(Kind::broker_orders, out.unit, out.seq));
    REQUIRE(e.quantity.is_positive());
    orders_[e.order.value] = {e, OrderState::none, {}, out.time};
  }
  void see(const runtime::Output&, const OrderEvent& e) {
    Known& o = orders_.at(e.order.value);
    REQUIRE(may_follow(o.state, e.state));
    o.state = e.state;
    ++states[e.state];
    REQUIRE(e.filled == o.filled);
    REQUIRE(e.filled <= e.quantity);
    if (e.state == OrderState::filled) {
      REQUIRE(e.filled == e.quantity);
    } else if (is_end(e.state)) {
      REQUIRE(e.reason != OrderReason::none);
    }
  }
  void see(const runtime::Output& out, const Fill& e) {
    Known& o = orders_.at(e.order.value);
    REQUIRE_FALSE(is_end(o.state));
    REQUIRE(out.time > o.time);
    REQUIRE(e.side == o.intent.side);
    o.filled += e.quantity;
    if (o.intent.limit_price.is_positive()) {
      const bool buy = e.side == Side::buy;
      REQUIRE((buy ? e.price <= o.intent.limit_price : e.price >= o.intent.limit_price));
    }
    const auto key = std::pair(out.unit, e.instrument);
    account::Holding& h = holdings_[key];
    const Quantity before = h.quantity;
    const auto effect = account::apply_fill(h, e.side, e.quantity, e.price);
    REQUIRE(effect);
    cash_[out.unit] += e.side == Side::buy ? -effect->notional : effect->notional;
    cash_[out.unit] -= e.fee;
    const bool protects = o.intent.purpose != OrderReason::none;
    if (protects) REQUIRE(h.quantity.abs() < before.abs());
    if (out.unit == 2) REQUIRE_FALSE(h.quantity.is_negative());  // may not sell short
  }
  void see(const runtime::Output& out, const Position& e) {
    const account::Holding& h = holdings_[{out.unit, e.instrument}];
    REQUIRE(e.quantity == h.quantity);
    REQUIRE(e.realised == h.realised);
    REQUIRE(e.average_cost == h.average_cost());
  }
  void see(const runtime::Output& out, const Cash& e) {
    REQUIRE(e.cash == cash_[out.unit]);
    REQUIRE_FALSE(e.reserved.is_negative());
  }
  void see(const runtime::Output&, const Refusal& e) {
    ++refusals[e.reason];
    switch (e.reason) {
      case OrderReason::buying_power:
      case OrderReason::position_limit:
      case OrderReason::order_rate:
      case OrderReason::open_order_limit:
      case OrderReason::shorting_not_allowed: REQUIRE(e.actual > e.limit); break;
      case OrderReason::daily_loss_limit: REQUIRE(e.actual >= e.limit); break;
      case OrderReason::size_zero: REQUIRE(e.actual < e.limit); break;
      default: break;
    }
  }

  std::map<std::uint64_t, Known> orders_;
  std::map<std::pair<Unit, InstrumentId>, account::Holding> holdings_;
  std::map<Unit, Money> cash_;
};

}  // namespace

TEST_CASE("random orders, signals and markets keep every promise") {
  const Config c = three_accounts();
  std::map<OrderReason, int> refusals;
  std::map<OrderState, int> states;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    const Script script(seed);
    Auditor audit(c);
    BrokerOrders machine(c, {});
    runtime::Emit emit;
    for (const Input& in : script.inputs) {
      emit.begin(in.time);
      machine.step({in.time, in.kind, in.unit, 0, in.event}, emit);
      audit.input(in);
      for (const auto& o : emit.outputs()) audit.output(o);
      emit.outputs().clear();
    }
    for (const auto& [r, n] : audit.refusals) refusals[r] += n;
    for (const auto& [s, n] : audit.states) states[s] += n;
  }
  using enum OrderReason;
  for (const OrderReason r : {position_limit, daily_loss_limit, order_rate, kill_switch, size_zero,
                              duplicate_request, bad_request, unknown_order, open_order_limit,
                              shorting_not_allowed, already_in_position}) {
    INFO("reason " << static_cast<int>(r));
    CHECK(refusals[r] > 0);  // or the promises were not put to the test
  }
  for (const OrderState s : {OrderState::accepted, OrderState::triggered,
                             OrderState::partially_filled, OrderState::filled,
                             OrderState::cancelled, OrderState::expired}) {
    INFO("state " << static_cast<int>(s));
    CHECK(states[s] > 0);
  }
}

TEST_CASE("saved and restored in the middle, the run goes on as if nothing had been") {
  const Config c = three_accounts();
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    const Script script(seed);
    const auto straight = run(c, script.inputs);
    const auto broken = run(c, script.inputs, 1 + seed % 23);
    REQUIRE(straight.size() == broken.size());
    for (std::size_t i = 0; i < straight.size(); ++i) REQUIRE(same(straight[i], broken[i]));
  }
}

TEST_CASE("an account alone does what it does among others") {
  const Config c = three_accounts();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const Script script(seed);
    const auto together = run(c, script.inputs);
    for (const AccountConfig& one : c.accounts) {
      Config alone = c;
      alone.accounts = {one};
      std::vector<Input> own;
      for (const Input& in : script.inputs) {
        if (in.kind != Kind::source || in.unit == one.id.value) own.push_back(in);
      }
      std::vector<runtime::Output> expected;
      for (const auto& o : together) {
        if (o.unit == one.id.value) expected.push_back(o);
      }
      const auto got = run(alone, own);
      REQUIRE(got.size() == expected.size());
      for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(same(got[i], expected[i]));
    }
  }
}
