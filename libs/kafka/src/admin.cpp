#include <algorithm>

#include "bellwether/kafka/kafka_log.hpp"
#include "handles.hpp"

namespace bw::kafka {

namespace {

constexpr int kAdminTimeoutMs = 20'000;

Result<Handle<rd_kafka_t>> admin_client(const Options& options) {
  auto conf = base_conf(options);
  if (!conf) return tl::unexpected(conf.error());
  return make_client(RD_KAFKA_PRODUCER, std::move(*conf));
}

struct DestroyAdmin {
  void operator()(rd_kafka_NewTopic_t* p) const noexcept { rd_kafka_NewTopic_destroy(p); }
  void operator()(rd_kafka_DeleteTopic_t* p) const noexcept { rd_kafka_DeleteTopic_destroy(p); }
  void operator()(rd_kafka_event_t* p) const noexcept { rd_kafka_event_destroy(p); }
};
template <class T>
using AdminHandle = std::unique_ptr<T, DestroyAdmin>;

tl::unexpected<Error> no_answer(const Options& o) {
  return fail(ErrorCode::unavailable, "Kafka at " + o.brokers + " does not answer", "brokers",
              "check the address and that the broker runs");
}

/// The first result that is an error other than `tolerated`.
Result<void> first_error(const rd_kafka_topic_result_t* const* results, std::size_t count,
                         rd_kafka_resp_err_t tolerated) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto err = rd_kafka_topic_result_error(results[i]);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == tolerated) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return fail(ErrorCode::internal, text != nullptr ? text : rd_kafka_err2str(err),
                rd_kafka_topic_result_name(results[i]));
  }
  return {};
}

}  // namespace

Result<std::vector<TopicInfo>> list_topics(const Options& options) {
  auto client = admin_client(options);
  if (!client) return tl::unexpected(client.error());
  const struct rd_kafka_metadata* found = nullptr;
  if (rd_kafka_metadata(client->get(), 1, nullptr, &found, kAdminTimeoutMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return no_answer(options);
  }
  std::vector<TopicInfo> topics;
  for (int i = 0; i < found->topic_cnt; ++i) {
    topics.push_back({found->topics[i].topic, found->topics[i].partition_cnt});
  }
  rd_kafka_metadata_destroy(found);
  std::sort(topics.begin(), topics.end(),
            [](const TopicInfo& a, const TopicInfo& b) { return a.name < b.name; });
  return topics;
}

Result<std::vector<std::string>> create_topics(const Options& options,
                                               const std::vector<TopicSpec>& topics) {
  auto there = list_topics(options);
  if (!there) return tl::unexpected(there.error());
  std::vector<AdminHandle<rd_kafka_NewTopic_t>> owned;
  std::vector<rd_kafka_NewTopic_t*> raw;
  std::vector<std::string> made;
  for (const auto& spec : topics) {
    const auto it = std::find_if(there->begin(), there->end(),
                                 [&](const TopicInfo& t) { return t.name == spec.name; });
    if (it != there->end()) {
      if (it->partitions == spec.partitions) continue;
      return fail(ErrorCode::failed_precondition,
                  "has " + std::to_string(it->partitions) + " partitions, not " +
                      std::to_string(spec.partitions),
                  spec.name, "partition counts are fixed for a generation: use the existing count");
    }
    char error[256];
    owned.emplace_back(rd_kafka_NewTopic_new(spec.name.c_str(), spec.partitions, spec.replicas,
                                             error, sizeof error));
    if (!owned.back()) return fail(ErrorCode::invalid_argument, error, spec.name);
    for (const auto& [name, value] : spec.config) {
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
    }
    raw.push_back(owned.back().get());
    made.push_back(spec.name);
  }
  if (raw.empty()) return made;
  auto client = admin_client(options);
  if (!client) return tl::unexpected(client.error());
  Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->get()));
  rd_kafka_CreateTopics(client->get(), raw.data(), raw.size(), nullptr, queue.get());
  AdminHandle<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kAdminTimeoutMs));
  if (!event) return no_answer(options);
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (auto r = first_error(results, count, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS); !r) {
    return tl::unexpected(r.error());
  }
  return made;
}

Result<void> delete_topics(const Options& options, const std::vector<std::string>& names) {
  std::vector<AdminHandle<rd_kafka_DeleteTopic_t>> owned;
  std::vector<rd_kafka_DeleteTopic_t*> raw;
  for (const auto& name : names) {
    owned.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
    raw.push_back(owned.back().get());
  }
  if (raw.empty()) return {};
  auto client = admin_client(options);
  if (!client) return tl::unexpected(client.error());
  Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteTopics(client->get(), raw.data(), raw.size(), nullptr, queue.get());
  AdminHandle<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kAdminTimeoutMs));
  if (!event) return no_answer(options);
  std::size_t count = 0;
  const auto* results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  return first_error(results, count, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

}  // namespace bw::kafka
