#include "bellwether/http/health.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "client.hpp"

using namespace bw;
using namespace bw::http;

namespace {
nlohmann::json body_of(const Reply& reply) { return nlohmann::json::parse(reply.body); }
}  // namespace

TEST_CASE("health goes from starting to ok, and says what holds it back") {
  Health health("broker");
  CHECK(health.health().status == 503);
  CHECK(body_of(health.health())["status"] == "starting");
  CHECK(health.live().status == 200);
  CHECK(health.ready().status == 503);
  health.set({true, {}, {}});
  CHECK(health.health().status == 200);
  CHECK(body_of(health.health()) ==
        nlohmann::json::parse(
            R"({"status":"ok","service":"broker","waiting_streams":[],"reasons":[]})"));
  CHECK(health.ready().status == 200);
  health.set({true, {"market.bars/3"}, {"PostgreSQL is away"}});
  CHECK(health.health().status == 503);
  CHECK(health.ready().status == 503);
  CHECK(health.live().status == 200);  // nothing that a restart would mend
  const auto body = body_of(health.health());
  CHECK(body["status"] == "waiting");
  CHECK(body["waiting_streams"] == nlohmann::json{"market.bars/3"});
  CHECK(body["reasons"] == nlohmann::json{"PostgreSQL is away"});
}

TEST_CASE("a host whose thread stands still is not alive") {
  Health health("broker", 3);
  health.set({true, {}, {}});
  for (int second = 0; second < 10; ++second) {
    health.beat();
    health.second_passed();
    CHECK(health.live().status == 200);
  }
  for (int second = 0; second < 3; ++second) health.second_passed();
  CHECK(health.live().status == 200);
  health.second_passed();
  CHECK(health.live().status == 503);
  CHECK(body_of(health.health())["status"] == "stuck");
  health.beat();
  health.second_passed();
  CHECK(health.live().status == 200);
  CHECK(health.health().status == 200);
}

TEST_CASE("probes and metrics are on one port, over a real socket") {
  Health health("broker", 0);
  health.set({true, {}, {}});
  health.beat();
  auto server = start_probes({}, health, [] { return std::string("bellwether_up 1\n"); });
  REQUIRE(server.has_value());
  const auto port = (*server)->port();
  CHECK(get(port, "/health").find(R"("status":"ok")") != std::string::npos);
  CHECK(get(port, "/livez").find("200 OK") != std::string::npos);
  CHECK(get(port, "/readyz").find("200 OK") != std::string::npos);
  const auto metrics = get(port, "/metrics");
  CHECK(metrics.find("text/plain; version=0.0.4") != std::string::npos);
  CHECK(metrics.find("\r\n\r\nbellwether_up 1\n") != std::string::npos);
  // No beat comes: the server's own seconds find it out.
  std::string live;
  for (int tries = 0; tries < 100; ++tries) {
    live = get(port, "/livez");
    if (live.find("503") != std::string::npos) break;
    usleep(100'000);
  }
  CHECK(live.find("503") != std::string::npos);
}
