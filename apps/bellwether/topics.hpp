#pragma once
// deploy/kafka/topics.yaml: every topic of the suite.
#include <filesystem>

#include "bellwether/kafka/kafka_log.hpp"

namespace bw::app {

struct TopicsFile {
  std::vector<kafka::TopicSpec> topics;  ///< with the prefix
  std::vector<std::string> units;        ///< of each: "instrument", "account", …
};

/// Errors name file, line and key. `instruments`, `accounts`: partition counts in place of the
/// file's, 0: the file's.
[[nodiscard]] Result<TopicsFile> load_topics(const std::filesystem::path& file,
                                             const std::string& prefix, int instruments,
                                             int accounts);

}  // namespace bw::app
