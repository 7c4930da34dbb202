#include "bellwether/config/layers.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "bellwether/config/section.hpp"

using namespace bw;
using namespace bw::config;

namespace {

const char* const kDefaults =
    "kafka:\n  brokers: 127.0.0.1:9092\n  linger_ms: 0\n  tags: [a]\nlog:\n  level: info\n  json: "
    "true\nname: null\n";

std::string merged_error(const std::string& file, const Overrides& overrides) {
  const auto defaults = Document::parse(kDefaults, "defaults.yaml");
  const auto f = Document::parse(file, "mine.yaml");
  REQUIRE(f.has_value());
  const auto r = merge(*defaults, &*f, overrides);
  return r ? "" : r.error().text();
}

}  // namespace

TEST_CASE("defaults, file, environment, flags: the later wins") {
  const auto defaults = Document::parse(kDefaults, "defaults.yaml");
  const auto file =
      Document::parse("kafka: {linger_ms: 5}\nlog: {level: debug}\nname: 7up\n", "mine.yaml");
  Overrides o;
  o.environment = {{"BELLWETHER_KAFKA_BROKERS", "a:1,b:2 #x"},
                   {"BELLWETHER_LOG_LEVEL", "warn"},
                   {"PATH", "/bin"},
                   {"BELLWETHER_DATA", "x"},
                   {"BELLWETHER_KAFKA_TAGS", "x,5"}};
  o.foreign_environment = {"BELLWETHER_DATA"};
  o.flags = {{"log.level", "error"}, {"log.json", "false"}};
  const auto root = merge(*defaults, &*file, o);
  REQUIRE(root.has_value());
  Checker check(*root);
  Section s = check.root();
  Section kafka = s.section("kafka");
  CHECK(kafka.text("brokers") == "a:1,b:2 #x");
  CHECK(kafka.integer("linger_ms", 0, 100) == 5);
  CHECK(kafka.texts("tags", {1, 5}) == std::vector<std::string>{"x", "5"});
  CHECK(s.section("log").text("level") == "error");
  CHECK_FALSE(s.section("log").boolean("json"));
  CHECK(s.text("name") == "7up");
  CHECK(check.finish().has_value());
  CHECK(merge(*defaults, nullptr, {})->find("log")->find("level")->text == "info");
}

TEST_CASE("what does not fit names its layer") {
  CHECK(merged_error("kafka: {brokerz: x}\n", {}) ==
        "mine.yaml:1: kafka.brokerz: is no known field (did you mean 'brokers'?)");
  CHECK(merged_error("kafka: 5\n", {}) ==
        "mine.yaml:1: kafka: must be a table, is a whole number (write it as in defaults.yaml:2)");
  CHECK(merged_error("log: {}\n", {{{"BELLWETHER_KAFKA_BROKER", "x"}}, {}, {}}) ==
        "environment BELLWETHER_KAFKA_BROKER: is no setting of this program (did you mean "
        "'BELLWETHER_KAFKA_BROKERS'?)");
  CHECK(merged_error("log: {}\n", {{}, {{"log.levle", "x"}}, {}}) ==
        "flag --set log.levle: is no known setting (did you mean 'log.level'?)");
  CHECK(merged_error("log: {}\n", {{}, {{"kafka.linger_ms", "soon"}}, {}}) ==
        "flag --set kafka.linger_ms: kafka.linger_ms: must be a whole number, is a text (write it "
        "as in "
        "defaults.yaml:3)");
  CHECK(merged_error("log: {}\n", {{}, {{"kafka.tags", "[a"}}, {}}).find("flag --set kafka.tags") ==
        0);
}

TEST_CASE("a later section error names the layer too") {
  const auto defaults = Document::parse(kDefaults, "defaults.yaml");
  Overrides o;
  o.environment = {{"BELLWETHER_KAFKA_LINGER_MS", "5000"}};
  const auto root = merge(*defaults, nullptr, o);
  REQUIRE(root.has_value());
  Checker check(*root);
  (void)check.root().section("kafka").integer("linger_ms", 0, 100);
  CHECK(check.finish().error().field == "environment BELLWETHER_KAFKA_LINGER_MS: kafka.linger_ms");
}

TEST_CASE("this process's environment") {
  ::setenv("BELLWETHER_LAYERS_TEST", "a=b", 1);
  bool found = false;
  for (const auto& [name, value] : environment()) {
    CHECK(name.find("BELLWETHER_") == 0);
    found = found || (name == "BELLWETHER_LAYERS_TEST" && value == "a=b");
  }
  CHECK(found);
  ::unsetenv("BELLWETHER_LAYERS_TEST");
  CHECK(environment_name("kafka.group-id") == "BELLWETHER_KAFKA_GROUP_ID");
}
