#include "topics.hpp"

#include <algorithm>

#include "bellwether/config/section.hpp"

namespace bw::app {

namespace {

constexpr int kMostPartitions = 1'024;

/// `config` goes to Kafka as it stands.
std::vector<std::pair<std::string, std::string>> kafka_config(const config::Node* node) {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t i = 0; node != nullptr && i < node->keys.size(); ++i) {
    all.emplace_back(node->keys[i], node->items[i].text);
  }
  return all;
}

}  // namespace

Result<TopicsFile> load_topics(const std::filesystem::path& file, const std::string& prefix,
                               int instruments, int accounts) {
  auto document = config::Document::load(file);
  if (!document) return tl::unexpected(document.error());
  config::Checker checker(*document);
  config::Section root = checker.root();
  root.allow({"generation", "topics"});
  static_cast<void>(root.integer("generation", 1, 1'000'000));
  TopicsFile read;
  const config::Node* list = document->root().find("topics");
  std::size_t index = 0;
  for (config::Section s : root.sections("topics", {1, 1'000})) {
    s.allow({"name", "unit", "partitions", "config"});
    kafka::TopicSpec topic;
    topic.name = prefix + s.text("name", {1, 200});
    const std::string unit = s.text("unit");
    topic.partitions = static_cast<int>(s.integer("partitions", 1, kMostPartitions));
    if (unit == "instrument" && instruments > 0) topic.partitions = instruments;
    if ((unit == "account" || unit == "user") && accounts > 0) topic.partitions = accounts;
    if (unit == "machine") topic.partitions = std::max({topic.partitions, instruments, accounts});
    topic.config = kafka_config(list->items[index++].find("config"));
    read.topics.push_back(std::move(topic));
    read.units.push_back(unit);
  }
  if (auto r = checker.finish(); !r) return tl::unexpected(r.error());
  return read;
}

}  // namespace bw::app
