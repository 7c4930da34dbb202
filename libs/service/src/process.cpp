#include "bellwether/service/process.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <optional>

#include "bellwether/service/history_task.hpp"
#include "bellwether/service/observer.hpp"

namespace bw::service {

namespace {

constexpr const char* kVersion = "0.1";

std::atomic<int> g_signals{0};

void on_signal(int) {
  if (g_signals.fetch_add(1) > 0) _exit(130);
}

}  // namespace

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() noexcept { return g_signals.load() > 0; }

void add_flags(CLI::App& app, ProcessOptions& o) {
  app.add_option("--brokers", o.kafka.brokers, "Kafka bootstrap servers, host:port[,…]")
      ->required();
  app.add_option("--database", o.database, "PostgreSQL connection URI")->required();
  app.add_option("--partitions", o.instrument_partitions, "partitions of instrument topics")
      ->check(CLI::Range(1, 1024));
  app.add_option("--account-partitions", o.account_partitions, "partitions of account topics")
      ->check(CLI::Range(1, 1024));
  app.add_option("--session-timeout-ms", o.session_timeout_ms,
                 "silence after which a process loses its machines; Kafka's own minimum is 6000")
      ->check(CLI::Range(500, 600'000));
  app.add_option("--topic-prefix", o.kafka.topic_prefix, "in front of every topic's name");
  app.add_option("--metrics-port", o.metrics_port,
                 "port of /health and /metrics; 0 picks a free one, -1 serves none")
      ->check(CLI::Range(-1, 65535));
  app.add_option("--metrics-address", o.metrics_address, "address of that port");
  app.add_option("--instance", o.instance, "stable name of this process in its group");
  app.add_option("--instruments", o.inputs.instruments, "instrument reference (YAML)");
  app.add_option("--strategy", o.inputs.strategies,
                 "strategy documents; default: the shipped ones");
  app.add_option("--accounts", o.inputs.accounts, "the broker's settings with its accounts (YAML)");
  app.add_option("--feed", o.inputs.feed,
                 "recorded data: files or folders; default: the simulator");
  app.add_option("--seed", o.inputs.seed, "seed of the simulator");
  app.add_option("--set", o.inputs.settings, "a setting on top of all files: broker.key=value");
  app.add_option_function<std::string>(
      "--log-level",
      [&o](const std::string& text) {
        auto level = telemetry::parse_level(text);
        if (!level) throw CLI::ValidationError("--log-level", level.error().text());
        o.log_level = *level;
      },
      "debug, info, warn or error; default: info");
  app.add_flag("--live", o.live, "admit the feed by the clock instead of playing history");
}

std::string build_id(const Inputs& inputs) {
  std::string all;
  const auto add = [&all](const std::filesystem::path& path) {
    auto document = path.empty() ? Result<config::Document>(tl::unexpected(Error{}))
                                 : config::Document::load(path);
    all += "|" + (document ? document->sha256() : path.string());
  };
  add(inputs.instruments);
  add(inputs.accounts);
  for (const auto& s : inputs.strategies) add(s);
  for (const auto& s : inputs.settings) all += "|" + s;
  return "bellwether " + std::string(kVersion) + " " + config::sha256_hex(all).substr(0, 16);
}

namespace {

kafka::HostOptions host_options(const ProcessOptions& options, const Wiring& wiring) {
  kafka::HostOptions o;
  o.kafka = options.kafka;
  o.kafka.client_id = "bellwether-" + options.name;
  o.service = options.name;
  o.instance =
      options.instance.empty() ? options.name + "-" + std::to_string(getpid()) : options.instance;
  o.instrument_partitions = options.instrument_partitions;
  o.account_partitions = options.account_partitions;
  o.session_timeout_ms = options.session_timeout_ms;
  o.runner.build = build_id(options.inputs);
  if (!options.live) o.source = wiring.source;
  o.live = options.live;
  return o;
}

/// The probes of a process; none where the port is -1.
Result<std::unique_ptr<http::Server>> serve(const ProcessOptions& options, http::Health& health,
                                            const telemetry::Metrics& metrics) {
  if (options.metrics_port < 0) return std::unique_ptr<http::Server>();
  http::ServerOptions o;
  o.address = options.metrics_address;
  o.port = static_cast<std::uint16_t>(options.metrics_port);
  return http::start_probes(o, health, [&metrics] { return metrics.text(); });
}

Result<void> run_observed(const ProcessOptions& options, const Wiring& wiring,
                          const telemetry::Log& log) {
  SystemClock clock;
  postgres::PgStore store(options.database, wiring.projections);
  const auto host_opts = host_options(options, wiring);
  http::Health health(options.name);
  telemetry::Metrics metrics(options.name, kVersion, host_opts.runner.build);
  auto server = serve(options, health, metrics);
  if (!server) return tl::unexpected(server.error());
  kafka::Shell none;
  kafka::Shell* shell = wiring.shell != nullptr ? wiring.shell : &none;
  std::optional<HistoryTask> history;
  if (!wiring.history.empty()) {
    history.emplace(options.kafka, options.database, options.name, wiring.history,
                    wiring.history_kinds, *shell);
    shell = &*history;
  }
  ObserverOptions watch{options.live, [&store] { return store.ping(); }, {}};
  if (history) watch.trouble = [&history] { return history->trouble(); };
  Observer observer(std::move(watch), *shell, health, metrics, log);
  auto host = kafka::KafkaHost::create(host_opts, wiring.specs, store, clock, observer);
  if (!host) return tl::unexpected(host.error());
  log.info("started", {{"build", host_opts.runner.build},
                       {"mode", options.live ? "live" : "history"},
                       {"metrics_port", *server ? (*server)->port() : -1}});
  auto ran = (*host)->run([] { return stop_requested(); });
  if (ran) log.info("stopped on request");
  return ran;
}

}  // namespace

int run_process(const ProcessOptions& options, Wiring wiring) {
  catch_signals();
  auto log = telemetry::Log::open({options.name, options.instance, options.log_level, "", 20});
  if (!log) {
    std::fprintf(stderr, "%s: %s\n", options.name.c_str(), log.error().text().c_str());
    return 1;
  }
  auto ran = run_observed(options, wiring, *log);
  if (ran) return 0;
  log->error("the process ends", {{"error", ran.error().text()}});
  return 1;
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
  if (options.live && !options.inputs.feed.empty()) {
    return complain({ErrorCode::invalid_argument, "recorded data is history and cannot be live",
                     "--live", "leave out --feed for the simulated market, or leave out --live"});
  }
  auto home = find_home();
  if (!home) return complain(home.error());
  options.inputs.home = *home;
  auto wiring = wire(options.inputs);
  if (!wiring) return complain(wiring.error());
  return run_process(options, std::move(*wiring));
}

}  // namespace bw::service
