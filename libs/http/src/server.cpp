#include "bellwether/http/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <optional>
#include <thread>

namespace bw::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using beast::error_code;

/// What all connections of a server share; used on its thread only.
struct Shared {
  ServerOptions options;
  std::map<std::string, Handler> paths;
  std::size_t connections = 0;
};

Reply answer(const Shared& shared, bhttp::verb method, std::string_view target) {
  if (method != bhttp::verb::get && method != bhttp::verb::head) {
    return {405, "text/plain; charset=utf-8", "only GET and HEAD\n"};
  }
  const auto found = shared.paths.find(std::string(target.substr(0, target.find('?'))));
  if (found == shared.paths.end()) {
    std::string body = "no such path; there is:";
    for (const auto& [path, handler] : shared.paths) body += " " + path;
    return {404, "text/plain; charset=utf-8", body + "\n"};
  }
  return found->second();
}

/// One connection: reads a request, answers, and again. Keeps itself alive by the pending
/// operation.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    ++shared_.connections;
  }
  ~Connection() { --shared_.connections; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header_bytes));
    parser_->body_limit(shared_.options.max_header_bytes);
    expire();
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = shared_from_this()](error_code e, std::size_t) { self->on_read(e); });
  }

 private:
  void expire() { stream_.expires_after(std::chrono::milliseconds(shared_.options.deadline_ms)); }

  void on_read(error_code e) {
    if (e == bhttp::error::header_limit || e == bhttp::error::body_limit) {
      respond({431, "text/plain; charset=utf-8", "the request is too long\n"}, false, false);
    } else if (e) {
      close();  // end of stream, deadline, or no HTTP
    } else {
      const auto& request = parser_->get();
      const std::string_view target(request.target().data(), request.target().size());
      const bool keep = request.keep_alive() && ++requests_ < shared_.options.max_requests;
      respond(answer(shared_, request.method(), target), keep,
              request.method() == bhttp::verb::head);
    }
  }

  void respond(Reply reply, bool keep, bool head) {
    response_ = {};
    response_.version(11);
    response_.result(reply.status);
    response_.set(bhttp::field::content_type, reply.content_type);
    response_.set(bhttp::field::cache_control, "no-store");
    if (reply.status == 405) response_.set(bhttp::field::allow, "GET, HEAD");
    response_.keep_alive(keep);
    if (head) {
      response_.content_length(reply.body.size());
    } else {
      response_.body() = std::move(reply.body);
      response_.prepare_payload();
    }
    expire();
    bhttp::async_write(stream_, response_,
                       [self = shared_from_this(), keep](error_code e, std::size_t) {
                         if (e || !keep)
                           self->close();
                         else
                           self->read();
                       });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_{16'384};
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  bhttp::response<bhttp::string_body> response_;
  std::size_t requests_ = 0;
};

}  // namespace

struct Server::Impl {
  Shared shared;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};
  std::uint16_t port = 0;
  std::thread thread;

  Result<void> listen() {
    error_code e;
    const auto address = asio::ip::make_address(shared.options.address, e);
    if (e) {
      return fail(ErrorCode::invalid_argument, "'" + shared.options.address + "' is no IP address",
                  "http address", "give 127.0.0.1 or 0.0.0.0");
    }
    const tcp::endpoint endpoint(address, shared.options.port);
    acceptor.open(endpoint.protocol(), e);
    if (!e) acceptor.set_option(asio::socket_base::reuse_address(true), e);
    if (!e) acceptor.bind(endpoint, e);
    if (!e) acceptor.listen(asio::socket_base::max_listen_connections, e);
    if (e) {
      return fail(ErrorCode::unavailable, e.message(),
                  shared.options.address + ":" + std::to_string(shared.options.port),
                  "give another port, or 0 for a free one");
    }
    port = acceptor.local_endpoint(e).port();
    return {};
  }

  void accept() {
    acceptor.async_accept([this](error_code e, tcp::socket socket) {
      if (e == asio::error::operation_aborted) return;
      if (e) {  // out of file descriptors, for example: not in a hot loop
        retry_accept();
        return;
      }
      if (shared.connections < shared.options.max_connections) {
        std::make_shared<Connection>(std::move(socket), shared)->read();
      }
      accept();
    });
  }

  void retry_accept() {
    auto wait = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(100));
    wait->async_wait([this, wait](error_code e) {
      if (!e) accept();
    });
  }

  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([this](error_code e) {
      if (e) return;
      if (shared.options.every_second) shared.options.every_second();
      tick();
    });
  }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                              std::map<std::string, Handler> paths) {
  auto impl = std::make_unique<Impl>();
  impl->shared.options = options;
  impl->shared.paths = std::move(paths);
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  impl->accept();
  impl->tick();
  impl->thread = std::thread([raw = impl.get()] { raw->io.run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
  impl_->io.stop();
  impl_->thread.join();
}

std::uint16_t Server::port() const noexcept { return impl_->port; }

}  // namespace bw::http
