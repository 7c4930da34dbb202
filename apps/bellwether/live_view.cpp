#include "live_view.hpp"

#include <algorithm>

namespace bw::app {

namespace {

constexpr std::size_t kKept = 64;  // signals and orders that are remembered for the screen

bool is_decision(const Event& e) {
  return std::holds_alternative<Signal>(e) || std::holds_alternative<OrderIntent>(e) ||
         std::holds_alternative<OrderEvent>(e) || std::holds_alternative<Fill>(e) ||
         std::holds_alternative<Refusal>(e) || std::holds_alternative<Position>(e) ||
         std::holds_alternative<Cash>(e) || std::holds_alternative<Pnl>(e) ||
         std::holds_alternative<RiskMode>(e) || std::holds_alternative<ReconciliationDifference>(e);
}

template <class C>
void put_all(Writer& w, const C& items) {
  w.put(static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) w.put_raw(item);
}

template <class T, class Add>
void get_all(Reader& r, const Add& add) {
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    T item{};
    r.get_raw(item);
    add(item);
  }
}

struct SavedMarket {
  InstrumentId instrument;
  LiveView::Market market;
};

}  // namespace

void LiveView::price(InstrumentId instrument, Price price, Quantity size, TimeNs at) {
  Market& m = markets_[instrument];
  const DayNumber day = utc_day(at);
  if (day != m.day) m = {price, price, 0, day, at};
  m.last = price;
  m.at = at;
  m.turnover += price.to_double() * size.to_double();
}

void LiveView::see(const runtime::Output& o) {
  if (const auto* t = std::get_if<Trade>(&o.event)) {
    return price(t->instrument, t->price, {}, o.time);
  }
  if (const auto* b = std::get_if<Bar>(&o.event)) {
    return price(b->instrument, b->close, b->volume, o.time);
  }
  if (const auto* q = std::get_if<Quality>(&o.event)) {
    ++(q->reason == QualityReason::duplicate ? counts_.duplicates : counts_.quarantined);
  } else if (const auto* g = std::get_if<Gap>(&o.event)) {
    if (g->state == GapState::opened) ++counts_.gaps;
  } else if (std::holds_alternative<HoldBack>(o.event)) {
    ++counts_.held_back;
  } else if (is_decision(o.event)) {
    waiting_.push_back(o);
  }
}

const std::vector<runtime::Output>& LiveView::committed() {
  shown_.clear();
  std::swap(shown_, waiting_);
  for (const auto& o : shown_) decide(o);
  return shown_;
}

void LiveView::decide(const runtime::Output& o) {
  if (const auto* s = std::get_if<Signal>(&o.event)) {
    ++counts_.signals;
    signals_.push_back({o.time, *s});
    if (signals_.size() > kKept) signals_.pop_front();
  } else if (const auto* i = std::get_if<OrderIntent>(&o.event)) {
    ++counts_.orders;
    OrderEvent decided;
    decided.order = i->order;
    decided.state = OrderState::new_;
    decided.quantity = i->quantity;
    orders_.push_back({*i, decided, o.time});
    if (orders_.size() <= kKept) return;
    const auto ended = std::find_if(orders_.begin(), orders_.end(),
                                    [](const Order& x) { return is_end(x.state.state); });
    orders_.erase(ended == orders_.end() ? orders_.begin() : ended);
  } else if (const auto* e = std::get_if<OrderEvent>(&o.event)) {
    for (Order& order : orders_) {
      if (order.intent.order != e->order) continue;
      order.state = *e;
      order.at = o.time;
    }
  } else if (std::holds_alternative<Fill>(o.event)) {
    ++counts_.fills;
  } else if (std::holds_alternative<Refusal>(o.event)) {
    ++counts_.refusals;
  } else if (const auto* p = std::get_if<Position>(&o.event)) {
    positions_[{p->account, p->instrument}] = *p;
  } else if (const auto* c = std::get_if<Cash>(&o.event)) {
    cash_[c->account] = *c;
  } else if (const auto* b = std::get_if<Pnl>(&o.event)) {
    books_[b->account] = *b;
  }
}

Money LiveView::unrealised(const Position& p) const {
  const auto m = markets_.find(p.instrument);
  if (m == markets_.end() || p.quantity.is_zero()) return {};
  return notional(m->second.last, p.quantity) - notional(p.average_cost, p.quantity);
}

Money LiveView::cash_total() const {
  Money sum;
  for (const auto& [account, c] : cash_) sum += c.cash;
  return sum;
}

Money LiveView::equity() const {
  Money sum = cash_total();
  for (const auto& [key, p] : positions_) {
    if (!p.quantity.is_zero()) sum += notional(p.average_cost, p.quantity) + unrealised(p);
  }
  return sum;
}

void LiveView::save(Writer& w) const {
  w.put(static_cast<std::uint32_t>(markets_.size()));
  for (const auto& [id, market] : markets_) w.put_raw(SavedMarket{id, market});
  put_all(w, signals_);
  put_all(w, orders_);
  w.put(static_cast<std::uint32_t>(positions_.size()));
  for (const auto& [key, p] : positions_) w.put_raw(p);
  w.put(static_cast<std::uint32_t>(cash_.size()));
  for (const auto& [account, c] : cash_) w.put_raw(c);
  w.put(static_cast<std::uint32_t>(books_.size()));
  for (const auto& [account, b] : books_) w.put_raw(b);
  w.put_raw(counts_);
}

void LiveView::load(Reader& r) {
  *this = LiveView();
  get_all<SavedMarket>(r, [this](const SavedMarket& m) { markets_[m.instrument] = m.market; });
  get_all<At<Signal>>(r, [this](const At<Signal>& s) { signals_.push_back(s); });
  get_all<Order>(r, [this](const Order& o) { orders_.push_back(o); });
  get_all<Position>(r, [this](const Position& p) { positions_[{p.account, p.instrument}] = p; });
  get_all<Cash>(r, [this](const Cash& c) { cash_[c.account] = c; });
  get_all<Pnl>(r, [this](const Pnl& b) { books_[b.account] = b; });
  r.get_raw(counts_);
}

}  // namespace bw::app
