#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "bellwether/http/health.hpp"
#include "bellwether/servers/child.hpp"
#include "bellwether/telemetry/metrics.hpp"
#include "commands.hpp"
#include "feed_instruments.hpp"
#include "ledger.hpp"
#include "live_run.hpp"
#include "migrations.hpp"
#include "pace.hpp"
#include "query.hpp"
#include "screen.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

constexpr DurationNs kCommitEvery = 500 * kMillisecond;
constexpr DurationNs kShowEvery = 250 * kMillisecond;
constexpr DurationNs kSummaryEvery = 5 * kSecond;

struct RunFlags {
  double speed = 60;
  int warm_up_days = 3;
  std::filesystem::path data = ".run";
  std::string database;
  int metrics_port = -1;
  bool plain = false;
  bool fresh = false;
};

/// The database of a run: a private server in the data folder, or one that was named.
struct Database {
  std::unique_ptr<servers::PrivatePostgres> server;
  std::string uri;
};

Result<Database> open_database(const RunFlags& flags, const FeedName& feed) {
  Database db;
  db.uri = flags.database;
  std::error_code error;
  std::filesystem::create_directories(flags.data, error);
  if (error) {
    return fail(ErrorCode::invalid_argument, error.message(), flags.data.string(),
                "name a folder that can be made and written with --data");
  }
  if (const auto note = read_note(flags.data);
      note && is_running(*note) && note->process != getpid()) {
    return fail(ErrorCode::unavailable,
                "process " + std::to_string(note->process) + " works on it already",
                flags.data.string(), "end that one, or name another folder with --data");
  }
  if (!db.uri.empty()) return db;
  servers::PrivatePostgres::Options options;
  options.folder = flags.data / "postgres";
  options.database = feed.database;
  auto server = servers::PrivatePostgres::start(options);
  if (!server) return tl::unexpected(server.error());
  db.server = std::move(*server);
  db.uri = db.server->uri();
  return db;
}

Result<void> forget(const Database& db, const FeedName& feed) {
  if (db.server) return recreate_database(db.uri, feed.database);
  return fail(ErrorCode::invalid_argument, "is for the private database only", "--fresh",
              "leave --database out, or empty that database yourself");
}

/// Probes and metrics of the process; nothing where no port was asked for.
class Probes {
 public:
  Probes(int port, const std::string& build) : metrics_("bellwether", "0.1", build) {
    if (port < 0) return;
    http::ServerOptions options;
    options.port = static_cast<std::uint16_t>(port);
    auto server = http::start_probes(options, health_, [this] { return metrics_.text(); });
    if (server) {
      server_ = std::move(*server);
    } else {
      error_ = server.error();
    }
  }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] int port() const { return server_ ? server_->port() : 0; }

  void look(const LiveRun& run, const std::string& trouble) {
    health_.beat();
    http::Condition condition;
    condition.started = true;
    if (!trouble.empty()) condition.reasons.push_back(trouble);
    health_.set(std::move(condition));
    if (!server_) return;
    for (const auto& [kind, stats] : run.stats()) metrics_.observe({kind, 0}, stats, {});
    for (const auto& [reason, rows] : run.quarantined()) {
      auto& known = quarantined_[reason];
      if (rows > known) metrics_.quarantined(reason, rows - known);
      known = rows;
    }
  }

 private:
  telemetry::Metrics metrics_;
  http::Health health_{"bellwether"};
  std::map<std::string, std::uint64_t> quarantined_;
  std::optional<Error> error_;
  std::unique_ptr<http::Server> server_;  // last: it ends before what it reads
};

/// What a person sees of the run: a live table on a terminal, or lines.
class Show {
 public:
  Show(const Suite& suite, std::string feed, bool lines)
      : suite_(suite), feed_(std::move(feed)), lines_(lines) {}

  void begin() {
    if (!lines_) terminal_.emplace();
  }
  void end() { terminal_.reset(); }
  /// Decisions that are safely stored now.
  void news(const LiveRun& run, TimeNs now) {
    committed_at_ = now;
    if (!lines_) return;
    for (const auto& o : run.news()) {
      const std::string text = say(suite_, o.event);
      if (!text.empty()) std::printf("%s  %s\n", time_text(o.time).c_str(), text.c_str());
    }
    if (!run.news().empty()) std::fflush(stdout);
  }
  void draw(const LiveRun& run, const Pace& pace, TimeNs warm_until, const std::string& trouble,
            TimeNs now) {
    const TimeNs due = shown_at_ + (lines_ ? kSummaryEvery : kShowEvery);
    if (now < due) return;
    const double passed =
        static_cast<double>(now - std::max(shown_at_, committed_at_ == 0 ? now : shown_at_)) / 1e9;
    const std::uint64_t events = run.report().events();
    if (passed > 0 && shown_at_ != 0) {
      rate_ = static_cast<double>(events - std::min(events, events_)) / passed;
    }
    events_ = events;
    shown_at_ = now;
    ScreenStatus s;
    s.feed = feed_;
    s.position = run.position();
    s.pace = pace_text(pace, warm_until);
    s.events = events;
    s.events_per_s = rate_;
    s.trouble = trouble;
    if (lines_) {
      print_summary(run, s);
    } else {
      terminal_->show(render(run.view(), suite_, s, terminal_->size()));
    }
  }

 private:
  static std::string pace_text(const Pace& pace, TimeNs warm_until) {
    if (pace.target() == kTimeMax) return "as fast as it can";
    if (pace.target() <= warm_until) return "warming up, fast";
    const double factor = pace.factor();
    return Price::from_double(factor).to_string() + "x";
  }
  void print_summary(const LiveRun& run, const ScreenStatus& s) const {
    const auto& v = run.view();
    const auto held = std::count_if(v.positions().begin(), v.positions().end(),
                                    [](const auto& p) { return !p.second.quantity.is_zero(); });
    std::printf("%s  summary  equity %s, cash %s, %lld positions, %s events (%s/s), %s%s\n",
                time_text(s.position).c_str(), money_text(v.equity()).c_str(),
                money_text(v.cash_total()).c_str(), static_cast<long long>(held),
                short_count(static_cast<double>(s.events)).c_str(),
                short_count(s.events_per_s).c_str(), s.pace.c_str(),
                s.trouble.empty() ? "" : ("; " + s.trouble).c_str());
    std::fflush(stdout);
  }

  const Suite& suite_;
  std::string feed_;
  bool lines_;
  std::optional<Terminal> terminal_;
  TimeNs shown_at_ = 0;
  TimeNs committed_at_ = 0;
  std::uint64_t events_ = 0;
  double rate_ = 0;
};

/// The loop: market time by the clock, a commit every half second, the screen four times a second.
class Loop {
 public:
  Loop(LiveRun& run, Database& db, Show& show, Probes& probes, Pace pace, TimeNs warm_until)
      : run_(run),
        db_(db),
        show_(show),
        probes_(probes),
        pace_(std::move(pace)),
        warm_until_(warm_until) {}

  /// Until the feed ends or somebody asks to stop; everything is committed then.
  Result<void> until_end() {
    while (!service::stop_requested() && !(run_.ended() && trouble_.empty())) {
      const TimeNs now = clock_.now();
      bool more = false;
      if (trouble_.empty()) more = run_.step_to(pace_.target(), kSlice);
      if (more || run_.full()) {
        pace_.hold(now);
      } else {
        pace_.tick(now, run_.next_row());
      }
      if (now - tried_at_ >= kCommitEvery || run_.full()) {
        if (auto r = commit(now); !r) return r;
      }
      show_.draw(run_, pace_, warm_until_, trouble_, now);
      if (!more) servers::pause_ms(kIdleMs);
    }
    return finish();
  }

 private:
  static constexpr int kSlice = 500;  // times between looks at the clock: some milliseconds
  static constexpr int kIdleMs = 5;

  /// A database that is away is waited for; nothing is decided meanwhile.
  Result<void> commit(TimeNs now) {
    tried_at_ = now;
    auto done = run_.commit();
    if (done) done = run_.admit_requests();
    if (!done && done.error().code != ErrorCode::unavailable) return done;
    if (!done) {
      trouble_ = "PostgreSQL is away, waiting for it: " + first_line(done.error().message);
      if (db_.server && !db_.server->running()) {
        if (auto r = db_.server->restart(); !r) trouble_ = r.error().text();
      }
    } else {
      trouble_.clear();
      show_.news(run_, now);
    }
    probes_.look(run_, trouble_);
    return {};
  }
  Result<void> finish() {
    auto done = run_.commit();
    if (!done) return done;
    show_.news(run_, clock_.now());
    return {};
  }
  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  LiveRun& run_;
  Database& db_;
  Show& show_;
  Probes& probes_;
  Pace pace_;
  TimeNs warm_until_;
  service::SystemClock clock_;
  TimeNs tried_at_ = 0;
  std::string trouble_;
};

void say_begin(const LiveRun& run, const FeedName& feed, const RunFlags& flags, int port) {
  std::printf("Bellwether plays %s.\n", feed.text.c_str());
  if (run.resumed()) {
    std::printf("It goes on at %s UTC, equity %s.\n", time_text(run.position()).c_str(),
                money_text(run.view().equity()).c_str());
  }
  if (!run.other_build().empty()) {
    std::printf(
        "NOTE: what is saved was made by %s; the documents have changed since.\n"
        "      Positions and money go on; what follows is decided by the new ones.\n",
        run.other_build().c_str());
  }
  if (port > 0) std::printf("Health and metrics: http://127.0.0.1:%d/health and /metrics\n", port);
  const std::string where = flags.data == ".run" ? "" : " --data " + flags.data.string();
  std::printf(
      "\nMeanwhile, in another terminal:\n"
      "  bellwether signals%s             the newest signals, with their ids\n"
      "  bellwether explain SIGNAL_ID%s   why a signal was given, and what became of it\n"
      "  bellwether orders%s              orders, and why one did not fill\n"
      "  bellwether orders place buy 10 SYMBOL%s\n"
      "  bellwether portfolio%s           positions, money, profit and loss\n"
      "Later: bellwether replay FILE…, bellwether backtest FILE…; --help explains each.\n\n",
      where.c_str(), where.c_str(), where.c_str(), where.c_str(), where.c_str());
  std::fflush(stdout);
}

void say_end(LiveRun& run, const Suite& suite, const RunFlags& flags, bool feed) {
  const auto& v = run.view();
  std::printf("%s at %s UTC: equity %s, cash %s\n",
              feed && run.ended() ? "The feed ended" : "Stopped", time_text(run.position()).c_str(),
              money_text(v.equity()).c_str(), money_text(v.cash_total()).c_str());
  for (const auto& [key, p] : v.positions()) {
    if (p.quantity.is_zero()) continue;
    std::printf("  %-12s %12s at %s, P&L %s\n", suite.symbol(p.instrument).c_str(),
                p.quantity.to_string().c_str(), price_text(p.average_cost).c_str(),
                signed_money_text(v.unrealised(p)).c_str());
  }
  if (flags.database.empty()) {
    std::printf("Everything is kept in %s; `bellwether run` goes on from here.\n",
                std::filesystem::absolute(flags.data).lexically_normal().string().c_str());
  }
}

Result<void> run_live(const RunFlags& flags, Context& context) {
  service::Inputs inputs = context.inputs;
  const FeedName feed = feed_name(inputs);
  const std::string build = run_identity(inputs);
  auto temporary = with_feed_instruments(inputs);
  if (!temporary) return tl::unexpected(temporary.error());
  auto suite = Suite::make(inputs);
  if (!suite) return tl::unexpected(suite.error());
  auto db = open_database(flags, feed);
  if (!db) return tl::unexpected(db.error());
  if (flags.fresh) {
    if (auto r = forget(*db, feed); !r) return r;
  }
  if (auto done = migrate_all(db->uri); !done) return tl::unexpected(done.error());
  auto run = LiveRun::open(**suite, {db->uri, build});
  if (!run) return tl::unexpected(run.error());
  if (auto r = write_note(flags.data, {feed.database, db->uri, feed.text, getpid()}); !r) return r;

  const bool simulated = inputs.feed.empty();
  if (auto r = keep_documents(flags.data, feed.database, inputs); !r) return r;

  const TimeNs warm_until = simulated ? inputs.simulate_from + flags.warm_up_days * kDay : 0;
  Pace pace(flags.speed, std::max((*run)->position(), warm_until), simulated);
  Probes probes(flags.metrics_port, build);
  if (probes.error()) return tl::unexpected(*probes.error());
  say_begin(**run, feed, flags, probes.port());
  Show show(**suite, feed.text, flags.plain || isatty(STDOUT_FILENO) == 0);
  show.begin();
  auto ran = Loop(**run, *db, show, probes, std::move(pace), warm_until).until_end();
  show.end();
  static_cast<void>(write_note(flags.data, {feed.database, db->uri, feed.text, 0}));
  if (!ran) return ran;
  say_end(**run, **suite, flags, !simulated);
  if (!simulated) std::printf("%s\n", (*run)->report().json().c_str());
  return {};
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto flags = std::make_shared<RunFlags>();
  auto* c = app.add_subcommand("run",
                               "Runs the whole suite in this process, with a private PostgreSQL in "
                               "a folder: the simulated market\n"
                               "(labelled so) at 60 times real time, or recorded data. Shows "
                               "prices, signals with their reasons,\n"
                               "orders, positions and equity. Ctrl-C ends it; the next run goes on "
                               "where the ledgers stood.\n"
                               "Example: bellwether run --seed 7\n"
                               "         bellwether run --feed SPY.csv.gz --speed 600");
  c->add_option("--feed", context.inputs.feed,
                "recorded data: files or folders; default: the simulator")
      ->check(CLI::ExistingPath);
  c->add_option("--seed", context.inputs.seed,
                "seed of the simulator: another seed is another market")
      ->capture_default_str();
  c->add_option(
       "--speed", flags->speed,
       "market seconds a second; 0: as fast as it can. Simulated nights pass 20 times faster")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  c->add_option("--warm-up", flags->warm_up_days,
                "days that the simulator plays first, fast, so that indicators are warm")
      ->check(CLI::Range(0, 60))
      ->capture_default_str();
  c->add_option("--data", flags->data, "folder of the ledgers")->capture_default_str();
  c->add_option("--database", flags->database,
                "PostgreSQL to use instead of a private one in --data (a URI)");
  c->add_option("--metrics-port", flags->metrics_port,
                "port of /health and /metrics; 0 picks a free one; -1: none")
      ->check(CLI::Range(-1, 65535))
      ->capture_default_str();
  c->add_flag("--plain", flags->plain,
              "lines instead of a live table; so also where stdout is no terminal");
  c->add_flag("--fresh", flags->fresh, "forgets what is saved of this feed and begins anew");
  add_input_flags(*c, context);
  c->callback([flags, &context] {
    if (auto r = run_live(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
