#include "bellwether/postgres/columns.hpp"
#include "bellwether/postgres/pg_store.hpp"
#include "server.hpp"

using namespace bw;
using namespace bw::postgres;
using bw::postgres::tests::sql;
using runtime::Image;
using runtime::MachineId;
using runtime::Record;
using runtime::What;

namespace {

constexpr MachineId kMachine{Kind::broker_orders, 2};

Record cash_record(std::uint64_t n, std::int64_t amount) {
  Cash cash;
  cash.account = AccountId{7};
  cash.cash = Money::from_int(amount);
  return {What::out, 1, n, static_cast<TimeNs>(1'000 * n), Kind::broker_orders, 7, n, Event{cash}};
}

Image image_of(std::uint64_t n, std::vector<std::pair<Unit, Bytes>> units = {}) {
  return {"build 1", n, static_cast<TimeNs>(1'000 * n), "shared \0\xff" + std::to_string(n),
          std::move(units)};
}

/// One row a record in a table of its own; throws where it is told to.
class Amounts final : public Projection {
 public:
  void write(pqxx::transaction_base& tx, std::span<const Record> records) override {
    Columns rows(2);
    for (const Record& r : records) rows.id(r.n).decimal(std::get<Cash>(r.event).cash);
    rows.exec(tx, "INSERT INTO amount SELECT * FROM unnest($1::bigint[], $2::numeric[])");
    if (broken) throw std::runtime_error("the projection is broken");
  }
  bool broken = false;
};

struct World {
  std::unique_ptr<servers::PrivatePostgres> server = tests::start_server();
  Amounts amounts;
  PgStore store{server->uri(), {{Kind::broker_orders, &amounts}}};

  World() {
    REQUIRE(migrate(server->uri(), runtime_migrations()));
    run("CREATE TABLE amount (n bigint PRIMARY KEY, amount numeric(20,8))");
  }
  std::string run(const std::string& statement) { return sql(server->uri(), statement); }
  std::uint32_t claim() {
    auto c = store.claim(kMachine);
    if (!c) FAIL(c.error().text());
    return c->epoch;
  }
};

}  // namespace

TEST_CASE("a claim raises the epoch, and a commit restores units, state and outbox") {
  World w;
  CHECK(w.claim() == 1);
  CHECK(w.claim() == 2);
  CHECK(w.store.claim({Kind::broker_orders, 3})->epoch == 1);  // another machine
  const std::string odd("\x00\x01\\\"{},\xff", 8);
  REQUIRE(w.store.commit(kMachine, 2, image_of(2, {{7, odd}, {8, "eight"}}),
                         {cash_record(1, 10), cash_record(2, 20)}));
  REQUIRE(w.store.commit(kMachine, 2, image_of(3, {{8, "changed"}}), {cash_record(3, 30)}));
  auto claim = w.store.claim(kMachine);
  REQUIRE(claim);
  CHECK(claim->epoch == 3);
  CHECK(claim->has_image);
  CHECK(claim->image.build == "build 1");
  CHECK(claim->image.n == 3);
  CHECK(claim->image.position == 3'000);
  CHECK(claim->image.shared == image_of(3).shared);
  CHECK(claim->image.units == std::vector<std::pair<Unit, Bytes>>{{7, odd}, {8, "changed"}});
  REQUIRE(claim->outbox.size() == 3);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    CHECK(claim->outbox[n - 1].same_as(cash_record(n, static_cast<std::int64_t>(10 * n))));
  }
  CHECK(w.run("SELECT sum(amount)::text FROM amount") == "60.00000000");
}

TEST_CASE("the fence refuses an old owner and leaves nothing behind") {
  World w;
  const auto old = w.claim();
  REQUIRE(w.store.commit(kMachine, old, image_of(1, {{7, "one"}}), {cash_record(1, 10)}));
  PgStore other(w.server->uri());
  REQUIRE(other.claim(kMachine));
  const auto late =
      w.store.commit(kMachine, old, image_of(2, {{7, "two"}, {9, "new"}}), {cash_record(2, 20)});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::aborted);
  const auto checkpoint = w.store.checkpoint(kMachine, old, image_of(2, {{7, "two"}}));
  REQUIRE_FALSE(checkpoint);
  CHECK(checkpoint.error().code == ErrorCode::aborted);
  CHECK(w.store.trim(kMachine, old, 1));  // nothing to say, nothing done
  auto claim = other.claim(kMachine);
  REQUIRE(claim);
  CHECK(claim->image.n == 1);
  CHECK(claim->image.units == std::vector<std::pair<Unit, Bytes>>{{7, "one"}});
  CHECK(claim->outbox.size() == 1);
  CHECK(w.run("SELECT count(*) FROM amount") == "1");
}

TEST_CASE("a projection that throws undoes the whole commit, which is no passing error") {
  World w;
  const auto epoch = w.claim();
  w.amounts.broken = true;
  const auto r = w.store.commit(kMachine, epoch, image_of(1, {{7, "one"}}), {cash_record(1, 10)});
  REQUIRE_FALSE(r);
  CHECK(r.error().code == ErrorCode::internal);
  CHECK(w.run("SELECT count(*) FROM amount") == "0");
  CHECK(w.run("SELECT count(*) FROM runtime.outbox") == "0");
  CHECK(w.run("SELECT count(*) FROM runtime.machine_unit") == "0");
  CHECK(w.run("SELECT has_image::text FROM runtime.machine") == "false");
  w.amounts.broken = false;
  CHECK(w.store.commit(kMachine, epoch, image_of(1, {{7, "one"}}), {cash_record(1, 10)}));
  CHECK(w.run("SELECT count(*) FROM amount") == "1");
}

TEST_CASE("trim forgets the outbox up to n") {
  World w;
  const auto epoch = w.claim();
  std::vector<Record> records;
  for (std::uint64_t n = 1; n <= 1'000; ++n) records.push_back(cash_record(n, 1));
  REQUIRE(w.store.commit(kMachine, epoch, image_of(1'000), records));
  REQUIRE(w.store.trim(kMachine, epoch, 998));
  auto claim = w.store.claim(kMachine);
  REQUIRE(claim);
  REQUIRE(claim->outbox.size() == 2);
  CHECK(claim->outbox[0].n == 999);
  CHECK(claim->outbox[1].n == 1'000);
}

TEST_CASE("a server that is down is unavailable, and is found again") {
  World w;
  const auto epoch = w.claim();
  REQUIRE(w.store.commit(kMachine, epoch, image_of(1), {cash_record(1, 10)}));
  w.server->kill();
  for (int i = 0; i < 2; ++i) {
    const auto r = w.store.commit(kMachine, epoch, image_of(2), {cash_record(2, 20)});
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::unavailable);
    CHECK_FALSE(w.store.connected());
  }
  const auto claim = w.store.claim(kMachine);
  REQUIRE_FALSE(claim);
  CHECK(claim.error().code == ErrorCode::unavailable);
  REQUIRE(w.server->restart());
  CHECK(w.store.commit(kMachine, epoch, image_of(2), {cash_record(2, 20)}));
  CHECK(w.run("SELECT sum(amount)::text FROM amount") == "30.00000000");
  REQUIRE(w.server->restart());  // an idle connection was cut
  Result<void> again = w.store.trim(kMachine, epoch, 1);
  if (!again) {
    CHECK(again.error().code == ErrorCode::unavailable);
    again = w.store.trim(kMachine, epoch, 1);
  }
  CHECK(again);
  CHECK(w.run("SELECT count(*) FROM runtime.outbox") == "1");
}

TEST_CASE("a connection that breaks within the commit leaves an ambiguous error") {
  World w;
  const auto epoch = w.claim();
  w.run(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
  w.run(
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON runtime.outbox DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION die()");
  const auto r = w.store.commit(kMachine, epoch, image_of(1), {cash_record(1, 10)});
  REQUIRE_FALSE(r);
  CHECK(r.error().code == ErrorCode::internal);
  w.run("DROP TRIGGER die ON runtime.outbox");
  CHECK(w.store.commit(kMachine, epoch, image_of(1), {cash_record(1, 10)}));
}

TEST_CASE("a full disk passes; a broken constraint does not") {
  World w;
  const auto epoch = w.claim();
  w.run(
      "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
      "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$");
  const auto commit = [&] {
    return w.store.commit(kMachine, epoch, image_of(1), {cash_record(1, 10)});
  };
  SECTION("within the transaction") {
    w.run("CREATE TRIGGER full_disk BEFORE INSERT ON runtime.outbox EXECUTE FUNCTION full_disk()");
    const auto r = commit();
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::unavailable);
  }
  SECTION("at its commit") {
    w.run(
        "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON runtime.outbox DEFERRABLE INITIALLY "
        "DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION full_disk()");
    const auto r = commit();
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::unavailable);
  }
  SECTION("a constraint") {
    w.run("CREATE TABLE once (n int CHECK (n < 0))");
    w.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO once VALUES (1); RETURN NEW; END $$");
    w.run(
        "CREATE TRIGGER full_disk BEFORE INSERT ON runtime.outbox FOR EACH ROW EXECUTE FUNCTION "
        "refuse()");
    const auto r = commit();
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::internal);
  }
  w.run("DROP TRIGGER IF EXISTS full_disk ON runtime.outbox");
  CHECK(commit());
  CHECK(w.run("SELECT count(*) FROM runtime.outbox") == "1");
}

TEST_CASE("an event that the topic does not hold is refused before anything is written") {
  World w;
  const auto epoch = w.claim();
  Record wrong = cash_record(1, 1);
  wrong.event = Event{Bar{}};
  const auto r = w.store.commit(kMachine, epoch, image_of(1), {wrong});
  REQUIRE_FALSE(r);
  CHECK(r.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("the state of a whole suite and its rows change together") {
  World w;
  CHECK_FALSE(w.store.load_suite("demo")->found);
  const std::string bytes("\x00state", 6);
  REQUIRE(w.store.commit_suite("demo", {42, bytes}, "build 1", {cash_record(1, 5)}));
  w.amounts.broken = true;
  CHECK_FALSE(w.store.commit_suite("demo", {43, "later"}, "build 2", {cash_record(2, 5)}));
  auto saved = w.store.load_suite("demo");
  REQUIRE(saved);
  CHECK(saved->found);
  CHECK(saved->build == "build 1");
  CHECK(saved->image.position == 42);
  CHECK(saved->image.bytes == bytes);
  CHECK(w.run("SELECT count(*) FROM amount") == "1");
}

TEST_CASE("columns carry every value as it is") {
  World w;
  pqxx::connection connection(w.server->uri());
  pqxx::work tx(connection);
  tx.exec(
      "CREATE TEMP TABLE t (i bigint, b boolean, d float8, n numeric(20,8), z timestamptz, s text, "
      "y bytea)");
  Columns rows(7);
  const std::string nasty = "a\"b\\c,{}NULL\n\xc3\xa4\xe2\x82\xac";
  rows.integer(INT64_MIN).boolean(true).real(0.1).decimal(Price::from_raw(INT64_MIN + 1));
  rows.time(1'416'407'400'123'456'789).text(nasty).bytes(std::string("\x00\xff", 2));
  rows.integer(INT64_MAX)
      .boolean(false)
      .real(-1e-300)
      .decimal(Price::from_raw(1))
      .time(0)
      .text("NULL")
      .null();
  CHECK(rows.exec(tx,
                  "INSERT INTO t SELECT * FROM unnest($1::bigint[], $2::boolean[], $3::float8[], "
                  "$4::numeric[], $5::timestamptz[], $6::text[], $7::bytea[])") == 2);
  const auto t = tx.exec(
      "SELECT i, b, d, n, extract(epoch FROM z)::text, s, encode(y, 'hex') FROM t ORDER BY i");
  CHECK(t[0][0].as<std::int64_t>() == INT64_MIN);
  CHECK(t[0][1].as<bool>());
  CHECK(t[0][2].as<double>() == 0.1);
  CHECK(t[0][3].as<std::string>() == "-92233720368.54775807");
  CHECK(t[0][4].as<std::string>() == "1416407400.123456");
  CHECK(t[0][5].as<std::string>() == nasty);
  CHECK(t[0][6].as<std::string>() == "00ff");
  CHECK(t[1][0].as<std::int64_t>() == INT64_MAX);
  CHECK(t[1][2].as<double>() == -1e-300);
  CHECK(t[1][3].as<std::string>() == "0.00000001");
  CHECK(t[1][4].is_null());
  CHECK(t[1][5].as<std::string>() == "NULL");
  CHECK(t[1][6].is_null());
  CHECK(rows.exec(tx, "no statement is run without rows") == 0);
}

TEST_CASE("text that is no UTF-8 does not stop a commit") {
  CHECK(to_utf8(std::string("a\0b", 3)) == "a?b");
  CHECK(to_utf8("\xe2\x82") == "??");
  CHECK(to_utf8("\xed\xa0\x80") == "???");       // a surrogate
  CHECK(to_utf8("\xc0\xaf") == "??");            // overlong
  CHECK(to_utf8("\xf4\x90\x80\x80") == "????");  // beyond U+10FFFF
  CHECK(to_utf8("\xf0\x9f\x98\x80 \xc3\xa9") == "\xf0\x9f\x98\x80 \xc3\xa9");
}
