// What the guides show is tried here, so that it stays true.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "bellwether/testkit/data.hpp"
#include "confluence/shell/strategy_loader.hpp"

using namespace bw;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(testkit::source_root() / path);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The first fenced block of that language, without its fences.
std::string block(const std::string& text, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const auto from = text.find(fence);
  REQUIRE(from != std::string::npos);
  const auto to = text.find("```", from + fence.size());
  REQUIRE(to != std::string::npos);
  return text.substr(from + fence.size(), to - from - fence.size());
}

Result<confluence::Strategy> read(const std::string& text) {
  const auto table =
      config::InstrumentTable::load(testkit::source_root() / "deploy/config/instruments.yaml");
  REQUIRE(table);
  const auto document = config::Document::parse(text, "dips.yaml");
  if (!document) return tl::unexpected(document.error());
  return confluence::read_strategy(*document, *table);
}

}  // namespace

TEST_CASE("the strategy guide's document is one, and does what its text says") {
  const std::string guide = text_of("docs/guides/write-a-strategy.md");
  const std::string document = block(guide, "yaml");
  const auto strategy = read(document);
  if (!strategy) FAIL(strategy.error().text());
  CHECK(strategy->instruments.size() == 3);
  CHECK(strategy->components.size() == 2);
  CHECK(strategy->components[0].weight == 2);
  CHECK(strategy->components[0].timeframe == Timeframe::h1);
  CHECK(strategy->components[1].weight == 1);
  CHECK(strategy->enter == 0.5);
  CHECK(strategy->cool_down_bars == 4);

  std::string wrong = document;
  const auto at = wrong.find("feature: rsi_14");
  REQUIRE(at != std::string::npos);
  wrong.replace(at, 15, "feature: rsi14");
  const auto refused = read(wrong);
  REQUIRE(!refused);
  const std::string said = refused.error().text();
  INFO(said);
  CHECK(guide.find(said) != std::string::npos);
}
