#pragma once
// One order against one piece of market data: does it fill, how much, at what price, and if not,
// why.
#include "bellwether/matching/models.hpp"

namespace bw::matching {

/// The part of an order that matching needs. Owners derive from it to keep their own fields beside
/// it.
struct PaperOrder {
  OrderId id;
  Side side = Side::none;
  OrderType type = OrderType::none;
  TimeInForce time_in_force = TimeInForce::none;
  bool triggered = false;    ///< a stop that was reached: works as market or limit from then on
  bool reduce_only = false;  ///< fills only what closes the position
  Quantity may_open = kUnlimited;  ///< most that may still open or enlarge a position
  Quantity quantity;
  Quantity filled;
  Price limit_price;
  Price stop_price;
  Money notional;              ///< of what is filled
  Money fees;                  ///< charged so far
  TimeNs accepted_at = 0;      ///< event time: data must be later
  TimeNs accepted_source = 0;  ///< by the data's own clock: bars open no earlier

  [[nodiscard]] Quantity remaining() const { return quantity - filled; }
  [[nodiscard]] bool has_limit() const noexcept {
    return type == OrderType::limit || type == OrderType::stop_limit;
  }
  [[nodiscard]] bool waits_for_stop() const noexcept {
    return !triggered && (type == OrderType::stop || type == OrderType::stop_limit);
  }
  [[nodiscard]] bool immediate() const noexcept {
    return time_in_force == TimeInForce::ioc || time_in_force == TimeInForce::fok;
  }
  [[nodiscard]] Price average_price() const noexcept;
  /// Most that it may fill now, given the position.
  [[nodiscard]] Quantity fillable(Quantity held) const;
};

enum class DataKind : std::uint8_t { none, bar, trade, quote };

/// What one piece of data shows to orders of one side. Trades and quotes have one price.
struct Tape {
  DataKind kind = DataKind::none;
  TimeNs time = 0;  ///< event time
  TimeNs from = 0;  ///< source time of `open`
  Price open;       ///< zero: nothing on that side
  Price high;
  Price low;
  Quantity volume;  ///< traded, or quoted
};
[[nodiscard]] Tape tape_of(const Bar& bar, TimeNs time) noexcept;
[[nodiscard]] Tape tape_of(const Trade& trade, TimeNs time) noexcept;
[[nodiscard]] Tape tape_of(const Quote& quote, Side order_side, TimeNs time) noexcept;

/// Whether `order` may look at `tape` at all.
[[nodiscard]] constexpr bool eligible(const PaperOrder& order, const Tape& tape) noexcept {
  return tape.time > order.accepted_at &&
         (tape.kind != DataKind::bar || tape.from >= order.accepted_source);
}

/// What a step did to an order. quantity zero: nothing filled, and reason, limit and seen say why.
struct Outcome {
  Quantity quantity;
  Price price;             ///< slippage included
  Price before_slippage;
  bool triggers = false;   ///< its stop was reached in this step
  OrderReason reason = OrderReason::none;
  Price limit;             ///< the order's price that stood in the way; zero where none did
  Price seen;              ///< the best price that was compared with it
};

struct Steps {
  Price tick;
  Quantity lot;
};

/// Decides `order` against `tape`, which it is eligible for. `size` is the most that it may fill
/// (remaining, or less where reduce_only), `available` what the volume limit leaves.
[[nodiscard]] Outcome evaluate(const PaperOrder& order, const Tape& tape, Quantity size,
                               Quantity available, const VenueRules& rules, Steps steps) noexcept;

/// Why an order that is still open did not fill on `tape`, the newest data.
[[nodiscard]] Outcome explain(const PaperOrder& order, const Tape& tape) noexcept;

/// What the fill of `outcome` costs beside its price, booked into the order.
struct Execution {
  Quantity quantity;
  Price price;
  Money fee;
  Money slippage;
};
[[nodiscard]] Execution book_fill(PaperOrder& order, const Outcome& outcome,
                                  const FeeModel& fees);

}  // namespace bw::matching
