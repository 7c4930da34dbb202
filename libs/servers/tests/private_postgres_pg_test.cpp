#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "bellwether/servers/private_postgres.hpp"

using bw::servers::PrivatePostgres;

namespace {

/// What psql, an independent client, prints for one statement; "error" where it fails.
std::string sql(const PrivatePostgres& server, const std::string& statement) {
  const std::string command =
      "psql -XAtq '" + server.uri() + "' -c \"" + statement + "\" 2>/dev/null";
  FILE* p = ::popen(command.c_str(), "r");
  REQUIRE(p != nullptr);
  std::string out;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, p) != nullptr) out += buffer;
  if (::pclose(p) != 0) return "error";
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

PrivatePostgres::Options quick() {
  PrivatePostgres::Options o;
  o.durable = false;
  return o;
}

}  // namespace

TEST_CASE("a temporary server answers, and its folder is gone with it") {
  std::filesystem::path folder;
  {
    auto server = PrivatePostgres::start(quick());
    REQUIRE(server);
    folder = (*server)->folder();
    CHECK(sql(**server, "select current_database() || '/' || current_user") ==
          "bellwether/bellwether");
    CHECK(sql(**server, "show listen_addresses").empty());
  }
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("committed rows survive a crash and a restart on the same uri") {
  auto server = PrivatePostgres::start({});
  REQUIRE(server);
  const std::string uri = (*server)->uri();
  REQUIRE(sql(**server, "create table t(x int); insert into t values (1)") != "error");
  (*server)->kill();
  CHECK_FALSE((*server)->running());
  CHECK(sql(**server, "select 1") == "error");
  REQUIRE((*server)->restart());
  CHECK((*server)->uri() == uri);
  CHECK(sql(**server, "insert into t values (2) returning x") == "2");
  REQUIRE((*server)->restart());
  CHECK(sql(**server, "select sum(x) from t") == "3");
}

TEST_CASE("a given folder goes on where it stood, and takes one server at a time") {
  const auto root = std::filesystem::temp_directory_path() / "bellwether-servers-test-pg";
  std::filesystem::remove_all(root);
  PrivatePostgres::Options options = quick();
  options.folder = root;
  std::string uri;
  {
    auto first = PrivatePostgres::start(options);
    REQUIRE(first);
    uri = (*first)->uri();
    REQUIRE(sql(**first, "create table kept as select 42 as x") != "error");
    options.start_timeout_ms = 600;
    auto second = PrivatePostgres::start(options);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == bw::ErrorCode::unavailable);
    CHECK(sql(**first, "select x from kept") == "42");
  }
  options.start_timeout_ms = 30'000;
  auto again = PrivatePostgres::start(options);
  REQUIRE(again);
  CHECK((*again)->uri() == uri);
  CHECK(sql(**again, "select x from kept") == "42");
  again->reset();
  std::filesystem::remove_all(root);
}
