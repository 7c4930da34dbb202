#pragma once
// What a service process tells about itself while it runs: health, metrics and logs.
#include <functional>
#include <set>
#include <string>

#include "bellwether/http/health.hpp"
#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/telemetry/log.hpp"
#include "bellwether/telemetry/metrics.hpp"

namespace bw::service {

struct ObserverOptions {
  bool live = false;  ///< machines go by the clock: lag in seconds and silent inputs mean something
  /// Asks the database whether it is there; once a second.
  std::function<Result<void>()> ping;
  /// What else is wrong in this process; empty where nothing is. May be unset.
  std::function<std::string()> trouble;
};

/// Stands between the host and the service's own shell: hears everything, passes it on, and writes
/// it down. A trouble is logged when it begins and when it ends, not in each round. In live mode an
/// input that holds a machine back for more than a second is named by health; in history nobody can
/// tell a silent input from a feed that has ended, so there it is only a gauge.
///
/// One thread (the host's); what it refers to outlives it.
class Observer final : public kafka::Shell {
 public:
  Observer(ObserverOptions options, kafka::Shell& shell, http::Health& health,
           telemetry::Metrics& metrics, telemetry::Log log);

  void on_owned(runtime::MachineId id) override;
  void on_lost(runtime::MachineId id, const std::string& why) override;
  void on_published(const runtime::Record& record) override;
  void feed(kafka::KafkaHost& host) override;

 private:
  void look(kafka::KafkaHost& host, TimeNs now);
  void measure(runtime::Runner& runner, TimeNs now, http::Condition& condition);
  void ask_database(TimeNs now);
  void tell_changes(const std::vector<std::string>& reasons);

  ObserverOptions options_;
  kafka::Shell& shell_;
  http::Health& health_;
  telemetry::Metrics& metrics_;
  telemetry::Log log_;
  TimeNs began_at_ = 0;
  TimeNs looked_at_ = 0;
  TimeNs pinged_at_ = 0;
  std::string database_;  ///< what is wrong with it; empty where nothing is
  std::set<std::string> told_;
};

}  // namespace bw::service
