#include <thread>

#include "bellwether/postgres/migrate.hpp"
#include "server.hpp"

using namespace bw;
using namespace bw::postgres;
using bw::postgres::tests::sql;

namespace {

std::vector<Migration> two() {
  return {{"shop", "0001_a", "CREATE TABLE a (x int); INSERT INTO a VALUES (1);"},
          {"shop", "0002_b", "ALTER TABLE a ADD y int DEFAULT 2;"}};
}

}  // namespace

TEST_CASE("migrations are applied once, in order, and new ones later") {
  auto server = tests::start_server();
  auto first = migrate(server->uri(), two());
  REQUIRE(first);
  CHECK(*first == std::vector<std::string>{"shop/0001_a", "shop/0002_b"});
  auto again = migrate(server->uri(), two());
  REQUIRE(again);
  CHECK(again->empty());
  auto more = two();
  more.push_back({"shop", "0003_c", "INSERT INTO a VALUES (3, 3)"});
  auto third = migrate(server->uri(), more);
  REQUIRE(third);
  CHECK(*third == std::vector<std::string>{"shop/0003_c"});
  CHECK(sql(server->uri(), "SELECT sum(x + y) FROM a") == "9");
}

TEST_CASE("an edited migration is refused, and a broken one leaves nothing") {
  auto server = tests::start_server();
  REQUIRE(migrate(server->uri(), two()));
  auto edited = two();
  edited[0].sql += "--";
  auto refused = migrate(server->uri(), edited);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::failed_precondition);
  CHECK(refused.error().field == "shop/0001_a");
  auto broken = two();
  broken.push_back({"shop", "0003_c", "INSERT INTO a VALUES (3, 3); SELECT * FROM nowhere;"});
  auto failed = migrate(server->uri(), broken);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::failed_precondition);
  CHECK(failed.error().field == "shop/0003_c");
  CHECK(sql(server->uri(), "SELECT count(*) FROM a") == "1");
  CHECK(sql(server->uri(), "SELECT count(*) FROM bellwether.migration") == "2");
}

TEST_CASE("processes that migrate at the same time wait for each other") {
  auto server = tests::start_server();
  std::vector<Migration> slow = two();
  slow[0].sql += "SELECT pg_sleep(0.2);";
  std::vector<Result<std::vector<std::string>>> results(4);
  std::vector<std::thread> threads;
  for (auto& r : results) threads.emplace_back([&] { r = migrate(server->uri(), slow); });
  for (auto& t : threads) t.join();
  std::size_t applied = 0;
  for (const auto& r : results) {
    if (!r) FAIL(r.error().text());
    applied += r->size();
  }
  CHECK(applied == 2);
  CHECK(sql(server->uri(), "SELECT count(*) FROM a") == "1");
}

TEST_CASE("a server that is not there is unavailable") {
  auto r = migrate("host=/nowhere dbname=none", runtime_migrations());
  REQUIRE_FALSE(r);
  CHECK(r.error().code == ErrorCode::unavailable);
}
