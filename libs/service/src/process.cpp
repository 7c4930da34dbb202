#include "bellwether/service/process.hpp"

#include <csignal>
#include <ctime>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>

namespace bw::service {

namespace {

std::atomic<int> g_signals{0};

void on_signal(int) {
  if (g_signals.fetch_add(1) > 0) _exit(130);
}

}  // namespace

TimeNs SystemClock::now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  last_ = std::max(last_, static_cast<TimeNs>(t.tv_sec) * kSecond + t.tv_nsec);
  return last_;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() noexcept { return g_signals.load() > 0; }

void add_flags(CLI::App& app, ProcessOptions& o) {
  app.add_option("--brokers", o.kafka.brokers, "Kafka bootstrap servers, host:port[,…]")->required();
  app.add_option("--database", o.database, "PostgreSQL connection URI")->required();
  app.add_option("--partitions", o.instrument_partitions, "partitions of instrument topics")
      ->check(CLI::Range(1, 1024));
  app.add_option("--account-partitions", o.account_partitions, "partitions of account topics")
      ->check(CLI::Range(1, 1024));
  app.add_option("--topic-prefix", o.kafka.topic_prefix, "in front of every topic's name");
  app.add_option("--metrics-port", o.metrics_port, "port of /health and /metrics; 0 picks a free one");
  app.add_option("--instance", o.instance, "stable name of this process in its group");
  app.add_option("--instruments", o.inputs.instruments, "instrument reference (YAML)");
  app.add_option("--strategy", o.inputs.strategies, "strategy documents; default: the shipped ones");
  app.add_option("--accounts", o.inputs.accounts, "the broker's settings with its accounts (YAML)");
  app.add_option("--feed", o.inputs.feed, "recorded data: files or folders; default: the simulator");
  app.add_option("--seed", o.inputs.seed, "seed of the simulator");
  app.add_option("--set", o.inputs.settings, "a setting on top of all files: broker.key=value");
  app.add_flag("--live", o.live, "admit the feed by the clock instead of playing history");
}

std::string build_id(const Inputs& inputs) {
  std::string all = inputs.instruments.string() + "|" + inputs.accounts.string();
  for (const auto& s : inputs.strategies) {
    auto document = config::Document::load(s);
    all += "|" + (document ? document->sha256() : s.string());
  }
  return "bellwether 0.1 " + config::sha256_hex(all).substr(0, 16);
}

int run_process(const ProcessOptions& options, Wiring wiring) {
  catch_signals();
  SystemClock clock;
  postgres::PgStore store(options.database, wiring.projections);
  kafka::HostOptions host_options;
  host_options.kafka = options.kafka;
  host_options.kafka.client_id = "bellwether-" + options.name;
  host_options.service = options.name;
  host_options.instance =
      options.instance.empty() ? options.name + "-" + std::to_string(getpid()) : options.instance;
  host_options.instrument_partitions = options.instrument_partitions;
  host_options.account_partitions = options.account_partitions;
  host_options.runner.build = build_id(options.inputs);
  host_options.source = wiring.source;
  host_options.live = options.live;
  kafka::Shell none;
  auto host = kafka::KafkaHost::create(host_options, wiring.specs, store, clock,
                                       wiring.shell != nullptr ? *wiring.shell : none);
  if (!host) {
    std::fprintf(stderr, "%s: %s\n", options.name.c_str(), host.error().text().c_str());
    return 1;
  }
  auto ran = (*host)->run([] { return stop_requested(); });
  if (!ran) {
    std::fprintf(stderr, "%s: %s\n", options.name.c_str(), ran.error().text().c_str());
    return 1;
  }
  return 0;
}

int service_main(int argc, char** argv, const char* name, const char* description,
                 const std::function<Result<Wiring>(const Inputs&)>& wire) {
  CLI::App app{description};
  ProcessOptions options;
  options.name = name;
  add_flags(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto complain = [&](const Error& e) {
    std::fprintf(stderr, "%s: %s\n", name, e.text().c_str());
    return 2;
  };
  auto home = find_home();
  if (!home) return complain(home.error());
  options.inputs.home = *home;
  auto wiring = wire(options.inputs);
  if (!wiring) return complain(wiring.error());
  return run_process(options, std::move(*wiring));
}

}  // namespace bw::service
