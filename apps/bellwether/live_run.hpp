#pragma once
// The suite at work in this process: an InlineHost whose state, books and answers to people are
// committed to PostgreSQL together, between two times. What is killed goes on from the last commit:
// nothing lost, nothing doubled.
#include <memory>
#include <string>

#include "bellwether/postgres/history.hpp"
#include "bellwether/postgres/pg_store.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/runtime/runner.hpp"
#include "broker/shell/broker_projection.hpp"
#include "live_view.hpp"
#include "portfolio/shell/portfolio_projection.hpp"
#include "report.hpp"
#include "requests.hpp"
#include "suite.hpp"

namespace bw::app {

/// Hands a source's rows on and remembers how far ahead of the host it was read: for pacing.
class WatchedSource final : public runtime::Source {
 public:
  explicit WatchedSource(std::unique_ptr<runtime::Source> source) : source_(std::move(source)) {}
  [[nodiscard]] const Row* next() override {
    const Row* row = source_->next();
    ahead_ = row != nullptr ? row->time : kTimeMax;
    return row;
  }
  [[nodiscard]] bool at_end() const override { return source_->at_end(); }
  void skip_to(TimeNs time) override { source_->skip_to(time); }
  /// The time of the row that the host runs next; kTimeMax where there is none.
  [[nodiscard]] TimeNs ahead() const noexcept { return ahead_; }

 private:
  std::unique_ptr<runtime::Source> source_;
  TimeNs ahead_ = kTimeMax;
};

/// Lifecycle: open, then step_to and commit by turns. One thread.
class LiveRun final : public runtime::Sink {
 public:
  struct Options {
    std::string database;  ///< migrated; libpq URI
    std::string build;     ///< code and configuration
  };
  /// Goes on from what is saved. failed_precondition where that is of another build or
  /// configuration and cannot be read by this one, or where another run works on that database.
  [[nodiscard]] static Result<std::unique_ptr<LiveRun>> open(const Suite& suite, Options options);

  /// Runs what is due up to `target`, at most `limit` times; false where nothing more is due.
  bool step_to(TimeNs target, int limit);
  /// True once so much is uncommitted that a commit is due, whatever the clock says.
  [[nodiscard]] bool full() const noexcept;
  /// All in one transaction. `unavailable`: nothing was written, try again. Other errors end the
  /// run.
  [[nodiscard]] Result<void> commit();
  /// Takes in what people asked for since the last time. `unavailable` as above.
  [[nodiscard]] Result<void> admit_requests();
  /// The feed has no more rows; what it caused has run.
  [[nodiscard]] bool ended() { return host_->history_ended(); }

  [[nodiscard]] TimeNs position() const noexcept { return host_->position(); }
  [[nodiscard]] TimeNs next_row() const noexcept { return source_.ahead(); }
  [[nodiscard]] bool resumed() const noexcept { return resumed_; }
  /// The build that saved what was resumed, where it is another one.
  [[nodiscard]] const std::string& other_build() const noexcept { return other_build_; }
  [[nodiscard]] const LiveView& view() const noexcept { return view_; }
  [[nodiscard]] const RunReport& report() const noexcept { return report_; }
  /// Decisions that the last commit made visible, in order.
  [[nodiscard]] const std::vector<runtime::Output>& news() const noexcept { return news_; }

  /// Counts for /metrics, one a machine.
  [[nodiscard]] std::map<Kind, runtime::RunnerStats> stats() const;
  [[nodiscard]] std::map<std::string, std::uint64_t> quarantined() const;

  void on_output(Kind kind, const runtime::Output& output) override;

 private:
  LiveRun(Options options, std::unique_ptr<runtime::Source> source);
  Result<void> claim();
  Result<void> restore();
  Result<void> write_history();

  Options options_;
  WatchedSource source_;
  std::unique_ptr<runtime::InlineHost> host_;
  broker::BrokerProjection orders_;
  portfolio::PortfolioProjection books_;
  postgres::PgStore store_;
  postgres::HistoryWriter history_;
  RequestDesk desk_;
  RunReport report_;
  LiveView view_;
  std::vector<runtime::Record> published_;  // for the ledgers' tables, since the last commit
  std::map<Kind, std::vector<runtime::Record>> past_;  // for the history's, likewise
  std::size_t past_count_ = 0;
  std::vector<runtime::Output> news_;
  std::string other_build_;
  std::array<std::uint64_t, kKindCount> events_out_{};
  std::uint64_t commits_ = 0;
  bool resumed_ = false;
  bool takes_orders_ = false;
};

}  // namespace bw::app
