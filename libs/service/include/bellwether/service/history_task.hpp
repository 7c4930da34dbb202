#pragma once
// Writes what the machines of a process published into history tables, beside the machines: a
// thread of its own, so that a slow database holds no decision up.
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/postgres/history.hpp"

namespace bw::service {

/// Follows the logs of the machines that the process owns from where the tables stand. Exactly
/// once: rows and log position are one transaction. While Kafka or PostgreSQL is away it waits and
/// tries again. Lifecycle: starts with construction, ends with it. As a Shell it learns what is
/// owned, and passes everything on to `inner`.
class HistoryTask final : public kafka::Shell {
 public:
  HistoryTask(kafka::Options kafka, std::string database, std::string service,
              std::vector<postgres::HistoryTable> tables, std::set<Kind> kinds,
              kafka::Shell& inner);
  ~HistoryTask() override;
  HistoryTask(const HistoryTask&) = delete;
  HistoryTask& operator=(const HistoryTask&) = delete;

  void on_owned(runtime::MachineId id) override;
  void on_lost(runtime::MachineId id, const std::string& why) override;
  void on_published(const runtime::Record& record) override { inner_.on_published(record); }
  void feed(kafka::KafkaHost& host) override { inner_.feed(host); }
  [[nodiscard]] std::vector<kafka::Refused> take_refused() override {
    return inner_.take_refused();
  }
  /// Why nothing is written right now; empty where it is.
  [[nodiscard]] std::string trouble() const;

 private:
  void run();
  [[nodiscard]] Result<std::size_t> round(
      postgres::HistoryWriter& writer, runtime::Log& log,
      std::map<runtime::MachineId, postgres::HistoryFollower>& followers);

  kafka::Options kafka_;
  std::string database_;
  std::string service_;
  std::vector<postgres::HistoryTable> tables_;
  std::set<Kind> kinds_;
  kafka::Shell& inner_;
  mutable std::mutex mutex_;
  std::set<runtime::MachineId> owned_;
  std::string trouble_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace bw::service
