#include "bellwether/kafka/inbox.hpp"

#include <algorithm>

#include "handles.hpp"

namespace bw::kafka {

struct Inbox::Impl {
  Handle<rd_kafka_t> consumer;
  std::string topic;
  std::int32_t partition = 0;
  std::uint64_t done = 0;
  std::uint64_t stored = 0;
  TimeNs asked_at = 0;

  static void on_stored(rd_kafka_t*, rd_kafka_resp_err_t err,
                        rd_kafka_topic_partition_list_t* offsets, void* opaque) {
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR || offsets == nullptr) return;
    auto* self = static_cast<Impl*>(opaque);
    for (int i = 0; i < offsets->cnt; ++i) {
      const auto& o = offsets->elems[i];
      if (o.err != RD_KAFKA_RESP_ERR_NO_ERROR || o.offset < 0) continue;
      self->stored = std::max(self->stored, static_cast<std::uint64_t>(o.offset));
    }
  }
};

Inbox::Inbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Inbox::~Inbox() {
  if (impl_) rd_kafka_consumer_close(impl_->consumer.get());
}

Result<std::unique_ptr<Inbox>> Inbox::open(const Options& options, const std::string& topic,
                                           std::uint32_t partition, const std::string& group) {
  auto conf = base_conf(options);
  if (!conf) return tl::unexpected(conf.error());
  const std::pair<const char*, std::string> settings[] = {
      {"group.id", options.topic_prefix + group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "earliest"},
      {"enable.partition.eof", "false"},
      {"fetch.wait.max.ms", "100"},
      {"fetch.error.backoff.ms", "5"},
      {"queued.min.messages", "1000"},
      {"queued.max.messages.kbytes", "1024"},
  };
  for (const auto& [name, value] : settings) {
    if (auto r = set(conf->get(), name, value); !r) return tl::unexpected(r.error());
  }
  auto impl = std::make_unique<Impl>();
  rd_kafka_conf_set_offset_commit_cb(conf->get(), &Impl::on_stored);
  rd_kafka_conf_set_opaque(conf->get(), impl.get());
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return tl::unexpected(client.error());
  impl->consumer = std::move(*client);
  impl->topic = topic;
  impl->partition = static_cast<std::int32_t>(partition);
  rd_kafka_poll_set_consumer(impl->consumer.get());
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), impl->partition)->offset =
      RD_KAFKA_OFFSET_STORED;
  const auto err = rd_kafka_assign(impl->consumer.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorCode::internal, rd_kafka_err2str(err), topic);
  }
  return std::unique_ptr<Inbox>(new Inbox(std::move(impl)));
}

void Inbox::poll(std::size_t limit, std::vector<Message>& to) {
  while (limit > 0) {
    rd_kafka_message_t* m = rd_kafka_consumer_poll(impl_->consumer.get(), 0);
    if (m == nullptr) return;
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      to.push_back({static_cast<std::uint64_t>(m->offset),
                    std::string(static_cast<const char*>(m->payload), m->len)});
    }
    rd_kafka_message_destroy(m);
    --limit;
  }
}

void Inbox::done(std::uint64_t next, TimeNs now) {
  impl_->done = std::max(impl_->done, next);
  if (impl_->done <= impl_->stored || now - impl_->asked_at < kStoreInterval) return;
  impl_->asked_at = now;
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, impl_->topic.c_str(), impl_->partition)->offset =
      static_cast<std::int64_t>(impl_->done);
  // Asked again after the interval where Kafka does not confirm it.
  (void)rd_kafka_commit(impl_->consumer.get(), list, 1);
  rd_kafka_topic_partition_list_destroy(list);
}

std::uint64_t Inbox::stored() const noexcept { return impl_->stored; }

std::string requests_topic(const Options& options) {
  return options.topic_prefix + "gateway.requests.v1";
}

}  // namespace bw::kafka
