#pragma once
// Orders, executions, accounts and books (topics broker.orders, portfolio.books).
#include "bellwether/domain/market.hpp"

namespace bw {

enum class OrderType : std::uint8_t { none, market, limit, stop, stop_limit };
enum class TimeInForce : std::uint8_t { none, day, gtc, ioc, fok };

/// The life of an order. new_ → accepted → (triggered) → partially_filled → filled, or an end on
/// the way.
enum class OrderState : std::uint8_t {
  none,
  new_,       ///< decided and committed; the venue has not answered yet
  accepted,   ///< working at the venue
  triggered,  ///< a stop's price was reached
  partially_filled,
  filled,  ///< end
  cancel_pending,
  cancelled,  ///< end
  rejected,   ///< end: by the venue
  expired,    ///< end: its time in force ran out
  unknown,    ///< asked, no answer, cannot be looked up yet; buying power stays reserved
};
[[nodiscard]] constexpr bool is_end(OrderState s) noexcept {
  return s == OrderState::filled || s == OrderState::cancelled || s == OrderState::rejected ||
         s == OrderState::expired;
}

/// Why an order is where it is, why it did not fill, or why nothing was ordered.
enum class OrderReason : std::uint8_t {
  none,
  buying_power,    ///< needs more than there is
  position_limit,  ///< position above its share of equity
  daily_loss_limit,
  order_rate,
  kill_switch,
  size_zero,  ///< sizing gave less than one lot
  no_price,   ///< no market data to size or match by yet
  stale_signal,
  unknown_instrument,
  unknown_account,
  unknown_order,
  duplicate_request,
  bad_request,     ///< fields that do not fit together; `text` names them
  not_marketable,  ///< limit not reached
  stop_not_reached,
  no_liquidity,  ///< volume limit left nothing
  session_closed,
  time_in_force,  ///< DAY ended, IOC remainder, FOK not whole
  user_cancel,
  replaced_by_signal,  ///< a newer signal took its place
  protective_stop,     ///< the order is a stop loss
  take_profit,
  venue_refused,
  already_in_position,  ///< the signal asks for what is already held or ordered
  shorting_not_allowed,
  open_order_limit,  ///< as many open orders as an account may have
};

/// The decision to trade, before the venue knows. `signal` or `request_id` says what caused it.
struct OrderIntent {
  OrderId order;
  AccountId account;
  InstrumentId instrument;
  Side side = Side::none;
  OrderType type = OrderType::none;
  TimeInForce time_in_force = TimeInForce::none;
  OrderReason purpose = OrderReason::none;  ///< protective_stop, take_profit, or none
  Quantity quantity;
  Price limit_price;
  Price stop_price;
  SignalId signal;
  FixedText<40> request_id;
  bool operator==(const OrderIntent&) const = default;
};

struct OrderEvent {
  OrderId order;
  AccountId account;
  InstrumentId instrument;
  OrderState state = OrderState::none;
  OrderReason reason = OrderReason::none;
  Quantity quantity;
  Quantity filled;
  Price average_price;  ///< of what is filled
  Price limit;          ///< the number that stood in the way (limit or stop price), zero where none
  Price seen;           ///< the best price or last price that was compared with it
  bool operator==(const OrderEvent&) const = default;
};

struct Fill {
  FillId fill;
  OrderId order;
  AccountId account;
  InstrumentId instrument;
  Side side = Side::none;
  Quantity quantity;  ///< positive
  Price price;        ///< with slippage
  Money fee;
  Money slippage;  ///< what the slippage model cost, part of price × quantity
  TimeNs source_time = 0;
  bool operator==(const Fill&) const = default;
};

/// An order that was not made. `limit` and `actual` are the two numbers that were compared, in the
/// unit of the reason (money, shares, orders a minute).
struct Refusal {
  AccountId account;
  InstrumentId instrument;
  OrderReason reason = OrderReason::none;
  SignalId signal;
  FixedText<40> request_id;
  Money limit;
  Money actual;
  FixedText<80> text;
  bool operator==(const Refusal&) const = default;
};

enum class RiskModeState : std::uint8_t { normal, reduce_only, halted };

struct RiskMode {
  AccountId account;
  RiskModeState mode = RiskModeState::normal;
  OrderReason reason = OrderReason::none;
  Money limit;
  Money actual;
  bool operator==(const RiskMode&) const = default;
};

/// A position after a change, as the broker counts it.
struct Position {
  AccountId account;
  InstrumentId instrument;
  Quantity quantity;   ///< negative: short
  Price average_cost;  ///< of what is held, fees excluded
  Money realised;      ///< since the account was opened, fees excluded
  bool operator==(const Position&) const = default;
};

struct Cash {
  AccountId account;
  Money cash;
  Money reserved;  ///< by open orders
  Money equity;    ///< cash + positions at last prices
  bool operator==(const Cash&) const = default;
};

/// The chart of accounts. Every booking moves an amount from one to another.
enum class LedgerAccount : std::uint8_t {
  none,
  cash,
  securities,  ///< at cost
  realised_pnl,
  fees,
  dividends,
  capital,  ///< what the owner paid in
};

/// Double entry: `amount` > 0 leaves `credit` and enters `debit`.
struct LedgerEntry {
  AccountId account;
  std::uint64_t entry = 0;  ///< derived id
  LedgerAccount debit = LedgerAccount::none;
  LedgerAccount credit = LedgerAccount::none;
  InstrumentId instrument;
  Money amount;
  FillId fill;
  bool operator==(const LedgerEntry&) const = default;
};

struct Pnl {
  AccountId account;
  Money realised;
  Money unrealised;
  Money fees;
  Money equity;
  Money peak_equity;
  Money drawdown;  ///< peak_equity - equity, never negative
  Money max_drawdown;
  bool operator==(const Pnl&) const = default;
};

/// The books' own count of a position.
struct BookPosition {
  AccountId account;
  InstrumentId instrument;
  Quantity quantity;
  Price average_cost;
  Money realised;
  bool operator==(const BookPosition&) const = default;
};

/// The broker and the books disagree.
struct ReconciliationDifference {
  AccountId account;
  InstrumentId instrument;  ///< none: cash
  Quantity broker_quantity;
  Quantity book_quantity;
  Money broker_cash;
  Money book_cash;
  bool operator==(const ReconciliationDifference&) const = default;
};

}  // namespace bw
