#pragma once
// One partition of a topic that clients write to, read from where this group's readers came to.
#include <memory>
#include <string>
#include <vector>

#include "bellwether/kafka/kafka_log.hpp"

namespace bw::kafka {

/// At least once: the place is stored after done() says that all before it is safe, so after a
/// crash the newest messages come again, and who reads them tells doubles by a request id. Two
/// readers of one partition (an owner that does not know yet that it was replaced) do no harm but
/// doubles. One thread.
class Inbox {
 public:
  struct Message {
    std::uint64_t offset = 0;
    std::string value;
  };

  /// Reads `partition` of `topic` from the place stored for `group`; from the start where none is.
  [[nodiscard]] static Result<std::unique_ptr<Inbox>> open(const Options& options,
                                                           const std::string& topic,
                                                           std::uint32_t partition,
                                                           const std::string& group);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Appends what is there, at most `limit` messages; never blocks. A broker that is away brings
  /// nothing: KafkaHost says so.
  void poll(std::size_t limit, std::vector<Message>& to);
  /// All messages before `next` are safe. Stored at most every `kStoreInterval`, and again until
  /// Kafka has it.
  void done(std::uint64_t next, TimeNs now);
  /// What Kafka is known to have stored; 0 at first.
  [[nodiscard]] std::uint64_t stored() const noexcept;

  static constexpr DurationNs kStoreInterval = 200 * kMillisecond;

 private:
  struct Impl;
  explicit Inbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The topic of what people ask for.
[[nodiscard]] std::string requests_topic(const Options& options);

}  // namespace bw::kafka
