// One process of the toy suite, to be killed: toy_host BROKERS URI PREFIX PARTITIONS SEED UNTIL
// SERVICE INSTANCE
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "bellwether/postgres/pg_store.hpp"
#include "toy_world.hpp"

using namespace bw;

namespace {

volatile std::sig_atomic_t stopping = 0;

class Talk final : public kafka::Shell {
  void on_owned(runtime::MachineId id) override { say(id, "owned"); }
  void on_lost(runtime::MachineId id, const std::string& why) override { say(id, why.c_str()); }
  static void say(runtime::MachineId id, const char* what) {
    std::printf("%s/%u: %s\n", std::string(kind_name(id.kind)).c_str(), id.index, what);
    std::fflush(stdout);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) return 2;
  std::signal(SIGTERM, [](int) { stopping = 1; });
  kafka::tests::ToyRun run{argv[1],
                           argv[2],
                           argv[3],
                           static_cast<std::uint32_t>(std::atoi(argv[4])),
                           std::strtoull(argv[5], nullptr, 10),
                           std::atoll(argv[6])};
  postgres::PgStore store(run.uri);
  kafka::tests::WallClock clock;
  Talk shell;
  auto host = kafka::KafkaHost::create(kafka::tests::host_options(run, argv[7], argv[8]),
                                       kafka::tests::machines_of(argv[7]), store, clock, shell);
  if (!host) {
    std::fprintf(stderr, "%s\n", host.error().text().c_str());
    return 1;
  }
  auto done = (*host)->run([] { return stopping != 0; });
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return 1;
}
