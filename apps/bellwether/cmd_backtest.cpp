#include <cmath>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "feed_instruments.hpp"
#include "replay.hpp"

namespace bw::app {

namespace {

/// The equity curve by day, from what the books said last on each; and the fills.
class Performance final : public runtime::Sink {
 public:
  explicit Performance(RunReport& report) : report_(report) {}
  void on_output(Kind kind, const runtime::Output& o) override {
    report_.on_output(kind, o);
    if (const auto* p = std::get_if<Pnl>(&o.event)) note(o.time, *p);
    if (const auto* f = std::get_if<Fill>(&o.event)) {
      traded_ += notional(f->price, f->quantity);
      fees_ += f->fee;
      slippage_ += f->slippage;
    }
  }
  void print(std::FILE* to) const {
    if (days_.empty()) {
      std::fprintf(to, "no account traded\n");
      return;
    }
    const double first = first_.to_double();
    const double last = days_.rbegin()->second.to_double();
    std::fprintf(to, "return         %9.2f %%\n", (last / first - 1) * 100);
    std::fprintf(to, "max drawdown   %9.2f %%\n", drawdown_ * 100);
    if (days_.size() > 2) std::fprintf(to, "Sharpe ratio   %9.2f   (daily, 252 days, no risk-free rate)\n", sharpe());
    std::fprintf(to, "days           %9zu\n", days_.size());
    std::fprintf(to, "traded         %9s\n", traded_.to_string().c_str());
    std::fprintf(to, "fees           %9s\n", fees_.to_string().c_str());
    std::fprintf(to, "slippage       %9s\n", slippage_.to_string().c_str());
  }

 private:
  void note(TimeNs t, const Pnl& p) {
    accounts_[p.account] = p.equity;
    Money sum;
    for (const auto& [account, equity] : accounts_) sum += equity;
    if (days_.empty()) first_ = peak_ = sum;
    days_[utc_day(t)] = sum;
    if (sum > peak_) peak_ = sum;
    drawdown_ = std::max(drawdown_, 1 - sum.to_double() / peak_.to_double());
  }
  /// Mean over standard deviation of daily returns times sqrt(252) (Sharpe 1994, with a zero benchmark).
  [[nodiscard]] double sharpe() const {
    double sum = 0;
    double squares = 0;
    double n = 0;
    double before = first_.to_double();
    for (const auto& [day, equity] : days_) {
      const double r = equity.to_double() / before - 1;
      before = equity.to_double();
      sum += r;
      squares += r * r;
      ++n;
    }
    const double variance = (squares - sum * sum / n) / (n - 1);
    return variance > 0 ? sum / n / std::sqrt(variance) * std::sqrt(252.0) : 0;
  }

  RunReport& report_;
  std::map<AccountId, Money> accounts_;
  std::map<DayNumber, Money> days_;
  Money first_;
  Money peak_;
  double drawdown_ = 0;
  Money traded_;
  Money fees_;
  Money slippage_;
};

struct BacktestFlags {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path trace;
};

Result<void> run_backtest(const BacktestFlags& flags, const Context& context) {
  service::Inputs inputs = context.inputs;
  inputs.feed = flags.paths;
  auto temporary = with_feed_instruments(inputs);
  if (!temporary) return tl::unexpected(temporary.error());
  auto suite = Suite::make(inputs);
  if (!suite) return tl::unexpected(suite.error());
  RunReport report;
  if (!flags.trace.empty()) {
    if (auto r = report.trace_to(flags.trace); !r) return r;
  }
  auto source = (*suite)->open_feed();
  if (!source) return tl::unexpected(source.error());
  Performance performance(report);
  runtime::InlineHost host((*suite)->specs(), **source, performance);
  while (host.step_history()) {
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
  }
  performance.print(context.output == OutputFormat::table ? stdout : stderr);
  std::printf("%s\n", report.json().c_str());
  return {};
}

}  // namespace

void add_backtest(CLI::App& app, Context& context) {
  auto flags = std::make_shared<BacktestFlags>();
  auto* c = app.add_subcommand("backtest",
                               "Plays recorded data and says what the strategies would have earned.\n"
                               "The same machines as replay and run: the digest is the same.\n"
                               "Example: bellwether backtest SPY.csv.gz --strategy my_strategy.yaml");
  c->add_option("PATH", flags->paths, "files or folders of recorded data")->required()->check(CLI::ExistingPath);
  c->add_option("--trace", flags->trace, "writes what the digest covers as JSON lines");
  add_input_flags(*c, context);
  c->callback([flags, &context] {
    if (auto r = run_backtest(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
