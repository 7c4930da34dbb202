#pragma once
// RAII over librdkafka's C handles; private to this library.
#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "bellwether/kafka/kafka_log.hpp"

namespace bw::kafka {

struct DestroyHandle {
  void operator()(rd_kafka_t* p) const noexcept { rd_kafka_destroy(p); }
  void operator()(rd_kafka_topic_t* p) const noexcept { rd_kafka_topic_destroy(p); }
  void operator()(rd_kafka_conf_t* p) const noexcept { rd_kafka_conf_destroy(p); }
  void operator()(rd_kafka_queue_t* p) const noexcept { rd_kafka_queue_destroy(p); }
  void operator()(rd_kafka_headers_t* p) const noexcept { rd_kafka_headers_destroy(p); }
};
template <class T>
using Handle = std::unique_ptr<T, DestroyHandle>;

/// A configuration with what every client has in common. `unavailable` for values that librdkafka
/// refuses.
[[nodiscard]] Result<Handle<rd_kafka_conf_t>> base_conf(const Options& options);
[[nodiscard]] Result<void> set(rd_kafka_conf_t* conf, const char* name, const std::string& value);
/// Takes the configuration over.
[[nodiscard]] Result<Handle<rd_kafka_t>> make_client(rd_kafka_type_t type,
                                                     Handle<rd_kafka_conf_t> conf);

}  // namespace bw::kafka
