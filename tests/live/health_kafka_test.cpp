// What a process tells about itself, with and without machines, while its servers go and come.
#include "processes.hpp"

using namespace bw;
using namespace bw::live_tests;

TEST_CASE("a process says what is away, why it waits, and that it goes on") {
  Processes p({"--metrics-port", "0", "--live"});
  for (const char* service : {"broker", "alert"}) p.start(service);
  INFO("broker: " << p.log("broker") << "\nalert: " << p.log("alert"));
  REQUIRE(eventually([&] { return p.health("alert", 200, R"("status":"ok")"); }));
  // Nobody publishes bars: the broker stands, and names what it waits for.
  REQUIRE(eventually([&] { return p.health("broker", 503, "market.bars/0 for broker.orders/0"); }));
  CHECK(p.get("broker", "/livez").starts_with("HTTP/1.1 200"));
  const std::string metrics = p.get("broker", "/metrics");
  for (const char* name : {"bellwether_events_in_total{", "bellwether_events_out_total{",
                           "bellwether_lag_seconds{", "bellwether_lag_events{",
                           "bellwether_waiting_streams{", "bellwether_checkpoints_total{",
                           "bellwether_duplicates_total{", "bellwether_commit_seconds"}) {
    INFO(metrics);
    CHECK(metrics.find(name) != std::string::npos);
  }

  p.kafka().kill();
  for (const char* service : {"broker", "alert"}) {
    CHECK(eventually([&] { return p.health(service, 503, "Kafka at "); }));
  }
  REQUIRE(p.kafka().restart());
  CHECK(eventually([&] { return p.health("alert", 200); }));
  CHECK(eventually([&] { return !p.health("broker", 503, "Kafka at "); }));

  p.postgres().stop();
  for (const char* service : {"broker", "alert"}) {
    CHECK(eventually([&] { return p.health(service, 503, "PostgreSQL is away"); }));
  }
  REQUIRE(p.postgres().restart());
  CHECK(eventually([&] { return p.health("alert", 200); }));
  CHECK(eventually([&] { return !p.health("broker", 503, "PostgreSQL is away"); }));

  for (const char* service : {"broker", "alert"}) {
    p.child(service).signal(SIGTERM);
    CHECK(p.child(service).wait(10'000) == 0);
  }
}
