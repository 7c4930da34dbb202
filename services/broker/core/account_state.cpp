#include "broker/core/account_state.hpp"

#include <algorithm>

namespace bw::broker {

namespace {

bool before(const Desk& d, InstrumentId i) noexcept { return d.holding.instrument < i; }

constexpr std::uint32_t kMaxDesks = kUnitLimit;  // an account cannot hold more than there are

void put(Writer& w, const matching::TakenQuote& t) {
  w.put(t.price);
  w.put(t.size);
  w.put(t.taken);
}

void get(Reader& r, matching::TakenQuote& t) {
  r.get(t.price);
  r.get(t.size);
  r.get(t.taken);
}

void put(Writer& w, const Order& o) {
  w.put(o.id);
  w.put(o.side);
  w.put(o.type);
  w.put(o.time_in_force);
  w.put(o.triggered);
  w.put(o.reduce_only);
  w.put(o.may_open);
  w.put(o.quantity);
  w.put(o.filled);
  w.put(o.limit_price);
  w.put(o.stop_price);
  w.put(o.notional);
  w.put(o.fees);
  w.put(o.accepted_at);
  w.put(o.accepted_source);
  w.put(o.state);
  w.put(o.purpose);
  w.put(o.signal);
  w.put_bytes(o.request_id.view());
  w.put(o.stop_loss);
  w.put(o.take_profit);
  w.put(o.is_protected);
  w.put(o.reserved);
}

Order get_order(Reader& r) {
  Order o;
  r.get(o.id);
  r.get(o.side);
  r.get(o.type);
  r.get(o.time_in_force);
  r.get(o.triggered);
  r.get(o.reduce_only);
  r.get(o.may_open);
  r.get(o.quantity);
  r.get(o.filled);
  r.get(o.limit_price);
  r.get(o.stop_price);
  r.get(o.notional);
  r.get(o.fees);
  r.get(o.accepted_at);
  r.get(o.accepted_source);
  r.get(o.state);
  r.get(o.purpose);
  r.get(o.signal);
  o.request_id = RequestId(r.get_bytes());
  r.get(o.stop_loss);
  r.get(o.take_profit);
  r.get(o.is_protected);
  r.get(o.reserved);
  return o;
}

bool load_desk(Reader& r, Desk& d) {
  r.get(d.holding.instrument);
  r.get(d.holding.quantity);
  r.get(d.holding.cost);
  r.get(d.holding.realised);
  get(r, d.taken_ask);
  get(r, d.taken_bid);
  const auto orders = r.get<std::uint32_t>();
  if (orders > matching::kMaxBookOrders) return false;
  OrderId last;
  for (std::uint32_t i = 0; i < orders && r.ok(); ++i) {
    const Order o = get_order(r);
    if (!(last < o.id)) return false;
    last = o.id;
    d.book.add(o);
  }
  return r.ok();
}

}  // namespace

Money AccountState::reserved() const noexcept {
  Money sum;
  for (const Desk& d : desks) {
    for (const Order& o : d.book.orders()) sum = account::saturating_add(sum, o.reserved);
  }
  return sum;
}

std::int64_t AccountState::slots() const noexcept {
  std::int64_t sum = 0;
  for (const Desk& d : desks) {
    for (const Order& o : d.book.orders()) sum += o.slots();
  }
  return sum;
}

Desk* AccountState::find(InstrumentId instrument) noexcept {
  const auto at = std::lower_bound(desks.begin(), desks.end(), instrument, before);
  return at != desks.end() && at->holding.instrument == instrument ? &*at : nullptr;
}

Desk& AccountState::desk(InstrumentId instrument) {
  const auto at = std::lower_bound(desks.begin(), desks.end(), instrument, before);
  if (at != desks.end() && at->holding.instrument == instrument) return *at;
  Desk fresh;
  fresh.holding.instrument = instrument;
  return *desks.insert(at, std::move(fresh));
}

Desk* AccountState::desk_of(OrderId order) noexcept {
  for (Desk& d : desks) {
    if (d.book.find(order) != nullptr) return &d;
  }
  return nullptr;
}

void AccountState::remember_ended(const EndedOrder& order) {
  if (ended.size() < kEndedOrders) {
    ended.push_back(order);
  } else {
    ended[next_ended] = order;
  }
  next_ended = (next_ended + 1) % kEndedOrders;
}

const EndedOrder* AccountState::find_ended(OrderId order) const noexcept {
  const auto at = std::find_if(ended.begin(), ended.end(),
                               [&](const EndedOrder& e) { return e.id == order; });
  return at == ended.end() ? nullptr : &*at;
}

void AccountState::save(Writer& w) const {
  w.put(opened);
  w.put(cash);
  w.put(day_start);
  w.put(killed);
  w.put(loss_stop);
  w.put(loss_limit);
  w.put(loss_actual);
  rate.save(w);
  requests.save(w);
  executions.save(w);
  w.put(static_cast<std::uint32_t>(ended.size()));
  w.put(static_cast<std::uint32_t>(next_ended));
  for (const EndedOrder& e : ended) {
    w.put(e.id);
    w.put(e.instrument);
    w.put(e.side);
  }
  w.put(static_cast<std::uint32_t>(desks.size()));
  for (const Desk& d : desks) {
    w.put(d.holding.instrument);
    w.put(d.holding.quantity);
    w.put(d.holding.cost);
    w.put(d.holding.realised);
    put(w, d.taken_ask);
    put(w, d.taken_bid);
    w.put(static_cast<std::uint32_t>(d.book.size()));
    for (const Order& o : d.book.orders()) put(w, o);
  }
}

Result<void> AccountState::load(Reader& r) {
  const auto broken = [](const char* what) {
    return fail(ErrorCode::data_loss, what, "broker account");
  };
  r.get(opened);
  r.get(cash);
  r.get(day_start);
  r.get(killed);
  r.get(loss_stop);
  r.get(loss_limit);
  r.get(loss_actual);
  if (!rate.load(r) || !requests.load(r) || !executions.load(r)) {
    return broken("saved memories are broken");
  }
  const auto ended_count = r.get<std::uint32_t>();
  next_ended = r.get<std::uint32_t>();
  if (ended_count > kEndedOrders || next_ended >= kEndedOrders) {
    return broken("too many ended orders");
  }
  ended.clear();
  for (std::uint32_t i = 0; i < ended_count && r.ok(); ++i) {
    EndedOrder& e = ended.emplace_back();
    r.get(e.id);
    r.get(e.instrument);
    r.get(e.side);
  }
  const auto desk_count = r.get<std::uint32_t>();
  if (desk_count > kMaxDesks) return broken("too many positions");
  desks.clear();
  for (std::uint32_t i = 0; i < desk_count && r.ok(); ++i) {
    Desk d;
    if (!load_desk(r, d)) return broken("saved orders are broken");
    if (i > 0 && !before(desks.back(), d.holding.instrument)) {
      return broken("positions are not in order");
    }
    desks.push_back(std::move(d));
  }
  if (!r.ok()) return broken("saved state is cut short");
  return {};
}

}  // namespace bw::broker
