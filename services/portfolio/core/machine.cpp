#include "portfolio/core/machine.hpp"

#include <algorithm>

namespace bw::portfolio {

namespace {
/// Markets beyond this many instruments are no universe but an error; keeps a wild id from eating
/// memory.
constexpr std::uint32_t kMaxInstruments = kUnitLimit;
}  // namespace

Result<void> check(const Config& config) {
  std::vector<std::uint32_t> seen;
  for (std::size_t i = 0; i < config.openings.size(); ++i) {
    const std::string field = "openings[" + std::to_string(i) + "]";
    const Opening& o = config.openings[i];
    if (!o.account.is_set() || o.account.value >= kUnitLimit) {
      return fail(ErrorCode::invalid_argument, "no valid account id", field + ".account",
                  "give a number from 1 to 4194303");
    }
    if (!o.capital.is_positive()) {
      return fail(ErrorCode::invalid_argument, "must be above zero", field + ".capital",
                  "give what the owner paid in");
    }
    seen.push_back(o.account.value);
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end()) {
    return fail(ErrorCode::invalid_argument,
                "account " + std::to_string(*twice) + " is listed twice", "openings",
                "remove one of them");
  }
  if (config.curve_step < kMinute || config.curve_step > kDay) {
    return fail(ErrorCode::invalid_argument, "must lie between 1 minute and 1 day", "curve_step");
  }
  return {};
}

void PortfolioBooks::step(const runtime::Stamped& in, runtime::Emit& out) noexcept {
  if (in.kind == Kind::broker_orders) return on_broker(in, out);
  if (std::holds_alternative<Timer>(in.event)) return on_timer(in.unit, out);
  if (const auto* bar = std::get_if<Bar>(&in.event)) {
    on_price(bar->instrument, bar->close, bar->close_time, out);
  } else if (const auto* mark = std::get_if<Mark>(&in.event)) {
    on_price(mark->instrument, mark->price, mark->source_time, out);
  } else if (const auto* action = std::get_if<CorporateAction>(&in.event)) {
    on_action(*action, out);
  } else if (const auto* session = std::get_if<Session>(&in.event)) {
    if (session->state != SessionState::closed) return;
    for (auto& [unit, b] : accounts_) {
      const Holding* h = b.find(session->instrument);
      if (h != nullptr && !h->quantity.is_zero()) say_moved_pnl(unit, b, out);
    }
  }
}

void PortfolioBooks::on_broker(const runtime::Stamped& in, runtime::Emit& out) {
  bool changed = false;
  if (const auto* fill = std::get_if<Fill>(&in.event)) {
    on_fill(account(in.unit, out), *fill, out);
  } else if (const auto* position = std::get_if<Position>(&in.event)) {
    const bool pending = account(in.unit, out).differs(*position, changed);
    look_again(in.unit, pending, changed, out);
  } else if (const auto* cash = std::get_if<Cash>(&in.event)) {
    Books& b = account(in.unit, out);
    if (!b.is_open()) {
      Entries entries = b.open(difference_of(cash->cash, b.balance(LedgerAccount::cash)));
      say(in.unit, entries, out);
      say_pnl(in.unit, b, out);
      return;
    }
    const bool pending = b.differs(*cash, changed);
    look_again(in.unit, pending, changed, out);
  }
}

void PortfolioBooks::look_again(Unit unit, bool pending, bool changed, runtime::Emit& out) {
  if (changed) out.touch(unit);
  if (pending) out.set_timer(unit, out.now() + 1, 0);
}

void PortfolioBooks::on_timer(Unit unit, runtime::Emit& out) {
  const auto at = accounts_.find(unit);
  if (at == accounts_.end()) return;
  out.touch(unit);
  for (const auto& d : at->second.differences()) out.publish(unit, d);
}

void PortfolioBooks::on_fill(Books& b, const Fill& fill, runtime::Emit& out) {
  const auto held = [&] {
    const Holding* h = b.find(fill.instrument);
    return h != nullptr ? h->quantity : Quantity{};
  };
  const Quantity before = held();
  Entries entries = b.book(fill);
  // Every fill that is booked moves the quantity; one worth next to nothing makes no entry.
  if (held() == before) return;
  const Unit unit = b.account().value;
  say(unit, entries, out);
  out.publish(unit, b.position(fill.instrument));
  // Without its capital an account has no equity yet: the curve starts when it is opened.
  if (b.is_open()) say_pnl(unit, b, out);
}

void PortfolioBooks::on_price(InstrumentId instrument, Price price, TimeNs time,
                              runtime::Emit& out) {
  if (!price.is_positive() || instrument.value >= kMaxInstruments) return;
  // A price that closes exactly at the boundary still belongs to the step that ends there.
  const std::int64_t index = (time - 1) / config_->curve_step;
  if (index > curve_index_) {
    curve_index_ = index;
    for (auto& [unit, b] : accounts_) say_moved_pnl(unit, b, out);
  }
  if (instrument.value >= marks_.size()) marks_.resize(instrument.value + 1);
  MarkedPrice& m = marks_[instrument.value];
  if (time >= m.time) m = {price, time};
}

void PortfolioBooks::on_action(const CorporateAction& action, runtime::Emit& out) {
  // No point of the curve here: the price has not gone ex yet, so equity would jump for nothing.
  if (action.kind == CorporateActionKind::split && action.ratio.is_positive()) {
    if (action.instrument.value < marks_.size()) {
      Price& p = marks_[action.instrument.value].price;
      if (const auto raw = mul_div(p.raw(), kDecimalOne, action.ratio.raw()))
        p = Price::from_raw(*raw);
    }
    for (auto& [unit, b] : accounts_) {
      if (b.find(action.instrument) == nullptr) continue;
      if (b.split(action.instrument, action.ratio)) {
        out.publish(unit, b.position(action.instrument));
      } else {
        out.touch(unit);
      }
    }
  } else if (action.kind == CorporateActionKind::dividend) {
    for (auto& [unit, b] : accounts_) {
      Entries entries = b.dividend(action.instrument, action.amount);
      say(unit, entries, out);
    }
  }
}

Books& PortfolioBooks::account(Unit unit, runtime::Emit& out) {
  const auto at = accounts_.find(unit);
  if (at != accounts_.end()) return at->second;
  Books& b = accounts_.emplace(unit, Books(AccountId{unit})).first->second;
  out.touch(unit);
  const auto opening = std::find_if(config_->openings.begin(), config_->openings.end(),
                                    [&](const Opening& o) { return o.account.value == unit; });
  if (opening != config_->openings.end()) {
    Entries entries = b.open(opening->capital);
    say(unit, entries, out);
    say_pnl(unit, b, out);
  }
  return b;
}

void PortfolioBooks::say(Unit unit, Entries& entries, runtime::Emit& out) {
  for (LedgerEntry& e : entries) {
    e.entry = derive_id(Kind::portfolio_books, unit, out.next_seq(unit));
    out.publish(unit, e);
  }
}

void PortfolioBooks::say_pnl(Unit unit, Books& b, runtime::Emit& out) {
  out.publish(unit, b.value([this](InstrumentId i) { return mark(i); }));
}

void PortfolioBooks::say_moved_pnl(Unit unit, Books& b, runtime::Emit& out) {
  if (!b.is_open()) return;
  if (b.equity([this](InstrumentId i) { return mark(i); }) != b.last_equity())
    say_pnl(unit, b, out);
}

void PortfolioBooks::save_shared(Writer& w) const {
  w.put(curve_index_);
  w.put(static_cast<std::uint32_t>(marks_.size()));
  for (const MarkedPrice& m : marks_) {
    w.put(m.price);
    w.put(m.time);
  }
}

Result<void> PortfolioBooks::load_shared(Reader& r) {
  r.get(curve_index_);
  const auto count = r.get<std::uint32_t>();
  if (count > kMaxInstruments) return fail(ErrorCode::data_loss, "too many marks", "books");
  marks_.clear();
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    MarkedPrice m;
    r.get(m.price);
    r.get(m.time);
    marks_.push_back(m);
  }
  if (!r.ok()) return fail(ErrorCode::data_loss, "saved marks are cut short", "books");
  return {};
}

std::vector<Unit> PortfolioBooks::units() const {
  std::vector<Unit> all;
  for (const auto& [unit, b] : accounts_) all.push_back(unit);
  return all;
}

void PortfolioBooks::save_unit(Unit unit, Writer& w) const {
  const auto at = accounts_.find(unit);
  BW_ASSERT(at != accounts_.end(), "saving an account that has no books");
  at->second.save(w);
}

Result<void> PortfolioBooks::load_unit(Unit unit, Reader& r) {
  auto loaded = Books::load(AccountId{unit}, r);
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  accounts_.insert_or_assign(unit, std::move(*loaded));
  return {};
}

const Books* PortfolioBooks::books(AccountId account) const {
  const auto at = accounts_.find(account.value);
  return at == accounts_.end() ? nullptr : &at->second;
}

runtime::MachineSpec portfolio_books_spec(const Config& config) {
  return {Kind::portfolio_books,
          {{Kind::market_bars, runtime::Delivery::broadcast},
           {Kind::broker_orders, runtime::Delivery::partitioned}},
          true,
          [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
            return std::make_unique<PortfolioBooks>(*static_cast<const Config*>(context));
          },
          &config};
}

}  // namespace bw::portfolio
