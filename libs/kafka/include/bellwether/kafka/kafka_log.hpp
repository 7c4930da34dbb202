#pragma once
// Kafka as the Log of one machine: a topic is a kind, a partition an index. Outputs and admissions
// carry a W3C `traceparent` header, derived from the record (telemetry/trace.hpp): nothing of it is
// decided when it is sent, so a record that is sent again has the same. Writes go through one
// idempotent producer a process; reads through one consumer a machine, without a group (ownership
// is KafkaHost's business).
#include <memory>
#include <string>

#include "bellwether/runtime/ports.hpp"

namespace bw::kafka {

struct Options {
  std::string brokers;  ///< bootstrap.servers
  std::string client_id = "bellwether";
  std::string topic_prefix;       ///< in front of every topic, to keep runs on one broker apart
  std::string security_protocol;  ///< empty: plaintext; "ssl", "sasl_ssl"
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

/// "market.bars.v1" with the prefix.
[[nodiscard]] std::string topic_of(const Options& options, Kind kind);

/// A wake-up that the producer and all consumers of a process share: poll() on `fd` instead of
/// sleeping.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  /// Returns when something came, or after `timeout_ms`.
  void wait(int timeout_ms);
  /// Ends a wait, or the next one. Any thread.
  void wake() noexcept;
  [[nodiscard]] int write_fd() const noexcept { return fds_[1]; }

 private:
  int fds_[2] = {-1, -1};
};

/// The producer of a process. enable.idempotence, acks=all, no linger, and no time-out: a delivery
/// that fails for good is an error of the machine that sent it. Thread-safe.
class Producer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Producer>> create(const Options& options,
                                                                Wakeup& wakeup);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Serves delivery reports.
  void poll();
  /// Sends a plain message (requests of clients); `unavailable` where the local queue is full.
  [[nodiscard]] Result<void> send(const std::string& topic, std::int32_t partition,
                                  const std::string& key, const std::string& value);
  /// Waits until all is delivered.
  [[nodiscard]] Result<void> flush(int timeout_ms);
  /// True from when no broker answered until the next delivery, or until ask() finds one.
  [[nodiscard]] bool down() const noexcept;
  /// Asks for the cluster's metadata, and so settles down(). Blocks up to `timeout_ms`.
  void ask(int timeout_ms);
  /// An error where the producer lost its place for good (a fatal error of idempotence): the
  /// process must end.
  [[nodiscard]] Result<void> healthy() const;

  struct Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Log over Kafka for `machine`. One thread.
class KafkaLog final : public runtime::Log {
 public:
  [[nodiscard]] static Result<std::unique_ptr<KafkaLog>> create(const Options& options,
                                                                runtime::MachineId machine,
                                                                Producer& producer, Wakeup& wakeup);
  ~KafkaLog() override;

  [[nodiscard]] Result<void> fetch(runtime::MachineId stream, std::uint64_t offset,
                                   std::size_t limit, std::vector<runtime::LogEntry>& to) override;
  [[nodiscard]] Result<void> append(const runtime::Record& record) override;
  [[nodiscard]] Result<void> acks(std::vector<runtime::Ack>& to) override;

 private:
  struct Impl;
  explicit KafkaLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What a topic shall look like.
struct TopicSpec {
  std::string name;
  int partitions = 1;
  int replicas = 1;
  std::vector<std::pair<std::string, std::string>> config;
};

/// Creates topics that are not there; says which exist with another partition count
/// (failed_precondition).
[[nodiscard]] Result<std::vector<std::string>> create_topics(const Options& options,
                                                             const std::vector<TopicSpec>& topics);
/// Deletes topics; those that are not there are no error.
[[nodiscard]] Result<void> delete_topics(const Options& options,
                                         const std::vector<std::string>& names);

struct TopicInfo {
  std::string name;
  int partitions = 0;
};
[[nodiscard]] Result<std::vector<TopicInfo>> list_topics(const Options& options);

}  // namespace bw::kafka
