#include "bellwether/postgres/pg_store.hpp"

#include <optional>
#include <pqxx/pqxx>

#include "bellwether/codec/codec.hpp"
#include "bellwether/postgres/columns.hpp"
#include "connection.hpp"

namespace bw::postgres {

using runtime::Claim;
using runtime::Image;
using runtime::MachineId;
using runtime::Record;

namespace {

constexpr const char* kStatements[][2] = {
    {"claim",
     "INSERT INTO runtime.machine AS m (kind, idx, epoch) VALUES ($1, $2, 1) ON CONFLICT (kind, "
     "idx) DO "
     "UPDATE SET epoch = m.epoch + 1 RETURNING epoch, has_image, n, position, build, image"},
    {"units",
     "SELECT unit, state FROM runtime.machine_unit WHERE kind = $1 AND idx = $2 ORDER BY unit"},
    {"outbox", "SELECT record FROM runtime.outbox WHERE kind = $1 AND idx = $2 ORDER BY n"},
    {"fence",
     "UPDATE runtime.machine SET has_image = true, n = $4, position = $5, build = $6, image = $7 "
     "WHERE kind = $1 AND idx = $2 AND epoch = $3"},
    {"trim",
     "DELETE FROM runtime.outbox o USING runtime.machine m WHERE o.kind = $1 AND o.idx = $2 AND "
     "o.n <= $4 "
     "AND m.kind = $1 AND m.idx = $2 AND m.epoch = $3"},
    {"put_suite",
     "INSERT INTO runtime.suite (name, build, position, image) VALUES ($1, $2, $3, $4) ON CONFLICT "
     "(name) "
     "DO UPDATE SET build = EXCLUDED.build, position = EXCLUDED.position, image = EXCLUDED.image"},
    {"hold_suite",
     "SELECT pg_try_advisory_lock(hashtextextended('bellwether suite ' || $1::text, 0)), "
     "set_config('application_name', $2, false)"},
    {"suite_holder",
     "SELECT coalesce(max(a.application_name), '') FROM pg_locks l JOIN pg_stat_activity a USING "
     "(pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = "
     "current_database() AND (l.classid::bigint << 32 | l.objid::bigint) = "
     "hashtextextended('bellwether suite ' || $1::text, 0)"},
    {"get_suite", "SELECT build, position, image FROM runtime.suite WHERE name = $1"},
};

// Any number of rows in one round trip: a commit is begin, fence, units, outbox, the service's
// tables, commit.
const std::string kPutUnits =
    "INSERT INTO runtime.machine_unit (kind, idx, unit, state) SELECT $1::text, $2::integer, unit, "
    "state "
    "FROM unnest($3::bigint[], $4::bytea[]) AS r(unit, state) "
    "ON CONFLICT (kind, idx, unit) DO UPDATE SET state = EXCLUDED.state";
const std::string kPutOutbox =
    "INSERT INTO runtime.outbox (kind, idx, n, record) SELECT $1::text, $2::integer, n, record "
    "FROM unnest($3::bigint[], $4::bytea[]) AS r(n, record)";

tl::unexpected<Error> fenced(MachineId id) {
  return fail(ErrorCode::aborted, "a newer owner has taken over", std::string(kind_name(id.kind)));
}

std::int64_t i64(std::uint64_t v) { return static_cast<std::int64_t>(v); }

}  // namespace

struct PgStore::Impl {
  std::string uri;
  std::map<Kind, Projection*> projections;
  std::unique_ptr<pqxx::connection> connection;
  std::string kind;  // of the call at hand
  int idx = 0;
  std::string claimant;  // of a suite; empty: none is claimed

  /// A session's lock, taken on the very connection that commits: who lost the connection takes it
  /// again, or learns that another has it. The server counts repeated locks.
  bool hold(pqxx::work& tx, const std::string& suite) {
    return claimant.empty() || tx.exec_prepared1("hold_suite", suite, claimant)[0].as<bool>();
  }

  pqxx::connection& connect() {
    if (connection && connection->is_open()) return *connection;
    connection = std::make_unique<pqxx::connection>(with_timeouts(uri));
    pqxx::nontransaction(*connection).exec(kSessionLimits);
    for (const auto& [name, sql] : kStatements) connection->prepare(name, sql);
    return *connection;
  }

  /// Runs `body` in one transaction. What fails before the commit was surely not done; what fails
  /// within it may have been, and is ambiguous.
  template <class F>
  Result<void> transact(MachineId id, F&& body) {
    kind = kind_name(id.kind);
    idx = static_cast<int>(id.index);
    bool committing = false;
    try {
      pqxx::work tx(connect());
      if (!body(tx)) {
        tx.abort();
        return fenced(id);
      }
      committing = true;
      tx.commit();
      return {};
    } catch (const pqxx::sql_error& e) {
      return fail(passing(e.sqlstate(), committing) ? ErrorCode::unavailable : ErrorCode::internal,
                  e.what(), "PostgreSQL");
    } catch (const pqxx::broken_connection& e) {
      connection.reset();
      if (committing) return ambiguous(e.what());
      return fail(ErrorCode::unavailable, e.what(), "PostgreSQL",
                  "check that it runs and that the address is right");
    } catch (const std::exception& e) {
      connection.reset();
      return committing ? ambiguous(e.what()) : fail(ErrorCode::internal, e.what(), "PostgreSQL");
    }
  }

  static tl::unexpected<Error> ambiguous(const char* what) {
    return fail(ErrorCode::internal, what, "PostgreSQL", "the commit is ambiguous: recover");
  }

  /// Errors that pass: resources (disk full), serialisation; locks, operator intervention and
  /// connection, but not within the commit: the server may have gone down behind it.
  static bool passing(const std::string& state, bool committing) {
    const std::string group = state.substr(0, 2);
    return group == "53" || group == "40" ||
           (!committing && (group == "57" || group == "08" || group == "55"));
  }

  bool fence(pqxx::work& tx, std::uint32_t epoch, const Image& image) {
    const pqxx::binarystring bytes(image.shared);
    return tx.exec_prepared("fence", kind, idx, static_cast<std::int64_t>(epoch), i64(image.n),
                            image.position, image.build, bytes)
               .affected_rows() == 1;
  }
  void put_units(pqxx::work& tx, const Image& image) {
    Columns rows(2);
    for (const auto& [unit, state] : image.units) rows.integer(unit).bytes(state);
    rows.exec(tx, kPutUnits, {kind, std::to_string(idx)});
  }
};

PgStore::PgStore(std::string uri, std::map<Kind, Projection*> projections)
    : impl_(std::make_unique<Impl>()) {
  impl_->uri = std::move(uri);
  impl_->projections = std::move(projections);
}

PgStore::~PgStore() = default;

Result<void> PgStore::ping() {
  return impl_->transact({}, [](pqxx::work& tx) {
    tx.exec("SELECT 1");
    return true;
  });
}

bool PgStore::connected() const noexcept {
  return impl_->connection && impl_->connection->is_open();
}

Result<Claim> PgStore::claim(MachineId machine) {
  Claim claim;
  std::optional<Error> broken;
  auto done = impl_->transact(machine, [&](pqxx::work& tx) {
    const auto row = tx.exec_prepared1("claim", impl_->kind, impl_->idx);
    claim = {};
    claim.epoch = row[0].as<std::uint32_t>();
    claim.has_image = row[1].as<bool>();
    claim.image.n = row[2].as<std::uint64_t>();
    claim.image.position = row[3].as<TimeNs>();
    claim.image.build = row[4].as<std::string>();
    claim.image.shared = pqxx::binarystring(row[5]).str();
    for (const auto& u : tx.exec_prepared("units", impl_->kind, impl_->idx)) {
      claim.image.units.emplace_back(u[0].as<Unit>(), pqxx::binarystring(u[1]).str());
    }
    for (const auto& o : tx.exec_prepared("outbox", impl_->kind, impl_->idx)) {
      auto record = codec::decode(machine.kind, pqxx::binarystring(o[0]).str());
      if (!record) {
        broken = record.error();
        return true;
      }
      claim.outbox.push_back(*record);
    }
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  if (broken) return tl::unexpected(*broken);
  return claim;
}

Result<void> PgStore::checkpoint(MachineId machine, std::uint32_t epoch, const Image& image) {
  return impl_->transact(machine, [&](pqxx::work& tx) {
    if (!impl_->fence(tx, epoch, image)) return false;
    impl_->put_units(tx, image);
    return true;
  });
}

Result<void> PgStore::commit(MachineId machine, std::uint32_t epoch, const Image& changed,
                             const std::vector<Record>& outbox) {
  Columns rows(2);
  std::string bytes;
  for (const Record& r : outbox) {
    if (auto encoded = codec::encode(r, bytes); !encoded) return encoded;
    rows.id(r.n).bytes(bytes);
  }
  return impl_->transact(machine, [&](pqxx::work& tx) {
    if (!impl_->fence(tx, epoch, changed)) return false;
    impl_->put_units(tx, changed);
    rows.exec(tx, kPutOutbox, {impl_->kind, std::to_string(impl_->idx)});
    const auto it = impl_->projections.find(machine.kind);
    if (it != impl_->projections.end()) it->second->write(tx, outbox);
    return true;
  });
}

Result<void> PgStore::trim(MachineId machine, std::uint32_t epoch, std::uint64_t n) {
  return impl_->transact(machine, [&](pqxx::work& tx) {
    tx.exec_prepared("trim", impl_->kind, impl_->idx, static_cast<std::int64_t>(epoch), i64(n));
    return true;
  });
}

Result<void> PgStore::claim_suite(const std::string& name, const std::string& who) {
  impl_->claimant = to_utf8(who);
  std::string holder;
  auto done = impl_->transact({}, [&](pqxx::work& tx) {
    if (impl_->hold(tx, name)) return true;
    holder = tx.exec_prepared1("suite_holder", name)[0].as<std::string>();
    return false;
  });
  if (done || done.error().code != ErrorCode::aborted) return done;
  return fail(ErrorCode::aborted, (holder.empty() ? "another process" : holder) + " works on it",
              "suite " + name, "end that one first");
}

Result<void> PgStore::commit_suite(const std::string& name, const runtime::SuiteImage& image,
                                   const std::string& build, const std::vector<Record>& published,
                                   const Also& also) {
  return impl_->transact({}, [&](pqxx::work& tx) {
    if (!impl_->hold(tx, name)) return false;
    tx.exec_prepared("put_suite", name, build, image.position, pqxx::binarystring(image.bytes));
    std::map<Kind, std::vector<Record>> by_kind;
    for (const Record& r : published) {
      if (impl_->projections.contains(r.kind)) by_kind[r.kind].push_back(r);
    }
    for (const auto& [kind, records] : by_kind) impl_->projections[kind]->write(tx, records);
    if (also) also(tx);
    return true;
  });
}

Result<PgStore::SavedSuite> PgStore::load_suite(const std::string& name) {
  SavedSuite saved;
  auto done = impl_->transact({}, [&](pqxx::work& tx) {
    for (const auto& row : tx.exec_prepared("get_suite", name)) {
      saved.found = true;
      saved.build = row[0].as<std::string>();
      saved.image.position = row[1].as<TimeNs>();
      saved.image.bytes = pqxx::binarystring(row[2]).str();
    }
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return saved;
}

}  // namespace bw::postgres
