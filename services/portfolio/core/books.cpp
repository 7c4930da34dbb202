#include "portfolio/core/books.hpp"

#include <algorithm>

namespace bw::portfolio {

namespace {
using enum LedgerAccount;

bool less(const Holding& h, InstrumentId i) noexcept { return h.instrument < i; }

// to += amount, or false where the sum does not fit. INT64_MIN does not: it has no negation.
template <class Tag>
bool add(Fixed<Tag>& to, Fixed<Tag> amount) noexcept {
  const auto sum = to.checked_add(amount);
  if (!sum || sum->raw() == INT64_MIN) return false;
  to = *sum;
  return true;
}
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

Books::Draft Books::draft(InstrumentId instrument) const {
  Draft d{balances_, {}, {}, true};
  d.holding.instrument = instrument;
  if (const Holding* known = find(instrument); known != nullptr) d.holding = *known;
  return d;
}

void Books::move(Draft& to, LedgerAccount debit, LedgerAccount credit, Money amount,
                 FillId fill) const {
  if (amount.is_zero()) return;
  if (amount.raw() == INT64_MIN) {
    to.fits = false;
    return;
  }
  if (amount.is_negative()) {
    std::swap(debit, credit);
    amount = -amount;
  }
  to.fits = to.fits && add(to.balances[static_cast<std::size_t>(debit)], amount) &&
            add(to.balances[static_cast<std::size_t>(credit)], -amount);
  if (debit == securities) to.fits = to.fits && add(to.holding.cost, amount);
  if (credit == securities) to.fits = to.fits && add(to.holding.cost, -amount);
  LedgerEntry e;
  e.account = account_;
  e.debit = debit;
  e.credit = credit;
  e.instrument = to.holding.instrument;
  e.amount = amount;
  e.fill = fill;
  to.entries.push_back(e);
}

Entries Books::open(Money money) {
  if (opened_) return {};
  opened_ = true;
  Draft d = draft({});
  move(d, cash, capital, money, {});
  if (!d.fits) return {};
  balances_ = d.balances;
  return d.entries;
}

Entries Books::book(const Fill& fill) {
  if (fill.side == Side::none || !fill.quantity.is_positive() || !fill.price.is_positive()) {
    return {};
  }
  const bool buys = fill.side == Side::buy;
  const auto paid = checked_notional(fill.price, fill.quantity);
  if (!paid) return {};
  Draft d = draft(fill.instrument);
  Holding& h = d.holding;
  const bool closes = buys ? h.quantity.is_negative() : h.quantity.is_positive();
  Money realised;
  if (closes) {
    const Quantity held = h.quantity.abs();
    const Quantity closed = std::min(held, fill.quantity);
    const Money worth = notional(fill.price, closed);  // at most `paid`
    realised = buys ? -worth : worth;
    d.fits = add(realised, -scale(h.cost, closed.raw(), held.raw()));
  }
  d.fits = d.fits && add(h.quantity, buys ? fill.quantity : -fill.quantity) &&
           add(h.realised, realised);
  h.last_price = fill.price;
  move(d, securities, cash, buys ? *paid : -*paid, fill.fill);
  move(d, securities, realised_pnl, realised, fill.fill);
  move(d, fees, cash, fill.fee, fill.fill);
  if (!d.fits) return {};
  balances_ = d.balances;
  holding(fill.instrument) = h;
  return d.entries;
}

bool Books::split(InstrumentId instrument, Quantity ratio) {
  Holding* h = find_mutable(instrument);
  if (h == nullptr || !ratio.is_positive()) return false;
  const auto quantity = mul_div(h->quantity.raw(), ratio.raw(), kDecimalOne);
  const auto price = mul_div(h->last_price.raw(), kDecimalOne, ratio.raw());
  // Nothing would be left, or too much: no split, for the broker neither.
  if (!quantity || *quantity == INT64_MIN || !price) return false;
  if (*quantity == 0 && !h->quantity.is_zero()) return false;
  h->last_price = Price::from_raw(*price);
  if (h->quantity.is_zero()) return false;
  h->quantity = Quantity::from_raw(*quantity);
  return true;
}

Entries Books::dividend(InstrumentId instrument, Money per_share) {
  Draft d = draft(instrument);
  const auto amount = mul_div(per_share.raw(), d.holding.quantity.raw(), kDecimalOne);
  if (!amount) return {};
  move(d, cash, dividends, Money::from_raw(*amount), {});
  if (!d.fits) return {};
  balances_ = d.balances;
  return d.entries;
}

bool Books::differs(const Position& broker, bool& changed) {
  const Holding* known = find(broker.instrument);
  const Quantity ours = known != nullptr ? known->quantity : Quantity{};
  const Quantity difference = difference_of(broker.quantity, ours);
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
  const Money difference = difference_of(broker.cash, balance(cash));
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
    h.difference = difference_of(h.broker, h.quantity);
    d.instrument = h.instrument;
    d.broker_quantity = h.broker;
    d.book_quantity = h.quantity;
    h.broker = {};
    if (!h.difference.is_zero()) found.push_back(d);
  }
  if (!cash_pending_) return found;
  cash_pending_ = false;
  cash_difference_ = difference_of(broker_cash_, balance(cash));
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

Money Books::saturated(__int128 raw) noexcept {
  const __int128 most = INT64_MAX;
  const __int128 held = raw > most ? most : raw < -most ? -most : raw;
  return Money::from_raw(static_cast<std::int64_t>(held));
}

Pnl Books::point(__int128 market) {
  const auto wide = [this](LedgerAccount a) { return static_cast<__int128>(balance(a).raw()); };
  Pnl p;
  p.account = account_;
  p.realised = saturated(-(wide(realised_pnl) + wide(dividends)));
  p.unrealised = saturated(market - wide(securities));
  p.fees = balance(fees);
  p.equity = saturated(wide(cash) + market);
  // The curve starts with the owner's money, so that a first losing trade counts as drawdown.
  peak_ = std::max({has_point_ ? peak_ : saturated(-wide(capital)), p.equity});
  has_point_ = true;
  last_equity_ = p.equity;
  p.peak_equity = peak_;
  p.drawdown = difference_of(peak_, p.equity);
  max_drawdown_ = std::max(max_drawdown_, p.drawdown);
  p.max_drawdown = max_drawdown_;
  return p;
}

Money Books::trial_balance() const {
  __int128 sum = 0;
  for (const Money& b : balances_) sum += b.raw();
  return saturated(sum);
}

BookPosition Books::position(InstrumentId instrument) const {
  BookPosition p;
  p.account = account_;
  p.instrument = instrument;
  if (const Holding* h = find(instrument); h != nullptr) {
    p.quantity = h->quantity;
    // Zero too where no price can say it: much paid for next to nothing.
    const auto average = mul_div(h->cost.raw(), kDecimalOne, h->quantity.raw());
    p.average_cost = Price::from_raw(average.value_or(0));
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
