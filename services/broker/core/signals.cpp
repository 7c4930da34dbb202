#include <algorithm>

#include "broker/core/machine.hpp"

namespace bw::broker {

void BrokerOrders::on_signal(const Signal& signal, Emit& out) {
  for (AccountState& a : accounts_) {
    const auto& follows = a.config->strategies;
    const bool all = follows.empty();
    if (!all && std::find(follows.begin(), follows.end(), signal.strategy) == follows.end()) {
      continue;
    }
    open(a, out);
    follow(a, signal, out);
    if (Market* m = market(signal.instrument); m != nullptr) settle_active(*m, index_of(a));
  }
}

void BrokerOrders::follow(AccountState& a, const Signal& signal, Emit& out) {
  OrderRequest r;
  r.instrument = signal.instrument;
  r.signal = signal.id;
  const Market* m = market(signal.instrument);
  if (m == nullptr) return refuse(a, r, {OrderReason::unknown_instrument, {}, {}}, out);
  if (a.killed) return refuse(a, r, {OrderReason::kill_switch, {}, {}}, out);
  const Desk* d = a.find(signal.instrument);
  const Quantity held = d != nullptr ? d->holding.quantity : Quantity{};

  const bool goes_short = signal.direction == Direction::short_;
  const bool barred = goes_short && !a.config->limits.shorting_allowed;
  if (signal.direction == Direction::flat || (barred && held.is_positive())) {
    cancel_entries(a, signal.instrument, OrderReason::replaced_by_signal, out);
    return close_position(a, signal, *m, out);
  }
  const Side side = goes_short ? Side::sell : Side::buy;
  const Price price = m->price(side);
  const risk::Sized sized = risk::size_position({signal.sizing, a.equity(), price,
                                                 m->instrument->lot_size,
                                                 a.config->limits.max_position_bps});
  if (!sized.verdict.ok()) return refuse(a, r, sized.verdict, out);
  if (barred) {
    const auto wanted = Money::from_raw(sized.quantity.raw());
    return refuse(a, r, {OrderReason::shorting_not_allowed, {}, wanted}, out);
  }
  enter(a, signal, *m, account::signed_quantity(side, sized.quantity), out);
}

void BrokerOrders::close_position(AccountState& a, const Signal& signal, const Market& m,
                                  Emit& out) {
  const Desk* d = a.find(signal.instrument);
  const Quantity held = d != nullptr ? d->holding.quantity : Quantity{};
  OrderRequest r;
  r.instrument = signal.instrument;
  r.signal = signal.id;
  if (held.is_zero()) return refuse(a, r, {OrderReason::already_in_position, {}, {}}, out);
  r.side = held.is_positive() ? Side::sell : Side::buy;
  r.type = OrderType::market;
  r.time_in_force = TimeInForce::gtc;  // a wish to be out does not end with the day
  r.reduce_only = true;
  r.quantity = held.abs();
  submit(a, m, r, out);
}

void BrokerOrders::enter(AccountState& a, const Signal& signal, const Market& m, Quantity target,
                         Emit& out) {
  cancel_entries(a, signal.instrument, OrderReason::replaced_by_signal, out);
  const Desk* d = a.find(signal.instrument);
  const Quantity held = d != nullptr ? d->holding.quantity : Quantity{};
  const Quantity lot = m.instrument->lot_size;
  OrderRequest r;
  r.instrument = signal.instrument;
  r.signal = signal.id;
  const bool same_side = !held.is_zero() && held.is_negative() == target.is_negative();
  const auto exact = target.checked_add(-held);
  if (!exact) {
    const Money huge = Money::from_raw(INT64_MAX);
    return refuse(a, r, {OrderReason::position_limit, a.equity(), huge}, out);
  }
  Quantity difference = *exact;
  if (same_side) {
    difference = round_down_to(difference, lot);
    const auto slack = mul_div(target.abs().raw(), config_->rebalance_bps, account::kBasisPoints);
    if (difference.is_zero() || difference.abs().raw() <= slack.value_or(0)) {
      return refuse(a, r,
                    {OrderReason::already_in_position, Money::from_raw(target.raw()),
                     Money::from_raw(held.raw())},
                    out);
    }
  }
  const Price tick = m.instrument->tick_size;
  r.side = difference.is_negative() ? Side::sell : Side::buy;
  r.type = OrderType::market;
  r.time_in_force = config_->entry_time_in_force;
  r.quantity = difference.abs();
  // A smaller position of the same side keeps the protection that it has.
  if (!same_side || difference.is_negative() == target.is_negative()) {
    r.stop_loss = round_down_to(signal.stop_loss, tick);
    r.take_profit = round_down_to(signal.take_profit, tick);
  }
  if (submit(a, m, r, out)) return;
  // Through zero and refused: at least leave the side that the signal speaks against.
  if (!held.is_zero() && !same_side) close_position(a, signal, m, out);
}

}  // namespace bw::broker
