#include "bellwether/http/server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "client.hpp"

using namespace bw;
using namespace bw::http;

namespace {

std::unique_ptr<Server> start(ServerOptions options, std::string body = "hello\n") {
  auto server =
      Server::start(options, {{"/x", [body] { return Reply{200, "text/plain", body}; }},
                              {"/sick", [] { return Reply{503, "application/json", "{}"}; }}});
  REQUIRE(server.has_value());
  REQUIRE((*server)->port() != 0);
  return std::move(*server);
}

}  // namespace

TEST_CASE("paths are answered with status, type and body") {
  const auto server = start({});
  const std::string reply = get(server->port(), "/x?verbose=1");
  CHECK(reply.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(reply.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(reply.find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(reply.find("\r\n\r\nhello\n") != std::string::npos);
  CHECK(get(server->port(), "/sick").rfind("HTTP/1.1 503", 0) == 0);
  CHECK(get(server->port(), "/other").rfind("HTTP/1.1 404", 0) == 0);
  CHECK(get(server->port(), "/x/").rfind("HTTP/1.1 404", 0) == 0);
}

TEST_CASE("one connection asks several times; HEAD has no body; other methods are refused") {
  const auto server = start({});
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read("hello\n").find("200 OK") != std::string::npos);
  }
  client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.read("\r\n\r\n");
  CHECK(head.find("Content-Length: 6") != std::string::npos);
  CHECK(head.substr(head.size() - 4) == "\r\n\r\n");
  client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
  const std::string refused = client.read("only GET and HEAD\n");
  CHECK(refused.rfind("HTTP/1.1 405", 0) == 0);
  CHECK(refused.find("Allow: GET, HEAD") != std::string::npos);
}

TEST_CASE("a long answer arrives whole") {
  const std::string body(3'000'000, 'm');
  const auto server = start({}, body);
  const std::string reply = get(server->port(), "/x");
  CHECK(reply.size() > body.size());
  CHECK(reply.substr(reply.size() - body.size()) == body);
}

TEST_CASE("who is too slow or too long is cut off") {
  ServerOptions options;
  options.deadline_ms = 200;
  const auto server = start(options);
  RawClient slow(server->port());
  slow.send("GET /x HT");
  CHECK(slow.read().empty());  // closed by the server, not by our patience
  CHECK_FALSE(slow.timed_out());
  RawClient idle(server->port());
  CHECK(idle.read().empty());
  CHECK_FALSE(idle.timed_out());
  RawClient rude(server->port());
  rude.send("GET /x HTTP/1.1\r\nX: " + std::string(100'000, 'y'));
  CHECK(rude.read().rfind("HTTP/1.1 431", 0) == 0);
  RawClient no_http(server->port());
  no_http.send("\x16\x03\x01 this is not HTTP\r\n\r\n");
  CHECK(no_http.read().empty());
  CHECK_FALSE(no_http.timed_out());
  CHECK(get(server->port(), "/x").find("hello") != std::string::npos);  // and still there
}

TEST_CASE("connections and requests are limited, and come back") {
  ServerOptions options;
  options.max_connections = 3;
  options.max_requests = 2;
  options.deadline_ms = 300;
  const auto server = start(options);
  RawClient twice(server->port());
  twice.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(twice.read("hello\n").find("Connection: close") == std::string::npos);
  twice.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(twice.read().find("Connection: close") != std::string::npos);
  std::vector<std::unique_ptr<RawClient>> holders;
  for (int i = 0; i < 3; ++i) holders.push_back(std::make_unique<RawClient>(server->port()));
  RawClient fourth(server->port());
  CHECK(fourth.read("", 2'000).empty());
  CHECK_FALSE(fourth.timed_out());
  for (auto& h : holders) h->read();  // until their deadline
  CHECK(get(server->port(), "/x").find("hello") != std::string::npos);
}

TEST_CASE("many clients at once get answers") {
  const auto server = start({});
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (get(server->port(), "/x").find("hello") != std::string::npos) ++good;
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(good == 400);
}

TEST_CASE("a taken port and a bad address are errors that say what to do") {
  const auto server = start({});
  ServerOptions options;
  options.port = server->port();
  auto second = Server::start(options, {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::unavailable);
  CHECK(second.error().text().find(std::to_string(server->port())) != std::string::npos);
  options.address = "nowhere";
  CHECK(Server::start(options, {}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("the end closes what is open, and a new server takes the port at once") {
  auto server = start({});
  const std::uint16_t port = server->port();
  RawClient client(port);
  client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read("hello\n");
  server.reset();
  client.read();
  CHECK_FALSE(client.timed_out());
  CHECK_FALSE(RawClient(port).connected());
  ServerOptions options;
  options.port = port;
  CHECK(Server::start(options, {}).has_value());
}
