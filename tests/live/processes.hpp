#pragma once
// A Kafka, a PostgreSQL and the suite's own service programs, as an operator runs them.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/servers/child.hpp"
#include "bellwether/servers/private_kafka.hpp"
#include "bellwether/servers/private_postgres.hpp"
#include "libs/http/tests/client.hpp"
#include "migrations.hpp"

namespace bw::live_tests {

/// Polls until `done` says so; false after `timeout_s`.
template <class F>
bool eventually(F&& done, int timeout_s = 30) {
  for (int left = timeout_s * 50; left > 0; --left) {
    if (done()) return true;
    servers::pause_ms(20);
  }
  return false;
}

class Processes {
 public:
  /// `database_folder`: where PostgreSQL's data lie; empty: a temporary folder.
  explicit Processes(std::vector<std::string> arguments = {},
                     const std::filesystem::path& database_folder = {})
      : arguments_(std::move(arguments)) {
    auto kafka = servers::PrivateKafka::start({});
    if (!kafka) FAIL(kafka.error().text());
    kafka_ = std::move(*kafka);
    servers::PrivatePostgres::Options database;
    database.folder = database_folder;
    auto postgres = servers::PrivatePostgres::start(database);
    if (!postgres) FAIL(postgres.error().text());
    postgres_ = std::move(*postgres);
    if (auto r = app::migrate_all(postgres_->uri()); !r) FAIL(r.error().text());
    options_.kafka.brokers = kafka_->brokers();
    options_.instrument_partitions = kPartitions;
    options_.account_partitions = kPartitions;
    auto made = kafka::create_topics(options_.kafka, kafka::suite_topics(options_, 1));
    if (!made) FAIL(made.error().text());
  }
  static constexpr std::uint32_t kPartitions = 2;

  void start(const std::string& service) {
    const char* bin = std::getenv("BELLWETHER_BIN");
    servers::Child::Options o;
    o.command = {std::string(bin != nullptr ? bin : "build/dev/bin") + "/bellwether-" + service,
                 "--brokers", kafka_->brokers(), "--database", postgres_->uri(), "--partitions",
                 std::to_string(kPartitions), "--account-partitions", std::to_string(kPartitions),
                 "--instance", service + "-0"};
    o.command.insert(o.command.end(), arguments_.begin(), arguments_.end());
    o.output = log_of(service, ++starts_[service]);
    auto child = servers::Child::start(o);
    if (!child) FAIL(child.error().text());
    children_[service] = std::move(*child);
  }
  [[nodiscard]] servers::Child& child(const std::string& service) { return *children_.at(service); }
  void end_all() { children_.clear(); }

  /// What the service's last process wrote.
  [[nodiscard]] std::string log(const std::string& service) const {
    std::ifstream in(log_of(service, starts_.at(service)));
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  /// The port that its first log line names; 0 while there is none.
  [[nodiscard]] std::uint16_t port(const std::string& service) const {
    const std::string text = log(service);
    const std::string key = "\"metrics_port\":";
    const auto at = text.find(key);
    return at == std::string::npos
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(std::atoi(text.c_str() + at + key.size()));
  }
  [[nodiscard]] std::string get(const std::string& service, const std::string& path) const {
    const auto p = port(service);
    return p == 0 ? "" : http::get(p, path);
  }
  /// Does /health answer with `status`, and its body hold `text`?
  [[nodiscard]] bool health(const std::string& service, int status,
                            const std::string& text = "") const {
    const std::string answer = get(service, "/health");
    return answer.starts_with("HTTP/1.1 " + std::to_string(status)) &&
           answer.find(text) != std::string::npos;
  }
  [[nodiscard]] servers::PrivateKafka& kafka() { return *kafka_; }
  [[nodiscard]] servers::PrivatePostgres& postgres() { return *postgres_; }
  [[nodiscard]] const kafka::HostOptions& options() const { return options_; }

 private:
  [[nodiscard]] std::filesystem::path log_of(const std::string& service, int number) const {
    return kafka_->folder() / (service + "-" + std::to_string(number) + ".log");
  }

  std::vector<std::string> arguments_;
  kafka::HostOptions options_;
  std::unique_ptr<servers::PrivateKafka> kafka_;
  std::unique_ptr<servers::PrivatePostgres> postgres_;
  std::map<std::string, int> starts_;
  std::map<std::string, std::unique_ptr<servers::Child>> children_;  // last: they end first
};

}  // namespace bw::live_tests
