#include "bellwether/config/document.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace bw;
using namespace bw::config;

namespace {

Error error_of(const std::string& text, const std::string& name = "a.yaml", Limits limits = {}) {
  const auto d = Document::parse(text, name, limits);
  INFO(text.substr(0, 200));
  REQUIRE_FALSE(d.has_value());
  return d.error();
}

bool same_tree(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.keys != b.keys || a.text != b.text ||
      a.items.size() != b.items.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same_tree(a.items[i], b.items[i])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("YAML and JSON give the same tree, with lines") {
  const auto yaml = Document::parse(
      "# a comment\n"
      "name: trend\n"
      "weight: 0.5\n"
      "count: -3\n"
      "on: true\n"
      "none: null\n"
      "quoted: \"42\"\n"
      "list:\n"
      "  - a\n"
      "  - {b: 1e3}\n",
      "a.yaml");
  const auto json = Document::parse(
      "{\"name\": \"trend\",\n \"weight\": 0.5,\n \"count\": -3, \"on\": true, \"none\": null,\n"
      " \"quoted\": \"42\",\n \"list\": [\"a\", {\n  \"b\": 1e3}]}\n",
      "a.json");
  REQUIRE(yaml.has_value());
  REQUIRE(json.has_value());
  CHECK(same_tree(yaml->root(), json->root()));
  CHECK(yaml->root().find("weight")->where() == "a.yaml:3");
  CHECK(yaml->root().find("list")->items[1].find("b")->line == 10);
  CHECK(json->root().find("weight")->where() == "a.json:2");
  CHECK(json->root().find("count")->line == 3);
  CHECK(json->root().find("list")->items[1].find("b")->line == 6);
  CHECK(yaml->root().find("list")->items[1].find("b")->kind == NodeKind::real);
  CHECK(yaml->root().find("absent") == nullptr);
}

TEST_CASE("plain YAML words keep their meaning") {
  const auto d = Document::parse(
      "a: no\nb: yes\nc: 1_000\nd: 0x1F\ne: 12:30\nf: .5\ng: 5.\nh: +7\ni: 1e\nj: 2014-11-19\nk: "
      ".inf\n",
      "a.yaml");
  REQUIRE(d.has_value());
  const auto kind = [&](const char* key) { return d->root().find(key)->kind; };
  for (const char* key : {"a", "b", "c", "d", "e", "i", "j"}) {
    INFO(key);
    CHECK(kind(key) == NodeKind::text);
  }
  CHECK(kind("f") == NodeKind::real);
  CHECK(kind("g") == NodeKind::real);
  CHECK(kind("h") == NodeKind::integer);
  CHECK(kind("k") == NodeKind::real);
}

TEST_CASE("what is refused says file, line and mend") {
  CHECK(error_of("a: 1\nb: 2\na: 3\n").text() ==
        "a.yaml:3: has the key 'a' twice; the first is on line 1 (remove one of them)");
  CHECK(error_of("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "a.json").field == "a.json:3");
  CHECK(error_of("a: 1\nb: [1, 2\nc: 3\n").field.find("a.yaml:") == 0);
  CHECK(error_of("a: &x 1\nb: *x\n").field == "a.yaml:1");
  CHECK(error_of("a: !!python/object:os.system 1\n").message == "has a tag (!)");
  CHECK(error_of("a: 1\n---\nb: 2\n").message == "has a second document (after ---)");
  CHECK(error_of("? [a, b]\n: 1\n").message == "has a list or a table as a key");
  CHECK(error_of("").message == "is empty");
  CHECK(error_of("# nothing but a comment\n").message == "is empty");
  CHECK(error_of("", "a.json").code == ErrorCode::invalid_argument);
  CHECK(error_of("{\"a\": NaN}", "a.json").mend.find("finite") != std::string::npos);
  CHECK(error_of("{\"a\": 1e999}", "a.json").code == ErrorCode::invalid_argument);
  CHECK(error_of("{\"a\": 1,}", "a.json").field == "a.json:1");
  CHECK(error_of("{\"a\":\n 1\n", "a.json").message.find("is not JSON") == 0);
  CHECK(error_of("\xEF\xBB\xBF{}", "a.json").message == "begins with a byte order mark");
  CHECK(error_of("a: 1\nb: \xC3\x28\n").field == "a.yaml:2");
  CHECK(error_of("a: \xED\xA0\x80\n").message == "has a byte that is not UTF-8 text");
  CHECK(error_of(std::string("a: b\0c\n", 7)).message == "has a byte that is not UTF-8 text");
  CHECK(Document::parse("a: Zürich – €\n", "a.yaml")->root().find("a")->text == "Zürich – €");
}

TEST_CASE("size, depth and number of values are limited") {
  CHECK(error_of(std::string((1U << 20) + 1, '#')).code == ErrorCode::resource_exhausted);
  for (const char* name : {"a.yaml", "a.json"}) {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    const Error e = error_of(deep, name);
    INFO(name << ' ' << e.text());
    CHECK(e.code == ErrorCode::resource_exhausted);
    CHECK(e.message == "is nested deeper than 32 levels");
    std::string wide = "[0";
    for (int i = 0; i < 300'000; ++i) wide += ",0";
    CHECK(error_of(wide + "]", name).message == "has more than 200000 values");
  }
  std::string deep_block;
  for (int i = 0; i < 40; ++i) deep_block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(error_of(deep_block).code == ErrorCode::resource_exhausted);
  std::string many_keys = "{";
  for (int i = 0; i < 60'000; ++i) many_keys += "\"k" + std::to_string(i) + "\": 0,";
  CHECK(Document::parse(many_keys + "\"z\": 0}", "a.json").has_value());
}

TEST_CASE("damaged documents give an error or a tree, never an accident") {
  const std::string good =
      "name: trend\nlist:\n  - {a: 1, b: [x, 'y', \"z\"]}\n  - c: |\n      text\n    d: >-\n      "
      "more\n";
  REQUIRE(Document::parse(good, "a.yaml").has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c :
         {'{', '}', '[', ']', ':', '-', '"', '\'', '&', '*', '!', '|', '\n', '\t', '%', '@'}) {
      std::string bad = good;
      bad[i] = c;
      const auto d = Document::parse(bad, "a.yaml");
      if (!d) CHECK_FALSE(d.error().message.empty());
      const auto cut = Document::parse(bad.substr(0, i), "a.yaml");
      if (!cut) CHECK(cut.error().field.find("a.yaml") == 0);
    }
  }
}

TEST_CASE("files: absent, a folder, too large, and the version") {
  const auto folder = std::filesystem::temp_directory_path() / "bellwether_document_test";
  std::filesystem::create_directories(folder);
  CHECK(Document::load(folder / "absent.yaml").error().code == ErrorCode::not_found);
  CHECK(Document::load(folder).error().message == "is a folder");
  std::ofstream(folder / "large.yaml") << std::string(2U << 20, '#');
  CHECK(Document::load(folder / "large.yaml").error().code == ErrorCode::resource_exhausted);
  std::ofstream(folder / "abc.yaml") << "abc";
  const auto d = Document::load(folder / "abc.yaml");
  REQUIRE(d.has_value());
  // FIPS 180-2, appendix B.1
  CHECK(d->sha256() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_prefix(d->sha256()) == 0xba7816bf8f01cfeaULL);
  CHECK(sha256_prefix("xyz") == 0);
  std::filesystem::remove_all(folder);
}
