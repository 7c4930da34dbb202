// PostgreSQL's disk is full in mid-run: nothing is lost, and the suite goes on when there is room.
#include <sys/mount.h>

#include "recording_files.hpp"
#include "replay.hpp"
#include "suite_run.hpp"

using namespace bw;
using namespace bw::live_tests;

namespace {

/// A file system of 160 MB in memory, mounted on a folder; needs root.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=160m,mode=0777") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  /// Writes until there is no room.
  void fill() const {
    std::ofstream out(folder_ / "balloon", std::ios::binary | std::ios::app);
    const std::string block(64 * 1024, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void empty() const { std::filesystem::remove(folder_ / "balloon"); }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("PostgreSQL's disk fills up in mid-run and is given room again: nothing is lost") {
  const RunFolder run_folder;
  const auto& folder = run_folder.path();
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    WARN("skipped: a small disk needs the right to mount one");
    return;
  }
  const auto inputs = inputs_of(write_accounts(folder / "accounts.yaml"));
  Processes p({"--metrics-port", "0", "--live", "--strategy", inputs.strategies[0].string(),
               "--accounts", inputs.accounts.string(), "--seed", "8"},
              folder / "disk" / "postgres");
  for (const char* service : kServices) p.start(service);
  Trader trader(p.options());
  REQUIRE(healthy(p, trader, 200, "", 60));
  live(trader, 4);

  disk.fill();
  // Writes go on in the room that files have already; then one process after another is refused.
  bool refused = false;
  for (int s = 0; s < 90 && !refused; ++s) {
    live(trader, 1);
    disk.fill();
    refused = p.health("broker", 503, "PostgreSQL");
  }
  CHECK(refused);
  WARN("with a full disk the broker says: " << p.get("broker", "/health"));
  live(trader, 3);
  disk.empty();
  // PostgreSQL ends itself where its write-ahead log has no room: an operator starts it again.
  if (!p.postgres().running()) REQUIRE(p.postgres().restart());
  CHECK(healthy(p, trader, 200, "", 90));
  live(trader, 3);
  for (int s = 0; s < 60 && !trader.unanswered().empty(); ++s) live(trader, 1, false);
  for (const auto& id : trader.unanswered()) CHECK(id == "answered");
  for (const auto& id : trader.answered_twice()) CHECK(id == "once");
  CHECK(trader.orders_are_one());
  CHECK(trader.fills() > 0);

  p.end_all();
  const auto counts = kafka::counts_of(p.options());
  auto records = app::record_logs(p.options().kafka, counts, true, folder / "recording");
  if (!records) FAIL(records.error().text());
  auto suite = app::Suite::make(inputs);
  if (!suite) FAIL(suite.error().text());
  app::RunReport report;
  auto replayed = app::replay_recorded(**suite, folder / "recording", report);
  CHECK((replayed ? "" : replayed.error().text()) == "");
  CHECK(report.fills() == static_cast<std::uint64_t>(trader.fills()));
}
