#pragma once
// What a process says when it is asked how it is.
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bellwether/http/server.hpp"

namespace bw::http {

/// How a process is, as its host knows it.
struct Condition {
  bool started = false;                      ///< it has begun its work
  std::vector<std::string> waiting_streams;  ///< "market.bars/3": inputs that hold it back
  std::vector<std::string> reasons;          ///< "PostgreSQL is away", in words
};

/// Written by the host's thread, read by the server's. Thread-safe.
///
///   /livez    200, or 503 where the host's thread has not beaten for `silent_limit` seconds:
///   restart
///             it. A database or a broker that is away is no reason.
///   /readyz   200 where it has started and nothing holds it back; 503 otherwise
///   /health   the same status as /readyz, and why:
///             {"status":"ok|starting|waiting|stuck","service":"broker",
///              "waiting_streams":["market.bars/3"],"reasons":["PostgreSQL is away"]}
class Health {
 public:
  explicit Health(std::string service, unsigned silent_limit = 30);

  /// Each round of the host's loop: it moves.
  void beat();
  void set(Condition condition);

  /// Called once a second, by the server.
  void second_passed();

  [[nodiscard]] Reply health() const;
  [[nodiscard]] Reply live() const;
  [[nodiscard]] Reply ready() const;

 private:
  [[nodiscard]] const char* status() const;  // mutex_ is held

  const std::string service_;
  const unsigned silent_limit_;
  mutable std::mutex mutex_;
  Condition condition_;
  bool beaten_ = false;  // since the second before
  unsigned silent_seconds_ = 0;
};

/// The server of a process: /health, /livez, /readyz and /metrics on one port. `health` outlives
/// it; `metrics` gives the text of /metrics. Overwrites options.every_second.
[[nodiscard]] Result<std::unique_ptr<Server>> start_probes(ServerOptions options, Health& health,
                                                           std::function<std::string()> metrics);

}  // namespace bw::http
