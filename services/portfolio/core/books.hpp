#pragma once
// Books: one account in double entry, by average cost. The books count for themselves: they take
// nothing from the broker but its fills, and compare the result with the broker's own positions and
// cash.
#include <optional>
#include <vector>

#include "bellwether/base/serial.hpp"
#include "bellwether/domain/trading.hpp"

namespace bw::portfolio {

/// What an account has, or had, in one instrument.
struct Holding {
  InstrumentId instrument;
  Quantity quantity;     ///< negative: short
  Money cost;            ///< the instrument's part of `securities`; negative where short
  Money realised;        ///< since the account was opened, fees and dividends excluded
  Price last_price;      ///< of the last fill: values the holding until the market gives a price
  Quantity broker;       ///< what the broker says, while `pending`
  bool pending = false;  ///< the broker says something else, not looked at again yet
  Quantity difference;   ///< broker's quantity - ours, as last reported; zero: they agree
  bool operator==(const Holding&) const = default;
};

/// The entries of one event: at most trade, realised profit and fee.
using Entries = FixedVector<LedgerEntry, 3>;

inline constexpr std::size_t kLedgerAccounts = 7;
/// Limit of holdings an account; the instruments of a universe stay far below it.
inline constexpr std::size_t kMaxHoldings = 65'536;

/// a - b; saturates.
template <class Tag>
[[nodiscard]] Fixed<Tag> difference_of(Fixed<Tag> a, Fixed<Tag> b) noexcept {
  const __int128 exact = static_cast<__int128>(a.raw()) - b.raw();
  const __int128 most = INT64_MAX;
  const __int128 held = exact > most ? most : exact < -most ? -most : exact;
  return Fixed<Tag>::from_raw(static_cast<std::int64_t>(held));
}

/// One account's books. Lifecycle: empty, opened by the first known cash, then event by event. One
/// thread; owned by the machine. Invariants: the balances sum to zero; `securities` equals the sum
/// of the holdings' cost.
class Books {
 public:
  explicit Books(AccountId account) : account_(account) {}

  /// Books the owner's money: cash against capital. Once an account.
  Entries open(Money capital);
  [[nodiscard]] bool is_open() const noexcept { return opened_; }

  /// Books a fill: trade, profit of the part that closes a position, fee. A fill of no side,
  /// quantity or price, or whose amounts do not fit, is not booked, no part of it; reconciliation
  /// shows it. No entries, but another quantity: it was worth less than the smallest amount.
  Entries book(const Fill& fill);
  /// `ratio` new shares for one old; cost stays. False where nothing is held.
  bool split(InstrumentId instrument, Quantity ratio);
  /// Cash for each share held when the dividend takes effect (at its ex-date); a short position
  /// pays it. Nothing where the amount does not fit.
  Entries dividend(InstrumentId instrument, Money per_share);

  /// Takes note of what the broker says, which follows from a fill that it said before. True: it
  /// differs from the books, and not as reported already. Look again with differences() when all
  /// events of this time are in: of two dividends at one time the books know both when the broker
  /// has told its cash after the first. `changed` tells whether anything that is saved did.
  [[nodiscard]] bool differs(const Position& broker, bool& changed);
  [[nodiscard]] bool differs(const Cash& broker, bool& changed);
  /// The differences that are still there, each said once until it changes.
  [[nodiscard]] std::vector<ReconciliationDifference> differences();

  /// A point of the equity curve, holdings valued by `mark(instrument)` (a Price; zero: unknown,
  /// the last fill's stands in). Moves peak and drawdown. realised includes dividends, so that
  /// always equity = capital + realised + unrealised - fees. Amounts that do not fit saturate.
  template <class MarkOf>
  Pnl value(const MarkOf& mark) {
    return point(market_value(mark));
  }
  [[nodiscard]] Money last_equity() const noexcept { return last_equity_; }
  /// Equity without moving the curve; saturates.
  template <class MarkOf>
  [[nodiscard]] Money equity(const MarkOf& mark) const {
    return saturated(market_value(mark) + balance(LedgerAccount::cash).raw());
  }

  [[nodiscard]] const Holding* find(InstrumentId instrument) const noexcept;
  [[nodiscard]] const std::vector<Holding>& holdings() const noexcept { return holdings_; }
  /// Debits less credits of a ledger account.
  [[nodiscard]] Money balance(LedgerAccount a) const noexcept {
    return balances_[static_cast<std::size_t>(a)];
  }
  /// The sum of all balances: zero, or the books are broken.
  [[nodiscard]] Money trial_balance() const;
  [[nodiscard]] BookPosition position(InstrumentId instrument) const;
  [[nodiscard]] AccountId account() const noexcept { return account_; }

  void save(Writer& w) const;
  [[nodiscard]] static Result<Books> load(AccountId account, Reader& r);
  bool operator==(const Books&) const = default;

 private:
  Holding& holding(InstrumentId instrument);
  Holding* find_mutable(InstrumentId instrument) noexcept;
  /// What the books would be after an event: taken over as a whole or, where an amount does not
  /// fit, not at all.
  struct Draft {
    std::array<Money, kLedgerAccounts> balances;
    Holding holding;
    Entries entries;
    bool fits = true;
  };
  [[nodiscard]] Draft draft(InstrumentId instrument) const;
  /// Moves `amount` into `debit` from `credit`, or back where it is negative; nothing where it is
  /// zero.
  void move(Draft& to, LedgerAccount debit, LedgerAccount credit, Money amount, FillId fill) const;
  [[nodiscard]] static Money value_of(const Holding& h, Price mark);
  [[nodiscard]] static Money saturated(__int128 raw) noexcept;
  /// Raw, of all holdings: never saturates.
  template <class MarkOf>
  [[nodiscard]] __int128 market_value(const MarkOf& mark) const {
    __int128 sum = 0;
    for (const Holding& h : holdings_) {
      if (!h.quantity.is_zero()) sum += value_of(h, mark(h.instrument)).raw();
    }
    return sum;
  }
  Pnl point(__int128 market);

  AccountId account_;
  bool opened_ = false;
  std::array<Money, kLedgerAccounts> balances_{};
  std::vector<Holding> holdings_;  // by instrument
  Money broker_cash_;              // what the broker says, while pending
  bool cash_pending_ = false;
  Money cash_difference_;  // broker's cash - ours, as last reported
  bool has_point_ = false;
  Money last_equity_;
  Money peak_;
  Money max_drawdown_;
};

}  // namespace bw::portfolio
