// What the guides show is tried here, so that it stays true.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bellwether/domain/names.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/testkit/data.hpp"
#include "confluence/shell/strategy_loader.hpp"
#include "ingestion/core/bars_machine.hpp"
#include "ingestion/shell/file_source.hpp"

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

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "bellwether-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::ofstream(path) << text;
    return path.string();
  }

 private:
  std::filesystem::path path_;
};

/// What ingestion says besides bars, a line each, as the guide shows it.
class Sayings final : public runtime::Sink {
 public:
  void on_output(Kind, const runtime::Output& o) override {
    if (std::holds_alternative<Bar>(o.event)) ++bars;
    if (const auto* q = std::get_if<Quality>(&o.event)) {
      text += std::string(q->file.view()) + ":" + std::to_string(q->line) + ": " +
              std::string(name_of(q->reason)) + ": " + std::string(q->detail.view()) + "\n";
    }
    if (const auto* g = std::get_if<Gap>(&o.event); g != nullptr && g->state == GapState::closed) {
      text += "gap: " + format_utc(g->from) + " to " + format_utc(g->to) + ", " +
              std::to_string(g->missing) + " missing\n";
    }
  }
  int bars = 0;
  std::string text;
};

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

TEST_CASE("the CSV guide's file gives the bars and the complaints that it shows") {
  const std::string guide = text_of("docs/guides/replay-your-own-csv.md");
  const TemporaryFolder folder;
  const auto source =
      ingestion::FileSource::open({folder.write("ACME.csv", block(guide, "csv"))}, {});
  REQUIRE(source);
  ingestion::Config config;
  const auto reference = ingestion::Reference::make((*source)->instruments());
  REQUIRE(reference);
  config.reference = *reference;
  Sayings said;
  runtime::InlineHost host({ingestion::bars_spec(config)}, **source, said);
  host.run_to_end();
  CHECK(said.bars == 7);
  CHECK(said.text == block(guide, "text"));
}

TEST_CASE("the CSV guide's refusal is what is said") {
  const std::string guide = text_of("docs/guides/replay-your-own-csv.md");
  const TemporaryFolder folder;
  const auto path = folder.write("prices.csv", "when,what\n1,2\n");
  const auto refused = ingestion::FileSource::open({path}, {});
  REQUIRE(!refused);
  // The guide leaves the list of formats, in brackets, out.
  std::string shown = block(guide.substr(guide.find("## When a file is refused")), "text");
  shown.resize(shown.find("…"));
  CHECK(refused.error().text().substr(0, shown.size()) == shown);
}
