#include "bellwether/telemetry/metrics.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "bellwether/runtime/runner.hpp"

using namespace bw;
using namespace bw::telemetry;

namespace {

/// name{labels} -> value of the text format; each sample stands once.
std::map<std::string, double> samples(const Metrics& metrics) {
  std::map<std::string, double> all;
  std::istringstream in(metrics.text());
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto blank = line.rfind(' ');
    REQUIRE(blank != std::string::npos);
    REQUIRE(all.emplace(line.substr(0, blank), std::stod(line.substr(blank + 1))).second);
  }
  return all;
}

constexpr runtime::MachineId kBars{Kind::market_bars, 3};

std::string of_bars(const std::string& name) {
  return "bellwether_" + name + R"({service="analytics",machine="market.bars/3"})";
}

}  // namespace

TEST_CASE("a runner's counts become counters, once each") {
  Metrics metrics("analytics", "0.1.0", "abc");
  runtime::RunnerStats stats;
  stats.events_in = 100;
  stats.events_out = 40;
  stats.duplicates = 2;
  stats.commits = 4;
  stats.commit_ns = 8 * kMillisecond;
  stats.working = true;
  stats.unacked = 7;
  stats.waiting_for = {{Kind::market_ticks, 0}, {Kind::market_ticks, 1}};
  metrics.observe(kBars, stats, {12, 0.25});
  metrics.observe(kBars, stats, {12, 0.25});  // nothing new
  auto s = samples(metrics);
  CHECK(s.at(of_bars("events_in_total")) == 100);
  CHECK(s.at(of_bars("events_out_total")) == 40);
  CHECK(s.at(of_bars("duplicates_total")) == 2);
  CHECK(s.at(of_bars("commits_total")) == 4);
  CHECK(s.at(of_bars("lag_events")) == 12);
  CHECK(s.at(of_bars("lag_seconds")) == 0.25);
  CHECK(s.at(of_bars("waiting_streams")) == 2);
  CHECK(s.at(of_bars("unacked_events")) == 7);
  CHECK(s.at(of_bars("working")) == 1);
  CHECK(s.at(of_bars("commit_seconds_count")) == 4);
  CHECK(s.at(of_bars("commit_seconds_sum")) == Approx(0.008));
  const std::string at_1ms = R"({service="analytics",machine="market.bars/3",le="0.001"})";
  const std::string at_2_5ms = R"({service="analytics",machine="market.bars/3",le="0.0025"})";
  CHECK(s.at("bellwether_commit_seconds_bucket" + at_1ms) == 0);  // 2 ms each
  CHECK(s.at("bellwether_commit_seconds_bucket" + at_2_5ms) == 4);
  CHECK(s.at(R"(bellwether_build_info{service="analytics",build="abc",version="0.1.0"})") == 1);

  stats.events_in = 130;
  metrics.observe(kBars, stats, {});
  CHECK(samples(metrics).at(of_bars("events_in_total")) == 130);
}

TEST_CASE("a new runner's counts start again, the counter goes on") {
  Metrics metrics("analytics", "0.1.0", "abc");
  runtime::RunnerStats stats;
  stats.events_in = 100;
  stats.events_out = 10;
  metrics.observe(kBars, stats, {});
  stats.events_in = 5;
  stats.events_out = 60;  // more than before, although it is another runner's
  metrics.observe(kBars, stats, {});
  CHECK(samples(metrics).at(of_bars("events_in_total")) == 105);
  CHECK(samples(metrics).at(of_bars("events_out_total")) == 70);
  metrics.lost(kBars);
  auto s = samples(metrics);
  CHECK(s.count(of_bars("working")) == 0);
  CHECK(s.at(of_bars("events_in_total")) == 105);
  stats.events_in = 200;
  metrics.observe(kBars, stats, {});
  s = samples(metrics);
  CHECK(s.at(of_bars("events_in_total")) == 305);
  CHECK(s.count(of_bars("working")) == 1);
}

TEST_CASE("steps, troubles and quarantined rows are counted") {
  Metrics metrics("analytics", "0.1.0", "abc");
  metrics.steps(kBars, 0.0004, 100);  // 4 microseconds each
  metrics.steps(kBars, 1.0, 0);       // no events: no observation
  auto s = samples(metrics);
  CHECK(s.at(of_bars("step_seconds_count")) == 100);
  CHECK(s.at(of_bars("step_seconds_sum")) == Approx(0.0004));
  const std::string bucket =
      R"(bellwether_step_seconds_bucket{service="analytics",machine="market.bars/3",le=)";
  CHECK(s.at(bucket + R"("2.5e-06"})") == 0);
  CHECK(s.at(bucket + R"("5e-06"})") == 100);
  metrics.quarantined("crossed_quote", 3);
  metrics.quarantined("crossed_quote");
  CHECK(samples(metrics).at(
            R"(bellwether_quarantined_total{service="analytics",reason="crossed_quote"})") == 4);
  runtime::RunnerStats stats;
  for (const char* trouble : {"", "database is away", "database is away", "", "again"}) {
    stats.trouble = trouble;
    metrics.observe(kBars, stats, {});
  }
  CHECK(samples(metrics).at(of_bars("trouble_total")) == 2);
}

TEST_CASE("labels stay bounded, and the process tells its use") {
  Metrics metrics("analytics", "0.1.0", "abc");
  for (int i = 0; i < 400; ++i) metrics.quarantined("reason " + std::to_string(i));
  runtime::RunnerStats stats;
  stats.events_in = 1;
  for (std::uint32_t i = 0; i < 1'200; ++i) metrics.observe({Kind::market_bars, i}, stats, {});
  const auto s = samples(metrics);
  std::size_t machines = 0;
  std::size_t reasons = 0;
  for (const auto& [name, value] : s) {
    machines += name.rfind("bellwether_events_in_total", 0) == 0 ? 1U : 0U;
    reasons += name.rfind("bellwether_quarantined_total", 0) == 0 ? 1U : 0U;
  }
  CHECK(machines == 1'024);
  CHECK(reasons <= 257);
  CHECK(s.at(R"(bellwether_quarantined_total{service="analytics",reason="other"})") == 144);
  CHECK(s.at("process_resident_memory_bytes") > 1e6);
  CHECK(s.at("process_open_fds") >= 3);
  CHECK(s.count("process_cpu_seconds_total") == 1);
}
