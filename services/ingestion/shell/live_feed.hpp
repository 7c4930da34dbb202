#pragma once
// The simulated market as a live feed: rows offered to the machines when the clock reaches them.
#include <optional>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/service/inputs.hpp"
#include "ingestion/simulator/simulator.hpp"

namespace bw::ingestion {

/// The simulated day is today: source times are wall-clock times. The market has always been there
/// (it begins at `inputs.simulate_from`), so a process that starts again, or another one that takes
/// an index over, sees the same market at the present moment; what came between is missing, and the
/// core says what that means. One thread.
class LiveFeed final : public kafka::Shell {
 public:
  explicit LiveFeed(const service::Inputs& inputs);

  void feed(kafka::KafkaHost& host) override;
  [[nodiscard]] std::vector<kafka::Refused> take_refused() override;

  /// A process that stood still for longer goes on at the present time.
  static constexpr DurationNs kStale = 5 * kSecond;

 private:
  bool open(TimeNs now);
  [[nodiscard]] bool offer(kafka::KafkaHost& host, const runtime::Source::Row& row);

  simulator::Options options_;
  std::optional<simulator::Simulator> market_;
  std::optional<runtime::Source::Row> held_;  // offered to a full queue
  bool failed_ = false;
  std::vector<kafka::Refused> refused_;
};

}  // namespace bw::ingestion
