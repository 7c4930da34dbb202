#include "bellwether/kafka/kafka_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>

#include "bellwether/codec/codec.hpp"
#include "bellwether/telemetry/trace.hpp"
#include "handles.hpp"

namespace bw::kafka {

using runtime::Ack;
using runtime::LogEntry;
using runtime::MachineId;
using runtime::Record;

std::string topic_of(const Options& options, Kind kind) {
  return options.topic_prefix + std::string(kind_name(kind)) + ".v1";
}

Wakeup::Wakeup() { BW_ASSERT(pipe2(fds_, O_NONBLOCK | O_CLOEXEC) == 0, "cannot make a pipe"); }

Wakeup::~Wakeup() {
  close(fds_[0]);
  close(fds_[1]);
}

void Wakeup::wait(int timeout_ms) {
  pollfd p{fds_[0], POLLIN, 0};
  if (::poll(&p, 1, timeout_ms) <= 0) return;
  char drained[256];
  while (read(fds_[0], drained, sizeof drained) == static_cast<ssize_t>(sizeof drained)) {
  }
}

void Wakeup::wake() noexcept {
  // A full pipe refuses the byte: then a wait ends anyhow.
  [[maybe_unused]] const ssize_t written = write(fds_[1], "w", 1);
}

namespace {

/// Delivery reports of one KafkaLog; outlives it while messages are in flight.
struct AckQueue {
  std::mutex mutex;
  std::vector<Ack> done;
  std::string error;
};

struct InFlight {
  std::shared_ptr<AckQueue> queue;
  Ack ack;
};

/// What passes by itself: the broker is away, or its metadata is on the way (a topic that is being
/// made, a leader that moves).
bool passing(rd_kafka_resp_err_t err) {
  switch (err) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
      return true;
    default:
      return false;
  }
}

Error kafka_error(rd_kafka_resp_err_t err, const std::string& where) {
  if (err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    return {ErrorCode::data_loss, "the log does not reach to where it was read before", where,
            "the topic was recreated or lost records: restore it or start a new generation"};
  }
  return {passing(err) ? ErrorCode::unavailable : ErrorCode::internal,
          rd_kafka_err2str(err),
          where,
          {}};
}

}  // namespace

// The producer.

struct Producer::Impl {
  Handle<rd_kafka_t> client;
  std::mutex mutex;
  std::map<std::string, Handle<rd_kafka_topic_t>> topics;
  std::atomic<bool> all_down{false};
  std::string fatal;

  rd_kafka_topic_t* topic(const std::string& name) {
    const std::lock_guard lock(mutex);
    auto& t = topics[name];
    if (!t) t.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    return t.get();
  }

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* m, void* opaque) {
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<Impl*>(opaque)->all_down = false;
    if (m->_private == nullptr) return;
    const std::unique_ptr<InFlight> sent(static_cast<InFlight*>(m->_private));
    const std::lock_guard lock(sent->queue->mutex);
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      sent->queue->error = rd_kafka_err2str(m->err);
      return;
    }
    sent->ack.offset = static_cast<std::uint64_t>(m->offset);
    sent->queue->done.push_back(sent->ack);
  }
  static void on_error(rd_kafka_t*, int err, const char* reason, void* opaque) {
    auto* self = static_cast<Impl*>(opaque);
    if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) self->all_down = true;
    if (err == RD_KAFKA_RESP_ERR__FATAL) {
      const std::lock_guard lock(self->mutex);
      self->fatal = reason;
    }
  }
};

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Producer::~Producer() {
  if (!impl_) return;
  rd_kafka_purge(impl_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(impl_->client.get(), 1'000);
}

Result<std::unique_ptr<Producer>> Producer::create(const Options& options, Wakeup& wakeup) {
  auto conf = base_conf(options);
  if (!conf) return tl::unexpected(conf.error());
  const std::pair<const char*, const char*> settings[] = {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"message.timeout.ms", "0"},
      {"linger.ms", "0"},
      {"queue.buffering.max.messages", "400000"},
      {"queue.buffering.max.kbytes", "262144"},
      {"compression.codec", "none"},
  };
  for (const auto& [name, value] : settings) {
    if (auto r = set(conf->get(), name, value); !r) return tl::unexpected(r.error());
  }
  auto impl = std::make_unique<Impl>();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &Impl::on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), &Impl::on_error);
  rd_kafka_conf_set_opaque(conf->get(), impl.get());
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return tl::unexpected(client.error());
  impl->client = std::move(*client);
  Handle<rd_kafka_queue_t> reports(rd_kafka_queue_get_main(impl->client.get()));
  rd_kafka_queue_io_event_enable(reports.get(), wakeup.write_fd(), "p", 1);
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

void Producer::poll() { rd_kafka_poll(impl_->client.get(), 0); }

bool Producer::down() const noexcept { return impl_->all_down; }

void Producer::ask(int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto err = rd_kafka_metadata(impl_->client.get(), 0, nullptr, &metadata, timeout_ms);
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
  impl_->all_down = err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

Result<void> Producer::healthy() const {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->fatal.empty()) return {};
  return fail(ErrorCode::data_loss, impl_->fatal, "Kafka producer",
              "start the process again: it recovers from the log");
}

Result<void> Producer::send(const std::string& topic, std::int32_t partition,
                            const std::string& key, const std::string& value) {
  const int r = rd_kafka_produce(impl_->topic(topic), partition, RD_KAFKA_MSG_F_COPY,
                                 const_cast<char*>(value.data()), value.size(), key.data(),
                                 key.size(), nullptr);
  if (r != 0) return tl::unexpected(kafka_error(rd_kafka_last_error(), topic));
  return {};
}

Result<void> Producer::flush(int timeout_ms) {
  const auto err = rd_kafka_flush(impl_->client.get(), timeout_ms);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(kafka_error(err, "flush"));
  return {};
}

// The log.

struct KafkaLog::Impl {
  struct Stream {
    Handle<rd_kafka_topic_t> topic;
    std::int32_t partition = 0;
    bool started = false;
    std::uint64_t next = 0;  // offset of the next message that the consumer will hand out
    Handle<rd_kafka_queue_t> queue;
  };

  Options options;
  MachineId machine;
  Producer* producer = nullptr;
  Wakeup* wakeup = nullptr;
  std::string own_topic;
  Handle<rd_kafka_t> consumer;
  std::map<MachineId, Stream> streams;
  std::shared_ptr<AckQueue> acks = std::make_shared<AckQueue>();
  std::vector<rd_kafka_message_t*> batch;
  std::string buffer;

  Result<Stream*> stream(MachineId id, std::uint64_t offset);
  rd_kafka_resp_err_t produce(const std::string& key, const std::string& trace, InFlight* sent);
  void stop(Stream& s) {
    if (s.started) rd_kafka_consume_stop(s.topic.get(), s.partition);
    s.started = false;
  }
};

KafkaLog::KafkaLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KafkaLog::~KafkaLog() {
  for (auto& [id, s] : impl_->streams) impl_->stop(s);
}

Result<std::unique_ptr<KafkaLog>> KafkaLog::create(const Options& options, MachineId machine,
                                                   Producer& producer, Wakeup& wakeup) {
  auto conf = base_conf(options);
  if (!conf) return tl::unexpected(conf.error());
  const std::pair<const char*, const char*> settings[] = {
      {"enable.partition.eof", "false"},
      {"fetch.wait.max.ms", "100"},
      {"fetch.min.bytes", "1"},
      {"fetch.error.backoff.ms", "5"},
      {"queued.min.messages", "20000"},
      {"queued.max.messages.kbytes", "16384"},
      {"check.crcs", "true"},
  };
  for (const auto& [name, value] : settings) {
    if (auto r = set(conf->get(), name, value); !r) return tl::unexpected(r.error());
  }
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return tl::unexpected(client.error());
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->machine = machine;
  impl->producer = &producer;
  impl->wakeup = &wakeup;
  impl->own_topic = topic_of(options, machine.kind);
  impl->consumer = std::move(*client);
  return std::unique_ptr<KafkaLog>(new KafkaLog(std::move(impl)));
}

Result<KafkaLog::Impl::Stream*> KafkaLog::Impl::stream(MachineId id, std::uint64_t offset) {
  Stream& s = streams[id];
  if (!s.topic) {
    rd_kafka_topic_conf_t* conf = rd_kafka_topic_conf_new();
    char error[128];
    rd_kafka_topic_conf_set(conf, "auto.offset.reset", "error", error, sizeof error);
    s.topic.reset(rd_kafka_topic_new(consumer.get(), topic_of(options, id.kind).c_str(), conf));
    s.partition = static_cast<std::int32_t>(id.index);
  }
  if (s.started && s.next == offset) return &s;
  stop(s);
  const auto from = static_cast<std::int64_t>(offset);
  if (rd_kafka_consume_start(s.topic.get(), s.partition, from) != 0) {
    return tl::unexpected(kafka_error(rd_kafka_last_error(), rd_kafka_topic_name(s.topic.get())));
  }
  s.queue.reset(rd_kafka_queue_get_partition(consumer.get(), rd_kafka_topic_name(s.topic.get()),
                                             s.partition));
  if (s.queue) rd_kafka_queue_io_event_enable(s.queue.get(), wakeup->write_fd(), "c", 1);
  s.started = true;
  s.next = offset;
  return &s;
}

Result<void> KafkaLog::fetch(MachineId id, std::uint64_t offset, std::size_t limit,
                             std::vector<LogEntry>& to) {
  auto found = impl_->stream(id, offset);
  if (!found) return tl::unexpected(found.error());
  Impl::Stream& s = **found;
  rd_kafka_poll(impl_->consumer.get(), 0);
  impl_->batch.resize(limit);
  const ssize_t got =
      rd_kafka_consume_batch(s.topic.get(), s.partition, 0, impl_->batch.data(), limit);
  if (got < 0)
    return tl::unexpected(kafka_error(rd_kafka_last_error(), topic_of(impl_->options, id.kind)));
  Result<void> result{};
  for (ssize_t i = 0; i < got; ++i) {
    rd_kafka_message_t* m = impl_->batch[static_cast<std::size_t>(i)];
    if (result && m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        result = tl::unexpected(kafka_error(m->err, topic_of(impl_->options, id.kind)));
      }
    } else if (result && static_cast<std::uint64_t>(m->offset) >= offset) {
      auto record = codec::decode(id.kind, {static_cast<const char*>(m->payload), m->len});
      if (record) {
        to.push_back({static_cast<std::uint64_t>(m->offset), *record});
        s.next = static_cast<std::uint64_t>(m->offset) + 1;
      } else {
        result = tl::unexpected(record.error());
      }
    }
    rd_kafka_message_destroy(m);
  }
  if (!result) impl_->stop(s);  // read again from where we stood
  return result;
}

/// Sends what stands in `buffer` to one's own log; `trace` may be empty.
rd_kafka_resp_err_t KafkaLog::Impl::produce(const std::string& key, const std::string& trace,
                                            InFlight* sent) {
  rd_kafka_headers_t* headers = nullptr;
  if (!trace.empty()) {
    headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, "traceparent", -1, trace.data(),
                        static_cast<ssize_t>(trace.size()));
  }
  rd_kafka_vu_t parts[7] = {};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = producer->impl().topic(own_topic);
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = static_cast<std::int32_t>(machine.index);
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {buffer.data(), buffer.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_KEY;
  parts[4].u.mem = {const_cast<char*>(key.data()), key.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = sent;
  parts[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[6].u.headers = headers;
  rd_kafka_error_t* error =
      rd_kafka_produceva(producer->impl().client.get(), parts, headers != nullptr ? 7 : 6);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;  // the headers are Kafka's now
  const auto code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  return code;
}

Result<void> KafkaLog::append(const Record& record) {
  if (auto r = codec::encode(record, impl_->buffer); !r) return r;
  auto sent =
      std::make_unique<InFlight>(InFlight{impl_->acks, Ack{record.what, record.n, record.t, 0}});
  const std::string key = std::to_string(record.unit);
  const bool event = record.what == runtime::What::out || record.what == runtime::What::admit;
  const std::string trace =
      event ? telemetry::format_traceparent(telemetry::trace_of(record)) : std::string();
  Producer::Impl& p = impl_->producer->impl();
  for (int attempt = 0;; ++attempt) {
    const auto err = impl_->produce(key, trace, sent.get());
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    // The runner stops at a bounded number in flight; a full queue passes as soon as the broker
    // takes more.
    if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL || attempt > 1'000) {
      return tl::unexpected(kafka_error(err, impl_->own_topic));
    }
    rd_kafka_poll(p.client.get(), 10);
  }
  (void)sent.release();  // on_delivery owns it now
  return {};
}

Result<void> KafkaLog::acks(std::vector<Ack>& to) {
  impl_->producer->poll();
  const std::lock_guard lock(impl_->acks->mutex);
  to.insert(to.end(), impl_->acks->done.begin(), impl_->acks->done.end());
  impl_->acks->done.clear();
  if (!impl_->acks->error.empty()) {
    return fail(ErrorCode::internal, impl_->acks->error, impl_->own_topic,
                "delivery failed for good; the next owner recovers from the log");
  }
  return {};
}

}  // namespace bw::kafka
