#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "bellwether/servers/private_kafka.hpp"

using bw::servers::PrivateKafka;

namespace {

/// What a shell command prints; kcat is the independent client.
std::string output_of(const std::string& command) {
  FILE* p = ::popen((command + " 2>/dev/null").c_str(), "r");
  REQUIRE(p != nullptr);
  std::string out;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, p) != nullptr) out += buffer;
  ::pclose(p);
  return out;
}

std::string read_all(const PrivateKafka& kafka, const std::string& topic) {
  return output_of("timeout 20 kcat -b " + kafka.brokers() + " -C -t " + topic +
                   " -o beginning -e -q -f '%p:%s\\n'");
}

void write_to(const PrivateKafka& kafka, const std::string& topic, int partition,
              const std::string& text) {
  output_of("printf " + text + " | timeout 20 kcat -b " + kafka.brokers() + " -P -t " + topic +
            " -p " + std::to_string(partition) + " -X acks=all");
}

}  // namespace

TEST_CASE("a private broker keeps its topics and records over a clean restart and a crash") {
  std::filesystem::path folder;
  {
    auto kafka = PrivateKafka::start({});
    if (!kafka) FAIL(kafka.error().text());
    folder = (*kafka)->folder();
    const std::string brokers = (*kafka)->brokers();
    REQUIRE((*kafka)->create_topic("a", 3, {{"retention.ms", "-1"}}));
    const auto twice = (*kafka)->create_topic("a", 3);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == bw::ErrorCode::already_exists);
    const auto bad = (*kafka)->create_topic("b", 1, {{"retention.ms", "soon"}});
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == bw::ErrorCode::invalid_argument);

    write_to(**kafka, "a", 2, "one");
    CHECK(read_all(**kafka, "a") == "2:one\n");
    (*kafka)->kill();
    CHECK_FALSE((*kafka)->running());
    REQUIRE((*kafka)->restart());
    CHECK((*kafka)->brokers() == brokers);
    write_to(**kafka, "a", 2, "two");
    CHECK(read_all(**kafka, "a") == "2:one\n2:two\n");
    (*kafka)->stop();
    REQUIRE((*kafka)->restart());
    CHECK(read_all(**kafka, "a") == "2:one\n2:two\n");
    CHECK(read_all(**kafka, "never_made").empty());
  }
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a given folder goes on with its records and its port") {
  const auto root = std::filesystem::temp_directory_path() / "bellwether-servers-test-kafka";
  std::filesystem::remove_all(root);
  PrivateKafka::Options options;
  options.folder = root;
  std::string brokers;
  {
    auto first = PrivateKafka::start(options);
    if (!first) FAIL(first.error().text());
    brokers = (*first)->brokers();
    REQUIRE((*first)->create_topic("a", 1));
    write_to(**first, "a", 0, "kept");
  }
  auto again = PrivateKafka::start(options);
  if (!again) FAIL(again.error().text());
  CHECK((*again)->brokers() == brokers);
  CHECK(read_all(**again, "a") == "0:kept\n");
  again->reset();
  std::filesystem::remove_all(root);
}

TEST_CASE("absent jars are an error that says how to get them") {
  PrivateKafka::Options options;
  options.jar_folder = "/nowhere";
  auto kafka = PrivateKafka::start(options);
  REQUIRE_FALSE(kafka);
  CHECK(kafka.error().code == bw::ErrorCode::failed_precondition);
  CHECK(kafka.error().text().find("deploy/deps test") != std::string::npos);
}
