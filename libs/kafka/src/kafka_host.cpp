#include "bellwether/kafka/kafka_host.hpp"

#include <algorithm>
#include <set>

#include "bellwether/kafka/inbox.hpp"
#include "handles.hpp"

namespace bw::kafka {

using runtime::MachineId;
using runtime::MachineSpec;
using runtime::Runner;

namespace {

constexpr const char* kMachinesTopic = "runtime.machines.v1";
constexpr DurationNs kRestartPause = 200 * kMillisecond;
constexpr DurationNs kRestartPauseMost = 10 * kSecond;
constexpr DurationNs kAskInterval = kSecond;  // between two questions whether Kafka is there
constexpr int kAskTimeoutMs = 200;

bool by_account(Kind kind) { return kind >= Kind::broker_orders; }

}  // namespace

runtime::Counts counts_of(const HostOptions& o) {
  runtime::Counts counts{};
  for (std::size_t k = 0; k < kKindCount; ++k) {
    counts[k] = by_account(static_cast<Kind>(k)) ? o.account_partitions : o.instrument_partitions;
  }
  return counts;
}

std::vector<TopicSpec> suite_topics(const HostOptions& o, int replicas) {
  std::vector<TopicSpec> topics;
  const auto counts = counts_of(o);
  const std::pair<std::string, std::string> keep{"retention.ms", "-1"};
  for (std::size_t k = 1; k < kKindCount; ++k) {
    topics.push_back(
        {topic_of(o.kafka, static_cast<Kind>(k)), static_cast<int>(counts[k]), replicas, {keep}});
  }
  const auto most = std::max(o.account_partitions, o.instrument_partitions);
  topics.push_back({o.kafka.topic_prefix + kMachinesTopic, static_cast<int>(most), replicas, {}});
  topics.push_back(
      {requests_topic(o.kafka), static_cast<int>(o.account_partitions), replicas, {keep}});
  return topics;
}

/// The log of a machine, with history from its source where it has one.
class MachineLog final : public runtime::Log {
 public:
  MachineLog(std::unique_ptr<KafkaLog> kafka, std::unique_ptr<runtime::SourceStream> source,
             Shell& shell)
      : kafka_(std::move(kafka)), source_(std::move(source)), shell_(&shell) {}
  Result<void> fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                     std::vector<runtime::LogEntry>& to) override {
    if (stream.kind == Kind::source && source_) return source_->fetch(offset, limit, to);
    return kafka_->fetch(stream, offset, limit, to);
  }
  Result<void> append(const runtime::Record& record) override {
    auto r = kafka_->append(record);
    if (r) shell_->on_published(record);
    return r;
  }
  Result<void> acks(std::vector<runtime::Ack>& to) override { return kafka_->acks(to); }

 private:
  std::unique_ptr<KafkaLog> kafka_;
  std::unique_ptr<runtime::SourceStream> source_;
  Shell* shell_;
};

struct KafkaHost::Impl {
  struct Owned {
    const MachineSpec* spec = nullptr;
    std::unique_ptr<MachineLog> log;
    std::unique_ptr<Runner> runner;
    bool announced = false;
    TimeNs restart_at = 0;
    DurationNs pause = 0;  // before the next try; grows while it fails
  };

  HostOptions options;
  std::vector<MachineSpec> specs;
  runtime::Store* store = nullptr;
  runtime::Clock* clock = nullptr;
  Shell* shell = nullptr;
  Wakeup wakeup;
  std::unique_ptr<Producer> producer;
  Handle<rd_kafka_t> group;
  std::map<MachineId, Owned> owned;  // rank order
  std::set<std::uint32_t> indices;
  std::string group_trouble;  // why the group hands out nothing; empty where it works
  bool assigned = false;      // false: between two assignments, when nothing may be taken over
  TimeNs asked_at = 0;

  Result<void> join_group();
  void serve_group();
  void ask_kafka();
  void assign(const rd_kafka_topic_partition_list_t* partitions);
  Result<void> start(const MachineSpec& spec, std::uint32_t index);
  Result<bool> turn(MachineId id, Owned& o);

  static void on_rebalance(rd_kafka_t* rk, rd_kafka_resp_err_t err,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    auto* self = static_cast<Impl*>(opaque);
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      rd_kafka_assign(rk, partitions);
      self->assign(partitions);
    } else {
      // Every rebalance takes all away before it hands out again. Machines that stay are left to
      // run: should one have gone to another process meanwhile, the fence stops it here.
      rd_kafka_assign(rk, nullptr);
      self->assigned = false;
    }
  }
};

KafkaHost::KafkaHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KafkaHost::~KafkaHost() {
  if (!impl_) return;
  impl_->owned.clear();
  // Leaves without a goodbye where membership is static: a restarted process finds its indices
  // still its own.
  if (impl_->group) rd_kafka_consumer_close(impl_->group.get());
}

Result<std::unique_ptr<KafkaHost>> KafkaHost::create(HostOptions options,
                                                     std::vector<MachineSpec> specs,
                                                     runtime::Store& store, runtime::Clock& clock,
                                                     Shell& shell) {
  if (auto r = runtime::check_order(specs); !r) return tl::unexpected(r.error());
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->options.runner.live = impl->options.live;
  if (impl->options.live) impl->options.runner.announce_interval = 2 * kMillisecond;
  impl->specs = std::move(specs);
  std::sort(impl->specs.begin(), impl->specs.end(),
            [](const MachineSpec& a, const MachineSpec& b) { return a.kind < b.kind; });
  impl->store = &store;
  impl->clock = &clock;
  impl->shell = &shell;
  auto producer = Producer::create(impl->options.kafka, impl->wakeup);
  if (!producer) return tl::unexpected(producer.error());
  impl->producer = std::move(*producer);
  if (!impl->specs.empty()) {
    if (auto r = impl->join_group(); !r) return tl::unexpected(r.error());
  }
  return std::unique_ptr<KafkaHost>(new KafkaHost(std::move(impl)));
}

Result<void> KafkaHost::Impl::join_group() {
  auto conf = base_conf(options.kafka);
  if (!conf) return tl::unexpected(conf.error());
  const std::pair<const char*, std::string> settings[] = {
      {"group.id", options.kafka.topic_prefix + "bellwether." + options.service},
      {"group.instance.id", options.instance},
      {"session.timeout.ms", std::to_string(options.session_timeout_ms)},
      {"heartbeat.interval.ms", std::to_string(std::max(100, options.session_timeout_ms / 5))},
      {"enable.auto.commit", "false"},
      {"partition.assignment.strategy", "range"},
      {"auto.offset.reset", "latest"},
  };
  for (const auto& [name, value] : settings) {
    if (value.empty()) continue;
    if (auto r = set(conf->get(), name, value); !r) return r;
  }
  rd_kafka_conf_set_rebalance_cb(conf->get(), &Impl::on_rebalance);
  rd_kafka_conf_set_opaque(conf->get(), this);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return tl::unexpected(client.error());
  group = std::move(*client);
  rd_kafka_poll_set_consumer(group.get());
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  const std::string topic = options.kafka.topic_prefix + kMachinesTopic;
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto err = rd_kafka_subscribe(group.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorCode::internal, rd_kafka_err2str(err), "subscribe " + topic);
  }
  return {};
}

void KafkaHost::Impl::serve_group() {
  if (!group) return;
  rd_kafka_message_t* m = rd_kafka_consumer_poll(group.get(), 0);
  if (m == nullptr) return;
  group_trouble = m->err == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_message_errstr(m);
  rd_kafka_message_destroy(m);
}

/// A delivery says that Kafka is back; where nothing is sent, somebody must ask.
void KafkaHost::Impl::ask_kafka() {
  if (!specs.empty() && !producer->down()) return;
  const TimeNs now = clock->now();
  if (now - asked_at < kAskInterval) return;
  asked_at = now;
  producer->ask(kAskTimeoutMs);
}

void KafkaHost::Impl::assign(const rd_kafka_topic_partition_list_t* partitions) {
  std::set<std::uint32_t> now;
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    now.insert(static_cast<std::uint32_t>(partitions->elems[i].partition));
  }
  for (auto it = owned.begin(); it != owned.end();) {
    if (now.contains(it->first.index)) {
      ++it;
      continue;
    }
    shell->on_lost(it->first, "given to another process");
    it = owned.erase(it);
  }
  indices = std::move(now);
  assigned = true;
  const auto counts = counts_of(options);
  for (const std::uint32_t index : indices) {
    for (const MachineSpec& spec : specs) {
      if (index >= counts[static_cast<std::size_t>(spec.kind)]) continue;
      owned.try_emplace(MachineId{spec.kind, index}).first->second.spec = &spec;
    }
  }
}

Result<void> KafkaHost::Impl::start(const MachineSpec& spec, std::uint32_t index) {
  const MachineId id{spec.kind, index};
  const auto counts = counts_of(options);
  const runtime::Ownership ownership{index, counts[static_cast<std::size_t>(spec.kind)]};
  auto log = KafkaLog::create(options.kafka, id, *producer, wakeup);
  if (!log) return tl::unexpected(log.error());
  std::unique_ptr<runtime::SourceStream> source;
  if (options.source) {
    source = std::make_unique<runtime::SourceStream>(options.source, spec.kind, ownership);
  }
  Owned& o = owned[id];
  o.log = std::make_unique<MachineLog>(std::move(*log), std::move(source), *shell);
  o.runner =
      std::make_unique<Runner>(spec, ownership, counts, *o.log, *store, *clock, options.runner);
  o.announced = false;
  return {};
}

Result<bool> KafkaHost::Impl::turn(MachineId id, Owned& o) {
  if (!o.runner) {
    if (!assigned || clock->now() < o.restart_at) return false;
    if (auto r = start(*o.spec, id.index); !r) return tl::unexpected(r.error());
  }
  auto r = o.runner->turn();
  if (!r) {
    shell->on_lost(id, r.error().text());
    o.runner.reset();
    o.log.reset();
    // A failure that lasts is asked less and less: each try takes an epoch and writes to the log.
    o.pause = std::min(std::max(2 * o.pause, kRestartPause), kRestartPauseMost);
    o.restart_at = clock->now() + o.pause;
    const auto code = r.error().code;
    if (code == ErrorCode::data_loss || code == ErrorCode::failed_precondition) {
      return tl::unexpected(r.error());
    }
    return true;  // fenced or ambiguous: a new owner, perhaps this process, recovers
  }
  if (!o.announced && o.runner->working()) {
    o.announced = true;
    o.pause = 0;
    shell->on_owned(id);
  }
  return o.runner->moved() > 0;
}

Result<bool> KafkaHost::round() {
  Impl& i = *impl_;
  i.serve_group();
  i.producer->poll();
  if (auto r = i.producer->healthy(); !r) return tl::unexpected(r.error());
  i.ask_kafka();
  i.shell->feed(*this);
  bool moved = false;
  std::vector<MachineId> ids;
  for (const auto& [id, o] : i.owned) ids.push_back(id);
  for (const MachineId id : ids) {
    const auto it = i.owned.find(id);
    if (it == i.owned.end()) continue;
    auto r = i.turn(id, it->second);
    if (!r) return tl::unexpected(r.error());
    moved = moved || *r;
  }
  return moved;
}

Result<void> KafkaHost::run(const std::function<bool()>& stopping) {
  while (!stopping()) {
    auto moved = round();
    if (!moved) return tl::unexpected(moved.error());
    if (!*moved) impl_->wakeup.wait(1);
  }
  return {};
}

void KafkaHost::wake() noexcept { impl_->wakeup.wake(); }

Runner* KafkaHost::runner(MachineId id) {
  const auto it = impl_->owned.find(id);
  return it == impl_->owned.end() ? nullptr : it->second.runner.get();
}

std::vector<Runner*> KafkaHost::runners() {
  std::vector<Runner*> all;
  for (auto& [id, o] : impl_->owned) {
    if (o.runner) all.push_back(o.runner.get());
  }
  return all;
}

Producer& KafkaHost::producer() noexcept { return *impl_->producer; }
const HostOptions& KafkaHost::options() const noexcept { return impl_->options; }

runtime::Clock& KafkaHost::clock() noexcept { return *impl_->clock; }

std::vector<std::string> KafkaHost::troubles() {
  std::vector<std::string> all;
  Impl& i = *impl_;
  if (i.producer->down()) all.push_back("Kafka at " + i.options.kafka.brokers + " is away");
  if (!i.group_trouble.empty())
    all.push_back("group " + i.options.service + ": " + i.group_trouble);
  // Handed out and nothing for us: a spare process, and healthy.
  if (!i.specs.empty() && i.owned.empty() && !i.assigned) {
    all.emplace_back("no machine has been handed to this process yet");
  }
  for (auto& [id, o] : i.owned) {
    const std::string name = std::string(kind_name(id.kind)) + "/" + std::to_string(id.index);
    const std::string trouble = o.runner ? o.runner->stats().trouble : "";
    if (!trouble.empty()) {
      all.push_back(name + ": " + trouble);
    } else if (!o.runner || !o.runner->working()) {
      all.push_back(name + ": is being taken over");
    }
  }
  return all;
}

}  // namespace bw::kafka
