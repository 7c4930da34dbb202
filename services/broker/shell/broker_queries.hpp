#pragma once
// Questions to the broker's tables: what `bellwether orders` and the gateway show.
#include <string>
#include <vector>

#include "bellwether/domain/event.hpp"
#include "bellwether/postgres/reader.hpp"

namespace bw::broker {

struct OrderFilter {
  AccountId account{};                    ///< none: all
  InstrumentId instrument{};              ///< none: all
  SignalId signal{};                      ///< none: all
  OrderState state = OrderState::none;  ///< none: all
  bool open_only = false;               ///< orders that have not ended
  int limit = 100;                      ///< at most this many, 1 … kMaxRows
};
inline constexpr int kMaxRows = 10'000;

/// An order with where it stands: `event` holds state, reason, what is filled, and the two prices
/// that were compared.
struct OrderRow {
  OrderIntent intent;
  OrderEvent event;
  TimeNs created = 0;
  TimeNs updated = 0;
};
struct FillRow {
  Fill fill;
  TimeNs at = 0;
};
struct RefusalRow {
  Refusal refusal;
  TimeNs at = 0;
};

/// One connection. One thread. Errors as Reader::read.
class BrokerQueries {
 public:
  explicit BrokerQueries(std::string uri) : reader_(std::move(uri)) {}

  /// Newest first.
  [[nodiscard]] Result<std::vector<OrderRow>> orders(const OrderFilter& filter);
  /// Newest first; `order` none: all of the account's.
  [[nodiscard]] Result<std::vector<FillRow>> fills(AccountId account, OrderId order, int limit);
  [[nodiscard]] Result<std::vector<RefusalRow>> refusals(AccountId account, int limit);
  /// By instrument, with those that are flat now left out.
  [[nodiscard]] Result<std::vector<Position>> positions(AccountId account);
  /// One an account; `account` none: all.
  [[nodiscard]] Result<std::vector<Cash>> cash(AccountId account);
  /// In force now, one an account that ever left normal.
  [[nodiscard]] Result<std::vector<RiskMode>> risk_modes(AccountId account);

 private:
  postgres::Reader reader_;
};

}  // namespace bw::broker
