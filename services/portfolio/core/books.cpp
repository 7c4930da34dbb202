#include "portfolio/core/books.hpp"

#include <algorithm>

namespace bw::portfolio {

namespace {
using enum LedgerAccount;

bool less(const Holding& h, InstrumentId i) noexcept { return h.instrument < i; }
}  // namespace

Holding* Books::find_mutable(InstrumentId instrument) noexcept {
  const auto at = std::lower_bound(holdings_.begin(), holdings_.end(), instrument, less);
  return at != holdings_.end() && at->instrument == instrument ? &*at : nullptr;
}

const Holding* Books::find(InstrumentId instrument) const noexcept {
  const auto at = std::lower_bound(holdings_.begin(), holdings_.end(), instrument, less);
  return at != holdings_.end() && at->instrument == instrument ? &*at : nullptr;
}

Holding& Books::holding(InstrumentId instrument) {
  const auto at = std::lower_bound(holdings_.begin(), holdings_.end(), instrument, less);
  if (at != holdings_.end() && at->instrument == instrument) return *at;
  BW_ASSERT(holdings_.size() < kMaxHoldings, "more holdings than the limit");
  Holding fresh;
  fresh.instrument = instrument;
  return *holdings_.insert(at, fresh);
}

void Books::move(Entries& to, LedgerAccount debit, LedgerAccount credit, Money amount,
                 InstrumentId instrument, FillId fill) {
  if (amount.is_zero()) return;
  if (amount.is_negative()) {
    std::swap(debit, credit);
    amount = -amount;
  }
  balances_[static_cast<std::size_t>(debit)] += amount;
  balances_[static_cast<std::size_t>(credit)] -= amount;
  if (debit == securities) holding(instrument).cost += amount;
  if (credit == securities) holding(instrument).cost -= amount;
  LedgerEntry e;
  e.account = account_;
  e.debit = debit;
  e.credit = credit;
  e.instrument = instrument;
  e.amount = amount;
  e.fill = fill;
  to.push_back(e);
}

Entries Books::open(Money money) {
  Entries entries;
  if (opened_) return entries;
  opened_ = true;
  move(entries, cash, capital, money, {}, {});
  return entries;
}

Entries Books::book(const Fill& fill) {
  Entries entries;
  if (fill.side == Side::none || !fill.quantity.is_positive() || !fill.price.is_positive()) {
    return entries;
  }
  const bool buys = fill.side == Side::buy;
  Holding& h = holding(fill.instrument);
  const bool closes = buys ? h.quantity.is_negative() : h.quantity.is_positive();
  Money realised;
  if (closes) {
    const Quantity held = h.quantity.abs();
    const Quantity closed = std::min(held, fill.quantity);
    const Money flow = buys ? -notional(fill.price, closed) : notional(fill.price, closed);
    realised = flow - scale(h.cost, closed.raw(), held.raw());
  }
  h.quantity += buys ? fill.quantity : -fill.quantity;
  h.realised += realised;
  h.last_price = fill.price;
  const Money paid = notional(fill.price, fill.quantity);
  move(entries, securities, cash, buys ? paid : -paid, fill.instrument, fill.fill);
  move(entries, securities, realised_pnl, realised, fill.instrument, fill.fill);
  move(entries, fees, cash, fill.fee, fill.instrument, fill.fill);
  return entries;
}

bool Books::split(InstrumentId instrument, Quantity ratio) {
  Holding* h = find_mutable(instrument);
  if (h == nullptr || !ratio.is_positive()) return false;
  const auto quantity = mul_div(h->quantity.raw(), ratio.raw(), kDecimalOne);
  const auto price = mul_div(h->last_price.raw(), kDecimalOne, ratio.raw());
  // Nothing would be left, or too much: no split, for the broker neither.
  if (!quantity || !price || (*quantity == 0 && !h->quantity.is_zero())) return false;
  h->last_price = Price::from_raw(*price);
  if (h->quantity.is_zero()) return false;
  h->quantity = Quantity::from_raw(*quantity);
  return true;
}

Entries Books::dividend(InstrumentId instrument, Money per_share) {
  Entries entries;
  const Holding* h = find(instrument);
  if (h == nullptr || h->quantity.is_zero()) return entries;
  const auto amount = mul_div(per_share.raw(), h->quantity.raw(), kDecimalOne);
  if (amount) move(entries, cash, dividends, Money::from_raw(*amount), instrument, {});
  return entries;
}

bool Books::differs(const Position& broker, bool& changed) {
  const Holding* known = find(broker.instrument);
  const Quantity difference = broker.quantity - (known != nullptr ? known->quantity : Quantity{});
  if (known == nullptr && difference.is_zero()) {
    changed = false;
    return false;
  }
  Holding& h = holding(broker.instrument);
  const Holding before = h;
  if (difference.is_zero()) h.difference = {};
  h.pending = difference != h.difference;
  h.broker = h.pending ? broker.quantity : Quantity{};
  changed = known == nullptr || !(h == before);
  return h.pending;
}

bool Books::differs(const Cash& broker, bool& changed) {
  const Money difference = broker.cash - balance(cash);
  changed = cash_pending_ || (difference.is_zero() && !cash_difference_.is_zero());
  if (difference.is_zero()) cash_difference_ = {};
  cash_pending_ = difference != cash_difference_;
  broker_cash_ = cash_pending_ ? broker.cash : Money{};
  changed = changed || cash_pending_;
  return cash_pending_;
}

std::vector<ReconciliationDifference> Books::differences() {
  std::vector<ReconciliationDifference> found;
  ReconciliationDifference d;
  d.account = account_;
  for (Holding& h : holdings_) {
    if (!h.pending) continue;
    h.pending = false;
    h.difference = h.broker - h.quantity;
    d.instrument = h.instrument;
    d.broker_quantity = h.broker;
    d.book_quantity = h.quantity;
    h.broker = {};
    if (!h.difference.is_zero()) found.push_back(d);
  }
  if (!cash_pending_) return found;
  cash_pending_ = false;
  cash_difference_ = broker_cash_ - balance(cash);
  d = {};
  d.account = account_;
  d.broker_cash = broker_cash_;
  d.book_cash = balance(cash);
  broker_cash_ = {};
  if (!cash_difference_.is_zero()) found.push_back(d);
  return found;
}

Money Books::value_of(const Holding& h, Price mark) {
  const Price price = mark.is_positive() ? mark : h.last_price;
  // A price beyond what money can hold is no valuation: cost stands in.
  return checked_notional(price, h.quantity).value_or(h.cost);
}

Pnl Books::point(Money market) {
  Pnl p;
  p.account = account_;
  p.realised = -(balance(realised_pnl) + balance(dividends));
  p.unrealised = market - balance(securities);
  p.fees = balance(fees);
  p.equity = balance(cash) + market;
  // The curve starts with the owner's money, so that a first losing trade counts as drawdown.
  peak_ = std::max({has_point_ ? peak_ : -balance(capital), p.equity});
  has_point_ = true;
  last_equity_ = p.equity;
  p.peak_equity = peak_;
  p.drawdown = peak_ - p.equity;
  max_drawdown_ = std::max(max_drawdown_, p.drawdown);
  p.max_drawdown = max_drawdown_;
  return p;
}

Money Books::trial_balance() const {
  Money sum;
  for (const Money& b : balances_) sum += b;
  return sum;
}

BookPosition Books::position(InstrumentId instrument) const {
  BookPosition p;
  p.account = account_;
  p.instrument = instrument;
  if (const Holding* h = find(instrument); h != nullptr) {
    p.quantity = h->quantity;
    if (!h->quantity.is_zero()) p.average_cost = unit_price(h->cost, h->quantity);
    p.realised = h->realised;
  }
  return p;
}

void Books::save(Writer& w) const {
  w.put(opened_);
  for (const Money& b : balances_) w.put(b);
  w.put(broker_cash_);
  w.put(cash_pending_);
  w.put(cash_difference_);
  w.put(has_point_);
  w.put(last_equity_);
  w.put(peak_);
  w.put(max_drawdown_);
  w.put(static_cast<std::uint32_t>(holdings_.size()));
  for (const Holding& h : holdings_) {
    w.put(h.instrument);
    w.put(h.quantity);
    w.put(h.cost);
    w.put(h.realised);
    w.put(h.last_price);
    w.put(h.broker);
    w.put(h.pending);
    w.put(h.difference);
  }
}

Result<Books> Books::load(AccountId account, Reader& r) {
  Books b(account);
  r.get(b.opened_);
  for (Money& m : b.balances_) r.get(m);
  r.get(b.broker_cash_);
  r.get(b.cash_pending_);
  r.get(b.cash_difference_);
  r.get(b.has_point_);
  r.get(b.last_equity_);
  r.get(b.peak_);
  r.get(b.max_drawdown_);
  const auto count = r.get<std::uint32_t>();
  if (count > kMaxHoldings) return fail(ErrorCode::data_loss, "too many holdings", "books");
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    Holding h;
    r.get(h.instrument);
    r.get(h.quantity);
    r.get(h.cost);
    r.get(h.realised);
    r.get(h.last_price);
    r.get(h.broker);
    r.get(h.pending);
    r.get(h.difference);
    if (i > 0 && !(b.holdings_.back().instrument < h.instrument)) {
      return fail(ErrorCode::data_loss, "holdings are not in order", "books");
    }
    b.holdings_.push_back(h);
  }
  if (!r.ok()) return fail(ErrorCode::data_loss, "saved books are cut short", "books");
  return b;
}

}  // namespace bw::portfolio
