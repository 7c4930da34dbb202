#include "broker/shell/broker_projection.hpp"

#include <map>
#include <utility>

#include "bellwether/domain/names.hpp"
#include "bellwether/postgres/columns.hpp"

namespace bw::broker {

using postgres::Columns;
using runtime::Record;

namespace {

constexpr const char* kOrders =
    "INSERT INTO broker.\"order\" (order_id, account, instrument, side, type, time_in_force, "
    "purpose, "
    "quantity, limit_price, stop_price, signal, request_id, created_at, created_ns, seq, "
    "updated_at, "
    "updated_ns) SELECT *, r.created_at, r.created_ns FROM unnest($1::bigint[], $2::bigint[], "
    "$3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[], "
    "$10::numeric[], $11::bigint[], $12::text[], $13::timestamptz[], $14::bigint[], $15::bigint[]) "
    "AS "
    "r(order_id, account, instrument, side, type, time_in_force, purpose, quantity, limit_price, "
    "stop_price, signal, request_id, created_at, created_ns, seq) ON CONFLICT DO NOTHING";
constexpr const char* kOrderStates =
    "UPDATE broker.\"order\" o SET state = r.state, reason = r.reason, filled = r.filled, "
    "average_price "
    "= r.average_price, blocked_by = r.blocked_by, seen = r.seen, updated_at = r.at, updated_ns = "
    "r.at_ns, seq = r.seq FROM unnest($1::bigint[], $2::text[], $3::text[], $4::numeric[], "
    "$5::numeric[], $6::numeric[], $7::numeric[], $8::timestamptz[], $9::bigint[], $10::bigint[]) "
    "AS "
    "r(order_id, state, reason, filled, average_price, blocked_by, seen, at, at_ns, seq) WHERE "
    "o.order_id = r.order_id AND o.seq < r.seq";
constexpr const char* kFills =
    "INSERT INTO broker.fill SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], "
    "$4::bigint[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], "
    "$10::timestamptz[], $11::bigint[], $12::timestamptz[]) ON CONFLICT DO NOTHING";
constexpr const char* kRefusals =
    "INSERT INTO broker.refusal SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], "
    "$4::text[], $5::bigint[], $6::text[], $7::numeric[], $8::numeric[], $9::text[], "
    "$10::timestamptz[], $11::bigint[]) ON CONFLICT DO NOTHING";
constexpr const char* kPositions =
    "INSERT INTO broker.position AS p SELECT * FROM unnest($1::bigint[], $2::bigint[], "
    "$3::numeric[], "
    "$4::numeric[], $5::numeric[], $6::timestamptz[], $7::bigint[]) ON CONFLICT (account, "
    "instrument) DO "
    "UPDATE SET quantity = EXCLUDED.quantity, average_cost = EXCLUDED.average_cost, realised = "
    "EXCLUDED.realised, at = EXCLUDED.at, seq = EXCLUDED.seq WHERE p.seq < EXCLUDED.seq";
constexpr const char* kCash =
    "INSERT INTO broker.cash AS c SELECT * FROM unnest($1::bigint[], $2::numeric[], $3::numeric[], "
    "$4::numeric[], $5::timestamptz[], $6::bigint[]) ON CONFLICT (account) DO UPDATE SET cash = "
    "EXCLUDED.cash, reserved = EXCLUDED.reserved, equity = EXCLUDED.equity, at = EXCLUDED.at, seq "
    "= "
    "EXCLUDED.seq WHERE c.seq < EXCLUDED.seq";
constexpr const char* kRiskModes =
    "INSERT INTO broker.risk_mode SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], "
    "$4::text[], $5::numeric[], $6::numeric[], $7::timestamptz[]) ON CONFLICT DO NOTHING";

/// The rows of one batch. Of what is kept once (an order's state, a position, cash) only the last
/// one counts: a statement may touch a row once.
struct Batch {
  Columns orders{15}, fills{12}, refusals{11}, risk_modes{7};
  std::map<std::uint64_t, const Record*> states;
  std::map<std::pair<std::uint32_t, std::uint32_t>, const Record*> positions;
  std::map<std::uint32_t, const Record*> cash;

  void add(const Record& r, const OrderIntent& e) {
    orders.id(e.order.value).id(e.account.value).id(e.instrument.value).text(name_of(e.side));
    orders.text(name_of(e.type)).text(name_of(e.time_in_force)).text(name_of(e.purpose));
    orders.decimal(e.quantity).decimal(e.limit_price).decimal(e.stop_price).id(e.signal.value);
    orders.text(e.request_id.view()).time(r.t).integer(r.t).id(r.seq);
  }
  void add(const Record& r, const OrderEvent& e) { states[e.order.value] = &r; }
  void add(const Record& r, const Fill& e) {
    fills.id(e.fill.value).id(e.order.value).id(e.account.value).id(e.instrument.value);
    fills.text(name_of(e.side)).decimal(e.quantity).decimal(e.price).decimal(e.fee);
    fills.decimal(e.slippage).time(r.t).integer(r.t).time(e.source_time);
  }
  void add(const Record& r, const Refusal& e) {
    refusals.id(e.account.value).id(r.seq).id(e.instrument.value).text(name_of(e.reason));
    refusals.id(e.signal.value).text(e.request_id.view()).decimal(e.limit).decimal(e.actual);
    refusals.text(e.text.view()).time(r.t).integer(r.t);
  }
  void add(const Record& r, const RiskMode& e) {
    risk_modes.id(e.account.value).id(r.seq).text(name_of(e.mode)).text(name_of(e.reason));
    risk_modes.decimal(e.limit).decimal(e.actual).time(r.t);
  }
  void add(const Record& r, const Position& e) {
    positions[{e.account.value, e.instrument.value}] = &r;
  }
  void add(const Record& r, const Cash& e) { cash[e.account.value] = &r; }
  template <class E>
  void add(const Record&, const E&) {}

  void write(pqxx::transaction_base& tx);
};

void Batch::write(pqxx::transaction_base& tx) {
  Columns state_rows(10), position_rows(7), cash_rows(6);
  for (const auto& [id, r] : states) {
    const auto& e = std::get<OrderEvent>(r->event);
    state_rows.id(id).text(name_of(e.state)).text(name_of(e.reason)).decimal(e.filled);
    state_rows.decimal(e.average_price).decimal(e.limit).decimal(e.seen);
    state_rows.time(r->t).integer(r->t).id(r->seq);
  }
  for (const auto& [key, r] : positions) {
    const auto& e = std::get<Position>(r->event);
    position_rows.id(key.first).id(key.second).decimal(e.quantity).decimal(e.average_cost);
    position_rows.decimal(e.realised).time(r->t).id(r->seq);
  }
  for (const auto& [account, r] : cash) {
    const auto& e = std::get<Cash>(r->event);
    cash_rows.id(account).decimal(e.cash).decimal(e.reserved).decimal(e.equity);
    cash_rows.time(r->t).id(r->seq);
  }
  orders.exec(tx, kOrders);
  state_rows.exec(tx, kOrderStates);
  fills.exec(tx, kFills);
  refusals.exec(tx, kRefusals);
  position_rows.exec(tx, kPositions);
  cash_rows.exec(tx, kCash);
  risk_modes.exec(tx, kRiskModes);
}

}  // namespace

void BrokerProjection::write(pqxx::transaction_base& tx, std::span<const Record> records) {
  Batch batch;
  for (const Record& r : records) {
    if (r.what != runtime::What::out) continue;
    std::visit([&](const auto& event) { batch.add(r, event); }, r.event);
  }
  batch.write(tx);
}

}  // namespace bw::broker
