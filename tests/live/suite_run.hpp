#pragma once
// What the live runs of the whole suite have in common.
#include <fstream>

#include "bellwether/service/inputs.hpp"
#include "trader.hpp"

namespace bw::live_tests {

inline constexpr const char* kServices[] = {"ingestion", "analytics", "confluence", "broker",
                                            "portfolio"};

/// A folder for what a run writes; goes with this object.
class RunFolder {
 public:
  RunFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("bellwether-live-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~RunFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path source_folder() {
  const char* folder = std::getenv("BELLWETHER_SOURCE");
  return folder != nullptr ? folder : ".";
}

inline std::filesystem::path write_accounts(const std::filesystem::path& file) {
  std::ofstream out(file);
  out << "broker:\n  accounts:\n";
  for (std::uint32_t id = 1; id <= Trader::kAccounts; ++id) {
    out << "    - id: " << id << "\n      limits:\n        max_orders_per_minute: 256\n";
  }
  return file;
}

/// Wall-clock time by steps of 50 ms: acts five times a second where `acting`, and listens.
inline void live(Trader& trader, double seconds, bool acting = true) {
  for (int step = 0; step < static_cast<int>(seconds * 20); ++step) {
    if (acting && step % 4 == 0) trader.act();
    trader.listen();
    servers::pause_ms(50);
  }
}

/// Waits for a state of health while the trader goes on listening.
inline bool healthy(Processes& p, Trader& trader, int status, const std::string& text,
                    int timeout_s) {
  for (int i = 0; i < timeout_s * 5; ++i) {
    bool all = true;
    for (const char* service : kServices) all = all && p.health(service, status, text);
    if (all) return true;
    live(trader, 0.2, false);
  }
  for (const char* service : kServices) WARN(service << ": " << p.get(service, "/health"));
  return false;
}

inline service::Inputs inputs_of(const std::filesystem::path& accounts) {
  service::Inputs inputs;
  inputs.home = source_folder();
  inputs.strategies = {source_folder() / "tests/sim/strategies/quick.yaml"};
  inputs.accounts = accounts;
  return inputs;
}

}  // namespace bw::live_tests
