#include "handles.hpp"

namespace bw::kafka {

Result<void> set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
    return fail(ErrorCode::invalid_argument, error, std::string("kafka.") + name);
  }
  return {};
}

Result<Handle<rd_kafka_conf_t>> base_conf(const Options& o) {
  Handle<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  const std::pair<const char*, std::string> settings[] = {
      {"bootstrap.servers", o.brokers},
      {"client.id", o.client_id},
      {"socket.nagle.disable", "true"},
      {"log_level", "2"},
      {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "500"},
      {"security.protocol", o.security_protocol},
      {"ssl.ca.location", o.ca_file},
      {"ssl.certificate.location", o.certificate_file},
      {"ssl.key.location", o.key_file},
  };
  for (const auto& [name, value] : settings) {
    if (value.empty()) continue;
    if (auto r = set(conf.get(), name, value); !r) return tl::unexpected(r.error());
  }
  return conf;
}

Result<Handle<rd_kafka_t>> make_client(rd_kafka_type_t type, Handle<rd_kafka_conf_t> conf) {
  char error[256];
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (client == nullptr) return fail(ErrorCode::internal, error, "kafka client");
  (void)conf.release();  // the client owns it now
  return Handle<rd_kafka_t>(client);
}

}  // namespace bw::kafka
