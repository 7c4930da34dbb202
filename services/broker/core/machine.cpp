#include "broker/core/machine.hpp"

#include <algorithm>

namespace bw::broker {

using matching::DataKind;
using matching::Liquidity;

BrokerOrders::BrokerOrders(const Config& config, runtime::Ownership ownership) : config_(&config) {
  for (const AccountConfig& c : config.accounts) {
    if (!ownership.owns(c.id.value)) continue;
    AccountState& a = accounts_.emplace_back();
    a.config = &c;
    a.cash = c.opening_cash;
    a.day_start = c.opening_cash;
  }
  if (!config.instruments.empty()) markets_.resize(config.instruments.back().id.value + 1);
  for (const Instrument& i : config.instruments) markets_[i.id.value].instrument = &i;
}

void BrokerOrders::step(const runtime::Stamped& in, runtime::Emit& out) noexcept {
  if (derived_stale_) value_all();
  if (in.kind == Kind::source) return on_command(in, out);
  if (const auto* bar = std::get_if<Bar>(&in.event)) {
    on_bar(*bar, out);
  } else if (const auto* quote = std::get_if<Quote>(&in.event)) {
    on_tick(*quote, out);
  } else if (const auto* trade = std::get_if<Trade>(&in.event)) {
    on_tick(*trade, out);
  } else if (const auto* signal = std::get_if<Signal>(&in.event)) {
    on_signal(*signal, out);
  } else if (const auto* mark = std::get_if<Mark>(&in.event)) {
    on_mark(*mark, out);
  } else if (const auto* session = std::get_if<Session>(&in.event)) {
    on_session(*session, out);
  } else if (const auto* action = std::get_if<CorporateAction>(&in.event)) {
    on_action(*action, out);
  }
}

void BrokerOrders::on_bar(const Bar& bar, Emit& out) {
  Market* m = market(bar.instrument);
  if (m == nullptr || !bar.close.is_positive()) return;
  if (m->utc_days()) new_utc_day(*m, bar.open_time, out);
  if (m->closing != 0 && bar.open_time >= m->closing) expire_day_orders(*m, m->closing, out);
  const bool matches = m->take(bar, out.now());
  if (!m->active.empty()) {
    if (matches) match(*m, nullptr, out);
    remark(*m, out);
  }
  if (m->closing != 0 && m->bar_close >= m->closing) expire_day_orders(*m, m->closing, out);
}

template <class Tick>
void BrokerOrders::on_tick(const Tick& tick, Emit& out) {
  Market* m = market(tick.instrument);
  if (m == nullptr) return;
  if (m->utc_days()) new_utc_day(*m, tick.source_time, out);
  const Price before = m->mark;
  const bool matches = m->take(tick, out.now());
  if (m->active.empty()) return;
  if (matches) {
    if constexpr (std::is_same_v<Tick, Quote>) {
      match(*m, &tick, out);
    } else {
      match(*m, nullptr, out);
    }
  }
  if (m->mark != before) remark(*m, out);
}

void BrokerOrders::on_mark(const Mark& mark, Emit& out) {
  Market* m = market(mark.instrument);
  if (m == nullptr || !mark.price.is_positive()) return;
  m->mark = mark.price;
  if (!m->active.empty()) remark(*m, out);
}

void BrokerOrders::on_session(const Session& session, Emit& out) {
  Market* m = market(session.instrument);
  if (m == nullptr) return;
  const bool opens =
      session.state == SessionState::opened || session.state == SessionState::resumed;
  m->phase = opens ? Phase::open : Phase::shut;
  if (session.state == SessionState::opened) {
    if (m->closing != 0) expire_day_orders(*m, m->closing, out);
    m->finest = DataKind::none;
    roll_day(session.date, out);
  } else if (session.state == SessionState::closed) {
    // The session's last bar may come behind this event: DAY orders wait for it.
    const bool by_bars = m->frame != Timeframe::none && m->finest <= DataKind::bar;
    const bool awaits_bar = by_bars && m->bar_close < session.at;
    m->closing = session.at;
    if (!awaits_bar) expire_day_orders(*m, session.at, out);
  }
}

void BrokerOrders::new_utc_day(Market& m, TimeNs source_time, Emit& out) {
  // Asked with every price: a product where utc_day divides.
  if (source_time < (static_cast<TimeNs>(m.day) + 1) * kDay) return;
  const DayNumber day = utc_day(source_time);
  const bool first = m.day == 0;
  m.day = day;
  if (!first) {
    expire_day_orders(m, static_cast<TimeNs>(day) * kDay, out);
    m.finest = DataKind::none;
  }
  roll_day(day, out);
}

void BrokerOrders::roll_day(DayNumber day, Emit& out) {
  if (day <= day_) return;
  day_ = day;
  for (AccountState& a : accounts_) {
    a.opened = true;
    a.day_start = a.equity();
    if (a.loss_stop) {
      a.loss_stop = false;
      if (!a.killed) {
        RiskMode mode;
        mode.account = a.config->id;
        out.publish(a.config->id.value, mode);
      }
    }
    say_cash(a, out);
  }
}

void BrokerOrders::match(Market& m, const Quote* quote, Emit& out) {
  const auto& limits = config_->venue.volume;
  const matching::Steps steps{m.instrument->tick_size, m.instrument->lot_size};
  const InstrumentId instrument = m.instrument->id;
  // A copy is not needed: an account leaves or enters the list only in settle_active, below.
  for (std::size_t i = 0; i < m.active.size();) {
    const std::uint32_t index = m.active[i];
    AccountState& a = accounts_[index];
    Desk* d = a.find(instrument);
    if (a.config->venue == VenueKind::external || d == nullptr || d->book.empty()) {
      ++i;
      continue;
    }
    Liquidity liquidity;
    if (quote != nullptr) {
      liquidity.buy = d->taken_ask.left(quote->ask, quote->ask_size, limits.quote_bps);
      liquidity.sell = d->taken_bid.left(quote->bid, quote->bid_size, limits.quote_bps);
    } else {
      const bool bar = m.sight.buy.kind == DataKind::bar;
      liquidity.buy = matching::share_of_volume(m.sight.buy.volume,
                                                bar ? limits.bar_bps : limits.trade_bps);
      liquidity.sell = liquidity.buy;
      liquidity.shared = true;
    }
    // No desk is made while one is walked: every order placed here is in this instrument.
    d->book.step(
        m.sight, liquidity, config_->venue, steps, [d] { return d->holding.quantity; },
        [&](Order& o, const matching::Outcome& outcome) {
          on_outcome(a, m, instrument, o, outcome, quote, out);
        });
    settle_active(m, index);
    if (i < m.active.size() && m.active[i] == index) ++i;
  }
}

void BrokerOrders::expire_day_orders(Market& m, TimeNs accepted_before, Emit& out) {
  m.closing = 0;
  const std::vector<std::uint32_t>& active = m.active;
  for (std::size_t i = 0; i < active.size();) {
    const std::uint32_t index = active[i];
    AccountState& a = accounts_[index];
    Desk* d = a.find(m.instrument->id);
    if (a.config->venue == VenueKind::paper && d != nullptr) {
      std::array<OrderId, matching::kMaxBookOrders> due;
      std::size_t count = 0;
      for (const Order& o : d->book.orders()) {
        const bool day = o.time_in_force == TimeInForce::day;
        if (day && o.accepted_source < accepted_before) due[count++] = o.id;
      }
      for (std::size_t k = 0; k < count; ++k) {
        const Order& o = *d->book.find(due[k]);
        const matching::Tape& tape = m.sight.of(o.side);
        const matching::Outcome why = matching::eligible(o, tape) ? matching::explain(o, tape)
                                                                  : matching::Outcome{};
        end(a, *d, due[k], OrderState::expired, OrderReason::time_in_force, why.limit, why.seen,
            out);
      }
    }
    settle_active(m, index);
    if (i < active.size() && active[i] == index) ++i;
  }
}

void BrokerOrders::remark(Market& m, Emit& out) {
  for (std::size_t i = 0; i < m.active.size(); ++i) {
    AccountState& a = accounts_[m.active[i]];
    Desk* d = a.find(m.instrument->id);
    if (d == nullptr || d->holding.quantity.is_zero()) continue;
    const Money value = account::value_of(d->holding.quantity, m.mark);
    a.market_value += static_cast<__int128>(value.raw()) - d->value.raw();
    d->value = value;
    watch_loss(a, out);
  }
}

void BrokerOrders::value_all() {
  derived_stale_ = false;
  for (Market& m : markets_) m.active.clear();
  for (AccountState& a : accounts_) {
    a.market_value = 0;
    for (Desk& d : a.desks) {
      d.value = {};
      Market* m = market(d.holding.instrument);
      if (m == nullptr) continue;
      d.value = account::value_of(d.holding.quantity, m->mark);
      a.market_value += d.value.raw();
      settle_active(*m, index_of(a));
    }
  }
}

// Keeps the account in the market's list as long as it has a position or an order there.
void BrokerOrders::settle_active(Market& m, std::uint32_t index) {
  const Desk* d = accounts_[index].find(m.instrument->id);
  const bool wanted = d != nullptr && (!d->holding.quantity.is_zero() || !d->book.empty());
  const auto at = std::lower_bound(m.active.begin(), m.active.end(), index);
  const bool there = at != m.active.end() && *at == index;
  if (wanted && !there) m.active.insert(at, index);
  if (!wanted && there) m.active.erase(at);
}

void BrokerOrders::on_action(const CorporateAction& action, Emit& out) {
  Market* m = market(action.instrument);
  if (m == nullptr) return;
  const bool splits = action.kind == CorporateActionKind::split;
  if (splits && !action.ratio.is_positive()) return;
  if (splits) m->split(action.ratio);
  for (const std::uint32_t index : std::vector<std::uint32_t>(m->active)) {
    AccountState& a = accounts_[index];
    Desk* d = a.find(action.instrument);
    if (d == nullptr) continue;
    if (splits) {
      split(a, *d, *m, action.ratio, out);
      settle_active(*m, index);
    } else if (action.kind == CorporateActionKind::dividend) {
      const auto paid = account::dividend_of(d->holding, action.amount);
      const auto cash = paid ? a.cash.checked_add(*paid) : std::nullopt;
      if (!cash || paid->is_zero()) continue;
      a.cash = *cash;
      say_cash(a, out);
      watch_loss(a, out);
    }
  }
}

void BrokerOrders::split(AccountState& a, Desk& d, const Market& m, Quantity ratio, Emit& out) {
  if (!d.holding.quantity.is_zero() && account::apply_split(d.holding, ratio)) {
    const Money value = account::value_of(d.holding.quantity, m.mark);
    a.market_value += static_cast<__int128>(value.raw()) - d.value.raw();
    d.value = value;
    say_position(a, d, out);
  }
  d.taken_ask = {};
  d.taken_bid = {};
  std::array<OrderId, matching::kMaxBookOrders> ids;
  std::size_t count = 0;
  for (const Order& o : d.book.orders()) ids[count++] = o.id;
  const auto shares = [&](Quantity q) {
    return Quantity::from_raw(mul_div(q.raw(), ratio.raw(), kDecimalOne).value_or(0));
  };
  const auto price = [&](Price p) {
    return Price::from_raw(mul_div(p.raw(), kDecimalOne, ratio.raw()).value_or(p.raw()));
  };
  for (std::size_t i = 0; i < count; ++i) {
    Order& o = *d.book.find(ids[i]);
    const Quantity quantity = o.reduce_only
                                  ? shares(o.quantity)
                                  : round_down_to(shares(o.quantity), m.instrument->lot_size);
    const Quantity filled = shares(o.filled);
    if (quantity <= filled) {
      cancel(a, d, ids[i], OrderReason::size_zero, out);
      continue;
    }
    o.quantity = quantity;
    o.filled = filled;
    o.may_open = shares(o.may_open);
    o.limit_price = price(o.limit_price);
    o.stop_price = price(o.stop_price);
    o.stop_loss = price(o.stop_loss);
    o.take_profit = price(o.take_profit);
    set_state(a, d, o, o.state, OrderReason::none, {}, {}, out);
  }
}

const AccountState* BrokerOrders::account(AccountId id) const noexcept {
  const auto at = std::lower_bound(
      accounts_.begin(), accounts_.end(), id,
      [](const AccountState& a, AccountId i) { return a.config->id < i; });
  return at != accounts_.end() && at->config->id == id ? &*at : nullptr;
}

AccountState* BrokerOrders::find(AccountId id) noexcept {
  return const_cast<AccountState*>(account(id));
}

void BrokerOrders::save_shared(Writer& w) const {
  w.put(day_);
  std::uint32_t used = 0;
  for (const Market& m : markets_) used += m.instrument != nullptr ? 1U : 0U;
  w.put(used);
  for (const Market& m : markets_) {
    if (m.instrument == nullptr) continue;
    w.put(m.instrument->id);
    m.save(w);
  }
}

Result<void> BrokerOrders::load_shared(Reader& r) {
  derived_stale_ = true;
  r.get(day_);
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    const auto id = InstrumentId(r.get<std::uint32_t>());
    Market* m = market(id);
    Market unused;  // an instrument that is no longer configured
    (m != nullptr ? *m : unused).load(r);
  }
  if (!r.ok()) return fail(ErrorCode::data_loss, "saved markets are cut short", "broker");
  return {};
}

std::vector<Unit> BrokerOrders::units() const {
  std::vector<Unit> all;
  for (const AccountState& a : accounts_) all.push_back(a.config->id.value);
  return all;
}

void BrokerOrders::save_unit(Unit unit, Writer& w) const {
  // An account that is not configured has no state, though it was told so (unknown_account).
  if (const AccountState* a = account(AccountId(unit)); a != nullptr) a->save(w);
}

Result<void> BrokerOrders::load_unit(Unit unit, Reader& r) {
  derived_stale_ = true;
  AccountState* a = find(AccountId(unit));
  if (r.at_end()) return {};  // was only told that it is unknown; it may be configured since
  if (a == nullptr) {
    return fail(ErrorCode::failed_precondition,
                "account " + std::to_string(unit) + " has a history and is not configured",
                "accounts", "configure it again; accounts are closed, never removed");
  }
  if (auto ok = a->load(r); !ok) return ok;
  for (const Desk& d : a->desks) {
    const bool empty = d.holding.quantity.is_zero() && d.book.empty();
    if (empty || market(d.holding.instrument) != nullptr) continue;
    return fail(ErrorCode::failed_precondition,
                "account " + std::to_string(unit) + " has a position or orders in instrument " +
                    std::to_string(d.holding.instrument.value) + ", which is not configured",
                "instruments", "configure it again until nothing is held or open in it");
  }
  return {};
}

runtime::MachineSpec broker_orders_spec(const Config& config) {
  return {Kind::broker_orders,
          {{Kind::market_ticks, runtime::Delivery::broadcast},
           {Kind::market_bars, runtime::Delivery::broadcast},
           {Kind::confluence_signals, runtime::Delivery::broadcast}},
          true,
          [](const void* context, runtime::Ownership o) -> std::unique_ptr<runtime::Machine> {
            return std::make_unique<BrokerOrders>(*static_cast<const Config*>(context), o);
          },
          &config};
}

}  // namespace bw::broker
