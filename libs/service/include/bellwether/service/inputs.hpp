#pragma once
// What every process of the suite is told in the same words: documents, feed, addresses. Each service's shell takes
// from it what it needs.
#include <filesystem>
#include <string>
#include <vector>

#include "bellwether/config/instruments.hpp"

namespace bw::service {

struct Inputs {
  std::filesystem::path home;                        ///< where the shipped documents are
  std::filesystem::path instruments;                 ///< empty: the shipped one
  std::vector<std::filesystem::path> strategies;     ///< empty: the shipped ones
  std::filesystem::path accounts;                    ///< empty: one demo account
  std::vector<std::filesystem::path> feed;           ///< recorded data; empty: the simulator
  std::uint64_t seed = 1;                            ///< of the simulator
  std::vector<std::string> settings;                 ///< "broker.max_position=0.2": on top of all files
};

/// Where the shipped documents are: $BELLWETHER_HOME, or the nearest folder above the program that holds
/// deploy/config/instruments.yaml. not_found otherwise.
[[nodiscard]] Result<std::filesystem::path> find_home();

}  // namespace bw::service
