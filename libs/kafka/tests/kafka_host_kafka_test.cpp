// The toy suite over a real Kafka and a real PostgreSQL: its outputs equal the clean fold, whoever
// is killed.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "bellwether/postgres/migrate.hpp"
#include "bellwether/postgres/pg_store.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/testkit/data.hpp"
#include "servers.hpp"
#include "toy_world.hpp"

using namespace bw;
using namespace bw::kafka;
using namespace bw::kafka::tests;
using runtime::MachineId;

namespace {

constexpr const char* kServices[] = {"market.bars", "analytics.features", "confluence.signals",
                                     "broker.orders", "portfolio.books"};

/// Topics, tables and processes of one case, and the logs as they are read beside the run.
class Watched {
 public:
  Watched(std::uint32_t partitions, TimeNs until)
      : run_{private_kafka(true).brokers(),
             private_postgres(true).uri(),
             next_prefix(),
             partitions,
             ++seeds(),
             until} {
    std::printf("seed %llu\n", static_cast<unsigned long long>(run_.seed));
    const auto options = host_options(run_, "all", "");
    if (auto made = create_topics(options.kafka, suite_topics(options, 1)); !made)
      FAIL(made.error().text());
    // Machines are keyed by kind and index alone: every case starts from empty tables.
    const std::vector<bw::postgres::Migration> clean = {
        {"test", run_.prefix, "TRUNCATE runtime.machine, runtime.machine_unit, runtime.outbox"}};
    if (auto r = bw::postgres::migrate(run_.uri, bw::postgres::runtime_migrations()); !r)
      FAIL(r.error().text());
    if (auto r = bw::postgres::migrate(run_.uri, clean); !r) FAIL(r.error().text());
    auto producer = Producer::create(options.kafka, wakeup_);
    if (!producer) FAIL(producer.error().text());
    producer_ = std::move(*producer);
    auto log = KafkaLog::create(options.kafka, {}, *producer_, wakeup_);
    if (!log) FAIL(log.error().text());
    log_ = std::move(*log);
    for (const auto& spec : testkit::toy_suite()) {
      for (std::uint32_t i = 0; i < partitions; ++i) {
        const MachineId id{spec.kind, i};
        logs_.emplace(id, Reading{0, runtime::ValidRecords(id)});
      }
    }
  }

  [[nodiscard]] const ToyRun& run() const { return run_; }

  void start(const std::string& service, const std::string& instance) {
    const char* bin = std::getenv("BELLWETHER_BIN");
    servers::Child::Options o;
    o.command = {std::string(bin != nullptr ? bin : "build/dev/bin") + "/bellwether-toy-host",
                 run_.brokers,
                 run_.uri,
                 run_.prefix,
                 std::to_string(run_.partitions),
                 std::to_string(run_.seed),
                 std::to_string(run_.until),
                 service,
                 instance};
    o.output = private_kafka().folder() / (run_.prefix + service + instance + ".log");
    auto child = servers::Child::start(o);
    if (!child) FAIL(child.error().text());
    children_[service + instance] = std::move(*child);
  }
  void kill(const std::string& service, const std::string& instance) {
    auto& child = children_.at(service + instance);
    child->signal(SIGKILL);
    REQUIRE(child->wait(10'000) == 128 + SIGKILL);
    if (!in_mid_run()) WARN("the run was over before the kill: it proves less than it should");
  }
  bool in_mid_run() { return progress(Kind::portfolio_books) < last_time(); }

  /// Reads on; returns the progress of the slowest machine of `kind`.
  TimeNs progress(Kind kind) {
    TimeNs slowest = kTimeMax;
    for (auto& [id, reading] : logs_) {
      if (id.kind == kind) slowest = std::min(slowest, read(id, reading));
    }
    return slowest;
  }
  /// Waits until `kind` has passed `percent` of the run.
  void wait_for(Kind kind, int percent) {
    const TimeNs last = last_time();
    const bool reached = eventually([&] { return progress(kind) >= last * percent / 100; }, 120);
    if (!reached)
      FAIL(kind_name(kind) << " stands at " << progress(kind) << " of " << last << troubles());
  }
  /// Empty where the run published exactly what InlineHost does.
  std::string difference() {
    for (const auto& spec : testkit::toy_suite()) wait_for(spec.kind, 100);
    children_.clear();
    runtime::Recording recording;
    for (auto& [id, reading] : logs_) {
      read(id, reading);
      recording[id] = reading.valid.records();
    }
    return testkit::differs_from_inline(testkit::toy_suite(),
                                        testkit::toy_rows(run_.seed, run_.until), recording);
  }

 private:
  struct Reading {
    std::uint64_t offset = 0;
    runtime::ValidRecords valid;
    TimeNs progress = 0;
  };
  static std::uint64_t& seeds() {
    static std::uint64_t seed = 4'711;
    return seed;
  }
  [[nodiscard]] TimeNs last_time() const {
    return testkit::toy_rows(run_.seed, run_.until).back().time;
  }

  TimeNs read(MachineId id, Reading& reading) {
    std::vector<runtime::LogEntry> batch;
    do {
      batch.clear();
      auto r = log_->fetch(id, reading.offset, 10'000, batch);
      if (!r && r.error().code != ErrorCode::unavailable) FAIL(r.error().text());
      for (const auto& entry : batch) {
        if (auto added = reading.valid.add(entry.record); !added) FAIL(added.error().text());
        reading.offset = entry.offset + 1;
        if (entry.record.what == runtime::What::progress && !reading.valid.records().empty() &&
            reading.valid.records().back().same_as(entry.record)) {
          reading.progress = std::max(reading.progress, entry.record.t);
        }
      }
    } while (!batch.empty());
    return reading.progress;
  }
  std::string troubles() {
    std::string all;
    for (const auto& [name, child] : children_) {
      all += "\n" + name + (child->exit_code() ? " ended:\n" : ":\n") +
             servers::tail_of(private_kafka().folder() / (run_.prefix + name + ".log"));
    }
    return all;
  }

  ToyRun run_;
  Wakeup wakeup_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<KafkaLog> log_;
  std::map<MachineId, Reading> logs_;
  std::map<std::string, std::unique_ptr<servers::Child>> children_;
};

/// All of the suite in a thread of this process; ends with this object.
class ThreadHost {
 public:
  explicit ThreadHost(const ToyRun& run) : thread_([this, run] { go(run); }) {}
  ~ThreadHost() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::string end() {
    stop_ = true;
    thread_.join();
    return error_;
  }

 private:
  class Talk final : public Shell {
    void on_lost(MachineId id, const std::string& why) override {
      std::printf("%s/%u lost: %s\n", std::string(kind_name(id.kind)).c_str(), id.index,
                  why.c_str());
    }
  };
  void go(const ToyRun& run) {
    bw::postgres::PgStore store(run.uri);
    WallClock clock;
    Talk shell;
    auto host =
        KafkaHost::create(host_options(run, "all", "a"), machines_of("all"), store, clock, shell);
    const auto done =
        host ? (*host)->run([&] { return stop_.load(); }) : tl::unexpected(host.error());
    if (!done) error_ = done.error().text();
  }
  std::atomic<bool> stop_{false};
  std::string error_;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace

TEST_CASE("the toy suite in one process publishes what InlineHost does, with 1 and 4 partitions") {
  const std::uint32_t partitions = GENERATE(1U, 4U);
  Watched w(partitions, 5'000);
  ThreadHost host(w.run());
  const std::string difference = w.difference();
  CHECK(difference == "");
  CHECK(host.end() == "");
}

TEST_CASE("each process is killed in mid-run and started again: nothing lost, nothing doubled") {
  Watched w(2, 50'000);
  for (const char* service : kServices) w.start(service, "a");
  int percent = 10;
  for (const char* service : kServices) {
    w.wait_for(*kind_from_name(service), percent);
    w.kill(service, "a");
    w.start(service, "a");
    percent += 15;
  }
  CHECK(w.difference() == "");
}

TEST_CASE("indices move between two processes of a service when one joins and when one is killed") {
  Watched w(4, 50'000);
  w.start("all", "a");
  w.wait_for(Kind::market_bars, 10);
  w.start("all", "b");
  w.wait_for(Kind::portfolio_books, 50);
  w.kill("all", "a");
  CHECK(w.difference() == "");
}

TEST_CASE(
    "Kafka and PostgreSQL are killed in mid-run and come back: the suite goes on without loss") {
  Watched w(2, 50'000);
  for (const char* service : kServices) w.start(service, "a");
  w.wait_for(Kind::market_bars, 10);
  SECTION("Kafka") {
    private_kafka().kill();
    if (!w.in_mid_run()) WARN("the run was over before the kill");
    servers::pause_ms(500);
    REQUIRE(private_kafka().restart());
  }
  SECTION("PostgreSQL") {
    private_postgres().kill();
    if (!w.in_mid_run()) WARN("the run was over before the kill");
    servers::pause_ms(500);
    REQUIRE(private_postgres().restart());
  }
  SECTION("PostgreSQL, twice, with a clean stop in between") {
    private_postgres().kill();
    REQUIRE(private_postgres().restart());
    w.wait_for(Kind::broker_orders, 40);
    private_postgres().stop();
    REQUIRE(private_postgres().restart());
  }
  CHECK(w.difference() == "");
}
