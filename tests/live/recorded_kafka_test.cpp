// Recorded equals lived: the suite at work by the clock, disturbed in every way that an operator
// meets; then its logs are folded again and must say the same.
#include <cstdio>

#include "recording_files.hpp"
#include "replay.hpp"
#include "suite_run.hpp"

using namespace bw;
using namespace bw::live_tests;

namespace {

void disturb(Processes& p, Trader& trader) {
  p.child("broker").signal(SIGKILL);
  live(trader, 1);
  p.start("broker");
  live(trader, 4);
  p.child("analytics").signal(SIGSTOP);
  live(trader, 3);
  p.child("analytics").signal(SIGCONT);
  live(trader, 3);
  p.child("ingestion").signal(SIGKILL);
  live(trader, 1);
  p.start("ingestion");
  CHECK(healthy(p, trader, 200, "", 60));

  p.kafka().kill();
  live(trader, 4);
  CHECK(healthy(p, trader, 503, "Kafka at ", 20));
  REQUIRE(p.kafka().restart());
  CHECK(healthy(p, trader, 200, "", 60));
  live(trader, 2);

  p.postgres().stop();
  live(trader, 4);
  CHECK(healthy(p, trader, 503, "PostgreSQL is away", 20));
  REQUIRE(p.postgres().restart());
  CHECK(healthy(p, trader, 200, "", 60));
}

}  // namespace

TEST_CASE("what was recorded equals what was lived, with processes and servers killed in mid-run") {
  const RunFolder run_folder;
  const auto& folder = run_folder.path();
  const auto inputs = inputs_of(write_accounts(folder / "accounts.yaml"));
  Processes p({"--metrics-port", "0", "--live", "--strategy", inputs.strategies[0].string(),
               "--accounts", inputs.accounts.string(), "--seed", "7"});
  for (const char* service : kServices) p.start(service);
  Trader trader(p.options());
  REQUIRE(healthy(p, trader, 200, "", 60));
  live(trader, 5);
  disturb(p, trader);
  // Signals come with the minutes: two more of them.
  for (int s = 0; s < 150 && trader.signal_orders() == 0; ++s) live(trader, 1, s < 30);
  for (int s = 0; s < 60 && !trader.unanswered().empty(); ++s) live(trader, 1, false);
  for (const auto& id : trader.unanswered()) CHECK(id == "answered");
  for (const auto& id : trader.answered_twice()) CHECK(id == "once");
  CHECK(trader.orders_are_one());
  CHECK(trader.told_double() >= trader.doubles());
  CHECK(trader.rubbish() > 0);
  CHECK(trader.fills() > 0);
  CHECK(trader.signal_orders() > 0);
  CHECK(p.get("broker", "/metrics").find("malformed_request") != std::string::npos);
  std::printf("%d requests, %d doubles (%d told), %d rubbish; %d fills, %d orders of signals\n",
              trader.asked(), trader.doubles(), trader.told_double(), trader.rubbish(),
              trader.fills(), trader.signal_orders());

  for (const char* service : kServices) {
    p.child(service).signal(SIGTERM);
    CHECK(p.child(service).wait(20'000) == 0);
  }
  const auto counts = kafka::counts_of(p.options());
  auto records = app::record_logs(p.options().kafka, counts, true, folder / "recording");
  if (!records) FAIL(records.error().text());
  auto suite = app::Suite::make(inputs);
  if (!suite) FAIL(suite.error().text());
  app::RunReport report;
  auto replayed = app::replay_recorded(**suite, folder / "recording", report);
  CHECK((replayed ? "" : replayed.error().text()) == "");
  std::printf("%llu records, %s\n", static_cast<unsigned long long>(*records),
              report.json().c_str());
  CHECK(report.fills() == static_cast<std::uint64_t>(trader.fills()));

  // A recording that is not what was lived is noticed.
  auto run = app::read_recording(folder / "recording");
  if (!run) FAIL(run.error().text());
  bool bent = false;  // every order: one that was refused shows no quantity
  for (auto& [id, log] : run->logs) {
    for (auto& r : log) {
      auto* order = std::get_if<SubmitOrder>(&r.event);
      if (r.what != runtime::What::admit || order == nullptr) continue;
      order->quantity = Quantity::from_int(11);
      bent = true;
    }
  }
  REQUIRE(bent);
  if (auto r = app::write_recording(*run, folder / "bent"); !r) FAIL(r.error().text());
  app::RunReport other;
  CHECK_FALSE(app::replay_recorded(**suite, folder / "bent", other));
}
