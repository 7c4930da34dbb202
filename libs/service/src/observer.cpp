#include "bellwether/service/observer.hpp"

#include "bellwether/domain/names.hpp"

namespace bw::service {

namespace {

constexpr DurationNs kLookInterval = 250 * kMillisecond;
constexpr DurationNs kPingInterval = kSecond;
constexpr DurationNs kSilence = kSecond;  // an input that holds a machine back for longer is named

}  // namespace

Observer::Observer(ObserverOptions options, kafka::Shell& shell, http::Health& health,
                   telemetry::Metrics& metrics, telemetry::Log log)
    : options_(std::move(options)),
      shell_(shell),
      health_(health),
      metrics_(metrics),
      log_(std::move(log)) {}

void Observer::on_owned(runtime::MachineId id) {
  log_.of_machine(telemetry::machine_name(id)).info("machine is at work");
  shell_.on_owned(id);
}

void Observer::on_lost(runtime::MachineId id, const std::string& why) {
  log_.of_machine(telemetry::machine_name(id)).warn("machine was given up", {{"why", why}});
  metrics_.lost(id);
  shell_.on_lost(id, why);
}

void Observer::on_published(const runtime::Record& record) {
  if (record.what == runtime::What::out) {
    if (const auto* quality = std::get_if<Quality>(&record.event)) {
      metrics_.quarantined(name_of(quality->reason));
      if (log_.shows(telemetry::Level::debug)) {
        log_.of_machine(std::string(kind_name(record.kind)))
            .write(telemetry::Level::debug, "a row was quarantined",
                   {{"reason", name_of(quality->reason)}, {"detail", quality->detail.view()}},
                   telemetry::trace_of(record));
      }
    }
  }
  shell_.on_published(record);
}

void Observer::feed(kafka::KafkaHost& host) {
  shell_.feed(host);
  for (const kafka::Refused& refused : shell_.take_refused()) {
    metrics_.quarantined(refused.reason);
    log_.warn("outside input refused", {{"reason", refused.reason}, {"error", refused.text}});
  }
  health_.beat();
  const TimeNs now = host.clock().now();
  if (now - looked_at_ < kLookInterval) return;
  looked_at_ = now;
  look(host, now);
}

void Observer::look(kafka::KafkaHost& host, TimeNs now) {
  if (began_at_ == 0) began_at_ = now;
  ask_database(now);
  http::Condition condition;
  condition.started = true;
  condition.reasons = host.troubles();
  if (!database_.empty()) condition.reasons.push_back(database_);
  if (const std::string more = options_.trouble ? options_.trouble() : ""; !more.empty()) {
    condition.reasons.push_back(more);
  }
  for (runtime::Runner* runner : host.runners()) measure(*runner, now, condition);
  tell_changes(condition.reasons);
  health_.set(std::move(condition));
}

void Observer::measure(runtime::Runner& runner, TimeNs now, http::Condition& condition) {
  const auto& stats = runner.stats();
  // A machine that has heard nothing yet is as far behind as this process is old.
  const DurationNs behind = now - (stats.position > 0 ? stats.position : began_at_);
  telemetry::Lag lag;
  lag.events = static_cast<double>(stats.unacked);
  if (options_.live) lag.seconds = static_cast<double>(behind) / static_cast<double>(kSecond);
  metrics_.observe(runner.id(), stats, lag);
  if (!options_.live || !stats.working || behind < kSilence) return;
  for (const runtime::MachineId input : stats.waiting_for) {
    condition.waiting_streams.push_back(telemetry::machine_name(input) + " for " +
                                        telemetry::machine_name(runner.id()));
  }
}

void Observer::ask_database(TimeNs now) {
  if (!options_.ping || now - pinged_at_ < kPingInterval) return;
  pinged_at_ = now;
  const auto r = options_.ping();
  database_ = r ? "" : "PostgreSQL is away: " + r.error().message;
}

void Observer::tell_changes(const std::vector<std::string>& reasons) {
  std::set<std::string> now(reasons.begin(), reasons.end());
  for (const auto& reason : now) {
    if (!told_.contains(reason)) log_.warn("trouble begins", {{"error", reason}});
  }
  for (const auto& reason : told_) {
    if (!now.contains(reason)) log_.info("trouble ends", {{"error", reason}});
  }
  told_ = std::move(now);
}

}  // namespace bw::service
