#include "requests.hpp"

#include <algorithm>
#include <pqxx/pqxx>

#include "bellwether/domain/names.hpp"
#include "bellwether/postgres/columns.hpp"
#include "bellwether/servers/child.hpp"

namespace bw::app {

AccountId account_of(const Event& command) {
  if (const auto* s = std::get_if<SubmitOrder>(&command)) return s->account;
  if (const auto* c = std::get_if<CancelOrder>(&command)) return c->account;
  if (const auto* k = std::get_if<SetKillSwitch>(&command)) return k->account;
  return {};
}

RequestId request_id_of(const Event& command) {
  if (const auto* s = std::get_if<SubmitOrder>(&command)) return s->request_id;
  if (const auto* c = std::get_if<CancelOrder>(&command)) return c->request_id;
  if (const auto* k = std::get_if<SetKillSwitch>(&command)) return k->request_id;
  return {};
}

struct RequestDesk::Connection {
  pqxx::connection pg;
};

RequestDesk::RequestDesk(std::string uri) : uri_(std::move(uri)) {}
RequestDesk::~RequestDesk() = default;

RequestDesk::Taken* RequestDesk::find(std::string_view id) {
  const auto it =
      std::find_if(taken_.begin(), taken_.end(), [id](const Taken& t) { return t.id == id; });
  return it == taken_.end() ? nullptr : &*it;
}

// What is marked as taken and was not answered is in no saved state: an owner before took it, or
// this one cannot know whether its mark was committed when the connection broke.
void RequestDesk::connect() {
  if (connection_ && connection_->pg.is_open()) return;
  connection_.reset(new Connection{pqxx::connection(uri_)});
  pqxx::work tx(connection_->pg);
  postgres::Columns rows(1);
  rows.text("");  // no request's id: without rows there would be no statement
  for (const Taken& t : taken_) rows.text(t.id);
  rows.exec(tx,
            "UPDATE app.request SET state = 'pending' WHERE state = 'taken' AND "
            "request_id NOT IN (SELECT unnest($1::text[]))");
  tx.commit();
}

void RequestDesk::take_in(const std::string& id, const std::string& body,
                          std::vector<Event>& commands) {
  if (find(id) != nullptr) return;
  auto request = codec::decode_request(body);
  if (!request) {
    taken_.push_back({id, true, request.error().text(), {}});
    return;
  }
  const Unit account = account_of(request->event).value;
  if (account == 0 || account >= kUnitLimit) {
    taken_.push_back({id, true, std::string(name_of(OrderReason::unknown_account)), {}});
    return;
  }
  taken_.push_back({id, false, "", {}});
  commands.push_back(request->event);
}

Result<std::vector<Event>> RequestDesk::take() {
  std::vector<Event> commands;
  try {
    connect();
    pqxx::work tx(connection_->pg);
    const auto rows =
        tx.exec("WITH taken AS (UPDATE app.request SET state = 'taken' WHERE request_id IN "
                "(SELECT request_id FROM app.request WHERE state = 'pending' "
                "ORDER BY asked_at, request_id LIMIT 100 FOR UPDATE) AND state = 'pending' "
                "RETURNING request_id, body, asked_at) "
                "SELECT request_id, body FROM taken ORDER BY asked_at, request_id");
    tx.commit();
    for (const auto& row : rows) {
      take_in(row[0].as<std::string>(), pqxx::binarystring(row[1]).str(), commands);
    }
  } catch (const std::exception& e) {
    connection_.reset();
    return fail(ErrorCode::unavailable, e.what(), "PostgreSQL");
  }
  return commands;
}

void RequestDesk::see(const runtime::Output& o) {
  if (taken_.empty()) return;
  if (const auto* i = std::get_if<OrderIntent>(&o.event)) {
    if (Taken* t = find(i->request_id.view())) t->order = i->order;
  } else if (const auto* r = std::get_if<Refusal>(&o.event)) {
    Taken* t = find(r->request_id.view());
    if (t == nullptr) return;
    t->refused = true;
    t->reason = std::string(name_of(r->reason));
    if (!r->text.empty()) t->reason += ": " + std::string(r->text.view());
    if (!r->limit.is_zero() || !r->actual.is_zero()) {
      t->reason += " (limit " + r->limit.to_string() + ", this " + r->actual.to_string() + ")";
    }
  }
}

void RequestDesk::answer(pqxx::transaction_base& tx) const {
  postgres::Columns rows(4);
  for (const Taken& t : taken_) {
    rows.text(t.id).text(t.refused ? "refused" : "accepted").text(t.reason);
    t.order.is_set() ? rows.id(t.order.value) : rows.null();
  }
  rows.exec(tx,
            "UPDATE app.request q SET state = r.state, reason = r.reason, order_id = r.order_id, "
            "answered_at = now() FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) "
            "AS r(request_id, state, reason, order_id) "
            "WHERE q.request_id = r.request_id AND q.state = 'taken'");
}

void RequestDesk::committed() { taken_.clear(); }

namespace {

Result<void> put(pqxx::connection& connection, const Event& command) {
  std::string body;
  const codec::Request request{{}, 0, command};
  if (auto r = codec::encode(request, body); !r) return r;
  pqxx::work tx(connection);
  const auto done = tx.exec_params(
      "INSERT INTO app.request (request_id, account, body) VALUES ($1, $2, $3) ON CONFLICT DO "
      "NOTHING",
      std::string(request_id_of(command).view()),
      static_cast<std::int64_t>(account_of(command).value), pqxx::binarystring(body));
  tx.commit();
  if (done.affected_rows() == 1) return {};
  return fail(ErrorCode::already_exists, "was used before", "--request-id",
              "leave it out: each command then gets an id of its own");
}

std::optional<Answer> look(pqxx::connection& connection, const std::string& id) {
  pqxx::work tx(connection);
  const auto row = tx.exec_params1(
      "SELECT state, reason, coalesce(order_id, 0) FROM app.request WHERE request_id = $1", id);
  Answer a{row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::uint64_t>()};
  if (a.state == "pending" || a.state == "taken") return std::nullopt;
  return a;
}

/// False where it was taken in: then it may be carried out.
bool withdraw(pqxx::connection& connection, const std::string& id) {
  pqxx::work tx(connection);
  const auto done = tx.exec_params(
      "UPDATE app.request SET state = 'withdrawn' WHERE request_id = $1 AND state = 'pending'", id);
  tx.commit();
  return done.affected_rows() == 1;
}

}  // namespace

Result<Answer> ask(const std::string& uri, const Event& command, int timeout_ms) {
  constexpr int kStepMs = 50;
  const std::string id(request_id_of(command).view());
  const std::string look_there =
      "look at `bellwether orders` before you ask again: request id " + id;
  bool asked = false;
  try {
    pqxx::connection connection(uri);
    if (auto r = put(connection, command); !r) return tl::unexpected(r.error());
    asked = true;
    for (int waited = 0; waited < timeout_ms; waited += kStepMs) {
      if (auto answer = look(connection, id)) return *answer;
      servers::pause_ms(kStepMs);
    }
    if (!withdraw(connection, id)) {
      if (auto answer = look(connection, id)) return *answer;
      return fail(ErrorCode::deadline_exceeded,
                  "the running process took it in; what became of it is not known yet",
                  "request " + id, look_there);
    }
  } catch (const std::exception& e) {
    return fail(ErrorCode::unavailable, e.what(), "PostgreSQL",
                asked ? look_there : "is `bellwether run` at work?");
  }
  return fail(ErrorCode::deadline_exceeded,
              "the running process did not answer; the request is withdrawn", "request " + id,
              "see whether `bellwether run` is at work, and ask again");
}

}  // namespace bw::app
