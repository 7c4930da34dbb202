// Every format of the recorded data, and what is wrong with files.
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "bellwether/base/rng.hpp"
#include "bellwether/domain/names.hpp"
#include "ingestion/core/news_machine.hpp"
#include "ingestion/core/ticks_machine.hpp"
#include "ingestion/shell/file_format.hpp"
#include "run.hpp"

namespace bw::ingestion {

namespace {

namespace fs = std::filesystem;

struct Run {
  Collector sink;
  std::vector<Instrument> instruments;
  std::vector<std::string> skipped;
};

Run run_files(const std::vector<std::string>& paths, const FileSourceOptions& options = {},
              bool keep_off_session = false) {
  const auto source = open_files(paths, options);
  Config config = config_for(source->instruments());
  config.keep_off_session = keep_off_session;
  Run run;
  runtime::InlineHost host({ticks_spec(config), bars_spec(config), news_spec(config)}, *source,
                           run.sink);
  host.run_to_end();
  run.instruments = source->instruments();
  run.skipped = source->skipped();
  CHECK(source->bytes_read() == source->bytes_total());
  return run;
}

/// A file that goes when the test ends.
class TempFile {
 public:
  TempFile(const std::string& name, const std::string& text)
      : folder_(fs::temp_directory_path() / ("bw_ingestion_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    path_ = (folder_ / name).string();
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TempFile() {
    std::error_code ec;
    fs::remove_all(folder_, ec);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  fs::path folder_;
  std::string path_;
};

std::map<QualityReason, int> count_reasons(const Collector& sink) {
  std::map<QualityReason, int> n;
  for (const Quality& q : sink.of<Quality>()) ++n[q.reason];
  return n;
}

}  // namespace

TEST_CASE("symbols come from file names") {
  CHECK(symbol_of("/x/SPY.csv.gz") == "SPY");
  CHECK(symbol_of("BTC-PERP_2021-12-31_2022-02-01_1m.csv.gz") == "BTC-PERP");
  CHECK(symbol_of("IBM_20131007_trade.csv.gz") == "IBM");
  CHECK(symbol_of("spot_btcusdt_20240808.gz") == "BTCUSDT");
  CHECK(symbol_of("usdm_ethusdt_20240808.gz") == "ETHUSDT");
  CHECK(symbol_of("binance_klines_ADABTC-1m-2021-11-27.csv") == "ADABTC");
  CHECK(symbol_of("gbpusd-m1-ask-2012.csv.gz") == "GBPUSD-ASK");
  CHECK(symbol_of("fx_usdjpy-ticks_truefx.csv") == "USDJPY");
  CHECK(symbol_of("BRK-A.csv") == "BRK-A");
}

TEST_CASE("crypto minutes, klines, NinjaTrader minutes and FX minutes are read as they stand") {
  struct Case {
    const char* path;
    CalendarId calendar;
    std::size_t rows;   // data rows, by wc
    const char* first;  // open of the first bar, UTC
  };
  const std::vector<Case> cases{
      {"minute/crypto/BTC-PERP_2021-12-31_2022-02-01_1m.csv.gz", CalendarId::always_open, 45'031,
       "2021-12-31T23:01:00Z"},
      {"minute/crypto/binance_klines_ADABTC-1m-2021-11-27.csv", CalendarId::always_open, 10,
       "2021-11-27T00:00:00Z"},
      {"minute/fx/gbpusd-m1-bid-2012.csv.gz", CalendarId::always_open, 0, "2012-02-01T00:00:00Z"},
      {"minute/extended_hours/SPY_nt_2011-01_utc.csv", CalendarId::us_extended, 0,
       "2011-01-03T09:00:00Z"},
      {"minute/equity_bidask_2013-10/SPY_20131007_trade.csv", CalendarId::us_extended, 0,
       "2013-10-07T08:00:00Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.path);
    const auto path = testkit::data_or_skip(c.path);
    if (!path) return;
    FileSourceOptions options;
    options.instruments = {instrument(5, symbol_of(c.path), c.calendar, AssetClass::crypto)};
    const Run run = run_files({path->string()}, options);
    const auto bars = run.sink.of<Bar>();
    REQUIRE(!bars.empty());
    CHECK(format_utc(bars.front().open_time) == c.first);
    CHECK(bars.front().timeframe == Timeframe::m1);
    auto reasons = count_reasons(run.sink);
    CHECK(reasons[QualityReason::malformed_row] == 0);
    CHECK(reasons[QualityReason::out_of_order] == 0);
    if (c.rows != 0) CHECK(bars.size() + run.sink.of<Quality>().size() == c.rows);
  }
}

TEST_CASE("other tick files: Mt. Gox trades and FX quotes") {
  const auto gox = testkit::data_or_skip("tick/crypto_mtgox_trades_2013-01-01.csv");
  const auto fx = testkit::data_or_skip("tick/fx_usdjpy-ticks_truefx.csv");
  if (!gox || !fx) return;
  const Run run = run_files({gox->string(), fx->string()});
  const auto trades = run.sink.of<Trade>();
  REQUIRE(trades.size() > 1'000);
  CHECK(trades.front().price.to_string() == "13.51001");
  CHECK(trades.front().size.to_string() == "36.87430786");
  CHECK(trades.front().aggressor == Side::sell);
  CHECK(trades.front().source_time == 1'356'998'659'486'096 * kMicrosecond);
  const auto quotes = run.sink.of<Quote>();
  REQUIRE(quotes.size() > 500);
  CHECK(quotes.front().bid.to_string() == "86.655");
  CHECK(quotes.front().ask.to_string() == "86.728");
  CHECK(run.sink.of<Mark>().size() > 30);
}

TEST_CASE("headlines come out for the instruments that they name") {
  const auto news = testkit::data_or_skip("news/headlines_2014_2015.csv.gz");
  const auto tiingo = testkit::data_or_skip("news/tiingo_news_2019-04.csv");
  if (!news || !tiingo) return;
  FileSourceOptions options;
  options.instruments = {instrument(9, "AAPL"), instrument(4, "AMZN")};
  const Run run = run_files({news->string(), tiingo->string()}, options);
  const auto articles = run.sink.of<Article>();
  REQUIRE(articles.size() > 50);
  bool quoted = false;
  for (const Article& a : articles) {
    quoted = quoted || a.headline.view() ==
                           "What's Up, Doc? Google Health May Become The Company's Next Home Run";
    CHECK((a.instrument.value == 9 || a.instrument.value == 4));
    CHECK(a.article_id != 0);
  }
  CHECK(quoted);
  for (const Quality& q : run.sink.of<Quality>())
    UNSCOPED_INFO(q.file.view() << " " << q.line << " " << q.detail.view());
  CHECK(count_reasons(run.sink)[QualityReason::malformed_row] == 0);
}

TEST_CASE("splits and dividends from adjusted closes and from LEAN factor files") {
  const auto lean = testkit::data_or_skip("daily/lean_unadjusted_1998_2021");
  const auto stocks = testkit::data_or_skip("daily/stocks/AAPL.csv");
  if (!lean || !stocks) return;
  // Apple's own history: 2:1 on 2000-06-21 and 2005-02-28, 7:1 on 2014-06-09, 4:1 on 2020-08-31; it
  // paid 0.47 a (then split-adjusted) share on 2014-08-07.
  FileSourceOptions options;
  options.instruments = {instrument(9, "AAPL")};
  const Run run =
      run_files({lean->string() + "/AAPL.csv", lean->string() + "/factor_files/AAPL.csv"}, options);
  std::map<std::string, std::string> splits;
  std::map<std::string, double> dividends;
  for (const CorporateAction& a : run.sink.of<CorporateAction>()) {
    if (a.kind == CorporateActionKind::split) splits[format_date(a.ex_date)] = a.ratio.to_string();
    if (a.kind == CorporateActionKind::dividend)
      dividends[format_date(a.ex_date)] = a.amount.to_double();
  }
  CHECK(splits ==
        std::map<std::string, std::string>{
            {"2000-06-21", "2"}, {"2005-02-28", "2"}, {"2014-06-09", "7"}, {"2020-08-31", "4"}});
  CHECK(dividends["2014-08-07"] == Approx(0.47).margin(0.005));

  const Run derived = run_files({stocks->string()}, options);
  std::size_t near = 0;
  std::size_t all = 0;
  for (const CorporateAction& a : derived.sink.of<CorporateAction>()) {
    ++all;
    CHECK(a.kind == CorporateActionKind::dividend);
    if (format_date(a.ex_date) == "2014-08-07")
      CHECK(a.amount.to_double() == Approx(0.47).margin(0.01));
    const auto lean_amount = dividends.find(format_date(a.ex_date));
    near += lean_amount != dividends.end() ? 1 : 0;
  }
  CHECK(all >= 15);        // quarterly since August 2012
  CHECK(near + 1 >= all);  // the same days as the other source's
  CHECK(!derived.sink.of<Bar>().empty());
  CHECK(derived.sink.of<Bar>().front().timeframe == Timeframe::d1);
}

TEST_CASE("factors that no corporate action explains are quarantined, and the file goes on") {
  const TempFile lean("LEAN.csv",
                      "19980102,1,1,40\n20000620,1,0.000001,100\n20000621,1,90000000000,101\n"
                      "20000622,1,90000000000,102\n20000623,0.00000001,90000000000,92100000000\n"
                      "20000626,80000000000,90000000000,92100000000\n");
  FileSourceOptions options;
  options.instruments = {instrument(9, "LEAN")};
  const Run factors = run_files({lean.path()}, options);
  CHECK(factors.sink.of<CorporateAction>().empty());
  std::vector<std::uint64_t> lines;
  for (const Quality& q : factors.sink.of<Quality>()) {
    CHECK(q.reason == QualityReason::malformed_row);
    lines.push_back(q.line);
  }
  CHECK(lines == std::vector<std::uint64_t>{2, 3, 5, 6});
}

TEST_CASE("an adjusted close out of all proportion is quarantined, and the next day is read") {
  const TempFile file("ADJ.csv",
                      "Date,Open,High,Low,Close,Adj Close,Volume\n"
                      "2020-01-02,10,10,10,10,0.00100000,5\n"
                      "2020-01-03,10,10,10,10,90000000000,5\n"
                      "2020-01-06,10,10,10,10.00,5.00,5\n"
                      "2020-01-07,10,10,10,10.00,10.00,5\n"
                      "2020-01-08,10,10,10,10,0.00050000,5\n"
                      "2020-01-09,10,10,10,10.00,10.00,5\n"
                      "2020-01-10,10,10,10,10.00,10.00,5\n");
  const Run run = run_files({file.path()});
  const auto actions = run.sink.of<CorporateAction>();
  REQUIRE(actions.size() == 1);
  CHECK(format_date(actions[0].ex_date) == "2020-01-07");
  CHECK(actions[0].ratio.to_string() == "2");
  CHECK(run.sink.of<Bar>().size() == 3);  // what is behind the 8th's waits for it
  std::vector<std::uint64_t> lines;
  for (const Quality& q : run.sink.of<Quality>()) {
    if (q.detail.view().find("adj close") == 0) lines.push_back(q.line);
  }
  CHECK(lines == std::vector<std::uint64_t>{3, 6});
}

TEST_CASE("all daily files read, and dirty rows are told") {
  const auto folder = testkit::data_or_skip("daily/stocks");
  if (!folder) return;
  const Run run = run_files({folder->string()});
  CHECK(run.skipped.empty());
  CHECK(run.instruments.size() == 44);
  for (const Instrument& i : run.instruments) {
    CHECK(i.calendar == CalendarId::nyse);
    CHECK(i.id.value >= 65'536);
  }
  std::size_t nulls = 0;
  for (const Quality& q : run.sink.of<Quality>()) {
    if (q.reason != QualityReason::malformed_row) continue;
    CHECK(q.file.view() == "PTR.csv");
    CHECK(q.detail.view() == "open 'null'");
    CHECK(q.line > 1);
    ++nulls;
  }
  CHECK(nulls == 1);
}

TEST_CASE("the robustness folder") {
  const auto folder = testkit::data_or_skip("robustness");
  if (!folder) return;
  const Run run = run_files({folder->string()});
  CHECK(run.skipped.empty());
  std::map<std::string, std::map<QualityReason, int>> reasons;
  for (const Quality& q : run.sink.of<Quality>()) ++reasons[std::string(q.file.view())][q.reason];
  // zeros.csv: prices of zero; toobig.csv: prices beyond 92 billion; neither gives a bar.
  CHECK(reasons["zeros.csv"][QualityReason::zero_price] > 50);
  CHECK(reasons["toobig.csv"][QualityReason::malformed_row] > 500);
  CHECK(reasons["bad.csv"][QualityReason::high_below_low] > 0);
  CHECK(!run.sink.of<Bar>().empty());
}

TEST_CASE("a file of no known format is refused by name, with what is known") {
  const TempFile file("notes.csv", "colour,shape\nred,round\n");
  const auto source = FileSource::open({file.path()}, {});
  REQUIRE(!source.has_value());
  CHECK(source.error().field == "notes.csv");
  CHECK(source.error().message.find("colour,shape") != std::string::npos);
  CHECK(source.error().mend.find("open, high, low, close") != std::string::npos);
  const TempFile empty("empty.csv", "");
  CHECK(FileSource::open({empty.path()}, {}).error().text().find("empty.csv: is empty") == 0);
  CHECK(!FileSource::open({"/nowhere/x.csv"}, {}).has_value());
}

TEST_CASE("bad rows of a CSV file name line, field and value; the good ones stay") {
  std::string text =
      "\xEF\xBB\xBFTime,Open,High,Low,Close,Volume,Mood\r\n"
      "2021-06-01 12:00,10,11,9,10.5,100,good\r\n"
      "2021-06-01 12:01,10,11,9,abc,100,good\r\n"
      "2021-06-01 12:02,nan,11,9,10,100,good\r\n"
      "2021-06-01 12:03,10,11,9,10\r\n"
      "2021-13-01 12:04,10,11,9,10,100,good\r\n"
      "2021-06-01 12:05,-10,11,-11,10,100,good\r\n"
      "\r\n"
      "2021-06-01 12:07,10,11,9,10,100,good\r\n"
      "2021-06-01 12:00:30,10,11,9,10,100,back\r\n"
      "2091-06-01 12:08,10,11,9,10,100,far\r\n"
      "2021-06-01 12:08,10,11,9,10,100,good\r\n"
      "2021-06-01 12:09,10,1";
  const TempFile file("MINE.csv", text);
  const Run run = run_files({file.path()});
  std::map<std::uint64_t, std::string> told;
  for (const Quality& q : run.sink.of<Quality>()) {
    CHECK(q.file.view() == "MINE.csv");
    told[q.line] = std::string(name_of(q.reason)) + ": " + std::string(q.detail.view());
  }
  CHECK(told[3] == "malformed_row: close 'abc'");
  CHECK(told[4] == "malformed_row: open 'nan'");
  CHECK(told[5] == "malformed_row: 5 fields where 7 are due, in '2021-06-01 12:03,10,11,9,10'");
  CHECK(told[6] == "malformed_row: time '2021-13-01 12:04'");
  CHECK(told[7] == "negative_price: open");
  CHECK(told[10].find("out_of_order") == 0);
  CHECK(told[11].find("time_backwards: time '2091-06-01T12:09:00Z'") == 0);
  CHECK(told[13].find("malformed_row: file ends within the line") == 0);
  CHECK(told.size() == 8);
  REQUIRE(run.sink.of<Bar>().size() >= 1);
  CHECK(run.sink.of<Bar>().front().close.to_string() == "10.5");
}

TEST_CASE("time stamps of many kinds") {
  struct Case {
    const char* text;
    Zone zone;
    const char* utc;
  };
  for (const Case& c :
       std::vector<Case>{{"2014-11-19 09:30", Zone::new_york, "2014-11-19T14:30:00Z"},
                         {"2014-07-01 09:30", Zone::new_york, "2014-07-01T13:30:00Z"},
                         {"2014-07-01T09:30:00-0400", Zone::utc, "2014-07-01T13:30:00Z"},
                         {"2014-07-01 09:30:00+00:00", Zone::new_york, "2014-07-01T09:30:00Z"},
                         {"07/01/2014 09:30", Zone::utc, "2014-07-01T09:30:00Z"},
                         {"1/3/17", Zone::utc, "2017-01-03T00:00:00Z"},
                         {"20140701 093000", Zone::utc, "2014-07-01T09:30:00Z"},
                         {"1404207000", Zone::new_york, "2014-07-01T09:30:00Z"},
                         {"1404207000123", Zone::utc, "2014-07-01T09:30:00.123Z"},
                         {"7289654399", Zone::utc, "2200-12-31T23:59:59Z"},
                         {"2014-07-01 09:30:00.054", Zone::utc, "2014-07-01T09:30:00.054Z"}}) {
    TimeParser parser(c.zone);
    TimeParser::Stamp stamp;
    CAPTURE(c.text);
    REQUIRE(parser.parse(c.text, stamp));
    CHECK(format_utc(stamp.utc) == c.utc);
  }
  for (const char* text :
       {"", "2014-02-30", "2014-07-01 25:00", "yesterday", "2014-07-01 09:30 PM", "99",
        "9999999999", "9999999999999", "9223372036854775807", "9999999999999999999",
        "9223372036854775", "7289654400", "2201-01-01", "1899-12-31"}) {
    TimeParser parser(Zone::utc);
    TimeParser::Stamp stamp;
    CAPTURE(text);
    CHECK(!parser.parse(text, stamp));
  }
}

TEST_CASE("the short way to read a number equals the exact one") {
  const auto check = [](const std::string& text) {
    const auto exact = parse_decimal(text);
    std::int64_t raw = 0;
    const bool ok = read_decimal(text, raw);
    CAPTURE(text);
    REQUIRE(ok == exact.has_value());
    if (ok) CHECK(raw == *exact);
  };
  for (const char* text : {"0",
                           "-0",
                           "1.",
                           ".5",
                           "-.5",
                           "+3",
                           "",
                           "-",
                           ".",
                           "1e5",
                           "1e-9",
                           "12345678901",
                           "92233720368.54775807",
                           "92233720368.54775808",
                           "99999999999",
                           "1.123456789",
                           "0.000000005",
                           "0.000000015",
                           "9999999999.99999999",
                           "1..2",
                           "1,2",
                           "nan",
                           "0x1"}) {
    check(text);
  }
  Rng rng(20'240'601);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = rng.next() % 4 == 0 ? "-" : "";
    for (std::uint64_t n = rng.next() % 13; n > 0; --n)
      text += static_cast<char>('0' + rng.next() % 10);
    if (rng.next() % 3 != 0) text += '.';
    for (std::uint64_t n = rng.next() % 11; n > 0; --n)
      text += static_cast<char>('0' + rng.next() % 10);
    check(text);
  }
}

TEST_CASE("a line of a gigabyte is one quarantined row, in bounded memory") {
  // Gzipped zeros: a gigabyte of line in a megabyte of file.
  const TempFile file("HUGE.csv.gz", "");
  gzFile out = gzopen(file.path().c_str(), "wb1");
  const std::string head =
      "timestamp,open,high,low,close,volume\n2021-06-01 12:00,10,11,9,10,1\n2021-06-01 12:01,1";
  gzwrite(out, head.data(), static_cast<unsigned>(head.size()));
  const std::string block(1 << 20, '0');
  for (int i = 0; i < 1'024; ++i) gzwrite(out, block.data(), static_cast<unsigned>(block.size()));
  const std::string tail = "\n2021-06-01 12:02,10,11,9,10,1\n";
  gzwrite(out, tail.data(), static_cast<unsigned>(tail.size()));
  gzclose(out);
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto source = open_files({file.path()}, {});
  std::vector<std::string> rows;
  while (const auto* row = source->next()) {
    const auto* reject = std::get_if<RawReject>(&row->event);
    rows.emplace_back(reject != nullptr ? std::to_string(reject->quality.line) : "bar");
  }
  CHECK(rows == std::vector<std::string>{"bar", "3", "bar"});
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 32 * 1024);  // KiB
}

TEST_CASE("a compressed file that was cut gives its rows and says so") {
  const auto path = testkit::data_or_skip("minute/equity/QQQ.csv.gz");
  if (!path) return;
  std::ifstream in(*path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const TempFile file("QQQ.csv.gz", bytes.substr(0, bytes.size() / 2));
  const Run run = run_files({file.path()});
  CHECK(run.sink.of<Bar>().size() > 1'000);
  auto reasons = count_reasons(run.sink);
  CHECK(reasons[QualityReason::malformed_row] >= 1);
}

TEST_CASE("a user's own CSV gets an instrument with the same id in every run") {
  std::string text = "datetime,o,h,l,c,v\n";
  for (int i = 0; i < 50; ++i)
    text += std::to_string(1'622'548'800 + i * 60) + ",1.5,1.6,1.4,1.5,10\n";
  const TempFile file("mycoin.csv", text);
  const Run a = run_files({file.path()});
  const Run b = run_files({file.path()});
  REQUIRE(a.instruments.size() == 1);
  CHECK(a.instruments == b.instruments);
  CHECK(a.instruments[0].symbol.view() == "MYCOIN");
  CHECK(a.instruments[0].name.view() == "MYCOIN (from file)");
  CHECK(a.instruments[0].id.value >= 65'536);
  CHECK(a.instruments[0].id.value < 131'072 + 512);
  CHECK(a.sink.of<Bar>().size() == 50);
  FileSourceOptions strict;
  strict.register_unknown = false;
  const auto refused = FileSource::open({file.path()}, strict);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().text().find("MYCOIN") != std::string::npos);
}

TEST_CASE("rows of many files come in one order, counted per unit") {
  const auto equity = testkit::data_or_skip("minute/equity");
  const auto daily = testkit::data_or_skip("daily/stocks/AAPL.csv");
  const auto news = testkit::data_or_skip("news/headlines_2014_2015.csv.gz");
  if (!equity || !daily || !news) return;
  const auto source = open_files({equity->string(), daily->string(), news->string()}, {});
  TimeNs time = 0;
  Unit unit = 0;
  std::map<Unit, std::uint64_t> seqs;
  std::size_t wrong = 0;
  std::size_t rows = 0;
  while (const auto* row = source->next()) {
    wrong += row->time < time || (row->time == time && row->unit < unit) ? 1 : 0;
    wrong += row->seq != ++seqs[row->unit] ? 1 : 0;
    time = row->time;
    unit = row->unit;
    ++rows;
  }
  CHECK(wrong == 0);
  CHECK(rows > 90'000);
  CHECK(source->at_end());
}

}  // namespace bw::ingestion
