#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/postgres/reader.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/servers/child.hpp"
#include "bellwether/servers/private_kafka.hpp"
#include "bellwether/servers/private_postgres.hpp"
#include "migrations.hpp"
#include "recording_files.hpp"
#include "replay.hpp"

namespace bw::app {

namespace fs = std::filesystem;
using runtime::MachineId;
using runtime::Record;

namespace {

constexpr int kMaxRestarts = 100;
constexpr int kPauseMs = 20;
constexpr std::size_t kBatch = 20'000;

const char* service_of(Kind kind) {
  switch (kind) {
    case Kind::market_ticks:
    case Kind::market_bars:
    case Kind::news_articles:
      return "ingestion";
    case Kind::analytics_features:
      return "analytics";
    case Kind::inference_predictions:
      return "inference";
    case Kind::confluence_signals:
    case Kind::confluence_spanning:
      return "confluence";
    case Kind::broker_orders:
      return "broker";
    case Kind::portfolio_books:
      return "portfolio";
    default:
      return "alert";
  }
}

fs::path program_folder() {
  std::array<char, 4096> path{};
  const ssize_t n = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return fs::path(std::string(path.data(), n > 0 ? static_cast<std::size_t>(n) : 0)).parent_path();
}

/// Reads the logs of all machines as they grow.
class LogCollector {
 public:
  LogCollector(std::unique_ptr<kafka::KafkaLog> log, const std::vector<MachineId>& machines)
      : log_(std::move(log)) {
    for (const MachineId id : machines) streams_.push_back({id, runtime::ValidRecords(id), 0, 0});
  }
  Result<void> poll() {
    for (auto& s : streams_) {
      batch_.clear();
      auto got = log_->fetch(s.id, s.offset, kBatch, batch_);
      if (!got && got.error().code != ErrorCode::unavailable) return got;
      for (const auto& entry : batch_) {
        if (auto added = s.valid.add(entry.record); !added) return added;
        if (entry.record.what == runtime::What::open && entry.record.epoch > 1) tell_takeover(s);
        if (entry.record.what == runtime::What::progress)
          s.progress = std::max(s.progress, entry.record.t);
        s.offset = entry.offset + 1;
      }
      records_ += batch_.size();
    }
    return {};
  }
  [[nodiscard]] TimeNs slowest() const {
    TimeNs t = kTimeMax;
    for (const auto& s : streams_) t = std::min(t, s.progress);
    return t;
  }
  /// Of the machines of one service, the least progress.
  [[nodiscard]] TimeNs slowest(const std::string& service) const {
    TimeNs t = kTimeMax;
    for (const auto& s : streams_) {
      if (service == service_of(s.id.kind)) t = std::min(t, s.progress);
    }
    return t;
  }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] runtime::Recording take() {
    runtime::Recording all;
    for (auto& s : streams_) all[s.id] = std::move(s.valid.records());
    return all;
  }

 private:
  struct Stream {
    MachineId id;
    runtime::ValidRecords valid;
    std::uint64_t offset;
    TimeNs progress;
  };
  /// The log itself tells where the owner before stopped: by what stands in front of the open.
  static void tell_takeover(const Stream& s) {
    std::fprintf(stderr, "%s/%u taken over at %s\n", std::string(kind_name(s.id.kind)).c_str(),
                 s.id.index, s.progress > 0 ? format_utc(s.progress).c_str() : "its start");
  }
  std::unique_ptr<kafka::KafkaLog> log_;
  std::vector<Stream> streams_;
  std::vector<runtime::LogEntry> batch_;
  std::uint64_t records_ = 0;
};

/// The service processes of a run: started, watched, started again.
class Fleet {
 public:
  Fleet(std::vector<std::string> names, std::vector<std::string> arguments, fs::path status_file,
        fs::path log_folder)
      : arguments_(std::move(arguments)),
        status_file_(std::move(status_file)),
        log_folder_(std::move(log_folder)) {
    for (auto& name : names) members_.push_back({std::move(name), nullptr, 0});
  }

  /// Starts what does not run. An error where a service cannot be started, or keeps dying. `logs`
  /// say how far each has come, for the status file.
  Result<void> tend(const LogCollector& logs) {
    bool changed = false;
    for (auto& m : members_) {
      if (m.child && !m.child->exit_code()) continue;
      if (m.child) {
        if (++m.restarts > kMaxRestarts) {
          return fail(ErrorCode::internal, "ended " + std::to_string(m.restarts) + " times", m.name,
                      servers::tail_of(log_of(m.name)));
        }
        const int code = m.child->exit_code().value_or(0);
        if (code == 1 || code == 2) {
          return fail(ErrorCode::internal, "ended with code " + std::to_string(code), m.name,
                      servers::tail_of(log_of(m.name)));
        }
        std::fprintf(stderr, "%s ended (code %d): starting it again\n", m.name.c_str(), code);
      }
      auto started = start(m.name);
      if (!started) return tl::unexpected(started.error());
      m.child = std::move(*started);
      changed = true;
    }
    if (status_file_.empty() || (!changed && logs.records() == written_at_)) return {};
    written_at_ = logs.records();
    write_status(logs);
    return {};
  }

 private:
  struct Member {
    std::string name;
    std::unique_ptr<servers::Child> child;
    int restarts = 0;
  };
  fs::path log_of(const std::string& name) const { return log_folder_ / (name + ".log"); }
  Result<std::unique_ptr<servers::Child>> start(const std::string& name) {
    servers::Child::Options o;
    o.command = {(program_folder() / ("bellwether-" + name)).string(), "--instance", name + "-0"};
    o.command.insert(o.command.end(), arguments_.begin(), arguments_.end());
    o.output = log_of(name);
    return servers::Child::start(o);
  }
  void write_status(const LogCollector& logs) const {
    const fs::path part = status_file_.string() + ".part";
    std::ofstream out(part);
    for (const auto& m : members_) {
      out << m.name << ' ' << m.child->pid() << ' ' << logs.slowest(m.name) << '\n';
    }
    out.close();
    std::error_code ignored;
    fs::rename(part, status_file_, ignored);
  }

  std::vector<std::string> arguments_;
  fs::path status_file_;
  fs::path log_folder_;
  std::vector<Member> members_;
  std::uint64_t written_at_ = 0;  // records seen when the status file was written last
};

std::vector<MachineId> machines_of(const std::vector<runtime::MachineSpec>& specs,
                                   const runtime::Counts& counts) {
  std::vector<MachineId> all;
  for (const auto& spec : specs) {
    for (std::uint32_t i = 0; i < counts[static_cast<std::size_t>(spec.kind)]; ++i) {
      all.push_back({spec.kind, i});
    }
  }
  return all;
}

/// Hands all outputs to the report in the total order.
void feed_in_order(const runtime::Recording& logs, RunReport& report) {
  std::vector<const Record*> all;
  for (const auto& [id, records] : logs) {
    for (const Record& r : records) {
      if (r.what == runtime::What::out) all.push_back(&r);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Record* a, const Record* b) { return key_of(*a) < key_of(*b); });
  for (const Record* r : all) report.add(*r);
}

struct Feed {
  TimeNs end = 0;
  std::uint64_t rows = 0;
};

Result<Feed> measure_feed(const Suite& suite) {
  auto source = suite.open_feed();
  if (!source) return tl::unexpected(source.error());
  Feed feed;
  while (const auto* row = (*source)->next()) {
    feed.end = row->time;
    ++feed.rows;
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
  }
  feed.end += runtime::kHistoryTail;
  return feed;
}

struct PrivateServers {
  std::unique_ptr<servers::PrivateKafka> kafka;
  std::unique_ptr<servers::PrivatePostgres> postgres;
};

Result<PrivateServers> start_servers(KafkaReplay& o) {
  PrivateServers s;
  if (o.brokers.empty()) {
    auto kafka = servers::PrivateKafka::start({});
    if (!kafka) return tl::unexpected(kafka.error());
    s.kafka = std::move(*kafka);
    o.brokers = s.kafka->brokers();
  }
  if (o.database.empty()) {
    auto postgres = servers::PrivatePostgres::start({});
    if (!postgres) return tl::unexpected(postgres.error());
    s.postgres = std::move(*postgres);
    o.database = s.postgres->uri();
  }
  return s;
}

/// The machines of another run would be taken up where they stand, over topics that lack their
/// past.
Result<void> check_unused(const std::string& database) {
  bool used = false;
  postgres::Reader reader(database);
  auto r = reader.read("SELECT 1 FROM runtime.machine LIMIT 1", {},
                       [&used](const pqxx::row&) { used = true; });
  if (!r) return r;
  if (!used) return {};
  return fail(ErrorCode::failed_precondition, "the database holds the machines of another run",
              "--database", "name an empty database, or leave it out for a private one");
}

std::vector<std::string> arguments_of(const KafkaReplay& o, const kafka::HostOptions& h) {
  std::vector<std::string> a = {"--brokers",
                                o.brokers,
                                "--database",
                                o.database,
                                "--partitions",
                                std::to_string(h.instrument_partitions),
                                "--account-partitions",
                                std::to_string(h.account_partitions),
                                "--topic-prefix",
                                h.kafka.topic_prefix,
                                "--metrics-port",
                                "-1"};
  a.insert(a.end(), o.arguments.begin(), o.arguments.end());
  return a;
}

Result<void> watch(Fleet& fleet, LogCollector& logs, const Feed& feed, const Progress& progress) {
  TimeNs begin = 0;
  while (logs.slowest() < feed.end) {
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
    if (auto r = fleet.tend(logs); !r) return r;
    const auto before = logs.records();
    if (auto r = logs.poll(); !r) return r;
    const TimeNs at = logs.slowest();
    if (begin == 0 && at > 0) begin = at;
    const double share =
        begin == 0 || feed.end <= begin
            ? 0
            : static_cast<double>(at - begin) / static_cast<double>(feed.end - begin);
    progress(share, at, logs.records());
    if (logs.records() == before) servers::pause_ms(kPauseMs);
  }
  return {};
}

}  // namespace

Result<void> replay_kafka(const Suite& suite, const KafkaReplay& given, RunReport& report,
                          const Progress& progress) {
  KafkaReplay options = given;
  auto feed = measure_feed(suite);
  if (!feed) return tl::unexpected(feed.error());
  auto own = start_servers(options);
  if (!own) return tl::unexpected(own.error());
  if (auto r = migrate_all(options.database); !r) return tl::unexpected(r.error());
  if (auto r = check_unused(options.database); !r) return r;

  std::error_code error;
  std::string folder = (fs::temp_directory_path(error) / "bellwether-replay-XXXXXX").string();
  if (error || mkdtemp(folder.data()) == nullptr) {
    return fail(ErrorCode::resource_exhausted, "no folder can be made there", folder,
                "let TMPDIR name a folder to write to");
  }
  kafka::HostOptions host;
  host.kafka.brokers = options.brokers;
  host.kafka.topic_prefix = "replay-" + folder.substr(folder.size() - 6) + ".";
  host.instrument_partitions = options.partitions;
  host.account_partitions = options.account_partitions;
  const auto topics = kafka::suite_topics(host, 1);
  const fs::path logs_folder = folder;

  const auto specs = suite.specs();
  std::vector<std::string> names;
  for (const auto& spec : specs) {
    const std::string name = service_of(spec.kind);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  runtime::Recording recording;
  const auto play = [&]() -> Result<void> {
    if (auto r = kafka::create_topics(host.kafka, topics); !r) return tl::unexpected(r.error());
    Fleet fleet(names, arguments_of(options, host), options.status_file, logs_folder);
    kafka::Wakeup wakeup;
    auto producer = kafka::Producer::create(host.kafka, wakeup);
    if (!producer) return tl::unexpected(producer.error());
    auto log = kafka::KafkaLog::create(host.kafka, {}, **producer, wakeup);
    if (!log) return tl::unexpected(log.error());
    LogCollector collector(std::move(*log), machines_of(specs, kafka::counts_of(host)));
    auto watched = watch(fleet, collector, *feed, progress);
    recording = collector.take();
    return watched;
  };
  const auto done = play();  // however it ends, topics and folder go
  if (own->kafka == nullptr) {
    std::vector<std::string> all;
    for (const auto& t : topics) all.push_back(t.name);
    (void)kafka::delete_topics(host.kafka, all);
  }
  std::error_code ignored;
  fs::remove_all(logs_folder, ignored);
  if (!done) return done;
  feed_in_order(recording, report);
  if (!options.record_to.empty()) {
    return write_recording({kafka::counts_of(host), false, std::move(recording)},
                           options.record_to);
  }
  return {};
}

Result<void> replay_recorded(const Suite& suite, const fs::path& folder, RunReport& report) {
  auto run = read_recording(folder);
  if (!run) return tl::unexpected(run.error());
  for (auto spec : suite.specs()) {
    if (run->live) {
      std::erase_if(spec.inputs, [](const runtime::Input& i) { return i.kind == Kind::source; });
    }
    const auto count = run->counts[static_cast<std::size_t>(spec.kind)];
    for (std::uint32_t i = 0; i < count; ++i) {
      runtime::SourceStream history([&suite] { return suite.open_feed(); }, spec.kind, {i, count});
      auto r = runtime::refold(spec, {i, count}, run->counts, run->logs, &history);
      if (!r) return r;
    }
  }
  feed_in_order(run->logs, report);
  return {};
}

Result<std::uint64_t> record_logs(const kafka::Options& options, const runtime::Counts& counts,
                                  bool live, const fs::path& folder) {
  kafka::Wakeup wakeup;
  auto producer = kafka::Producer::create(options, wakeup);
  if (!producer) return tl::unexpected(producer.error());
  auto log = kafka::KafkaLog::create(options, {}, **producer, wakeup);
  if (!log) return tl::unexpected(log.error());
  std::vector<MachineId> machines;
  for (std::size_t k = 1; k < kKindCount; ++k) {
    for (std::uint32_t i = 0; i < counts[k]; ++i) machines.push_back({static_cast<Kind>(k), i});
  }
  LogCollector collector(std::move(*log), machines);
  for (int quiet = 0; quiet < 50;) {  // a second without anything new
    const auto before = collector.records();
    if (auto r = collector.poll(); !r) return tl::unexpected(r.error());
    quiet = collector.records() == before ? quiet + 1 : 0;
    if (quiet > 0) servers::pause_ms(kPauseMs);
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
  }
  const auto records = collector.records();
  if (auto r = write_recording({counts, live, collector.take()}, folder); !r) {
    return tl::unexpected(r.error());
  }
  return records;
}

}  // namespace bw::app
