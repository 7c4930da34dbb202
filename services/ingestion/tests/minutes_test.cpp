// Equity minutes from files to bars.
#include "run.hpp"

namespace bw::ingestion {

TEST_CASE("four months of SPY minutes come out as they stand in the file") {
  const auto path = testkit::data_or_skip("minute/equity/SPY.csv.gz");
  if (!path) return;
  FileSourceOptions options;
  options.instruments = {instrument(1, "SPY")};
  const auto source = open_files({path->string()}, options);
  const Config config = config_for(source->instruments());
  Collector sink;
  runtime::InlineHost host({bars_spec(config)}, *source, sink);
  host.run_to_end();

  const auto bars = sink.of<Bar>();
  const auto qualities = sink.of<Quality>();
  const auto gaps = sink.of<Gap>();
  // Counted with other tools: 34,183 rows; on 28 November and 24 December NYSE closed at 13:00, and
  // the file goes on; 15 and 31 December are absent.
  REQUIRE(bars.size() == 33'960);
  REQUIRE(qualities.size() == 223);
  for (const Quality& q : qualities) {
    CHECK(q.reason == QualityReason::off_session);
    CHECK(q.file.view() == "SPY.csv.gz");
  }
  REQUIRE(gaps.size() == 4);
  CHECK(gaps[0].state == GapState::opened);
  CHECK(format_utc(gaps[0].from) == "2014-12-15T14:30:00Z");
  CHECK(gaps[1].state == GapState::closed);
  CHECK(format_utc(gaps[1].to) == "2014-12-16T14:30:00Z");
  CHECK(gaps[1].missing == 390);
  CHECK(format_utc(gaps[2].from) == "2014-12-31T14:30:00Z");
  CHECK(gaps[3].missing == 390);

  // 2014-11-19 09:30 in New York, the first row: 205.3100,205.3200,205.1200,205.1700,1257513.
  CHECK(format_utc(bars.front().open_time) == "2014-11-19T14:30:00Z");
  CHECK(bars.front().close_time == bars.front().open_time + kMinute);
  CHECK(bars.front().open.to_string() == "205.31");
  CHECK(bars.front().high.to_string() == "205.32");
  CHECK(bars.front().low.to_string() == "205.12");
  CHECK(bars.front().close.to_string() == "205.17");
  CHECK(bars.front().volume.to_string() == "1257513");
  // Summer time from 8 March 2015: the last row's 15:59 is 19:59 UTC.
  CHECK(format_utc(bars.back().open_time) == "2015-03-31T19:59:00Z");
}

}  // namespace bw::ingestion
