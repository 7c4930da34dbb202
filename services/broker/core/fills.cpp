#include <algorithm>

#include "broker/core/machine.hpp"

namespace bw::broker {

namespace {

// What an order still ties up after a part of it filled.
Money left_of(Money reserved, Quantity remaining, Quantity before) noexcept {
  return Money::from_raw(
      mul_div(reserved.raw(), remaining.raw(), before.raw()).value_or(reserved.raw()));
}

}  // namespace

void BrokerOrders::on_outcome(AccountState& a, Market& m, InstrumentId instrument, Order& o,
                              const matching::Outcome& outcome, const Quote* quote, Emit& out) {
  Desk& d = *a.find(instrument);
  const OrderId id = o.id;
  if (outcome.triggers && !o.triggered) {
    o.triggered = true;
    set_state(a, d, o, OrderState::triggered, OrderReason::none, o.stop_price,
              outcome.quantity.is_zero() ? outcome.seen : outcome.before_slippage, out);
  }
  if (outcome.quantity.is_zero()) {
    if (o.immediate()) {
      end(a, d, id, OrderState::cancelled, OrderReason::time_in_force, outcome.limit, outcome.seen,
          out);
    }
    return;
  }
  const Quantity before = o.remaining();
  Order next = o;
  const matching::Execution e = matching::book_fill(next, outcome, config_->venue.fees);
  const auto effect = book(a, d, m, o.side, e.quantity, e.price, e.fee);
  if (!effect) {
    end(a, d, id, OrderState::cancelled, OrderReason::venue_refused, {}, e.price, out);
    return;
  }
  if (quote != nullptr) {
    const bool buy = o.side == Side::buy;
    matching::TakenQuote& taken = buy ? d.taken_ask : d.taken_bid;
    taken.take(buy ? quote->ask : quote->bid, buy ? quote->ask_size : quote->bid_size, e.quantity);
  }
  next.reserved = left_of(o.reserved, next.remaining(), before);
  next.may_open = std::max(next.may_open - effect->opened, Quantity{});
  o = next;

  const Unit unit = a.config->id.value;
  Fill fill;
  fill.fill = FillId(derive_id(Kind::broker_orders, unit, out.next_seq(unit)));
  fill.order = id;
  fill.account = a.config->id;
  fill.instrument = instrument;
  fill.side = o.side;
  fill.quantity = e.quantity;
  fill.price = e.price;
  fill.fee = e.fee;
  fill.slippage = e.slippage;
  const matching::Tape& tape = m.sight.of(o.side);
  fill.source_time = tape.kind == matching::DataKind::bar ? m.bar_close : tape.from;
  out.publish(unit, fill);

  if (o.remaining().is_zero()) {
    end(a, d, id, OrderState::filled, OrderReason::none, {}, {}, out);
  } else {
    set_state(a, d, o, OrderState::partially_filled, outcome.reason, {}, outcome.seen, out);
    if (o.immediate()) {
      end(a, d, id, OrderState::cancelled, OrderReason::time_in_force, {}, outcome.seen, out);
    }
  }
  say_position(a, d, out);
  say_cash(a, out);
  after_fill(a, m, instrument, next, out);
}

std::optional<account::FillEffect> BrokerOrders::book(AccountState& a, Desk& d, const Market& m,
                                                      Side side, Quantity quantity, Price price,
                                                      Money fee) {
  account::Holding holding = d.holding;
  const auto effect = account::apply_fill(holding, side, quantity, price);
  if (!effect) return effect;
  const Money flow = side == Side::buy ? -effect->notional : effect->notional;
  const auto gross = a.cash.checked_add(flow);
  const auto net = gross ? gross->checked_add(-fee) : std::nullopt;
  if (!net) return std::nullopt;
  d.holding = holding;
  a.cash = *net;
  const Money value = account::value_of(holding.quantity, m.mark);
  a.market_value += static_cast<__int128>(value.raw()) - d.value.raw();
  d.value = value;
  return effect;
}

void BrokerOrders::say_position(AccountState& a, const Desk& d, Emit& out) {
  Position p;
  p.account = a.config->id;
  p.instrument = d.holding.instrument;
  p.quantity = d.holding.quantity;
  p.average_cost = d.holding.average_cost();
  p.realised = d.holding.realised;
  out.publish(a.config->id.value, p);
}

void BrokerOrders::say_cash(AccountState& a, Emit& out) {
  a.opened = true;
  Cash c;
  c.account = a.config->id;
  c.cash = a.cash;
  c.reserved = a.reserved();
  c.equity = a.equity();
  out.publish(a.config->id.value, c);
}

// A stop loss and a take profit, each for all that may be held once the entry is done. Both reduce
// only, so together they close what is there and no more: when one has, after_fill ends the other.
void BrokerOrders::protect(AccountState& a, const Market& m, Desk& d, const Order& entry,
                           Emit& out) {
  const InstrumentId instrument = d.holding.instrument;
  cancel_where(a, d, OrderReason::replaced_by_signal, out,
               [](const Order& o) { return o.purpose != OrderReason::none; });
  OrderRequest r;
  r.instrument = instrument;
  r.side = entry.side == Side::buy ? Side::sell : Side::buy;
  r.reduce_only = true;
  r.quantity = d.holding.quantity.abs();
  r.signal = entry.signal;
  if (Order* open = d.book.find(entry.id); open != nullptr) {
    open->is_protected = true;
    r.quantity += open->remaining();
  }
  if (entry.stop_loss.is_positive()) {
    r.type = OrderType::stop;
    r.purpose = OrderReason::protective_stop;
    r.stop_price = entry.stop_loss;
    place(a, m, r, {}, out);
  }
  if (entry.take_profit.is_positive()) {
    r.type = OrderType::limit;
    r.purpose = OrderReason::take_profit;
    r.stop_price = {};
    r.limit_price = entry.take_profit;
    place(a, m, r, {}, out);
  }
}

}  // namespace bw::broker
