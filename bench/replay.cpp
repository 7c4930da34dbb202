// Replay in process: files through the whole suite with the shipped strategies and the risk gate.
// Events are those that the suite published, as `bellwether replay` counts them; rows read are not
// among them.
//
//   bench_replay FILE…
//
// With parsing: from opening the suite and the files to the finished digest. Without: the rows
// stand in memory.
#include <cinttypes>

#include "bellwether/runtime/inline_host.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suite.hpp"

namespace {

using namespace bw;
using namespace bw::bench;

constexpr int kRepetitions = 15;

class Memory final : public runtime::Source {
 public:
  explicit Memory(const std::vector<Row>& rows) : rows_(rows) {}
  const Row* next() override { return at_ < rows_.size() ? &rows_[at_++] : nullptr; }
  bool at_end() const override { return at_ == rows_.size(); }

 private:
  const std::vector<Row>& rows_;
  std::size_t at_ = 0;
};

struct Figure {
  std::vector<double> wall_rates;  // events a second
  std::vector<double> cpu_rates;
  std::string json;                // counts and digest, the same in every repetition
  std::uint64_t events = 0;
  bool equal = true;
};

template <class F>
Figure measure(F&& once) {
  Figure f;
  for (int i = 0; i <= kRepetitions; ++i) {
    app::RunReport report;
    const double wall = wall_s();
    const double cpu = cpu_s();
    once(report);
    const std::string json = report.json();
    const double cpu_end = cpu_s();
    const double wall_end = wall_s();
    f.equal = f.equal && (f.json.empty() || f.json == json);
    f.json = json;
    f.events = report.events();
    if (i == 0) continue;  // warms caches; not counted
    const auto events = static_cast<double>(f.events);
    f.wall_rates.push_back(events / (wall_end - wall));
    f.cpu_rates.push_back(events / (cpu_end - cpu));
  }
  return f;
}

void show(const char* what, const Figure& f) {
  std::printf("%-34s %14.0f %14.0f %7.0f%%\n", what, median(f.wall_rates), median(f.cpu_rates),
              100 * spread(f.wall_rates));
}

}  // namespace

int main(int argc, char** argv) {
  service::Inputs inputs;
  inputs.home = need(service::find_home());
  for (int i = 1; i < argc; ++i) inputs.feed.emplace_back(argv[i]);
  if (inputs.feed.empty()) {
    inputs.simulate_bars = true;
    inputs.simulate_to = inputs.simulate_from + 6 * kDay;
    std::printf("no files are named: six days of 25 simulated instruments\n");
  }
  std::vector<runtime::Source::Row> rows;
  {
    const auto suite = need(app::Suite::make(inputs));
    const auto source = need(suite->open_feed());
    while (const auto* row = source->next()) rows.push_back(*row);
  }
  const Figure whole = measure([&](app::RunReport& report) {
    const auto suite = need(app::Suite::make(inputs));
    const auto source = need(suite->open_feed());
    runtime::InlineHost(suite->specs(), *source, report).run_to_end();
  });
  const auto suite = need(app::Suite::make(inputs));
  const Figure suite_only = measure([&](app::RunReport& report) {
    Memory source(rows);
    runtime::InlineHost(suite->specs(), source, report).run_to_end();
  });
  const bool equal = whole.equal && suite_only.equal && whole.json == suite_only.json;
  std::printf("%s\n%zu rows\n\n", whole.json.c_str(), rows.size());
  std::printf("%-34s %14s %14s %8s\n", "events a second", "by the wall", "by CPU time", "spread");
  show("files parsed, suite, digest", whole);
  show("rows in memory, suite, digest", suite_only);
  std::printf("{\"bench\":\"replay\",\"rows\":%zu,\"events\":%" PRIu64
              ",\"events_per_s\":%.0f,\"events_per_cpu_s\":%.0f,\"spread\":%.3f,"
              "\"events_per_s_without_parsing\":%.0f,\"events_per_cpu_s_without_parsing\":%.0f,"
              "\"load\":%.1f,\"digests_equal\":%s}\n",
              rows.size(), whole.events, median(whole.wall_rates), median(whole.cpu_rates),
              spread(whole.wall_rates), median(suite_only.wall_rates), median(suite_only.cpu_rates),
              load_average(), equal ? "true" : "false");
  return equal ? 0 : 1;
}
