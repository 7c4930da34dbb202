#include "bellwether/matching/evaluate.hpp"

#include <algorithm>

namespace bw::matching {

namespace {

// Prices as the order sees them: `near` is the end of the range that is good for it, `far` the bad
// one.
struct View {
  Side side;
  Price open;
  Price near;
  Price far;
  [[nodiscard]] bool good(Price p, Price limit) const noexcept {
    return side == Side::buy ? p <= limit : p >= limit;
  }
  // A stop lies on the bad side: reached when the price is at it or worse.
  [[nodiscard]] bool reached(Price p, Price stop) const noexcept {
    return side == Side::buy ? p >= stop : p <= stop;
  }
};

View view_of(const PaperOrder& o, const Tape& t) noexcept {
  if (o.immediate()) return {o.side, t.open, t.open, t.open};
  return o.side == Side::buy ? View{o.side, t.open, t.low, t.high}
                             : View{o.side, t.open, t.high, t.low};
}

Outcome refused(OrderReason reason, Price limit, Price seen, bool triggers = false) noexcept {
  Outcome out;
  out.triggers = triggers;
  out.reason = reason;
  out.limit = limit;
  out.seen = seen;
  return out;
}

Outcome at(Price base, bool triggers = false) noexcept {
  Outcome out;
  out.before_slippage = base;
  out.triggers = triggers;
  return out;
}

Outcome limit_base(const PaperOrder& o, const View& v) noexcept {
  if (v.good(v.open, o.limit_price)) return at(v.open);
  if (v.good(v.near, o.limit_price)) return at(o.limit_price);
  return refused(OrderReason::not_marketable, o.limit_price, v.near);
}

Outcome stop_base(const PaperOrder& o, const View& v) noexcept {
  const bool gap = v.reached(v.open, o.stop_price);
  if (!gap && !v.reached(v.far, o.stop_price)) {
    return refused(OrderReason::stop_not_reached, o.stop_price, v.far);
  }
  const Price base = gap ? v.open : o.stop_price;
  if (o.type == OrderType::stop || v.good(base, o.limit_price)) return at(base, true);
  // Triggered at the open, the rest of the bar is behind it; triggered inside, the path is unknown.
  if (gap && v.good(v.near, o.limit_price)) return at(o.limit_price, true);
  return refused(OrderReason::not_marketable, o.limit_price, gap ? v.near : base, true);
}

// Where the order would trade, before slippage and quantity.
Outcome base_of(const PaperOrder& o, const Tape& t) noexcept {
  if (!t.open.is_positive()) return refused(OrderReason::no_liquidity, {}, {});
  const View v = view_of(o, t);
  if (o.waits_for_stop()) return stop_base(o, v);
  return o.has_limit() ? limit_base(o, v) : at(v.open);
}

bool fits(const PaperOrder& o, Price price, Quantity quantity) noexcept {
  const auto amount = checked_notional(price, quantity);
  return amount && o.notional.checked_add(*amount);
}

}  // namespace

Price PaperOrder::average_price() const noexcept {
  if (filled.is_zero()) return {};
  return Price::from_raw(mul_div(notional.raw(), kDecimalOne, filled.raw()).value_or(0));
}

Quantity PaperOrder::fillable(Quantity held) const {
  const bool has_to_close = side == Side::sell ? held.is_positive() : held.is_negative();
  const Quantity closes = has_to_close ? std::min(remaining(), held.abs()) : Quantity{};
  const Quantity opens = reduce_only ? Quantity{} : may_open;
  return opens >= remaining() - closes ? remaining() : closes + opens;
}

Tape tape_of(const Bar& bar, TimeNs time) noexcept {
  return {DataKind::bar, time, bar.open_time, bar.open, bar.high, bar.low, bar.volume};
}

Tape tape_of(const Trade& t, TimeNs time) noexcept {
  return {DataKind::trade, time, t.source_time, t.price, t.price, t.price, t.size};
}

Tape tape_of(const Quote& q, Side order_side, TimeNs time) noexcept {
  const bool buy = order_side == Side::buy;
  const Price p = buy ? q.ask : q.bid;
  return {DataKind::quote, time, q.source_time, p, p, p, buy ? q.ask_size : q.bid_size};
}

Outcome evaluate(const PaperOrder& order, const Tape& tape, Quantity size, Quantity available,
                 const VenueRules& rules, Steps steps) noexcept {
  Outcome out = base_of(order, tape);
  if (out.reason != OrderReason::none) return out;
  const Price base = out.before_slippage;
  // No market trades there; a price so high leaves no room for its slippage.
  if (base > kMaxPrice) return refused(OrderReason::no_liquidity, {}, base, out.triggers);
  const Quantity quantity =
      available >= size ? size : round_down_to(available, steps.lot);
  const bool whole = quantity == size;
  const bool all_or_none = order.time_in_force == TimeInForce::fok;
  if (!quantity.is_positive() || (all_or_none && quantity != order.remaining())) {
    return refused(OrderReason::no_liquidity, {}, base, out.triggers);
  }
  Price price = slipped(rules.slippage, order.side, base, quantity, tape.volume, steps.tick,
                        tape.kind == DataKind::quote);
  if (order.has_limit()) {
    price = order.side == Side::buy ? std::min(price, order.limit_price)
                                    : std::max(price, order.limit_price);
  }
  if (!fits(order, price, quantity)) {
    return refused(OrderReason::no_liquidity, {}, base, out.triggers);
  }
  out.quantity = quantity;
  out.price = price;
  if (!whole) {
    out.reason = OrderReason::no_liquidity;
    out.seen = base;
  }
  return out;
}

Outcome explain(const PaperOrder& order, const Tape& tape) noexcept {
  Outcome out = base_of(order, tape);
  if (out.reason == OrderReason::none) {
    out = refused(OrderReason::no_liquidity, {}, out.before_slippage);
  }
  return out;
}

Execution book_fill(PaperOrder& order, const Outcome& outcome, const FeeModel& fees) {
  BW_ASSERT(outcome.quantity.is_positive() && outcome.quantity <= order.remaining(),
            "a fill within what remains");
  order.filled += outcome.quantity;
  order.notional += notional(outcome.price, outcome.quantity);
  const Money due = total_fee(fees, order.filled, order.notional);
  const Money fee = due > order.fees ? due - order.fees : Money{};
  order.fees += fee;
  const Price worse = (outcome.price - outcome.before_slippage).abs();
  // Only a figure to report: what a sale was worth before slippage may be beyond what money holds.
  const Money slippage = checked_notional(worse, outcome.quantity)
                             .value_or(Money::from_raw(INT64_MAX));
  return {outcome.quantity, outcome.price, fee, slippage};
}

}  // namespace bw::matching
