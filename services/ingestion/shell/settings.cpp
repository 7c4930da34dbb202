#include "ingestion/shell/settings.hpp"

namespace bw::ingestion {

namespace {

std::uint32_t count(config::Section& s, std::string_view key, std::uint32_t other, std::int64_t min,
                    std::int64_t max) {
  return static_cast<std::uint32_t>(s.integer_or(key, other, min, max));
}

void read_files(config::Section s, FileSourceOptions& o) {
  s.allow({"feed_latency", "max_jump", "register_unknown"});
  o.feed_latency = s.duration_or("feed_latency", o.feed_latency, 0, kMinute);
  o.max_jump = s.duration_or("max_jump", o.max_jump, kDay, 400 * kDay);
  o.register_unknown = s.boolean_or("register_unknown", o.register_unknown);
}

void read_bars(config::Section s, Config& c) {
  s.allow({"reorder_bars", "gap_bars", "from_trades", "gap_trade_minutes", "grace",
           "keep_off_session", "marks_from_quotes"});
  c.reorder_bars = count(s, "reorder_bars", c.reorder_bars, 0, 30);
  c.gap_bars = count(s, "gap_bars", c.gap_bars, 1, 390);
  c.bars_from_trades = s.boolean_or("from_trades", c.bars_from_trades);
  c.gap_trade_minutes = count(s, "gap_trade_minutes", c.gap_trade_minutes, 0, 390);
  c.bar_grace = s.duration_or("grace", c.bar_grace, 0, kMinute);
  c.keep_off_session = s.boolean_or("keep_off_session", c.keep_off_session);
  c.marks_from_quotes = s.boolean_or("marks_from_quotes", c.marks_from_quotes);
}

}  // namespace

Result<Settings> read_settings(const config::Node& ingestion) {
  Settings to;
  Config& c = to.machines;
  config::Checker check(ingestion);
  config::Section root = check.root();
  root.allow({"files", "bars", "spikes", "ticks", "news"});
  if (root.has("files")) read_files(root.section("files"), to.files);
  if (root.has("bars")) read_bars(root.section("bars"), c);
  if (root.has("spikes")) {
    config::Section s = root.section("spikes");
    s.allow({"basis_points", "confirmations"});
    c.spike_basis_points = count(s, "basis_points", c.spike_basis_points, 0, 100'000);
    c.spike_confirmations = count(s, "confirmations", c.spike_confirmations, 1, 100);
  }
  if (root.has("ticks")) {
    config::Section s = root.section("ticks");
    s.allow({"max_time_backwards", "book_levels", "depth_buffer"});
    c.max_time_backwards = s.duration_or("max_time_backwards", c.max_time_backwards, 0, kDay);
    c.book_levels = count(s, "book_levels", c.book_levels, 10, 100'000);
    c.depth_buffer = count(s, "depth_buffer", c.depth_buffer, 0, 1'000'000);
  }
  if (root.has("news")) {
    config::Section s = root.section("news");
    s.allow({"memory"});
    c.article_memory = count(s, "memory", c.article_memory, 1, 100'000);
  }
  if (auto r = check.finish(); !r) return tl::unexpected(r.error());
  return to;
}

}  // namespace bw::ingestion
