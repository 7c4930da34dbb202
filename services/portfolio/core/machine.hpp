#pragma once
// portfolio.books: keeps each account's books from the broker's events and the market's prices.
#include <map>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "portfolio/core/books.hpp"

namespace bw::portfolio {

struct Opening {
  AccountId account;
  Money capital;
};

struct Config {
  /// What the owner paid into each account, booked with its first event. An account that is not
  /// listed is opened with what the broker's first Cash says, less what is booked by then.
  std::vector<Opening> openings;
  /// A point of the equity curve at least this often while prices move.
  DurationNs curve_step = kHour;
};

/// Errors name the key: an account twice or zero, capital not positive, a step outside 1 minute … 1
/// day.
[[nodiscard]] Result<void> check(const Config& config);

/// The machine of portfolio.books; unit = account. Reads broker.orders of its own accounts and all
/// of market.bars. Says LedgerEntry, BookPosition and Pnl after each fill; Pnl, where equity moved,
/// when a held instrument's session closes and at each step of the curve (with the first price
/// beyond it, before that price counts); ReconciliationDifference when the broker's position or
/// cash differs from the books, once a difference. A ledger: owned by its host, one thread.
class PortfolioBooks final : public runtime::Machine {
 public:
  explicit PortfolioBooks(const Config& config) : config_(&config) {}

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  void save_shared(Writer& w) const override;
  [[nodiscard]] Result<void> load_shared(Reader& r) override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

  /// For reports; nothing where the account is unknown.
  [[nodiscard]] const Books* books(AccountId account) const;
  [[nodiscard]] Price mark(InstrumentId instrument) const noexcept {
    return instrument.value < marks_.size() ? marks_[instrument.value].price : Price{};
  }

 private:
  struct MarkedPrice {
    Price price;
    TimeNs time = 0;  // source time
  };

  void on_broker(const runtime::Stamped& in, runtime::Emit& out);
  void on_timer(Unit unit, runtime::Emit& out);
  void look_again(Unit unit, bool pending, bool changed, runtime::Emit& out);
  void on_fill(Books& b, const Fill& fill, runtime::Emit& out);
  void on_price(InstrumentId instrument, Price price, TimeNs time, runtime::Emit& out);
  void on_action(const CorporateAction& action, runtime::Emit& out);
  Books& account(Unit unit, runtime::Emit& out);
  void say(Unit unit, Entries& entries, runtime::Emit& out);
  void say_pnl(Unit unit, Books& b, runtime::Emit& out);
  void say_moved_pnl(Unit unit, Books& b, runtime::Emit& out);

  const Config* config_;
  std::map<Unit, Books> accounts_;  // ordered: their effects come in the order of units
  std::vector<MarkedPrice> marks_;  // by instrument
  std::int64_t curve_index_ = 0;    // of the newest price, in curve steps
};

/// `config` outlives the machines.
[[nodiscard]] runtime::MachineSpec portfolio_books_spec(const Config& config);

}  // namespace bw::portfolio
