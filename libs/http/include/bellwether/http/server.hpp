#pragma once
// A small HTTP/1.1 server for probes and metrics: GET and HEAD, one thread of its own, everything
// bounded. Not for clients: they come through Envoy and gRPC.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bellwether/base/result.hpp"

namespace bw::http {

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Answers one path; called on the server's thread, so it must be quick and lock briefly.
using Handler = std::function<Reply()>;

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< "0.0.0.0" in a container
  std::uint16_t port = 0;             ///< 0: a free one, see port()
  std::size_t max_connections = 64;   ///< further ones are closed at once
  int deadline_ms = 5'000;            ///< to send a request, to take the answer, and between two
  std::size_t max_header_bytes = 8'192;
  std::size_t max_requests = 1'000;    ///< on one connection, then it is closed
  std::function<void()> every_second;  ///< optional; on the server's thread
};

/// Lifecycle: start, answer until destroyed. The destructor closes all connections and joins the
/// thread. Paths are matched whole, without the query. 404 for others, 405 for other methods.
class Server {
 public:
  /// Errors: `unavailable` where the port is taken, `invalid_argument` where the address is none.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                             std::map<std::string, Handler> paths);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bw::http
