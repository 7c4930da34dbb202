#include "bellwether/http/health.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace bw::http {

Health::Health(std::string service, unsigned silent_limit)
    : service_(std::move(service)), silent_limit_(silent_limit) {}

void Health::beat() {
  const std::lock_guard lock(mutex_);
  beaten_ = true;
}

void Health::set(Condition condition) {
  const std::lock_guard lock(mutex_);
  condition_ = std::move(condition);
}

void Health::second_passed() {
  const std::lock_guard lock(mutex_);
  silent_seconds_ = beaten_ ? 0 : silent_seconds_ + 1;
  beaten_ = false;
}

const char* Health::status() const {
  if (silent_seconds_ > silent_limit_) return "stuck";
  if (!condition_.started) return "starting";
  if (!condition_.waiting_streams.empty() || !condition_.reasons.empty()) return "waiting";
  return "ok";
}

Reply Health::health() const {
  const std::lock_guard lock(mutex_);
  const std::string_view now = status();
  const nlohmann::ordered_json body{{"status", now},
                                    {"service", service_},
                                    {"waiting_streams", condition_.waiting_streams},
                                    {"reasons", condition_.reasons}};
  return {now == "ok" ? 200U : 503U, "application/json",
          body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"};
}

Reply Health::live() const {
  const std::lock_guard lock(mutex_);
  const bool stuck = silent_seconds_ > silent_limit_;
  return {stuck ? 503U : 200U, "text/plain; charset=utf-8", stuck ? "stuck\n" : "ok\n"};
}

Reply Health::ready() const {
  const std::lock_guard lock(mutex_);
  const std::string now = status();
  return {now == "ok" ? 200U : 503U, "text/plain; charset=utf-8", now + "\n"};
}

Result<std::unique_ptr<Server>> start_probes(ServerOptions options, Health& health,
                                             std::function<std::string()> metrics) {
  options.every_second = [&health] { health.second_passed(); };
  return Server::start(options, {{"/health", [&health] { return health.health(); }},
                                 {"/livez", [&health] { return health.live(); }},
                                 {"/readyz", [&health] { return health.ready(); }},
                                 {"/metrics", [metrics = std::move(metrics)] {
                                    return Reply{200, "text/plain; version=0.0.4; charset=utf-8",
                                                 metrics()};
                                  }}});
}

}  // namespace bw::http
