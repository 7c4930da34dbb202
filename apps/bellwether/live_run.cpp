#include "live_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "bellwether/servers/child.hpp"
#include "confluence/shell/signal_history.hpp"
#include "ingestion/shell/market_history.hpp"

namespace bw::app {

namespace {

constexpr const char* kSuite = "live";
constexpr std::size_t kMostUncommitted = 50'000;  // records, some 30 MB

std::vector<postgres::HistoryTable> tables() {
  auto all = confluence::signal_tables();
  all.push_back(ingestion::bar_table());
  return all;
}

/// Whether a table of history takes it: what is not kept need not be collected.
bool is_kept(const Event& e) {
  return std::holds_alternative<Bar>(e) || std::holds_alternative<Signal>(e) ||
         std::holds_alternative<HoldBack>(e);
}

}  // namespace

LiveRun::LiveRun(Options options, std::unique_ptr<runtime::Source> source)
    : options_(std::move(options)),
      source_(std::move(source)),
      store_(options_.database,
             {{Kind::broker_orders, &orders_}, {Kind::portfolio_books, &books_}}),
      history_(options_.database, "bellwether", tables()),
      desk_(options_.database) {}

Result<std::unique_ptr<LiveRun>> LiveRun::open(const Suite& suite, Options options) {
  auto source = suite.open_feed();
  if (!source) return tl::unexpected(source.error());
  std::unique_ptr<LiveRun> run(new LiveRun(std::move(options), std::move(*source)));
  auto specs = suite.specs();
  run->takes_orders_ = std::any_of(specs.begin(), specs.end(), [](const runtime::MachineSpec& s) {
    return s.kind == Kind::broker_orders;
  });
  run->host_ = std::make_unique<runtime::InlineHost>(std::move(specs), run->source_, *run);
  if (auto r = run->restore(); !r) return tl::unexpected(r.error());
  return run;
}

// The server may need a moment to see that a killed run is gone.
Result<void> LiveRun::claim() {
  constexpr int kTries = 30;
  constexpr int kPauseMs = 100;
  std::array<char, 256> host{};
  static_cast<void>(gethostname(host.data(), host.size() - 1));
  const std::string who = "bellwether run, process " + std::to_string(getpid()) + " on " +
                          std::string(host.data()).substr(0, 20);
  auto claimed = store_.claim_suite(kSuite, who);
  for (int i = 0; i < kTries && !claimed && claimed.error().code == ErrorCode::aborted; ++i) {
    servers::pause_ms(kPauseMs);
    claimed = store_.claim_suite(kSuite, who);
  }
  if (!claimed && claimed.error().code == ErrorCode::aborted) {
    return fail(ErrorCode::failed_precondition, claimed.error().message, "database of the run",
                "end that one, or name another database with --database");
  }
  return claimed;
}

Result<void> LiveRun::restore() {
  if (auto r = claim(); !r) return r;
  auto saved = store_.load_suite(kSuite);
  if (!saved) return tl::unexpected(saved.error());
  if (!saved->found) return {};
  if (saved->build != options_.build) other_build_ = saved->build;
  Reader r(saved->image.bytes);
  auto restored = host_->restore({saved->image.position, Bytes(r.get_bytes())});
  if (restored) {
    report_.load(r);
    view_.load(r);
    restored = r.finish("saved run");
  }
  if (!restored) {
    return fail(ErrorCode::failed_precondition,
                other_build_.empty() ? restored.error().text()
                                     : "was saved by " + other_build_ + " and cannot be read by " +
                                           options_.build + ": " + restored.error().text(),
                "saved run", "run again with --fresh to begin anew, or with another --data folder");
  }
  resumed_ = true;
  return {};
}

std::map<Kind, runtime::RunnerStats> LiveRun::stats() const {
  std::map<Kind, runtime::RunnerStats> all;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (events_out_[i] == 0) continue;
    auto& stats = all[static_cast<Kind>(i)];
    stats.events_out = events_out_[i];
    stats.position = stats.frontier = host_->position();
    stats.commits = commits_;
    stats.working = true;
  }
  return all;
}

std::map<std::string, std::uint64_t> LiveRun::quarantined() const {
  constexpr std::string_view kPrefix = "quarantined ";
  std::map<std::string, std::uint64_t> all;
  for (const auto& [what, count] : report_.notes()) {
    if (what.starts_with(kPrefix)) all[what.substr(kPrefix.size())] = count;
  }
  return all;
}

void LiveRun::on_output(Kind kind, const runtime::Output& o) {
  ++events_out_[static_cast<std::size_t>(kind)];
  report_.on_output(kind, o);
  view_.see(o);
  if (kind == Kind::broker_orders) desk_.see(o);
  if (kind == Kind::broker_orders || kind == Kind::portfolio_books) {
    published_.push_back({runtime::What::out, 0, 0, o.time, kind, o.unit, o.seq, o.event});
  } else if (is_kept(o.event)) {
    past_[kind].push_back({runtime::What::out, 0, 0, o.time, kind, o.unit, o.seq, o.event});
    ++past_count_;
  }
}

bool LiveRun::full() const noexcept { return published_.size() + past_count_ >= kMostUncommitted; }

bool LiveRun::step_to(TimeNs target, int limit) {
  for (int i = 0; i < limit; ++i) {
    if (full() || !host_->step_history(target)) return false;
  }
  return true;
}

Result<void> LiveRun::admit_requests() {
  if (!takes_orders_) return {};
  auto commands = desk_.take();
  if (!commands) return tl::unexpected(commands.error());
  if (commands->empty()) return {};
  for (const Event& command : *commands) {
    host_->admit(Kind::broker_orders, account_of(command).value, command);
  }
  host_->step_time(host_->position() + 1);
  return {};
}

/// In transactions of their own, before the commit: what is repeated after a crash is passed over
/// there.
Result<void> LiveRun::write_history() {
  for (auto& [kind, records] : past_) {
    if (records.empty()) continue;
    auto done = history_.write({kind, 0}, records, {0, 0, 0, host_->position()});
    if (!done) return tl::unexpected(done.error());
    records.clear();
  }
  past_count_ = 0;
  return {};
}

Result<void> LiveRun::commit() {
  if (auto r = write_history(); !r) return r;
  LiveView next = view_;
  next.committed();
  Writer w;
  w.put_bytes(host_->image().bytes);
  report_.save(w);
  next.save(w);
  auto done = store_.commit_suite(kSuite, {host_->position(), w.take()}, options_.build, published_,
                                  [this](pqxx::transaction_base& tx) { desk_.answer(tx); });
  if (!done) return done;
  ++commits_;
  desk_.committed();
  published_.clear();
  news_ = view_.committed();
  return {};
}

}  // namespace bw::app
