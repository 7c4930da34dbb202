#include <algorithm>

#include "broker/core/machine.hpp"
#include "broker/core/order_state.hpp"

namespace bw::broker {

using risk::Verdict;

namespace {

bool needs_limit(OrderType t) noexcept {
  return t == OrderType::limit || t == OrderType::stop_limit;
}
bool needs_stop(OrderType t) noexcept {
  return t == OrderType::stop || t == OrderType::stop_limit;
}

// The price that buying power is reserved at: the worst that the order is known to pay. Market and
// stop orders may pay more: the cushion is for them.
Price reserve_price(const OrderRequest& r, Price market) noexcept {
  if (needs_limit(r.type) && r.side == Side::buy) return r.limit_price;
  const Price own = needs_limit(r.type) ? r.limit_price : r.stop_price;
  return std::max(own, market);
}

// The position as if all open orders of `side` were filled, and none of the other. Signals' closing
// orders stand aside: they take what is left to close.
std::optional<Quantity> held_with_open(const Desk* d, Side side) {
  if (d == nullptr) return Quantity{};
  std::optional<Quantity> held = d->holding.quantity;
  for (const Order& o : d->book.orders()) {
    if (o.side != side || (o.reduce_only && o.signal.is_set())) continue;
    held = held->checked_add(account::signed_quantity(side, o.remaining()));
    if (!held) return held;
  }
  return held;
}

}  // namespace

void BrokerOrders::on_command(const runtime::Stamped& in, Emit& out) {
  if (in.unit == 0 || in.unit >= kUnitLimit) return;  // nobody to answer
  AccountState* a = find(AccountId(in.unit));
  if (a == nullptr) {
    Refusal refusal;
    refusal.account = AccountId(in.unit);
    refusal.reason = OrderReason::unknown_account;
    if (const auto* c = std::get_if<SubmitOrder>(&in.event)) {
      refusal.instrument = c->instrument;
      refusal.request_id = c->request_id;
    } else if (const auto* x = std::get_if<CancelOrder>(&in.event)) {
      refusal.request_id = x->request_id;
    } else if (const auto* k = std::get_if<SetKillSwitch>(&in.event)) {
      refusal.request_id = k->request_id;
    }
    out.publish(in.unit, refusal);
    return;
  }
  open(*a, out);
  if (const auto* c = std::get_if<SubmitOrder>(&in.event)) {
    on_submit(*a, *c, out);
  } else if (const auto* x = std::get_if<CancelOrder>(&in.event)) {
    on_cancel(*a, *x, out);
  } else if (const auto* k = std::get_if<SetKillSwitch>(&in.event)) {
    on_kill_switch(*a, *k, out);
  } else if (const auto* v = std::get_if<VenueReply>(&in.event)) {
    on_venue_reply(*a, *v, out);
  }
}

void BrokerOrders::open(AccountState& a, Emit& out) {
  if (a.opened) return;
  a.opened = true;
  say_cash(a, out);
}

bool BrokerOrders::is_new(AccountState& a, const RequestId& id, Emit& out) {
  OrderRequest r;
  r.request_id = id;
  if (id.empty()) {
    refuse(a, r, {OrderReason::bad_request, {}, {}}, out, "request_id is missing");
    return false;
  }
  if (a.requests.add(mix64(fnv1a(id.view())))) return true;
  refuse(a, r, {OrderReason::duplicate_request, {}, {}}, out, "answered before");
  return false;
}

const char* BrokerOrders::misfit(const SubmitOrder& c, const Market& m, Quantity held) const {
  const Instrument& i = *m.instrument;
  if (c.side != Side::buy && c.side != Side::sell) return "side: give buy or sell";
  if (c.type == OrderType::none || c.type > OrderType::stop_limit) return "type: unknown";
  if (c.time_in_force == TimeInForce::none || c.time_in_force > TimeInForce::fok) {
    return "time_in_force: unknown";
  }
  if (!c.quantity.is_positive()) return "quantity: must be above zero";
  // What a split left may be no whole lot: closing all of it is allowed.
  const bool closes_all = c.quantity == held.abs() && held.is_negative() == (c.side == Side::buy);
  if (c.quantity.raw() % i.lot_size.raw() != 0 && !closes_all) {
    return "quantity: no multiple of the lot size";
  }
  if (needs_limit(c.type) != c.limit_price.is_positive() || c.limit_price.is_negative()) {
    return "limit_price: for limit and stop_limit orders, above zero";
  }
  if (needs_stop(c.type) != c.stop_price.is_positive() || c.stop_price.is_negative()) {
    return "stop_price: for stop and stop_limit orders, above zero";
  }
  if (c.limit_price.raw() % i.tick_size.raw() != 0) return "limit_price: no multiple of the tick";
  if (c.stop_price.raw() % i.tick_size.raw() != 0) return "stop_price: no multiple of the tick";
  const bool immediate =
      c.time_in_force == TimeInForce::ioc || c.time_in_force == TimeInForce::fok;
  if (immediate && needs_stop(c.type)) return "time_in_force: a stop waits; give day or gtc";
  return nullptr;
}

void BrokerOrders::on_submit(AccountState& a, const SubmitOrder& c, Emit& out) {
  if (!is_new(a, c.request_id, out)) return;
  OrderRequest r;
  r.instrument = c.instrument;
  r.side = c.side;
  r.type = c.type;
  r.time_in_force = c.time_in_force;
  r.quantity = c.quantity;
  r.limit_price = c.limit_price;
  r.stop_price = c.stop_price;
  r.request_id = c.request_id;
  const Market* m = market(c.instrument);
  if (m == nullptr) return refuse(a, r, {OrderReason::unknown_instrument, {}, {}}, out);
  const Desk* d = a.find(c.instrument);
  const char* wrong = misfit(c, *m, d != nullptr ? d->holding.quantity : Quantity{});
  if (wrong != nullptr) return refuse(a, r, {OrderReason::bad_request, {}, {}}, out, wrong);
  submit(a, *m, r, out);
}

void BrokerOrders::on_cancel(AccountState& a, const CancelOrder& c, Emit& out) {
  if (!is_new(a, c.request_id, out)) return;
  Desk* d = a.desk_of(c.order);
  if (d == nullptr) {
    OrderRequest r;
    r.request_id = c.request_id;
    return refuse(a, r, {OrderReason::unknown_order, {}, {}}, out, "no open order has this id");
  }
  Market* m = market(d->holding.instrument);
  cancel(a, *d, c.order, OrderReason::user_cancel, out);
  if (m != nullptr) settle_active(*m, index_of(a));
}

void BrokerOrders::on_kill_switch(AccountState& a, const SetKillSwitch& c, Emit& out) {
  if (!is_new(a, c.request_id, out)) return;
  RiskMode mode;
  mode.account = a.config->id;
  a.killed = c.engaged;
  if (c.engaged) {
    mode.mode = RiskModeState::halted;
    mode.reason = OrderReason::kill_switch;
  } else if (a.loss_stop) {
    mode.mode = RiskModeState::reduce_only;
    mode.reason = OrderReason::daily_loss_limit;
    mode.limit = a.loss_limit;
    mode.actual = a.loss_actual;
  }
  out.publish(a.config->id.value, mode);
  if (!c.engaged) return;
  for (Desk& d : a.desks) {
    cancel_where(a, d, OrderReason::kill_switch, out, [](const Order&) { return true; });
    Market* m = market(d.holding.instrument);
    if (m != nullptr) settle_active(*m, index_of(a));
  }
}

// In this order: kill switch, price, shorting, rate, open orders, daily loss, position, buying
// power. An order that only closes passes the last three, one that a signal closes with also the
// rate. What the checks allowed to open is all that the order will open, whatever fills first.
Verdict BrokerOrders::gate(AccountState& a, const Market& m, OrderRequest& r, TimeNs now,
                           Money& reserve) {
  const risk::Limits& limits = a.config->limits;
  if (a.killed) return {OrderReason::kill_switch, {}, {}};
  const Price seen = m.price(r.side);
  if (!seen.is_positive()) return {OrderReason::no_price, {}, {}};
  const Quantity change = account::signed_quantity(r.side, r.quantity);
  const auto held = held_with_open(a.find(r.instrument), r.side);
  const auto after = held ? held->checked_add(change) : std::nullopt;
  if (!after) return {OrderReason::position_limit, a.equity(), Money::from_raw(INT64_MAX)};
  const account::Parts parts = account::parts_of(*held, change);
  const bool opens = parts.opens.is_positive() && !r.reduce_only;
  r.reduce_only = !opens;
  r.may_open = opens ? parts.opens : Quantity{};
  if (!limits.shorting_allowed && opens && after->is_negative()) {
    const auto sellable = Money::from_raw(std::max<std::int64_t>(held->raw(), 0));
    return {OrderReason::shorting_not_allowed, sellable, Money::from_raw(r.quantity.raw())};
  }
  if (opens || !r.request_id.empty()) {
    if (auto v = a.rate.check(now, limits.max_orders_per_minute); !v.ok()) return v;
  }
  const std::int64_t slots = 1 + (r.stop_loss.is_positive() ? 1 : 0) +
                             (r.take_profit.is_positive() ? 1 : 0);
  auto v = risk::check_open_orders(a.slots() + slots, limits.max_open_orders);
  if (!v.ok()) return v;
  if (!opens) return {};
  if (a.loss_stop) return {OrderReason::daily_loss_limit, a.loss_limit, a.loss_actual};
  const Money equity = a.equity();
  v = risk::check_position(*after, seen, equity, limits.max_position_bps);
  if (!v.ok()) return v;
  reserve = margin_needed(r, parts.opens, reserve_price(r, seen), a.config->limits);
  return risk::check_buying_power(
      reserve, account::buying_power(equity, margin_used(a), a.reserved()));
}

Money BrokerOrders::margin_needed(const OrderRequest& r, Quantity opens, Price price,
                                  const risk::Limits& limits) const {
  const Quantity signed_opens = account::signed_quantity(r.side, opens);
  const Money value = account::value_of(opens, price);
  Money needed = account::margin_of(signed_opens, price, limits.margin);
  if (!needs_limit(r.type)) {
    const Money cushion = account::share_of(value, config_->reserve_cushion_bps);
    needed = account::saturating_add(needed, cushion);
  }
  return account::saturating_add(needed,
                                 matching::total_fee(config_->venue.fees, opens, value));
}

Money BrokerOrders::margin_used(const AccountState& a) const {
  Money used;
  for (const Desk& d : a.desks) {
    if (d.holding.quantity.is_zero()) continue;
    const auto id = d.holding.instrument.value;  // load_unit saw to it that it is configured
    const Price mark = id < markets_.size() ? markets_[id].mark : Price{};
    const Money margin = account::margin_of(d.holding.quantity, mark, a.config->limits.margin);
    used = account::saturating_add(used, margin);
  }
  return used;
}

bool BrokerOrders::submit(AccountState& a, const Market& m, const OrderRequest& r, Emit& out) {
  Money reserve;
  OrderRequest passed = r;
  const Verdict v = gate(a, m, passed, out.now(), reserve);
  if (!v.ok()) {
    refuse(a, r, v, out);
    return false;
  }
  if (!passed.reduce_only || !r.request_id.empty()) a.rate.add(out.now());
  place(a, m, passed, reserve, out);
  return true;
}

void BrokerOrders::place(AccountState& a, const Market& m, const OrderRequest& r, Money reserve,
                         Emit& out) {
  const Unit unit = a.config->id.value;
  OrderIntent intent;
  intent.order = OrderId(derive_id(Kind::broker_orders, unit, out.next_seq(unit)));
  intent.account = a.config->id;
  intent.instrument = r.instrument;
  intent.side = r.side;
  intent.type = r.type;
  intent.time_in_force = r.time_in_force;
  intent.purpose = r.purpose;
  intent.quantity = r.quantity;
  intent.limit_price = r.limit_price;
  intent.stop_price = r.stop_price;
  intent.signal = r.signal;
  intent.request_id = r.request_id;
  out.publish(unit, intent);

  Order o;
  o.id = intent.order;
  o.side = r.side;
  o.type = r.type;
  o.time_in_force = r.time_in_force;
  o.reduce_only = r.reduce_only;
  o.may_open = r.may_open;
  o.quantity = r.quantity;
  o.limit_price = r.limit_price;
  o.stop_price = r.stop_price;
  o.accepted_at = out.now();
  o.accepted_source = m.source_time(out.now());
  o.purpose = r.purpose;
  o.signal = r.signal;
  o.request_id = r.request_id;
  o.stop_loss = r.stop_loss;
  o.take_profit = r.take_profit;
  o.reserved = reserve;
  Desk& d = a.desk(r.instrument);
  Order& placed = d.book.add(o);
  set_state(a, d, placed, OrderState::new_, OrderReason::none, {}, {}, out);
  if (a.config->venue == VenueKind::paper) {
    set_state(a, d, placed, OrderState::accepted, OrderReason::none, {}, {}, out);
  }
  settle_active(markets_[r.instrument.value], index_of(a));
}

void BrokerOrders::refuse(AccountState& a, const OrderRequest& r, const Verdict& v, Emit& out,
                          std::string_view text) {
  Refusal refusal;
  refusal.account = a.config->id;
  refusal.instrument = r.instrument;
  refusal.reason = v.reason;
  refusal.signal = r.signal;
  refusal.request_id = r.request_id;
  refusal.limit = v.limit;
  refusal.actual = v.actual;
  refusal.text.assign(text);
  out.publish(a.config->id.value, refusal);
}

void BrokerOrders::set_state(AccountState& a, const Desk& d, Order& o, OrderState state,
                             OrderReason reason, Price limit, Price seen, Emit& out) {
  BW_ASSERT(may_follow(o.state, state), "a move that the order's table does not allow");
  o.state = state;
  OrderEvent e;
  e.order = o.id;
  e.account = a.config->id;
  e.instrument = d.holding.instrument;
  e.state = state;
  e.reason = reason;
  e.quantity = o.quantity;
  e.filled = o.filled;
  e.average_price = o.average_price();
  e.limit = limit;
  e.seen = seen;
  out.publish(a.config->id.value, e);
}

void BrokerOrders::end(AccountState& a, Desk& d, OrderId id, OrderState state, OrderReason reason,
                       Price limit, Price seen, Emit& out) {
  Order* o = d.book.find(id);
  BW_ASSERT(o != nullptr, "only an open order ends");
  set_state(a, d, *o, state, reason, limit, seen, out);
  if (a.config->venue == VenueKind::external) {
    a.remember_ended({id, d.holding.instrument, o->side});
  }
  d.book.remove(id);
}

void BrokerOrders::cancel(AccountState& a, Desk& d, OrderId id, OrderReason reason, Emit& out) {
  Order& o = *d.book.find(id);
  const Market* m = market(d.holding.instrument);
  matching::Outcome why;
  if (m != nullptr && matching::eligible(o, m->sight.of(o.side))) {
    why = matching::explain(o, m->sight.of(o.side));
  }
  if (a.config->venue == VenueKind::paper) {
    return end(a, d, id, OrderState::cancelled, reason, why.limit, why.seen, out);
  }
  // Asked once; the shell sends it, and the venue's reply ends the order.
  if (o.state == OrderState::cancel_pending) return;
  set_state(a, d, o, OrderState::cancel_pending, reason, why.limit, why.seen, out);
}

void BrokerOrders::cancel_entries(AccountState& a, InstrumentId instrument, OrderReason reason,
                                  Emit& out) {
  if (Desk* d = a.find(instrument); d != nullptr) {
    cancel_where(a, *d, reason, out, [](const Order& o) { return o.is_entry(); });
  }
}

// One instrument's orders that no longer have anything to close, or that would open what may not be
// opened any more. Called where positions change.
void BrokerOrders::after_fill(AccountState& a, const Market& m, InstrumentId instrument,
                              const Order& filled, Emit& out) {
  Desk& d = *a.find(instrument);
  const Quantity held = d.holding.quantity;
  const OrderReason because = filled.purpose != OrderReason::none ? filled.purpose
                              : filled.signal.is_set() ? OrderReason::replaced_by_signal
                                                       : OrderReason::user_cancel;
  if (filled.purpose != OrderReason::none) {
    cancel_entries(a, instrument, filled.purpose, out);
  }
  cancel_where(a, d, because, out, [&](const Order& o) {
    return o.fillable(held).is_zero();
  });
  const bool on_side = filled.side == Side::buy ? held.is_positive() : held.is_negative();
  const bool wants = filled.stop_loss.is_positive() || filled.take_profit.is_positive();
  if (on_side && wants && !filled.is_protected && !a.killed) protect(a, m, d, filled, out);
  watch_loss(a, out);
}

void BrokerOrders::watch_loss(AccountState& a, Emit& out) {
  const Money equity = a.equity();
  if (a.loss_stop || equity >= a.day_start) return;
  const Verdict v =
      risk::check_daily_loss(a.day_start, equity, a.config->limits.max_daily_loss_bps);
  if (v.ok()) return;
  a.loss_stop = true;
  a.loss_limit = v.limit;
  a.loss_actual = v.actual;
  if (!a.killed) {
    RiskMode mode;
    mode.account = a.config->id;
    mode.mode = RiskModeState::reduce_only;
    mode.reason = v.reason;
    mode.limit = v.limit;
    mode.actual = v.actual;
    out.publish(a.config->id.value, mode);
  }
  out.touch(a.config->id.value);
  for (Desk& d : a.desks) {
    const Quantity held = d.holding.quantity;
    cancel_where(a, d, OrderReason::daily_loss_limit, out, [&](const Order& o) {
      const Quantity change = account::signed_quantity(o.side, o.remaining());
      const bool opens = account::parts_of(held, change).opens.is_positive();
      // What closes now may open once another order has closed first. A venue cannot be held to
      // closing, so there the order goes.
      const bool may = a.config->venue == VenueKind::external && o.may_open.is_positive();
      return !o.reduce_only && (opens || may);
    });
    for (Order& o : d.book.orders()) {
      if (o.state == OrderState::cancel_pending) continue;  // the venue still has it as it was
      o.reduce_only = true;
      o.may_open = {};
      o.reserved = {};
    }
    if (Market* m = market(d.holding.instrument); m != nullptr) settle_active(*m, index_of(a));
  }
}

}  // namespace bw::broker
