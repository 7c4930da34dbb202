#include "broker/shell/broker_queries.hpp"

#include <algorithm>

#include "bellwether/domain/names.hpp"

namespace bw::broker {

using postgres::decimal_of;
using postgres::integer_of;

namespace {

std::string text(std::uint64_t id) { return std::to_string(id); }
std::string at_most(int limit) { return std::to_string(std::clamp(limit, 1, kMaxRows)); }

template <class E>
E enum_of(const pqxx::field& field) {
  return from_name<E>(field.c_str()).value_or(E{});
}

OrderRow order_of(const pqxx::row& r) {
  OrderRow o;
  o.intent.order = o.event.order = OrderId{integer_of<std::uint64_t>(r["order_id"])};
  o.intent.account = o.event.account = AccountId{integer_of<std::uint32_t>(r["account"])};
  o.intent.instrument = o.event.instrument =
      InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
  o.intent.side = enum_of<Side>(r["side"]);
  o.intent.type = enum_of<OrderType>(r["type"]);
  o.intent.time_in_force = enum_of<TimeInForce>(r["time_in_force"]);
  o.intent.purpose = enum_of<OrderReason>(r["purpose"]);
  o.intent.quantity = o.event.quantity = decimal_of<Quantity>(r["quantity"]);
  o.intent.limit_price = decimal_of<Price>(r["limit_price"]);
  o.intent.stop_price = decimal_of<Price>(r["stop_price"]);
  o.intent.signal = SignalId{integer_of<std::uint64_t>(r["signal"])};
  o.intent.request_id.assign(r["request_id"].c_str());
  o.event.state = enum_of<OrderState>(r["state"]);
  o.event.reason = enum_of<OrderReason>(r["reason"]);
  o.event.filled = decimal_of<Quantity>(r["filled"]);
  o.event.average_price = decimal_of<Price>(r["average_price"]);
  o.event.limit = decimal_of<Price>(r["blocked_by"]);
  o.event.seen = decimal_of<Price>(r["seen"]);
  o.created = integer_of<TimeNs>(r["created_ns"]);
  o.updated = integer_of<TimeNs>(r["updated_ns"]);
  return o;
}

FillRow fill_of(const pqxx::row& r) {
  FillRow f;
  f.fill.fill = FillId{integer_of<std::uint64_t>(r["fill_id"])};
  f.fill.order = OrderId{integer_of<std::uint64_t>(r["order_id"])};
  f.fill.account = AccountId{integer_of<std::uint32_t>(r["account"])};
  f.fill.instrument = InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
  f.fill.side = enum_of<Side>(r["side"]);
  f.fill.quantity = decimal_of<Quantity>(r["quantity"]);
  f.fill.price = decimal_of<Price>(r["price"]);
  f.fill.fee = decimal_of<Money>(r["fee"]);
  f.fill.slippage = decimal_of<Money>(r["slippage"]);
  f.fill.source_time = integer_of<TimeNs>(r["source_us"]) * kMicrosecond;
  f.at = integer_of<TimeNs>(r["at_ns"]);
  return f;
}

RefusalRow refusal_of(const pqxx::row& r) {
  RefusalRow x;
  x.refusal.account = AccountId{integer_of<std::uint32_t>(r["account"])};
  x.refusal.instrument = InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
  x.refusal.reason = enum_of<OrderReason>(r["reason"]);
  x.refusal.signal = SignalId{integer_of<std::uint64_t>(r["signal"])};
  x.refusal.request_id.assign(r["request_id"].c_str());
  x.refusal.limit = decimal_of<Money>(r["limit_value"]);
  x.refusal.actual = decimal_of<Money>(r["actual_value"]);
  x.refusal.text.assign(r["text"].c_str());
  x.at = integer_of<TimeNs>(r["at_ns"]);
  return x;
}

}  // namespace

Result<std::vector<OrderRow>> BrokerQueries::orders(const OrderFilter& f) {
  std::vector<OrderRow> rows;
  const std::string state = f.state == OrderState::none ? "" : std::string(name_of(f.state));
  auto done = reader_.read(
      "SELECT * FROM broker.\"order\" WHERE ($1::bigint = 0 OR account = $1::bigint) AND "
      "($2::bigint = 0 "
      "OR instrument = $2::bigint) AND ($3::bigint = 0 OR signal = $3::bigint) AND ($4::text = '' "
      "OR state = "
      "$4::text) AND (NOT $5::boolean OR state NOT IN ('filled', 'cancelled', 'rejected', "
      "'expired')) "
      "ORDER BY created_ns DESC, order_id DESC LIMIT $6::bigint",
      {text(f.account.value), text(f.instrument.value), text(f.signal.value), state,
       f.open_only ? "t" : "f", at_most(f.limit)},
      [&](const pqxx::row& r) { rows.push_back(order_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<FillRow>> BrokerQueries::fills(AccountId account, OrderId order, int limit) {
  std::vector<FillRow> rows;
  auto done = reader_.read(
      "SELECT *, (extract(epoch FROM source_time) * 1000000)::bigint AS source_us FROM broker.fill "
      "WHERE "
      "($1::bigint = 0 OR account = $1::bigint) AND ($2::bigint = 0 OR order_id = $2::bigint) "
      "ORDER BY at_ns DESC, fill_id DESC LIMIT $3::bigint",
      {text(account.value), text(order.value), at_most(limit)},
      [&](const pqxx::row& r) { rows.push_back(fill_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<RefusalRow>> BrokerQueries::refusals(AccountId account, int limit) {
  std::vector<RefusalRow> rows;
  auto done = reader_.read(
      "SELECT * FROM broker.refusal WHERE ($1::bigint = 0 OR account = $1::bigint) "
      "ORDER BY at_ns DESC, account, seq DESC LIMIT $2::bigint",
      {text(account.value), at_most(limit)},
      [&](const pqxx::row& r) { rows.push_back(refusal_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<Position>> BrokerQueries::positions(AccountId account) {
  std::vector<Position> rows;
  auto done = reader_.read(
      "SELECT * FROM broker.position WHERE ($1::bigint = 0 OR account = $1::bigint) AND quantity "
      "<> 0 "
      "ORDER BY account, instrument",
      {text(account.value)}, [&](const pqxx::row& r) {
        rows.push_back({AccountId{integer_of<std::uint32_t>(r["account"])},
                        InstrumentId{integer_of<std::uint32_t>(r["instrument"])},
                        decimal_of<Quantity>(r["quantity"]), decimal_of<Price>(r["average_cost"]),
                        decimal_of<Money>(r["realised"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<Cash>> BrokerQueries::cash(AccountId account) {
  std::vector<Cash> rows;
  auto done = reader_.read(
      "SELECT * FROM broker.cash WHERE $1::bigint = 0 OR account = $1::bigint ORDER BY account",
      {text(account.value)}, [&](const pqxx::row& r) {
        rows.push_back({AccountId{integer_of<std::uint32_t>(r["account"])},
                        decimal_of<Money>(r["cash"]), decimal_of<Money>(r["reserved"]),
                        decimal_of<Money>(r["equity"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<std::vector<RiskMode>> BrokerQueries::risk_modes(AccountId account) {
  std::vector<RiskMode> rows;
  auto done = reader_.read(
      "SELECT DISTINCT ON (account) * FROM broker.risk_mode WHERE $1::bigint = 0 OR account = "
      "$1::bigint "
      "ORDER BY account, seq DESC",
      {text(account.value)}, [&](const pqxx::row& r) {
        rows.push_back({AccountId{integer_of<std::uint32_t>(r["account"])},
                        enum_of<RiskModeState>(r["mode"]), enum_of<OrderReason>(r["reason"]),
                        decimal_of<Money>(r["limit_value"]), decimal_of<Money>(r["actual_value"])});
      });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

}  // namespace bw::broker
