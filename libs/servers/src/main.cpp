// bellwether-servers FOLDER [KAFKA_HEAP_MB]: a PostgreSQL and a Kafka that keep their data in
// FOLDER, until SIGTERM. FOLDER/ready holds the brokers and the database URI while both answer. For
// deploy/local.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bellwether/servers/private_kafka.hpp"
#include "bellwether/servers/private_postgres.hpp"

namespace {

int refuse(const bw::Error& error) {
  std::fprintf(stderr, "bellwether-servers: %s\n", error.text().c_str());
  return 1;
}

/// Blocks the signals that end us before any thread starts, so that sigtimedwait sees them.
sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

/// Writes beside and renames: whoever polls for the file sees it whole.
void announce(const std::filesystem::path& folder, const std::string& brokers,
              const std::string& database) {
  std::ofstream(folder / "ready.new") << brokers << '\n' << database << '\n';
  std::filesystem::rename(folder / "ready.new", folder / "ready");
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: bellwether-servers FOLDER [KAFKA_HEAP_MB]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const int heap_mb = argc == 3 ? std::atoi(argv[2]) : 512;
  if (heap_mb < 128) {
    std::fprintf(stderr, "bellwether-servers: KAFKA_HEAP_MB: at least 128 is needed, not '%s'\n",
                 argv[2]);
    return 2;
  }
  const sigset_t signals = end_signals();
  auto postgres = bw::servers::PrivatePostgres::start({.folder = folder / "postgres"});
  if (!postgres) return refuse(postgres.error());
  std::ofstream(folder / "postgres_folder") << (*postgres)->folder().string() << '\n';
  auto kafka = bw::servers::PrivateKafka::start({.folder = folder / "kafka", .heap_mb = heap_mb});
  if (!kafka) return refuse(kafka.error());
  announce(folder, (*kafka)->brokers(), (*postgres)->uri());

  int code = 0;
  for (const timespec second{1, 0}; ::sigtimedwait(&signals, nullptr, &second) < 0;) {
    if ((*kafka)->running() && (*postgres)->running()) continue;
    std::fprintf(stderr, "bellwether-servers: %s ended by itself; see its log in %s\n",
                 (*kafka)->running() ? "PostgreSQL" : "Kafka", folder.c_str());
    code = 1;
    break;
  }
  std::error_code ignored;
  std::filesystem::remove(folder / "ready", ignored);
  return code;
}
