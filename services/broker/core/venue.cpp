#include <algorithm>

#include "broker/core/machine.hpp"
#include "broker/core/order_state.hpp"

namespace bw::broker {

namespace {

constexpr Money kMaxFee = Money::from_raw(1'000'000'000 * kDecimalOne);

bool sane(const VenueReply& r) noexcept {
  return !r.filled.is_negative() && !r.price.is_negative() && r.fee <= kMaxFee &&
         r.fee.raw() >= -kMaxFee.raw() && r.state <= OrderState::unknown;
}

// The state that an answer leads to; none where it says nothing new or contradicts the order's
// table.
OrderState next_state(const Order& o, const VenueReply& reply) noexcept {
  OrderState s = reply.state;
  if (reply.filled.is_positive() && !is_end(s)) {
    s = o.remaining().is_zero() ? OrderState::filled : OrderState::partially_filled;
    // A fill that overtakes a cancel leaves the cancel standing.
    if (o.state == OrderState::cancel_pending && s != OrderState::filled) s = o.state;
  }
  // Some venues reject what they had accepted.
  if (s == OrderState::rejected && !may_follow(o.state, s)) s = OrderState::cancelled;
  if (!may_follow(o.state, s)) return OrderState::none;
  const bool amended = s == o.state && !reply.filled.is_positive();
  return amended ? OrderState::none : s;
}

}  // namespace

void BrokerOrders::on_venue_reply(AccountState& a, const VenueReply& reply, Emit& out) {
  if (a.config->venue != VenueKind::external || !sane(reply)) {
    OrderRequest r;
    return refuse(a, r, {OrderReason::bad_request, {}, {}}, out, "no such answer can be");
  }
  if (reply.execution_id != 0 && !a.executions.add(reply.execution_id)) return;
  out.touch(a.config->id.value);
  Desk* d = a.desk_of(reply.order);
  if (d == nullptr) return late_fill(a, reply, out);
  const InstrumentId instrument = d->holding.instrument;
  Market& m = markets_[instrument.value];
  Order& o = *d->book.find(reply.order);
  const bool fills = reply.filled.is_positive() && reply.price.is_positive();
  if (fills && !venue_fill(a, *d, o, reply, out)) {
    OrderRequest r;
    r.instrument = instrument;
    return refuse(a, r, {OrderReason::bad_request, {}, {}}, out, "the fill's amounts do not fit");
  }
  const Order copy = o;
  const OrderState state = next_state(o, reply);
  const auto reason = reply.state == OrderState::rejected ? OrderReason::venue_refused
                      : state == OrderState::expired      ? OrderReason::time_in_force
                                                          : OrderReason::none;
  if (is_end(state)) {
    end(a, *d, reply.order, state, reason, {}, reply.price, out);
  } else if (state != OrderState::none) {
    if (state == OrderState::triggered) o.triggered = true;
    set_state(a, *d, o, state, reason, {}, reply.price, out);
  }
  if (fills) {
    say_position(a, *d, out);
    say_cash(a, out);
    after_fill(a, m, instrument, copy, out);
  }
  settle_active(m, index_of(a));
}

bool BrokerOrders::venue_fill(AccountState& a, Desk& d, Order& o, const VenueReply& reply,
                              Emit& out) {
  const InstrumentId instrument = d.holding.instrument;
  const Quantity before = o.remaining();
  const Quantity counted = std::min(before, reply.filled);
  const auto amount = checked_notional(reply.price, counted);
  const auto spent = amount ? o.notional.checked_add(*amount) : std::nullopt;
  const auto fees = o.fees.checked_add(reply.fee);
  if (!spent || !fees) return false;
  const Market& m = markets_[instrument.value];
  if (!book(a, d, m, o.side, reply.filled, reply.price, reply.fee)) return false;
  o.filled += counted;
  o.notional = *spent;
  o.fees = *fees;
  if (before.is_positive()) {
    o.reserved = Money::from_raw(
        mul_div(o.reserved.raw(), o.remaining().raw(), before.raw()).value_or(0));
  }
  say_venue_fill(a, reply, instrument, o.side, out);
  return true;
}

void BrokerOrders::say_venue_fill(AccountState& a, const VenueReply& reply,
                                  InstrumentId instrument, Side side, Emit& out) {
  const Unit unit = a.config->id.value;
  Fill fill;
  fill.fill = FillId(derive_id(Kind::broker_orders, unit, out.next_seq(unit)));
  fill.order = reply.order;
  fill.account = a.config->id;
  fill.instrument = instrument;
  fill.side = side;
  fill.quantity = reply.filled;
  fill.price = reply.price;
  fill.fee = reply.fee;
  fill.source_time = reply.source_time;
  out.publish(unit, fill);
}

// For an order that has ended here, or that nobody knows.
void BrokerOrders::late_fill(AccountState& a, const VenueReply& reply, Emit& out) {
  const EndedOrder* e = a.find_ended(reply.order);
  if (e == nullptr) {
    OrderRequest r;
    return refuse(a, r, {OrderReason::unknown_order, {}, Money::from_raw(reply.filled.raw())}, out,
                  "the venue speaks of an order that is not known");
  }
  if (!reply.filled.is_positive() || !reply.price.is_positive()) return;
  Market* known = market(e->instrument);
  if (known == nullptr) {
    OrderRequest r;
    r.instrument = e->instrument;
    return refuse(a, r, {OrderReason::unknown_instrument, {}, Money::from_raw(reply.filled.raw())},
                  out, "a late fill in an instrument that is not configured any more");
  }
  Market& m = *known;
  Desk& d = a.desk(e->instrument);
  if (!book(a, d, m, e->side, reply.filled, reply.price, reply.fee)) return;
  say_venue_fill(a, reply, e->instrument, e->side, out);
  say_position(a, d, out);
  say_cash(a, out);
  watch_loss(a, out);
  settle_active(m, index_of(a));
}

}  // namespace bw::broker
