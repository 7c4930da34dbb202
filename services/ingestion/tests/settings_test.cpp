// config.yaml: every key stands there with its default, and a wrong one is told by name.
#include "ingestion/shell/settings.hpp"

#include <catch2/catch.hpp>

#include "bellwether/config/document.hpp"
#include "bellwether/testkit/data.hpp"

namespace bw::ingestion {

namespace {

Result<Settings> read_text(const std::string& text) {
  const auto document = config::Document::parse(text, "ingestion.yaml");
  REQUIRE(document.has_value());
  const config::Node* node = document->root().find("ingestion");
  REQUIRE(node != nullptr);
  return read_settings(*node);
}

}  // namespace

TEST_CASE("the shipped config.yaml says the defaults") {
  const auto document =
      config::Document::load(testkit::source_root() / "services/ingestion/config.yaml");
  REQUIRE(document.has_value());
  const config::Node* node = document->root().find("ingestion");
  REQUIRE(node != nullptr);
  const auto s = read_settings(*node);
  INFO((s ? std::string() : s.error().text()));
  REQUIRE(s.has_value());
  const Config d;
  const FileSourceOptions f;
  CHECK(s->files.feed_latency == f.feed_latency);
  CHECK(s->files.max_jump == f.max_jump);
  CHECK(s->files.register_unknown == f.register_unknown);
  CHECK(s->machines.reorder_bars == d.reorder_bars);
  CHECK(s->machines.gap_bars == d.gap_bars);
  CHECK(s->machines.bars_from_trades == d.bars_from_trades);
  CHECK(s->machines.gap_trade_minutes == d.gap_trade_minutes);
  CHECK(s->machines.bar_grace == d.bar_grace);
  CHECK(s->machines.keep_off_session == d.keep_off_session);
  CHECK(s->machines.marks_from_quotes == d.marks_from_quotes);
  CHECK(s->machines.spike_basis_points == d.spike_basis_points);
  CHECK(s->machines.spike_confirmations == d.spike_confirmations);
  CHECK(s->machines.max_time_backwards == d.max_time_backwards);
  CHECK(s->machines.book_levels == d.book_levels);
  CHECK(s->machines.depth_buffer == d.depth_buffer);
  CHECK(s->machines.article_memory == d.article_memory);
}

TEST_CASE("settings that differ are taken, wrong ones are refused by name") {
  const auto s = read_text(
      "ingestion:\n  bars:\n    reorder_bars: 5\n    grace: 250ms\n  files:\n    feed_latency: "
      "0s\n");
  INFO((s ? std::string() : s.error().text()));
  REQUIRE(s.has_value());
  CHECK(s->machines.reorder_bars == 5);
  CHECK(s->machines.bar_grace == 250 * kMillisecond);
  CHECK(s->files.feed_latency == 0);
  const auto unknown = read_text("ingestion:\n  bars:\n    reorder_bar: 5\n");
  REQUIRE(!unknown.has_value());
  CHECK(unknown.error().text().find("reorder_bar") != std::string::npos);
  CHECK(unknown.error().text().find("reorder_bars") != std::string::npos);
  CHECK(!read_text("ingestion:\n  spikes:\n    confirmations: 0\n").has_value());
}

}  // namespace bw::ingestion
