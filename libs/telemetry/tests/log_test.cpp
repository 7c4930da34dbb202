#include "bellwether/telemetry/log.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

using namespace bw;
using namespace bw::telemetry;

namespace {

/// A log file of its own, gone at the end.
class LogFile {
 public:
  LogFile() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("bw_log_test_" + std::to_string(getpid()) + "_" + std::to_string(++count));
  }
  ~LogFile() { std::filesystem::remove(path_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  [[nodiscard]] LogOptions options() const {
    LogOptions o;
    o.service = "broker";
    o.file = path_.string();
    return o;
  }
  [[nodiscard]] std::vector<nlohmann::ordered_json> lines() const {
    std::vector<nlohmann::ordered_json> all;
    std::ifstream in(path_);
    for (std::string line; std::getline(in, line);) {
      all.push_back(nlohmann::ordered_json::parse(line, nullptr, false));
      REQUIRE_FALSE(all.back().is_discarded());
    }
    return all;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a line has the fields of every process, in order") {
  LogFile file;
  auto options = file.options();
  options.instance = "broker-7";
  auto log = Log::open(options);
  REQUIRE(log.has_value());
  const auto trace = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  log->of_machine("broker.orders/0")
      .write(Level::warn, "venue is \"silent\"\n",
             {{"error", "timed out"},
              {"tries", 3},
              {"big", 18'446'744'073'709'551'615U},
              {"seconds", 1.5},
              {"open", true}},
             *trace);
  log->info("plain");
  log->debug("not shown");
  log->flush();
  const auto lines = file.lines();
  REQUIRE(lines.size() == 2);
  std::vector<std::string> keys;
  for (const auto& [key, value] : lines[0].items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"ts", "level", "service", "instance", "machine",
                                         "trace_id", "span_id", "msg", "error", "tries", "big",
                                         "seconds", "open"});
  CHECK(parse_utc(lines[0]["ts"].get<std::string>()).has_value());
  CHECK(parse_utc(lines[0]["ts"].get<std::string>()).value() > from_utc({2020, 1, 1}));
  CHECK(lines[0]["level"] == "warn");
  CHECK(lines[0]["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(lines[0]["msg"] == "venue is \"silent\"\n");
  CHECK(lines[0]["big"] == 18'446'744'073'709'551'615U);
  CHECK_FALSE(lines[1].contains("trace_id"));
  CHECK_FALSE(lines[1].contains("machine"));
}

TEST_CASE("a log file that cannot be opened is an error that names it") {
  LogOptions options;
  options.file = "/dev/null/no.log";
  const auto log = Log::open(options);
  REQUIRE_FALSE(log.has_value());
  CHECK(log.error().text().find("/dev/null/no.log") != std::string::npos);
  CHECK(parse_level("warn").value() == Level::warn);
  CHECK_FALSE(parse_level("loud").has_value());
  Log::none().error("goes nowhere");
}

TEST_CASE("a message that repeats is limited, and the next one says how many were left out") {
  LogFile file;
  auto options = file.options();
  options.repeats_per_second = 5;
  auto log = Log::open(options);
  REQUIRE(log.has_value());
  for (int i = 0; i < 1'000; ++i) log->warn("Kafka is down", {{"try", i}});
  log->warn("something else");
  const auto seconds_later = std::chrono::milliseconds(1'100);
  std::this_thread::sleep_for(seconds_later);  // the limit is by the second
  log->warn("Kafka is down");
  log->flush();
  const auto lines = file.lines();
  REQUIRE(lines.size() >= 7);
  REQUIRE(lines.size() <= 12);  // the burst may fall into two seconds
  CHECK(lines.back()["msg"] == "Kafka is down");
  std::uint64_t said = 0;
  for (const auto& line : lines) {
    if (line["msg"] == "Kafka is down") said += 1 + line.value("suppressed", std::uint64_t{0});
  }
  CHECK(said == 1'001);
}

TEST_CASE("many threads write whole lines") {
  LogFile file;
  auto options = file.options();
  options.repeats_per_second = 0;
  auto log = Log::open(options);
  REQUIRE(log.has_value());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      const Log mine = log->of_machine("m/" + std::to_string(t));
      for (int i = 0; i < 500; ++i) mine.info("step", {{"i", i}});
    });
  }
  for (auto& t : threads) t.join();
  log->flush();
  CHECK(file.lines().size() == 2'000);
}

TEST_CASE("secrets never reach the log") {
  CHECK(redact("postgresql://bw:hunter2@db:5432/bw?sslmode=require") ==
        "postgresql://bw:***@db:5432/bw?sslmode=require");
  CHECK(redact("connect to postgres://u:p%40ss@h and amqp://x:y@z failed") ==
        "connect to postgres://u:***@h and amqp://x:***@z failed");
  CHECK(redact("http://example.com/a:b@c") == "http://example.com/a:b@c");
  CHECK(redact("https://example.com:443/x then redis://:geheim@r") ==
        "https://example.com:443/x then redis://:***@r");
  CHECK(redact("host=db password=hunter2 user=bw") == "host=db password=*** user=bw");
  CHECK(redact("PASSWORD = 'two words' x") == "PASSWORD = '***' x");
  CHECK(redact(R"({"api_key":"abc\"def","n":1})") == R"({"api_key":"***","n":1})");
  CHECK(redact("Authorization: Bearer eyJh.eyJz.sig") == "Authorization: Bearer ***");
  CHECK(redact("got bearer abc.def, and went on") == "got bearer ***, and went on");
  CHECK(redact("?token=abc&x=1&secret_key=q") == "?token=***&x=1&secret_key=***");
  CHECK(redact("token=") == "token=");
  CHECK(redact("password=&token=abc") == "password=&token=***");
  CHECK(redact("the token is gone") == "the token is gone");
  CHECK(redact("") == "");
  CHECK(is_secret_name("db_password"));
  CHECK(is_secret_name("X-Api-Key"));
  CHECK_FALSE(is_secret_name("symbol"));

  LogFile file;
  auto log = Log::open(file.options());
  REQUIRE(log.has_value());
  log->info("opening postgres://a:tell-nobody@h",
            {{"refresh_token", "tell-nobody"}, {"uri", "kafka://u:tell-nobody@b"}});
  log->flush();
  const auto lines = file.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].dump().find("tell-nobody") == std::string::npos);
  CHECK(lines[0]["refresh_token"] == "***");
}

TEST_CASE("text that is no UTF-8 or very long does no harm") {
  LogFile file;
  auto log = Log::open(file.options());
  REQUIRE(log.has_value());
  log->info("bad \xff\xfe bytes", {{"row", std::string(1 << 20, 'x')}});
  log->flush();
  const auto lines = file.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["row"].get<std::string>().size() == 4096);
}
