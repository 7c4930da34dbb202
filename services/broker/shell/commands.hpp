#pragma once
// What people ask for (orders, cancels, the kill switch), from topic gateway.requests into the
// broker's machines, in live mode.
#include <deque>
#include <map>
#include <memory>

#include "bellwether/kafka/inbox.hpp"
#include "bellwether/kafka/kafka_host.hpp"

namespace bw::broker {

/// A request goes to partition machine_index(account, account partitions), and its place is stored
/// once the broker has committed what it caused. After a crash it may be offered again; the broker
/// knows its request_id. A message that is no request is refused with a reason and blocks nothing.
class Commands final : public kafka::Shell {
 public:
  void on_owned(runtime::MachineId id) override;
  void on_lost(runtime::MachineId id, const std::string& why) override;
  void feed(kafka::KafkaHost& host) override;
  [[nodiscard]] std::vector<kafka::Refused> take_refused() override;

  static constexpr std::size_t kInFlight = 4'096;  ///< requests of a machine not committed yet

 private:
  struct Desk {
    std::unique_ptr<kafka::Inbox> inbox;  // opened with the machine's first round
    std::deque<std::uint64_t> in_flight;  // offsets, ascending
    std::deque<kafka::Inbox::Message> waiting;
    std::uint64_t next = 0;               // behind the last message that was looked at
  };
  void serve(kafka::KafkaHost& host, std::uint32_t index, Desk& desk);
  void settle(runtime::Runner& runner, Desk& desk, TimeNs now);
  /// False: the runner's queue is full.
  bool take_in(runtime::Runner& runner, runtime::Ownership ownership, Desk& desk,
               const kafka::Inbox::Message& message);
  void refuse(std::string reason, std::string text);

  std::map<std::uint32_t, Desk> desks_;  // by machine index
  std::vector<kafka::Refused> refused_;
};

}  // namespace bw::broker
