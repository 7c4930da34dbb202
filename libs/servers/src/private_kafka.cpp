#include "bellwether/servers/private_kafka.hpp"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "bellwether/servers/child.hpp"
#include "places.hpp"

namespace bw::servers {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKafkaFolder = "kafka-4.1.1";           // as deploy/deps names it
constexpr const char* kClusterId = "MkU3OEVBNTcwNTJENDM2Qg";  // any 16 bytes in base64
constexpr int kPortTries = 3;
constexpr int kStopTimeoutMs = 15'000;
constexpr int kTopicTimeoutMs = 15'000;

struct DestroyClient {
  void operator()(rd_kafka_t* rk) const { rd_kafka_destroy(rk); }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

Result<Client> connect(const std::string& brokers) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [key, value] :
       std::map<std::string, std::string>{{"bootstrap.servers", brokers},
                                          {"log_level", "0"},
                                          {"reconnect.backoff.max.ms", "100"}}) {
    rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error.data(), error.size());
  }
  rd_kafka_t* rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
  if (rk == nullptr) {
    rd_kafka_conf_destroy(conf);
    return fail(ErrorCode::internal, std::string("librdkafka: ") + error.data());
  }
  return Client(rk);
}

/// True once the cluster's metadata names `partitions` partitions of `topic`, each with a leader
/// (of no topic: a broker).
bool has_leaders(rd_kafka_t* rk, const std::string& topic, int partitions) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_topic_t* handle =
      topic.empty() ? nullptr : rd_kafka_topic_new(rk, topic.c_str(), nullptr);
  const rd_kafka_resp_err_t error = rd_kafka_metadata(rk, 0, handle, &metadata, 1000);
  int leaders = 0;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (handle == nullptr) {
      leaders = metadata->broker_cnt;
    } else if (metadata->topic_cnt == 1) {
      const rd_kafka_metadata_topic& t = metadata->topics[0];
      for (int i = 0; i < t.partition_cnt; ++i) {
        leaders += t.partitions[i].err == RD_KAFKA_RESP_ERR_NO_ERROR && t.partitions[i].leader >= 0
                       ? 1
                       : 0;
      }
    }
    rd_kafka_metadata_destroy(metadata);
  }
  if (handle != nullptr) rd_kafka_topic_destroy(handle);
  return leaders >= partitions;
}

/// The broker's answer to one CreateTopics request.
Result<> request_topic(rd_kafka_t* rk, const std::string& name, int partitions,
                       const std::map<std::string, std::string>& config) {
  std::array<char, 512> text{};
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, text.data(), text.size());
  if (topic == nullptr) return fail(ErrorCode::invalid_argument, text.data(), name);
  for (const auto& [key, value] : config)
    rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(rk);
  rd_kafka_CreateTopics(rk, &topic, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kTopicTimeoutMs);
  Result<> result;
  if (event == nullptr) {
    result = fail(ErrorCode::deadline_exceeded, "no answer to CreateTopics", name);
  } else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    result = fail(ErrorCode::unavailable, rd_kafka_event_error_string(event), name);
  } else {
    std::size_t count = 0;
    const rd_kafka_topic_result_t** answers =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    const rd_kafka_resp_err_t error =
        count == 1 ? rd_kafka_topic_result_error(answers[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      result = fail(ErrorCode::already_exists, "the topic exists", name);
    } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* why = count == 1 ? rd_kafka_topic_result_error_string(answers[0]) : nullptr;
      result =
          fail(ErrorCode::invalid_argument, why != nullptr ? why : rd_kafka_err2str(error), name);
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(topic);
  return result;
}

fs::path default_jar_folder() {
  if (const char* set = std::getenv("BELLWETHER_KAFKA_LIB"); set != nullptr) return set;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return fs::path(cache) / "bellwether" / kKafkaFolder / "lib";
  }
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/root") / ".cache" / "bellwether" / kKafkaFolder /
         "lib";
}

std::string find_java() {
  if (const char* home = std::getenv("JAVA_HOME"); home != nullptr) {
    if (const fs::path java = fs::path(home) / "bin" / "java"; fs::exists(java)) return java;
  }
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/bin:/bin";
  rest += ':';
  for (std::size_t from = 0, to = 0; (to = rest.find(':', from)) != std::string::npos;
       from = to + 1) {
    const fs::path java = fs::path(rest.substr(from, to - from)) / "java";
    if (java.is_absolute() && ::access(java.c_str(), X_OK) == 0) return java;
  }
  return {};
}

constexpr const char* kLog4j = R"(<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
)";

std::vector<std::string> java_command(const std::string& java, const fs::path& jars,
                                      const fs::path& folder, int heap_mb) {
  // The serial collector: on a small heap its pauses are a few ms, and it leaves the second core
  // alone.
  return {java,
          "-Xmx" + std::to_string(heap_mb) + "m",
          "-Xms128m",
          "-XX:+UseSerialGC",
          "-cp",
          (jars / "*").string(),
          "-Dlog4j2.configurationFile=" + (folder / "log4j2.xml").string()};
}

}  // namespace

Result<std::unique_ptr<PrivateKafka>> PrivateKafka::start(Options options) {
  const auto once = [&options]() -> Result<std::unique_ptr<PrivateKafka>> {
    std::unique_ptr<PrivateKafka> k(new PrivateKafka());
    k->options_ = options;
    k->temporary_ = k->options_.folder.empty();
    if (auto found = k->find_programs(); !found) return tl::unexpected<Error>(found.error());
    if (k->temporary_) {
      auto made = make_temporary_folder("kafka", std::nullopt);
      if (!made) return tl::unexpected<Error>(made.error());
      k->folder_ = *made;
    } else {
      k->folder_ = fs::absolute(k->options_.folder).lexically_normal();
      std::error_code error;
      fs::create_directories(k->folder_, error);
    }
    for (const auto step : {&PrivateKafka::choose_ports, &PrivateKafka::write_properties,
                            &PrivateKafka::format, &PrivateKafka::launch}) {
      if (auto done = (k.get()->*step)(); !done) return tl::unexpected<Error>(done.error());
    }
    return k;
  };
  // A port that was free a moment ago may be another program's by the time Kafka asks for it.
  for (int left = kPortTries;; --left) {
    auto k = once();
    const bool lost_port = !k && k.error().message.find("Net.bind") != std::string::npos;
    if (!lost_port || left == 1 || !options.folder.empty()) return k;
  }
}

PrivateKafka::~PrivateKafka() {
  if (child_ && !temporary_) stop();
  if (child_) child_->signal(SIGKILL);  // its data goes with it: no need to flush
  child_.reset();
  std::error_code ignored;
  if (temporary_ && !folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<> PrivateKafka::find_programs() {
  java_ = find_java();
  if (java_.empty()) {
    return fail(ErrorCode::failed_precondition, "java not found, which Kafka needs", {},
                "run deploy/deps test");
  }
  if (options_.jar_folder.empty()) options_.jar_folder = default_jar_folder();
  if (!fs::exists(options_.jar_folder / "kafka_2.13-4.1.1.jar")) {
    return fail(ErrorCode::failed_precondition, "Kafka's jars are not there",
                options_.jar_folder.string(), "run deploy/deps test, or set BELLWETHER_KAFKA_LIB");
  }
  return {};
}

/// The ports of an earlier run in the same folder (the quorum's log remembers them), else free
/// ones.
Result<> PrivateKafka::choose_ports() {
  int ports[2] = {0, 0};
  std::ifstream earlier(folder_ / "ports");
  if (!(earlier >> ports[0] >> ports[1])) {
    for (int& port : ports) {
      auto free = free_port();
      if (!free) return tl::unexpected<Error>(free.error());
      port = *free;
    }
    std::ofstream(folder_ / "ports") << ports[0] << ' ' << ports[1] << '\n';
  }
  brokers_ = "127.0.0.1:" + std::to_string(ports[0]);
  controller_port_ = ports[1];
  return {};
}

Result<> PrivateKafka::write_properties() {
  const std::string quorum = "127.0.0.1:" + std::to_string(controller_port_);
  std::map<std::string, std::string> properties = {
      {"process.roles", "broker,controller"},
      {"node.id", "1"},
      {"controller.quorum.bootstrap.servers", quorum},
      {"listeners", "PLAINTEXT://" + brokers_ + ",CONTROLLER://" + quorum},
      {"advertised.listeners", "PLAINTEXT://" + brokers_},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
      {"log.dirs", (folder_ / "data").string()},
      {"auto.create.topics.enable", "false"},
      // One node, few clients: small internal topics, no waiting for more members.
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "1"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"transaction.state.log.num.partitions", "1"},
      {"share.coordinator.state.topic.replication.factor", "1"},
      {"share.coordinator.state.topic.min.isr", "1"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"group.min.session.timeout.ms", "100"},
      // A crashed broker may come back once its session is over.
      {"broker.session.timeout.ms", "3000"},
      {"broker.heartbeat.interval.ms", "300"},
      {"num.network.threads", "2"},
      {"num.io.threads", "2"},
      {"log.cleaner.dedupe.buffer.size", "8388608"},
  };
  for (const auto& [key, value] : options_.properties) properties[key] = value;
  std::ofstream out(folder_ / "server.properties");
  for (const auto& [key, value] : properties) out << key << '=' << value << '\n';
  std::ofstream(folder_ / "log4j2.xml") << kLog4j;
  if (!out.flush())
    return fail(ErrorCode::unavailable, "cannot write server.properties", folder_.string());
  return {};
}

Result<> PrivateKafka::format() {
  if (fs::exists(folder_ / "data" / "meta.properties")) return {};
  Child::Options run;
  run.command = java_command(java_, options_.jar_folder, folder_, 128);
  for (const std::string& word :
       {std::string("kafka.tools.StorageTool"), std::string("format"), std::string("--standalone"),
        std::string("--cluster-id"), std::string(kClusterId), std::string("--config"),
        (folder_ / "server.properties").string()}) {
    run.command.push_back(word);
  }
  run.output = folder_ / "format.log";
  auto ran = run_program(run, options_.start_timeout_ms);
  if (!ran) return tl::unexpected<Error>(ran.error());
  return {};
}

Result<> PrivateKafka::launch() {
  Child::Options run;
  run.command = java_command(java_, options_.jar_folder, folder_, options_.heap_mb);
  run.command.push_back("kafka.Kafka");
  run.command.push_back((folder_ / "server.properties").string());
  run.output = folder_ / "kafka.log";
  run.end_signal = temporary_ ? SIGKILL : SIGTERM;
  if (temporary_) run.remove = folder_;
  auto child = Child::start(run);
  if (!child) return tl::unexpected<Error>(child.error());
  child_ = std::move(*child);
  return wait_until_ready();
}

Result<> PrivateKafka::wait_until_ready() {
  constexpr int kStepMs = 25;
  auto client = connect(brokers_);
  if (!client) return tl::unexpected<Error>(client.error());
  for (int waited = 0; waited < options_.start_timeout_ms; waited += kStepMs) {
    if (has_leaders(client->get(), "", 1)) return {};
    if (!running()) break;
    pause_ms(kStepMs);
  }
  return fail(ErrorCode::unavailable, "Kafka did not start: " + tail_of(folder_ / "kafka.log"),
              folder_.string(), "see kafka.log there");
}

Result<> PrivateKafka::create_topic(const std::string& name, int partitions,
                                    const std::map<std::string, std::string>& config) {
  constexpr int kStepMs = 10;
  auto client = connect(brokers_);
  if (!client) return tl::unexpected<Error>(client.error());
  if (auto made = request_topic(client->get(), name, partitions, config); !made) return made;
  for (int waited = 0; waited < kTopicTimeoutMs; waited += kStepMs) {
    if (has_leaders(client->get(), name, partitions)) return {};
    pause_ms(kStepMs);
  }
  return fail(ErrorCode::deadline_exceeded, "the topic got no leader", name);
}

bool PrivateKafka::running() { return child_ && !child_->exit_code(); }

void PrivateKafka::stop() {
  if (!child_) return;
  child_->signal(SIGTERM);
  child_->wait(kStopTimeoutMs);
  child_->signal(SIGKILL);
  child_->wait(kStopTimeoutMs);
  child_.reset();
}

void PrivateKafka::kill() {
  if (!child_) return;
  child_->signal(SIGKILL);
  child_->wait(kStopTimeoutMs);
  child_.reset();
}

Result<> PrivateKafka::restart() {
  stop();
  return launch();
}

}  // namespace bw::servers
