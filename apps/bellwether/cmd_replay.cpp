#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "feed_instruments.hpp"
#include "replay.hpp"

namespace bw::app {

namespace {

struct ReplayFlags {
  std::vector<std::filesystem::path> paths;
  std::string bus = "inline";
  std::string order = "event-time";
  std::filesystem::path trace;
  KafkaReplay kafka;
  bool quiet = false;
};

/// One line on stderr, rewritten; nothing where stderr is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (dirty_) std::fprintf(stderr, "\r\033[K");
  }
  void operator()(double share, TimeNs at, std::uint64_t events) {
    if (!shown_ || ++calls_ % 8 != 1) return;
    dirty_ = true;
    if (share < 0) {
      std::fprintf(stderr, "\r\033[K%s  %llu events", format_utc(at).c_str(),
                   static_cast<unsigned long long>(events));
    } else {
      std::fprintf(stderr, "\r\033[K%3.0f %%  %s  %llu records", share * 100, format_utc(at).c_str(),
                   static_cast<unsigned long long>(events));
    }
    std::fflush(stderr);
  }

 private:
  bool shown_;
  bool dirty_ = false;
  std::uint64_t calls_ = 0;
};

void say_notes(const RunReport& report) {
  for (const auto& [what, count] : report.notes()) {
    std::fprintf(stderr, "%10llu  %s\n", static_cast<unsigned long long>(count), what.c_str());
  }
}

/// What the services of a Kafka run are told of the feed and the documents.
std::vector<std::string> arguments_of(const service::Inputs& inputs) {
  std::vector<std::string> a;
  const auto add = [&](const char* flag, const std::string& value) {
    a.emplace_back(flag);
    a.push_back(value);
  };
  for (const auto& f : inputs.feed) add("--feed", std::filesystem::absolute(f).string());
  for (const auto& s : inputs.strategies) add("--strategy", std::filesystem::absolute(s).string());
  if (!inputs.instruments.empty()) add("--instruments", std::filesystem::absolute(inputs.instruments).string());
  if (!inputs.accounts.empty()) add("--accounts", std::filesystem::absolute(inputs.accounts).string());
  for (const auto& s : inputs.settings) add("--set", s);
  return a;
}

Result<void> run_replay(ReplayFlags& flags, Context& context, RunReport& report) {
  service::Inputs inputs = context.inputs;
  std::filesystem::path recording;
  for (const auto& path : flags.paths) {
    if (flags.order == "recorded" && std::filesystem::exists(path / "manifest.json")) {
      recording = path;
    } else {
      inputs.feed.push_back(path);
    }
  }
  if (flags.order == "recorded" && recording.empty()) {
    return fail(ErrorCode::invalid_argument, "none of the paths is a recording", "--order recorded",
                "name a folder that `replay --record` or `topics record` wrote");
  }
  auto temporary = with_feed_instruments(inputs);
  if (!temporary) return tl::unexpected(temporary.error());
  auto suite = Suite::make(inputs);
  if (!suite) return tl::unexpected(suite.error());
  if (!flags.trace.empty()) {
    if (auto r = report.trace_to(flags.trace); !r) return r;
  }
  ProgressLine line(flags.quiet);
  const Progress progress = [&line](double share, TimeNs at, std::uint64_t n) { line(share, at, n); };
  if (!recording.empty()) return replay_recorded(**suite, recording, report);
  if (flags.bus == "inline") return replay_inline(**suite, report, progress);
  flags.kafka.arguments = arguments_of(inputs);
  return replay_kafka(**suite, flags.kafka, report, progress);
}

void play(ReplayFlags& flags, Context& context) {
  RunReport report;
  if (auto r = run_replay(flags, context, report); !r) return context.complain(r.error());
  if (!report.trace_ok()) {
    return context.complain({ErrorCode::resource_exhausted, "could not be written whole",
                             flags.trace.string(), "free some disk space"});
  }
  if (!flags.quiet) say_notes(report);
  std::printf("%s\n", report.json().c_str());
}

}  // namespace

void add_replay(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ReplayFlags>();
  auto* c = app.add_subcommand(
      "replay",
      "Plays recorded data through the whole suite, as fast as it can, and ends with one JSON line:\n"
      "counts, equity, and a digest over every signal, order event, fill and position.\n"
      "The digest is the same in process and over Kafka, with any number of partitions.\n"
      "Example: bellwether replay SPY.csv.gz AAPL.csv.gz --trace out.jsonl");
  c->add_option("PATH", flags->paths, "files or folders of recorded data")->required()->check(CLI::ExistingPath);
  c->add_option("--bus", flags->bus, "inline (one process) or kafka (one process a service)")
      ->check(CLI::IsMember({"inline", "kafka"}))
      ->capture_default_str();
  c->add_option("--order", flags->order,
                "event-time (fold the data) or recorded (follow a recording's journals)")
      ->check(CLI::IsMember({"event-time", "recorded"}))
      ->capture_default_str();
  c->add_option("--trace", flags->trace, "writes what the digest covers as JSON lines, for diff");
  c->add_option("--brokers", flags->kafka.brokers, "Kafka to use; default: a private one, removed at the end");
  c->add_option("--database", flags->kafka.database, "PostgreSQL to use; default: a private one");
  c->add_option("--partitions", flags->kafka.partitions, "partitions of instrument topics")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  c->add_option("--account-partitions", flags->kafka.account_partitions, "partitions of account topics")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  c->add_option("--status", flags->kafka.status_file,
                "writes `service pid progress` here, a line each, now and then");
  c->add_option("--record", flags->kafka.record_to, "keeps the logs of a Kafka run in this folder");
  c->add_flag("--quiet", flags->quiet, "only the JSON line");
  add_input_flags(*c, context);
  c->callback([flags, &context] { play(*flags, context); });
}

}  // namespace bw::app
