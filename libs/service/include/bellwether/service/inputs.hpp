#pragma once
// What every process of the suite is told in the same words: documents, feed, addresses. Each
// service's shell takes from it what it needs.
#include <filesystem>
#include <string>
#include <vector>

#include "bellwether/config/instruments.hpp"

namespace bw::service {

struct Inputs {
  std::filesystem::path home;                      ///< where the shipped documents are
  std::filesystem::path instruments;               ///< empty: the shipped one
  std::vector<std::filesystem::path> strategies;   ///< empty: the shipped ones
  std::filesystem::path accounts;                  ///< empty: one demo account
  std::vector<std::filesystem::path> feed;         ///< recorded data; empty: the simulator
  std::uint64_t seed = 1;                          ///< of the simulator
  TimeNs simulate_from = 1'704'205'800 * kSecond;  ///< simulated time begins (2024-01-02 14:30 UTC)
  TimeNs simulate_to = kTimeMax;
  bool simulate_bars = false;         ///< finished bars only, instead of trades and quotes
  double simulate_dirt = 0.001;       ///< share of minutes with a bad row
  std::vector<std::string> settings;  ///< "broker.max_position=0.2": on top of all files
};

/// Where the shipped documents are: $BELLWETHER_HOME, or the nearest folder above the program that
/// holds deploy/config/instruments.yaml. not_found otherwise.
[[nodiscard]] Result<std::filesystem::path> find_home();

}  // namespace bw::service
