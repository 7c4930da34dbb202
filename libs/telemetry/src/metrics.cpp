#include "bellwether/telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "bellwether/runtime/runner.hpp"

namespace bw::telemetry {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

constexpr std::size_t kMaxMachines = 1024;
constexpr std::size_t kMaxReasons = 256;

const Histogram::BucketBoundaries& step_buckets() {
  static const Histogram::BucketBoundaries b{1e-7,   2.5e-7, 5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5,
                                             2.5e-5, 1e-4,   1e-3, 1e-2, 1e-1,   1};
  return b;
}
const Histogram::BucketBoundaries& commit_buckets() {
  static const Histogram::BucketBoundaries b{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2,
                                             5e-2, 0.1,    0.25, 0.5,  1,      2.5,  10};
  return b;
}

/// Adds `events` observations of the same value; bounded work however many they are.
void observe_evenly(Histogram& h, const Histogram::BucketBoundaries& buckets, double seconds,
                    std::uint64_t events) {
  if (events == 0) return;
  const double each = seconds / static_cast<double>(events);
  std::vector<double> increments(buckets.size() + 1, 0.0);
  std::size_t i = 0;
  while (i < buckets.size() && each > buckets[i]) ++i;
  increments[i] = static_cast<double>(events);
  h.ObserveMultiple(increments, seconds);
}

struct ProcessUse {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_files = 0;
};

/// From /proc (proc(5)); what cannot be read stays 0.
ProcessUse process_use() {
  ProcessUse use;
  long pages = 0;
  long total = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> total >> pages) {
    use.resident_bytes = static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  std::string stat;
  if (std::ifstream in("/proc/self/stat"); std::getline(in, stat)) {
    // utime and stime are fields 14 and 15; field 2 may hold blanks and ends with ")".
    std::istringstream rest(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string skipped;
    for (int i = 3; i < 14; ++i) rest >> skipped;
    double user = 0;
    double kernel = 0;
    if (rest >> user >> kernel) {
      use.cpu_seconds = (user + kernel) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
  }
  std::error_code ignored;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", ignored);
       it != std::filesystem::directory_iterator(); it.increment(ignored)) {
    use.open_files += 1;
  }
  return use;
}

/// Adds what a growing count gained since `seen`.
void raise(Counter& counter, std::uint64_t& seen, std::uint64_t now) {
  counter.Increment(static_cast<double>(now >= seen ? now - seen : now));
  seen = now;
}

}  // namespace

struct Metrics::Impl {
  explicit Impl(std::string_view service) : labels{{"service", std::string(service)}} {}

  Family<Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Labels(labels).Register(registry);
  }
  Family<Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Labels(labels).Register(registry);
  }
  Family<Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Labels(labels).Register(registry);
  }

  struct PerMachine {
    Counter* in;
    Counter* out;
    Counter* duplicates;
    Counter* checkpoints;
    Counter* commits;
    Counter* troubles;
    Histogram* step;
    Histogram* commit;
    Gauge* lag_events = nullptr;  // gauges come and go with ownership
    Gauge* lag_seconds = nullptr;
    Gauge* waiting = nullptr;
    Gauge* unacked = nullptr;
    Gauge* working = nullptr;
    std::uint64_t seen_in = 0;
    std::uint64_t seen_out = 0;
    std::uint64_t seen_duplicates = 0;
    std::uint64_t seen_checkpoints = 0;
    std::uint64_t seen_commits = 0;
    DurationNs seen_commit_ns = 0;
    std::string trouble;
  };

  /// nullptr beyond the limit.
  PerMachine* machine(const std::string& name) {
    const auto found = machines.find(name);
    if (found != machines.end()) return &found->second;
    if (machines.size() >= kMaxMachines) return nullptr;
    const Labels l{{"machine", name}};
    PerMachine m{};
    m.in = &events_in.Add(l);
    m.out = &events_out.Add(l);
    m.duplicates = &duplicates.Add(l);
    m.checkpoints = &checkpoints.Add(l);
    m.commits = &commits.Add(l);
    m.troubles = &troubles.Add(l);
    m.step = &step.Add(l, step_buckets());
    m.commit = &commit.Add(l, commit_buckets());
    return &machines.emplace(name, std::move(m)).first->second;
  }

  void add_gauges(const std::string& name, PerMachine& m) {
    if (m.working != nullptr) return;
    const Labels l{{"machine", name}};
    m.lag_events = &lag_events.Add(l);
    m.lag_seconds = &lag_seconds.Add(l);
    m.waiting = &waiting.Add(l);
    m.unacked = &unacked.Add(l);
    m.working = &working.Add(l);
  }

  void drop_gauges(PerMachine& m) {
    if (m.working == nullptr) return;
    lag_events.Remove(m.lag_events);
    lag_seconds.Remove(m.lag_seconds);
    waiting.Remove(m.waiting);
    unacked.Remove(m.unacked);
    working.Remove(m.working);
    m.lag_events = m.lag_seconds = m.waiting = m.unacked = m.working = nullptr;
  }

  Labels labels;
  prometheus::Registry registry;
  mutable std::mutex mutex;
  std::map<std::string, PerMachine> machines;
  std::map<std::string, Counter*, std::less<>> reasons;

  Family<Counter>& events_in =
      counters("bellwether_events_in_total", "Events released to a machine");
  Family<Counter>& events_out =
      counters("bellwether_events_out_total", "Events that a machine published");
  Family<Counter>& duplicates =
      counters("bellwether_duplicates_total", "Records dropped because they were read before");
  Family<Counter>& checkpoints = counters("bellwether_checkpoints_total", "Images stored");
  Family<Counter>& commits = counters("bellwether_commits_total", "Ledger transactions");
  Family<Counter>& troubles =
      counters("bellwether_trouble_total", "Times that a machine began to stand still for a fault");
  Family<Counter>& quarantined =
      counters("bellwether_quarantined_total", "Rows put aside, by reason");
  Family<Gauge>& lag_events = gauges("bellwether_lag_events", "Events that wait for a machine");
  Family<Gauge>& lag_seconds = gauges("bellwether_lag_seconds", "How far behind a machine is");
  Family<Gauge>& waiting =
      gauges("bellwether_waiting_streams", "Input streams whose progress a machine waits for");
  Family<Gauge>& unacked =
      gauges("bellwether_unacked_events", "Records sent and not yet confirmed by the log");
  Family<Gauge>& working =
      gauges("bellwether_working", "1 where a machine has recovered and decides");
  Family<Histogram>& step = histograms("bellwether_step_seconds", "Time of a machine's step");
  Family<Histogram>& commit =
      histograms("bellwether_commit_seconds", "Time of a store write: checkpoint or ledger commit");
};

Metrics::Metrics(std::string_view service, std::string_view version, std::string_view build)
    : impl_(std::make_unique<Impl>(service)) {
  impl_->gauges("bellwether_build_info", "1; its labels name the build")
      .Add({{"version", std::string(version)}, {"build", std::string(build)}})
      .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::observe(runtime::MachineId machine, const runtime::RunnerStats& stats,
                      const Lag& lag) {
  const std::lock_guard lock(impl_->mutex);
  const std::string name = machine_name(machine);
  Impl::PerMachine* const found = impl_->machine(name);
  if (found == nullptr) return;
  Impl::PerMachine& m = *found;
  const bool fresh = stats.events_in < m.seen_in || stats.commit_ns < m.seen_commit_ns;
  if (fresh) {  // another runner: none of its counts were seen
    m.seen_in = m.seen_out = m.seen_duplicates = m.seen_checkpoints = m.seen_commits = 0;
    m.seen_commit_ns = 0;
  }
  const auto writes_before = m.seen_checkpoints + m.seen_commits;
  const auto writes = stats.checkpoints + stats.commits;
  observe_evenly(*m.commit, commit_buckets(),
                 static_cast<double>(stats.commit_ns - m.seen_commit_ns) * 1e-9,
                 writes > writes_before ? writes - writes_before : 0);
  if (writes > writes_before) m.seen_commit_ns = stats.commit_ns;
  raise(*m.in, m.seen_in, stats.events_in);
  raise(*m.out, m.seen_out, stats.events_out);
  raise(*m.duplicates, m.seen_duplicates, stats.duplicates);
  raise(*m.checkpoints, m.seen_checkpoints, stats.checkpoints);
  raise(*m.commits, m.seen_commits, stats.commits);
  if (!stats.trouble.empty() && m.trouble.empty()) m.troubles->Increment();
  m.trouble = stats.trouble;
  impl_->add_gauges(name, m);
  m.lag_events->Set(lag.events);
  m.lag_seconds->Set(lag.seconds);
  m.waiting->Set(static_cast<double>(stats.waiting_for.size()));
  m.unacked->Set(static_cast<double>(stats.unacked));
  m.working->Set(stats.working ? 1 : 0);
}

void Metrics::lost(runtime::MachineId machine) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->machines.find(machine_name(machine));
  if (found == impl_->machines.end()) return;
  impl_->drop_gauges(found->second);
  Impl::PerMachine& m = found->second;
  m.seen_in = m.seen_out = m.seen_duplicates = m.seen_checkpoints = m.seen_commits = 0;
  m.seen_commit_ns = 0;
  m.trouble.clear();
}

void Metrics::steps(runtime::MachineId machine, double seconds, std::uint64_t events) {
  const std::lock_guard lock(impl_->mutex);
  const Impl::PerMachine* const m = impl_->machine(machine_name(machine));
  if (m != nullptr) observe_evenly(*m->step, step_buckets(), seconds, events);
}

void Metrics::quarantined(std::string_view reason, std::uint64_t rows) {
  const std::lock_guard lock(impl_->mutex);
  auto found = impl_->reasons.find(reason);
  if (found == impl_->reasons.end()) {
    const std::string name =
        impl_->reasons.size() < kMaxReasons ? std::string(reason) : std::string("other");
    found = impl_->reasons.emplace(name, &impl_->quarantined.Add({{"reason", name}})).first;
  }
  found->second->Increment(static_cast<double>(rows));
}

std::string Metrics::text() const {
  std::string out = prometheus::TextSerializer().Serialize(impl_->registry.Collect());
  const ProcessUse use = process_use();
  const auto add = [&out](const char* name, const char* type, double v) {
    out +=
        std::string("# TYPE ") + name + " " + type + "\n" + name + " " + std::to_string(v) + "\n";
  };
  add("process_resident_memory_bytes", "gauge", use.resident_bytes);
  add("process_cpu_seconds_total", "counter", use.cpu_seconds);
  add("process_open_fds", "gauge", use.open_files);
  return out;
}

std::string machine_name(runtime::MachineId machine) {
  return std::string(kind_name(machine.kind)) + "/" + std::to_string(machine.index);
}

}  // namespace bw::telemetry
