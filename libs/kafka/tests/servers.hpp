#pragma once
// One Kafka and one PostgreSQL for all cases of this program; each case takes a topic prefix of its
// own.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "bellwether/kafka/kafka_log.hpp"
#include "bellwether/servers/child.hpp"
#include "bellwether/servers/private_kafka.hpp"
#include "bellwether/servers/private_postgres.hpp"

namespace bw::kafka::tests {

inline servers::PrivateKafka& private_kafka(bool restart_if_down = false) {
  static const auto server = [] {
    auto started = servers::PrivateKafka::start({});
    if (!started) FAIL(started.error().text());
    return std::move(*started);
  }();
  if (restart_if_down && !server->running()) REQUIRE(server->restart());
  return *server;
}

inline servers::PrivatePostgres& private_postgres(bool restart_if_down = false) {
  static const auto server = [] {
    servers::PrivatePostgres::Options options;
    options.durable = false;  // a killed server loses nothing by it: the page cache stays
    auto started = servers::PrivatePostgres::start(options);
    if (!started) FAIL(started.error().text());
    return std::move(*started);
  }();
  if (restart_if_down && !server->running()) REQUIRE(server->restart());
  return *server;
}

inline std::string next_prefix() {
  static int count = 0;
  return "t" + std::to_string(++count) + ".";
}

/// Polls until `done` says so; false after `timeout_s`.
template <class F>
bool eventually(F&& done, int timeout_s = 60) {
  for (int left = timeout_s * 200; left > 0; --left) {
    if (done()) return true;
    servers::pause_ms(5);
  }
  return false;
}

}  // namespace bw::kafka::tests
