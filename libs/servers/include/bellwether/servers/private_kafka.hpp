#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "bellwether/base/result.hpp"

namespace bw::servers {

class Child;

/// A Kafka broker of one's own: one node in KRaft mode on free loopback ports, tuned for one
/// machine.
///
/// Topics are not created by use (the first message to such a topic waits for most of a second):
/// call `create_topic`. Lifecycle: `start` returns when it answers; it ends with this object, or
/// with the process, however that ends. One thread at a time; `brokers()` stays the same over
/// `restart()`.
class PrivateKafka {
 public:
  struct Options {
    /// Where its data stays for the next run; empty: a temporary folder, removed at the end.
    std::filesystem::path folder{};
    /// Empty: $BELLWETHER_KAFKA_LIB, else the cache of `deploy/deps test`.
    std::filesystem::path jar_folder{};
    int heap_mb = 512;
    int start_timeout_ms = 60'000;
    std::map<std::string, std::string> properties{};  ///< on top of ours, by Kafka's names
  };

  /// failed_precondition where java or the jars are absent; unavailable where it does not answer in
  /// time (with the last lines of its log).
  static Result<std::unique_ptr<PrivateKafka>> start(Options options);
  ~PrivateKafka();
  PrivateKafka(const PrivateKafka&) = delete;
  PrivateKafka& operator=(const PrivateKafka&) = delete;

  /// What goes to `bootstrap.servers`: "127.0.0.1:PORT".
  [[nodiscard]] const std::string& brokers() const { return brokers_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] bool running();

  /// Returns when the topic can be written. already_exists where it exists; `config` by Kafka's
  /// names.
  Result<> create_topic(const std::string& name, int partitions,
                        const std::map<std::string, std::string>& config = {});

  /// A clean end (a second or two: the broker flushes and gives up its leaderships).
  void stop();
  /// A crash: SIGKILL. What was acknowledged is in the page cache, and there after `restart`.
  void kill();
  /// Starts it again on the same port with the same data; stops it first where it runs.
  Result<> restart();

 private:
  PrivateKafka() = default;
  Result<> find_programs();
  Result<> choose_ports();
  Result<> write_properties();
  Result<> format();
  Result<> launch();
  Result<> wait_until_ready();

  Options options_;
  std::string java_;
  std::filesystem::path folder_;  // server.properties log4j2.xml kafka.log data/
  std::string brokers_;
  int controller_port_ = 0;
  bool temporary_ = false;
  std::unique_ptr<Child> child_;
};

}  // namespace bw::servers
