#include "bellwether/testkit/fault_host.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "bellwether/base/rng.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/runtime/runner.hpp"

namespace bw::testkit {

using namespace bw::runtime;

namespace {

constexpr int kQuietLimit = 20'000;  // ticks without faults until a run counts as stalled

std::string name_of(MachineId id) {
  return std::string(kind_name(id.kind)) + "/" + std::to_string(id.index);
}

struct StoreRow {
  std::uint32_t epoch = 0;
  bool has_image = false;
  Image image;
  std::map<Unit, Bytes> units;
  std::map<std::uint64_t, Record> outbox;
};

class World;

/// One process: a runner with its view of logs and store.
struct Process final : Log, Store, Clock {
  Process(World& w, const MachineSpec& s, MachineId m);

  Result<void> fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                     std::vector<LogEntry>& to) override;
  Result<void> append(const Record& record) override;
  Result<void> acks(std::vector<Ack>& to) override;
  Result<Claim> claim(MachineId machine) override;
  Result<void> checkpoint(MachineId machine, std::uint32_t epoch, const Image& image) override;
  Result<void> commit(MachineId machine, std::uint32_t epoch, const Image& changed,
                      const std::vector<Record>& outbox) override;
  Result<void> trim(MachineId machine, std::uint32_t epoch, std::uint64_t n) override;
  TimeNs now() override;

  [[nodiscard]] bool fenced(std::uint32_t epoch) const;
  Result<void> fault_point(const char* where);

  World& world;
  MachineId mid;
  bool alive = true;
  std::int64_t doomed_at = -1;  // ticks; a new owner has been chosen
  std::int64_t frozen_until = 0;
  DurationNs skew = 0;
  std::vector<Ack> acked;
  std::deque<Record> in_flight;
  std::map<std::uint64_t, std::size_t> offered;  // token -> index of row or command
  std::unique_ptr<Runner> runner;
};

class World {
 public:
  World(const std::vector<MachineSpec>& suite, const std::vector<Source::Row>& rows,
        const std::vector<Command>& commands, const FaultOptions& options);
  std::string go();

  bool chance(double p) { return rng.chance(p); }
  [[nodiscard]] TimeNs clock() const { return options.clock_start + now * options.tick; }

  Rng rng;
  FaultOptions options;
  bool faults = true;
  std::int64_t now = 0;
  Counts counts{};
  std::map<MachineId, std::vector<LogEntry>> logs;
  std::map<MachineId, std::vector<LogEntry>> sources;  // by consumer
  std::map<MachineId, StoreRow> store;
  bool store_away = false;

 private:
  struct Outstanding {
    MachineId owner;
    Unit unit;
    Event event;
    TimeNs not_before;
    bool safe = false;
  };

  void make_sources();
  void tick();
  void start_and_break(const MachineSpec& spec, MachineId mid);
  void land();
  void offer();
  Process* current(MachineId mid);
  bool quiet();
  std::string check_history();
  std::string check_live();
  [[nodiscard]] Result<Recording> recording() const;

  const std::vector<MachineSpec>& suite_;
  const std::vector<Source::Row>& rows_;
  const std::vector<Command>& commands_;
  TimeNs end_ = 0;
  double severity_ = 1;
  std::vector<std::pair<const MachineSpec*, MachineId>> machines_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Process>> graveyard_;  // dead senders whose records may still land
  std::vector<Outstanding> outstanding_;
  std::string violation_;
};

Process::Process(World& w, const MachineSpec& s, MachineId m) : world(w), mid(m) {
  const DurationNs tick = w.options.tick;
  skew = w.rng.between(-3, 3) * tick;
  RunnerOptions o;
  o.build = "sim";
  o.poll_limit = static_cast<std::size_t>(w.rng.between(1, 40));
  o.buffer_limit = static_cast<std::size_t>(w.rng.between(8, 200));
  o.fold_limit = static_cast<std::size_t>(w.rng.between(1, 200));
  o.image_interval = w.rng.between(1, 12) * tick;
  o.announce_interval = w.rng.between(0, 3) * tick;
  o.live = w.options.live;
  o.planted = w.options.planted;
  const auto count = w.counts[static_cast<std::size_t>(m.kind)];
  runner = std::make_unique<Runner>(s, Ownership{m.index, count}, w.counts, *this, *this, *this, o);
}

TimeNs Process::now() { return world.clock() + skew; }

Result<void> Process::fault_point(const char* where) {
  if (world.faults && world.chance(0.003)) return fail(ErrorCode::internal, "crash", where);
  return {};
}

Result<void> Process::fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                            std::vector<LogEntry>& to) {
  const auto& log = stream.kind == Kind::source ? world.sources[mid] : world.logs[stream];
  if (world.faults && stream != mid && world.chance(0.1)) return {};  // slow network
  for (; offset < log.size() && limit > 0; ++offset, --limit) to.push_back(log[offset]);
  return {};
}

Result<void> Process::append(const Record& record) {
  if (auto r = fault_point("append"); !r) return r;
  in_flight.push_back(record);
  return {};
}

Result<void> Process::acks(std::vector<Ack>& to) {
  to.insert(to.end(), acked.begin(), acked.end());
  acked.clear();
  return {};
}

bool Process::fenced(std::uint32_t epoch) const {
  return world.store[mid].epoch != epoch && !world.options.planted.no_epoch_fence;
}

Result<Claim> Process::claim(MachineId machine) {
  if (world.store_away) return fail(ErrorCode::unavailable, "database is away");
  StoreRow& row = world.store[machine];
  Claim c;
  c.epoch = ++row.epoch;
  c.has_image = row.has_image;
  c.image = row.image;
  c.image.units.assign(row.units.begin(), row.units.end());
  for (const auto& [n, record] : row.outbox) c.outbox.push_back(record);
  return c;
}

Result<void> Process::checkpoint(MachineId machine, std::uint32_t epoch, const Image& image) {
  if (world.store_away) return fail(ErrorCode::unavailable, "database is away");
  if (auto r = fault_point("before checkpoint"); !r) return r;
  if (fenced(epoch)) return fail(ErrorCode::aborted, "fenced");
  StoreRow& row = world.store[machine];
  row.has_image = true;
  row.image = image;
  row.units.clear();
  for (const auto& [unit, bytes] : image.units) row.units[unit] = bytes;
  return fault_point("after checkpoint");
}

Result<void> Process::commit(MachineId machine, std::uint32_t epoch, const Image& changed,
                             const std::vector<Record>& outbox) {
  if (world.store_away) return fail(ErrorCode::unavailable, "database is away");
  if (world.faults && world.chance(0.01)) return fail(ErrorCode::internal, "ambiguous, not done");
  if (fenced(epoch)) return fail(ErrorCode::aborted, "fenced");
  StoreRow& row = world.store[machine];
  row.has_image = true;
  row.image = changed;
  for (const auto& [unit, bytes] : changed.units) row.units[unit] = bytes;
  for (const Record& r : outbox) row.outbox[r.n] = r;
  if (world.faults && world.chance(0.01)) return fail(ErrorCode::internal, "ambiguous, done");
  return {};
}

Result<void> Process::trim(MachineId machine, std::uint32_t epoch, std::uint64_t n) {
  if (world.store_away) return fail(ErrorCode::unavailable, "database is away");
  if (fenced(epoch)) return fail(ErrorCode::aborted, "fenced");
  auto& outbox = world.store[machine].outbox;
  outbox.erase(outbox.begin(), outbox.upper_bound(n));
  return fault_point("after trim");
}

World::World(const std::vector<MachineSpec>& suite, const std::vector<Source::Row>& rows,
             const std::vector<Command>& commands, const FaultOptions& o)
    : rng(mix64(o.seed) ^ (o.live ? 0x11feULL : 0)),
      options(o),
      suite_(suite),
      rows_(rows),
      commands_(commands) {
  const auto instruments = static_cast<std::uint32_t>(rng.between(1, 4));
  const auto accounts = static_cast<std::uint32_t>(rng.between(1, 4));
  constexpr double kSeverities[] = {0.2, 1, 1, 3};
  severity_ = kSeverities[rng.below(4)];
  for (std::size_t k = 0; k < kKindCount; ++k) {
    counts[k] = k >= static_cast<std::size_t>(Kind::broker_orders) ? accounts : instruments;
  }
  for (const auto& spec : suite_) {
    for (std::uint32_t i = 0; i < counts[static_cast<std::size_t>(spec.kind)]; ++i) {
      machines_.emplace_back(&spec, MachineId{spec.kind, i});
    }
  }
  end_ = rows_.empty() ? 0 : rows_.back().time + kHistoryTail;
  if (options.live) {
    std::int64_t k = 0;
    for (const auto& row : rows_) {
      const auto count = counts[static_cast<std::size_t>(row.consumer)];
      const TimeNs due =
          options.rows_at_their_time
              ? row.time - options.clock_start
              : (++k) * options.ticks * options.tick / static_cast<std::int64_t>(rows_.size() + 1);
      outstanding_.push_back(
          {{row.consumer, machine_index(row.unit, count)}, row.unit, row.event, due});
    }
    for (const auto& c : commands_) {
      const auto count = counts[static_cast<std::size_t>(c.kind)];
      outstanding_.push_back({{c.kind, machine_index(c.unit, count)},
                              c.unit,
                              c.event,
                              rng.between(0, options.ticks) * options.tick});
    }
  } else {
    make_sources();
  }
}

void World::make_sources() {
  for (const auto& [spec, mid] : machines_) {
    auto& log = sources[mid];
    std::vector<Record> same_time;
    std::uint64_t n = 0;
    const auto close = [&](TimeNs t) {
      for (std::size_t i = same_time.size(); i > 1; --i) {  // within one time, no particular order
        std::swap(same_time[i - 1], same_time[rng.below(i)]);
      }
      for (Record& r : same_time) {
        r.n = ++n;
        log.push_back({log.size(), r});
      }
      same_time.clear();
      log.push_back({log.size(), {What::progress, 1, n, t, Kind::source, 0, 0, {}}});
    };
    TimeNs t = 0;
    for (const auto& row : rows_) {
      if (row.consumer != mid.kind) continue;
      if (machine_index(row.unit, counts[static_cast<std::size_t>(mid.kind)]) != mid.index)
        continue;
      if (row.time != t && !same_time.empty()) close(t);
      t = row.time;
      same_time.push_back({What::out, 1, 0, row.time, Kind::source, row.unit, row.seq, row.event});
    }
    if (!same_time.empty()) close(t);
    close(end_);
  }
}

Process* World::current(MachineId mid) {
  for (auto it = processes_.rbegin(); it != processes_.rend(); ++it) {
    if ((*it)->mid == mid && (*it)->alive && (*it)->doomed_at < 0) return it->get();
  }
  return nullptr;
}

void World::start_and_break(const MachineSpec& spec, MachineId mid) {
  Process* p = current(mid);
  if (p == nullptr) {
    if (chance(0.3)) processes_.push_back(std::make_unique<Process>(*this, spec, mid));
    return;
  }
  if (!faults) return;
  if (chance(0.004 * severity_)) {  // a new owner; the old one does not know yet
    p->doomed_at = now + rng.between(3, 60);
    processes_.push_back(std::make_unique<Process>(*this, spec, mid));
  } else if (chance(0.002 * severity_)) {
    p->alive = false;
  } else if (chance(0.003 * severity_)) {
    p->frozen_until = now + rng.between(5, 70);
  } else if (chance(0.003)) {
    p->skew = rng.between(-20, 20) * options.tick;  // the clock steps
  }
}

void World::tick() {
  ++now;
  if (faults && chance(0.01)) store_away = true;
  if (store_away && (!faults || chance(0.1))) store_away = false;
  for (const auto& [spec, mid] : machines_) start_and_break(*spec, mid);
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    Process& p = *processes_[i];
    if (p.doomed_at >= 0 && now > p.doomed_at) p.alive = false;
    if (!p.alive || now < p.frozen_until || !chance(0.6)) continue;
    auto r = p.runner->turn();
    if (!r) {
      p.alive = false;
      if (r.error().code == ErrorCode::data_loss && violation_.empty()) {
        violation_ = name_of(p.mid) + ": " + r.error().text();
      }
      continue;
    }
    for (const auto token : p.runner->accepted()) outstanding_[token - 1].safe = true;
  }
  land();
  if (options.live) offer();
  for (std::size_t i = 0; i < processes_.size();) {
    if (processes_[i]->alive) {
      ++i;
      continue;
    }
    graveyard_.push_back(std::move(processes_[i]));
    processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

/// Idempotent producers: each sender's records in order, once; different senders in any order. Of a
/// dead sender, the rest may land late or not at all.
void World::land() {
  const auto deliver = [&](Process& p) {
    while (!p.in_flight.empty()) {
      if (faults && chance(0.05)) return;
      const Record& r = p.in_flight.front();
      auto& log = logs[p.mid];
      log.push_back({log.size(), r});
      p.acked.push_back({r.what, r.n, r.t, log.back().offset});
      p.in_flight.pop_front();
    }
  };
  for (const auto& p : processes_) {
    if (!(faults && chance(0.2))) deliver(*p);
  }
  for (const auto& p : graveyard_) {
    if (chance(0.3)) p->in_flight.clear();
    if (chance(0.3)) deliver(*p);
  }
  std::erase_if(graveyard_, [](const auto& p) { return p->in_flight.empty(); });
}

void World::offer() {
  for (std::size_t i = 0; i < outstanding_.size(); ++i) {
    Outstanding& o = outstanding_[i];
    if (o.safe || o.not_before > now * options.tick) continue;
    for (const auto& p : processes_) {  // a zombie may be asked too
      if (!p->alive || p->mid != o.owner || p->offered.contains(i + 1)) continue;
      if (!chance(0.3)) continue;
      p->offered[i + 1] = i;
      p->runner->offer({o.unit, o.event, i + 1});
    }
  }
}

bool World::quiet() {
  TimeNs slowest = kTimeMax;
  for (const auto& [spec, mid] : machines_) {
    Process* p = current(mid);
    if (p == nullptr || !p->runner->working()) return false;
    if (!options.live && !p->runner->finished(end_)) return false;
    if (options.live && p->runner->stats().unacked > 0) return false;
    slowest = std::min(slowest, p->runner->announced());
  }
  if (!options.live) return true;
  for (const auto& o : outstanding_) {
    if (!o.safe) return false;
  }
  return slowest > options.clock_start + (options.ticks + 100) * options.tick;
}

std::string World::go() {
  for (int i = 0; i < options.ticks && violation_.empty(); ++i) tick();
  faults = false;
  for (int left = kQuietLimit; violation_.empty() && !quiet(); --left) {
    tick();
    if (left > 0) continue;
    std::string where = "stalled:";
    for (const auto& [spec, mid] : machines_) {
      Process* p = current(mid);
      where += " " + name_of(mid) + "@" +
               (p == nullptr ? "none" : std::to_string(p->runner->stats().position));
    }
    return where;
  }
  if (!violation_.empty()) return violation_;
  return options.live ? check_live() : check_history();
}

Result<Recording> World::recording() const {
  Recording all;
  for (const auto& [mid, log] : logs) {
    ValidRecords valid(mid);
    for (const auto& entry : log) {
      if (auto r = valid.add(entry.record); !r) return tl::unexpected(r.error());
    }
    all[mid] = std::move(valid.records());
  }
  return all;
}

std::string World::check_history() {
  auto lived = recording();
  if (!lived) return lived.error().text();
  return differs_from_inline(suite_, rows_, *lived);
}

std::string World::check_live() {
  auto lived = recording();
  if (!lived) return lived.error().text();
  for (const auto& [spec, mid] : machines_) {
    MachineSpec live = *spec;
    std::erase_if(live.inputs, [](const Input& i) { return i.kind == Kind::source; });
    const auto count = counts[static_cast<std::size_t>(mid.kind)];
    auto r = refold(live, {mid.index, count}, counts, *lived);
    if (!r) return r.error().text();
  }
  std::map<MachineId, std::size_t> admitted;
  for (const auto& [mid, records] : *lived) {
    for (const Record& r : records) admitted[mid] += r.what == What::admit ? 1U : 0U;
  }
  std::map<MachineId, std::size_t> offered;
  for (const auto& o : outstanding_) ++offered[o.owner];
  for (const auto& [mid, count] : offered) {
    if (admitted[mid] < count) return name_of(mid) + ": outside input was lost";
  }
  return {};
}

class Collect final : public Sink {
 public:
  void on_output(Kind kind, const Output& o) override {
    records[kind].push_back({What::out, 0, 0, o.time, kind, o.unit, o.seq, o.event});
  }
  std::map<Kind, std::vector<Record>> records;
};

}  // namespace

std::string differs_from_inline(const std::vector<MachineSpec>& suite,
                                const std::vector<Source::Row>& rows, const Recording& recording) {
  VectorSource source(rows);
  Collect clean;
  InlineHost host(suite, source, clean);
  host.run_to_end();
  for (const auto& spec : suite) {
    std::vector<Record> got;
    for (const auto& [mid, records] : recording) {
      if (mid.kind != spec.kind) continue;
      for (const Record& r : records) {
        if (r.what == What::out) got.push_back(r);
      }
    }
    std::sort(got.begin(), got.end(),
              [](const Record& a, const Record& b) { return key_of(a) < key_of(b); });
    const auto& want = clean.records[spec.kind];
    const std::string kind(kind_name(spec.kind));
    if (got.size() != want.size()) {
      return kind + ": " + std::to_string(got.size()) + " events, the clean fold has " +
             std::to_string(want.size());
    }
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (key_of(got[i]) != key_of(want[i]) || !(got[i].event == want[i].event)) {
        return kind + ": event " + std::to_string(i) + " (" +
               std::string(event_name(got[i].event)) + ") differs from the clean fold";
      }
    }
  }
  return {};
}

std::string run_faults(const std::vector<MachineSpec>& suite, const std::vector<Source::Row>& rows,
                       const std::vector<Command>& commands, const FaultOptions& options) {
  return World(suite, rows, commands, options).go();
}

}  // namespace bw::testkit
