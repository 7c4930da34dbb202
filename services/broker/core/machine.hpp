#pragma once
// broker.orders: the trading loop of each account, signal to size to gate to order to fill to
// position. README.md says the rules; the order of what one step publishes is part of the contract:
// an intent before its order's events, a fill before the position and the cash that follow from it.
#include "bellwether/risk/sizing.hpp"
#include "bellwether/runtime/machine.hpp"
#include "broker/core/account_state.hpp"
#include "broker/core/market.hpp"

namespace bw::broker {

/// What is asked for, before the gate.
struct OrderRequest {
  InstrumentId instrument;
  Side side = Side::none;
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::gtc;
  OrderReason purpose = OrderReason::none;
  bool reduce_only = false;
  Quantity may_open;  ///< set by the gate
  Quantity quantity;
  Price limit_price;
  Price stop_price;
  SignalId signal;
  RequestId request_id;
  Price stop_loss;
  Price take_profit;
};

/// Unit = account. A ledger. One thread; owned by its host; `config` and what it points to outlive
/// it.
class BrokerOrders final : public runtime::Machine {
 public:
  BrokerOrders(const Config& config, runtime::Ownership ownership);

  void step(const runtime::Stamped& in, runtime::Emit& out) noexcept override;
  void save_shared(Writer& w) const override;
  [[nodiscard]] Result<void> load_shared(Reader& r) override;
  [[nodiscard]] std::vector<Unit> units() const override;
  void save_unit(Unit unit, Writer& w) const override;
  [[nodiscard]] Result<void> load_unit(Unit unit, Reader& r) override;

  /// For reports and tests; null where the account is not this machine's.
  [[nodiscard]] const AccountState* account(AccountId id) const noexcept;

 private:
  using Emit = runtime::Emit;

  // machine.cpp: market data, sessions, corporate actions.
  void on_bar(const Bar& bar, Emit& out);
  template <class Tick>
  void on_tick(const Tick& tick, Emit& out);
  void on_mark(const Mark& mark, Emit& out);
  void on_session(const Session& session, Emit& out);
  void on_action(const CorporateAction& action, Emit& out);
  void split(AccountState& a, Desk& d, const Market& m, Quantity ratio, Emit& out);
  void new_utc_day(Market& m, TimeNs source_time, Emit& out);
  void roll_day(DayNumber day, Emit& out);
  void match(Market& m, const Quote* quote, Emit& out);
  void expire_day_orders(Market& m, TimeNs accepted_before, Emit& out);
  void remark(Market& m, Emit& out);
  void value_all();
  void settle_active(Market& m, std::uint32_t index);
  Market* market(InstrumentId id) noexcept {
    return id.value < markets_.size() && markets_[id.value].instrument != nullptr
               ? &markets_[id.value]
               : nullptr;
  }
  AccountState* find(AccountId id) noexcept;
  std::uint32_t index_of(const AccountState& a) const noexcept {
    return static_cast<std::uint32_t>(&a - accounts_.data());
  }

  // signals.cpp
  void on_signal(const Signal& signal, Emit& out);
  void follow(AccountState& a, const Signal& signal, Emit& out);
  void close_position(AccountState& a, const Signal& signal, const Market& m, Emit& out);
  void enter(AccountState& a, const Signal& signal, const Market& m, Quantity target, Emit& out);
  void cancel_entries(AccountState& a, InstrumentId instrument, OrderReason reason, Emit& out);

  // orders.cpp: commands, the gate, the order's way in and out.
  void on_command(const runtime::Stamped& in, Emit& out);
  void on_submit(AccountState& a, const SubmitOrder& c, Emit& out);
  void on_cancel(AccountState& a, const CancelOrder& c, Emit& out);
  void on_kill_switch(AccountState& a, const SetKillSwitch& c, Emit& out);
  [[nodiscard]] bool is_new(AccountState& a, const RequestId& id, Emit& out);
  [[nodiscard]] const char* misfit(const SubmitOrder& c, const Market& m, Quantity held) const;
  [[nodiscard]] risk::Verdict gate(AccountState& a, const Market& m, OrderRequest& r,
                                   TimeNs now, Money& reserve);
  [[nodiscard]] Money margin_needed(const OrderRequest& r, Quantity opens, Price price,
                                    const risk::Limits& limits) const;
  [[nodiscard]] Money margin_used(const AccountState& a) const;
  /// Through the gate; a refusal is published. True: an order was made.
  bool submit(AccountState& a, const Market& m, const OrderRequest& r, Emit& out);
  void place(AccountState& a, const Market& m, const OrderRequest& r, Money reserve, Emit& out);
  void refuse(AccountState& a, const OrderRequest& r, const risk::Verdict& v, Emit& out,
              std::string_view text = {});
  /// Ends a paper order, or asks an external venue to. The order's address is void afterwards.
  void cancel(AccountState& a, Desk& d, OrderId id, OrderReason reason, Emit& out);
  void end(AccountState& a, Desk& d, OrderId id, OrderState state, OrderReason reason,
           Price limit, Price seen, Emit& out);
  void set_state(AccountState& a, const Desk& d, Order& o, OrderState state, OrderReason reason,
                 Price limit, Price seen, Emit& out);
  template <class Which>
  void cancel_where(AccountState& a, Desk& d, OrderReason reason, Emit& out, const Which& which);

  // fills.cpp
  void on_outcome(AccountState& a, Market& m, InstrumentId instrument, Order& o,
                  const matching::Outcome& outcome, const Quote* quote, Emit& out);
  /// Books the position and cash; nothing, and nothing changed, where an amount does not fit.
  [[nodiscard]] std::optional<account::FillEffect> book(AccountState& a, Desk& d, const Market& m,
                                                        Side side, Quantity quantity, Price price,
                                                        Money fee);
  void say_position(AccountState& a, const Desk& d, Emit& out);
  void say_cash(AccountState& a, Emit& out);
  void after_fill(AccountState& a, const Market& m, InstrumentId instrument, const Order& filled,
                  Emit& out);
  void protect(AccountState& a, const Market& m, Desk& d, const Order& entry, Emit& out);
  void watch_loss(AccountState& a, Emit& out);

  // venue.cpp: answers of an external venue.
  void on_venue_reply(AccountState& a, const VenueReply& reply, Emit& out);
  void late_fill(AccountState& a, const VenueReply& reply, Emit& out);
  [[nodiscard]] bool venue_fill(AccountState& a, Desk& d, Order& o, const VenueReply& reply,
                                Emit& out);
  void say_venue_fill(AccountState& a, const VenueReply& reply, InstrumentId instrument, Side side,
                      Emit& out);

  void open(AccountState& a, Emit& out);

  const Config* config_;
  std::vector<AccountState> accounts_;  // by id; the owned ones
  std::vector<Market> markets_;         // by instrument id
  DayNumber day_ = 0;                   // trading day, the newest of any instrument
  bool derived_stale_ = true;           // values and activity must be counted again (start, load)
};

template <class Which>
void BrokerOrders::cancel_where(AccountState& a, Desk& d, OrderReason reason, Emit& out,
                                const Which& which) {
  std::array<OrderId, matching::kMaxBookOrders> ids;
  std::size_t count = 0;
  for (const Order& o : d.book.orders()) {
    if (which(o)) ids[count++] = o.id;
  }
  for (std::size_t i = 0; i < count; ++i) cancel(a, d, ids[i], reason, out);
}

/// `config` (checked) outlives the machines.
[[nodiscard]] runtime::MachineSpec broker_orders_spec(const Config& config);

}  // namespace bw::broker
