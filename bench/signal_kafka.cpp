#include <librdkafka/rdkafka.h>

#include <array>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "analytics/shell/wiring.hpp"
#include "bellwether/base/rng.hpp"
#include "bellwether/kafka/kafka_host.hpp"
#include "bellwether/postgres/migrate.hpp"
#include "bellwether/postgres/pg_store.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/runtime/recording.hpp"
#include "bellwether/servers/child.hpp"
#include "bellwether/servers/private_kafka.hpp"
#include "bellwether/servers/private_postgres.hpp"
#include "confluence/shell/wiring.hpp"
#include "ingestion/shell/wiring.hpp"
#include "signal_latency.hpp"

namespace bw::bench {

namespace {

constexpr int kRounds = 5;
constexpr int kPerRound = 400;           // trades, and pings
constexpr int kWarmUp = 200;             // trades in front, until all indicators are warm
constexpr int kIntervalMs = 10;          // between two trades, or two pings
constexpr int kTimeoutS = 60;
constexpr std::size_t kPingBytes = 256;  // about what a record takes
constexpr InstrumentId kInstrument{1024};  // trades all day and night

TimeNs now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

template <class F>
void await(const char* what, F&& done) {
  for (int left = kTimeoutS * 1'000; !done(); --left) {
    if (left == 0) {
      std::fprintf(stderr, "gave up waiting for %s\n", what);
      std::exit(1);
    }
    sleep_ms(1);
  }
}

// The suite.

/// Trades one minute apart, so that each completes the bar of the one before; prices swing around
/// their average, so that each bar gives a signal. Stamped ahead of the clock: no timer of a
/// minute's end comes due.
std::vector<Event> make_trades(int count) {
  const TimeNs first = (now_ns() / kDay + 2) * kDay;
  Rng rng(7);
  std::vector<Event> trades;
  for (int i = 0; i < count; ++i) {
    Trade& t = trades.emplace_back().emplace<RawTrade>().trade;
    t.instrument = kInstrument;
    t.price = Price::from_double(100 + (i % 2 == 0 ? 0.5 : -0.5) + 0.1 * rng.normal());
    t.size = Quantity::from_int(rng.between(1, 100));
    t.source_time = first + i * kMinute + kSecond;
    t.trade_id = static_cast<std::uint64_t>(i) + 1;
  }
  return trades;
}

/// The trade that completed the bar which a signal was formed at.
std::size_t trade_of(const Signal& s, const std::vector<Event>& trades) {
  const TimeNs first = std::get<RawTrade>(trades.front()).trade.source_time - kSecond;
  return static_cast<std::size_t>((s.data_to - first) / kMinute);
}

class WallClock final : public runtime::Clock {
 public:
  TimeNs now() override { return now_ns(); }
};

/// Hands trades to the machine market.ticks, as a provider's connection would.
class Feeder final : public kafka::Shell {
 public:
  void push(const Event& e) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(e);
  }
  void on_owned(runtime::MachineId) override { ++owned; }
  void feed(kafka::KafkaHost& host) override {
    const std::lock_guard lock(mutex_);
    runtime::Runner* r = host.runner({Kind::market_ticks, 0});
    if (r == nullptr) return;
    for (const Event& e : waiting_) r->offer({kInstrument.value, e, 0});
    waiting_.clear();
  }
  std::atomic<int> owned{0};

 private:
  std::mutex mutex_;
  std::vector<Event> waiting_;
};

/// One service: its machines in a thread, with a database connection of its own, as its process
/// has them.
class Service {
 public:
  Service(const std::string& name, const std::string& brokers, const std::string& uri,
          service::Wiring wiring)
      : wiring_(std::move(wiring)), store_(uri) {
    kafka::HostOptions o;
    o.kafka.brokers = brokers;
    o.kafka.client_id = name;
    o.service = name;
    o.instance = name;
    o.runner.build = "bench";
    o.live = true;
    host_ = need(kafka::KafkaHost::create(o, wiring_.specs, store_, clock_, feeder));
    thread_ = std::thread([this] { need(host_->run([this] { return stop_.load(); })); });
  }
  ~Service() {
    stop_ = true;
    thread_.join();
  }
  void await_owned() {
    await("the machines to be handed out",
          [this] { return feeder.owned.load() == static_cast<int>(wiring_.specs.size()); });
  }
  void push(const Event& e) {
    feeder.push(e);
    host_->wake();
  }

  Feeder feeder;

 private:
  service::Wiring wiring_;
  postgres::PgStore store_;
  WallClock clock_;
  std::unique_ptr<kafka::KafkaHost> host_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Read {
  Signal signal;
  TimeNs event_time = 0;
  TimeNs at = 0;  ///< when it was read
};

/// Reads confluence.signals as a service to the right of it does.
class SignalReader {
 public:
  explicit SignalReader(const std::string& brokers) : thread_([this, brokers] { run(brokers); }) {}
  ~SignalReader() {
    stop_ = true;
    thread_.join();
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  std::vector<Read> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  void run(const std::string& brokers) {
    kafka::Wakeup wakeup;
    kafka::Options o;
    o.brokers = brokers;
    const auto producer = need(kafka::Producer::create(o, wakeup));
    const auto log = need(kafka::KafkaLog::create(o, {}, *producer, wakeup));
    std::uint64_t offset = 0;
    runtime::ValidRecords valid({Kind::confluence_signals, 0});  // each once, over restarts
    std::vector<runtime::LogEntry> batch;
    while (!stop_) {
      batch.clear();
      need(log->fetch({Kind::confluence_signals, 0}, offset, 1'000, batch));
      const TimeNs at = now_ns();
      for (const auto& e : batch) {
        offset = e.offset + 1;
        need(valid.add(e.record));
      }
      for (const runtime::Record& r : valid.records()) {
        const auto* s = std::get_if<Signal>(&r.event);
        if (s == nullptr) continue;
        const std::lock_guard lock(mutex_);
        all_.push_back({*s, r.t, at});
      }
      valid.records().clear();
      if (batch.empty()) wakeup.wait(1);
    }
  }

  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<Read> all_;
  std::thread thread_;
};

// The bare ping: four topics, a thread between each two, with librdkafka and our settings.

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 256> error{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
      RD_KAFKA_CONF_OK) {
    need(Result<void>(fail(ErrorCode::invalid_argument, error.data(), name)));
  }
}

struct Destroy {
  void operator()(rd_kafka_t* c) const { rd_kafka_destroy(c); }
  void operator()(rd_kafka_topic_t* t) const { rd_kafka_topic_destroy(t); }
  void operator()(rd_kafka_message_t* m) const { rd_kafka_message_destroy(m); }
};
template <class T>
using Own = std::unique_ptr<T, Destroy>;

Own<rd_kafka_t> make_client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  std::array<char, 256> error{};
  rd_kafka_t* c = rd_kafka_new(type, conf, error.data(), error.size());
  if (c == nullptr) need(Result<void>(fail(ErrorCode::internal, error.data(), "ping")));
  return Own<rd_kafka_t>(c);
}

class PingWriter {
 public:
  PingWriter(const std::string& brokers, const std::string& topic) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : std::map<const char*, std::string>{
             {"bootstrap.servers", brokers},
             {"enable.idempotence", "true"},
             {"acks", "all"},
             {"linger.ms", "0"},
             {"socket.nagle.disable", "true"}}) {
      set(conf, name, value);
    }
    client_ = make_client(RD_KAFKA_PRODUCER, conf);
    topic_.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  }
  void send(const void* bytes, std::size_t size) {
    rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_COPY, const_cast<void*>(bytes), size, nullptr,
                     0, nullptr);
    rd_kafka_poll(client_.get(), 0);
  }

 private:
  Own<rd_kafka_t> client_;
  Own<rd_kafka_topic_t> topic_;
};

class PingReader {
 public:
  PingReader(const std::string& brokers, const std::string& topic) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] :
         std::map<const char*, std::string>{{"bootstrap.servers", brokers},
                                            {"fetch.wait.max.ms", "100"},
                                            {"fetch.min.bytes", "1"},
                                            {"fetch.error.backoff.ms", "5"},
                                            {"check.crcs", "true"},
                                            {"socket.nagle.disable", "true"}}) {
      set(conf, name, value);
    }
    client_ = make_client(RD_KAFKA_CONSUMER, conf);
    topic_.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    rd_kafka_consume_start(topic_.get(), 0, RD_KAFKA_OFFSET_BEGINNING);
  }
  ~PingReader() { rd_kafka_consume_stop(topic_.get(), 0); }
  Own<rd_kafka_message_t> read(int timeout_ms) {
    Own<rd_kafka_message_t> m(rd_kafka_consume(topic_.get(), 0, timeout_ms));
    if (m && m->err != RD_KAFKA_RESP_ERR_NO_ERROR) m.reset();
    return m;
  }

 private:
  Own<rd_kafka_t> client_;
  Own<rd_kafka_topic_t> topic_;
};

constexpr int kHops = 4;

/// Runs only while it lives: the suite is not measured beside it, nor it beside the suite.
class PingChain {
 public:
  PingChain(const std::string& brokers, const std::string& prefix)
      : first_(brokers, topic(prefix, 0)) {
    for (int i = 0; i < kHops; ++i) {
      threads_.emplace_back([this, brokers, prefix, i] {
        PingReader in(brokers, topic(prefix, i));
        std::unique_ptr<PingWriter> out;
        if (i + 1 < kHops) out = std::make_unique<PingWriter>(brokers, topic(prefix, i + 1));
        while (!stop_) {
          const auto m = in.read(100);
          if (!m) continue;
          if (out) {
            out->send(m->payload, m->len);
          } else {
            arrived_at_ = now_ns();
            ++arrived_;
          }
        }
      });
    }
  }
  ~PingChain() {
    stop_ = true;
    for (auto& t : threads_) t.join();
  }
  static std::string topic(const std::string& prefix, int i) {
    return prefix + std::to_string(i);
  }
  /// Milliseconds of one ping through the chain.
  double ping() {
    const std::array<char, kPingBytes> bytes{};
    const int want = arrived_ + 1;
    const TimeNs begin = now_ns();
    first_.send(bytes.data(), bytes.size());
    await("a ping", [&] { return arrived_ >= want; });
    return static_cast<double>(arrived_at_ - begin) * 1e-6;
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> arrived_{0};
  std::atomic<TimeNs> arrived_at_{0};
  PingWriter first_;
  std::vector<std::thread> threads_;
};

std::vector<double> ping_round(servers::PrivateKafka& server, int round) {
  const std::string prefix = "ping" + std::to_string(round) + ".";
  for (int i = 0; i < kHops; ++i) need(server.create_topic(PingChain::topic(prefix, i), 1));
  PingChain chain(server.brokers(), prefix);
  std::vector<double> times;
  for (int i = 0; i < kPerRound + 50; ++i) {
    const double ms = chain.ping();
    if (i >= 50) times.push_back(ms);
    sleep_ms(kIntervalMs);
  }
  return times;
}

// Putting it together.

std::vector<service::Wiring> wire_all(const service::Inputs& inputs) {
  return {need(ingestion::wire(inputs)), need(analytics::wire(inputs)),
          need(confluence::wire(inputs))};
}

class OneByOne final : public runtime::Source {
 public:
  explicit OneByOne(const std::vector<Event>& trades) : trades_(trades) {}
  const Row* next() override {
    if (at_ == trades_.size()) return nullptr;
    row_ = {std::get<RawTrade>(trades_[at_]).trade.source_time, kInstrument.value, at_ + 1,
            Kind::market_ticks, trades_[at_]};
    ++at_;
    return &row_;
  }
  bool at_end() const override { return at_ == trades_.size(); }

 private:
  const std::vector<Event>& trades_;
  std::size_t at_ = 0;
  Row row_;
};

class SignalSink final : public runtime::Sink {
 public:
  void on_output(Kind, const runtime::Output& o) override {
    if (const auto* s = std::get_if<Signal>(&o.event)) signals.push_back(*s);
  }
  std::vector<Signal> signals;
};

std::vector<Signal> expected_signals(const service::Inputs& inputs,
                                     const std::vector<Event>& trades) {
  const auto wirings = wire_all(inputs);
  std::vector<runtime::MachineSpec> specs;
  for (const auto& w : wirings) specs.insert(specs.end(), w.specs.begin(), w.specs.end());
  OneByOne source(trades);
  SignalSink sink;
  runtime::InlineHost(specs, source, sink).run_to_end();
  // The clock completes the last bar there; here it does not come round to it.
  std::erase_if(sink.signals,
                [&](const Signal& s) { return trade_of(s, trades) >= trades.size(); });
  return sink.signals;
}

struct Times {
  std::vector<double> suite;
  std::vector<double> admitted;
};

/// The services for as long as one round lasts: they recover from their logs where the last one
/// stopped.
Times suite_round(const service::Inputs& inputs, const std::string& brokers, const std::string& uri,
                  const std::vector<Event>& trades, std::size_t from, std::size_t to,
                  const std::vector<Signal>& expected, SignalReader& reader) {
  auto wirings = wire_all(inputs);
  Service ingestion("ingestion", brokers, uri, std::move(wirings[0]));
  Service analytics("analytics", brokers, uri, std::move(wirings[1]));
  Service confluence("confluence", brokers, uri, std::move(wirings[2]));
  for (Service* s : {&ingestion, &analytics, &confluence}) s->await_owned();
  const std::size_t before = reader.count();
  std::map<std::size_t, TimeNs> handed;
  for (std::size_t i = from; i < to; ++i) {
    handed[i] = now_ns();
    ingestion.push(trades[i]);
    sleep_ms(kIntervalMs);
  }
  const auto due = std::count_if(expected.begin(), expected.end(), [&](const Signal& s) {
    return trade_of(s, trades) < to;
  });
  await("the signals", [&] { return reader.count() >= static_cast<std::size_t>(due); });
  Times times;
  const auto all = reader.all();
  for (std::size_t i = before; i < all.size(); ++i) {
    const auto it = handed.find(trade_of(all[i].signal, trades));
    if (it == handed.end() || it->first < from + 50) continue;  // 50: as long as the pings warm up
    times.suite.push_back(static_cast<double>(all[i].at - it->second) * 1e-6);
    times.admitted.push_back(static_cast<double>(all[i].at - all[i].event_time) * 1e-6);
  }
  return times;
}

}  // namespace

OverKafka measure_over_kafka(const service::Inputs& inputs) {
  const auto server = need(servers::PrivateKafka::start({}));
  const auto database = need(servers::PrivatePostgres::start({}));
  need(postgres::migrate(database->uri(), runtime::migrations()));
  kafka::HostOptions o;
  o.kafka.brokers = server->brokers();
  need(kafka::create_topics(o.kafka, kafka::suite_topics(o, 1)));
  constexpr std::size_t kRound = kPerRound + 50;
  const auto trades = make_trades(kWarmUp + kRounds * static_cast<int>(kRound));
  const auto expected = expected_signals(inputs, trades);
  SignalReader reader(server->brokers());
  suite_round(inputs, server->brokers(), database->uri(), trades, 0, kWarmUp, expected, reader);
  ping_round(*server, 0);
  std::vector<Percentiles> suite;
  std::vector<Percentiles> admitted;
  std::vector<Percentiles> ping;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const std::size_t from = kWarmUp + i * kRound;
    const Times t = suite_round(inputs, server->brokers(), database->uri(), trades, from,
                                from + kRound, expected, reader);
    suite.push_back(percentiles(t.suite));
    admitted.push_back(percentiles(t.admitted));
    ping.push_back(percentiles(ping_round(*server, static_cast<int>(i) + 1)));
    ratios.push_back(suite.back().p50 / ping.back().p50);
    std::fprintf(stderr, "round %zu: suite %.2f / %.2f ms, ping %.2f / %.2f ms (p50 / p99)\n", i,
                 suite.back().p50, suite.back().p99, ping.back().p50, ping.back().p99);
  }
  OverKafka result;
  result.suite = median_of(suite);
  result.from_admission = median_of(admitted);
  result.ping = median_of(ping);
  result.ratio_p50 = median(ratios);
  result.ratio_p99 = result.suite.p99 / result.ping.p99;
  result.ratio_spread = spread(ratios);
  std::vector<Signal> signals;
  for (const Read& r : reader.all()) signals.push_back(r.signal);
  result.equal = signals == expected;
  if (!result.equal) {
    std::fprintf(stderr, "%zu signals were read, %zu expected\n", signals.size(), expected.size());
  }
  return result;
}

}  // namespace bw::bench
