// The kernels against TA-Lib (and exact sums where TA-Lib has no kernel or a less exact one) on
// recorded bars, and against the published values of a chart vendor. Skips, loudly, where TA-Lib or
// the data is absent.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "bellwether/indicators/atr.hpp"
#include "bellwether/indicators/bollinger.hpp"
#include "bellwether/indicators/macd.hpp"
#include "bellwether/indicators/rsi.hpp"
#include "bellwether/indicators/sma.hpp"
#include "bellwether/indicators/vwap.hpp"
#include "bellwether/testkit/data.hpp"

using namespace bw;
using namespace bw::indicators;

namespace {

struct Settings {
  int sma, ema, rsi, fast, slow, signal, bands;
  double width;
  int atr;
};

enum Column : std::size_t {
  kFirst, kHigh, kLow, kClose, kVolume, kSma, kEma, kRsi, kMacd, kSignal, kHistogram,
  kUpper, kMiddle, kLower, kAtr, kVwap, kExactUpper, kExactLower, kColumns
};
using Row = std::array<double, kColumns>;

std::string python() {
  if (const char* p = std::getenv("BELLWETHER_PYTHON")) return p;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::string root = cache != nullptr && *cache != '\0'
                               ? cache
                               : std::string(home != nullptr ? home : ".") + "/.cache";
  return root + "/bellwether/venv/bin/python";
}

/// TA-Lib's table for a file of bars; empty, and a line on stderr, where TA-Lib cannot be asked.
std::vector<Row> reference(const std::filesystem::path& bars, const Settings& s) {
  const auto out = std::filesystem::temp_directory_path() /
                   ("bw_talib_" + std::to_string(::getpid()) + ".bin");
  std::ostringstream command;
  command << python() << ' ' << (testkit::source_root() / "libs/indicators/tests/reference.py")
          << ' ' << bars << ' ' << out << " sma=" << s.sma << " ema=" << s.ema << " rsi=" << s.rsi
          << " fast=" << s.fast << " slow=" << s.slow << " signal=" << s.signal
          << " bands=" << s.bands << " width=" << s.width << " atr=" << s.atr;
  if (!std::filesystem::exists(python())) {
    testkit::skip_case(python() + " is absent; run deploy/deps test");
    return {};
  }
  const int status = std::system(command.str().c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    testkit::skip_case(python() + " has no TA-Lib; run deploy/deps test");
    return {};
  }
  REQUIRE(status == 0);
  std::vector<Row> rows(std::filesystem::file_size(out) / sizeof(Row));
  std::ifstream in(out, std::ios::binary);
  in.read(reinterpret_cast<char*>(rows.data()),
          static_cast<std::streamsize>(rows.size() * sizeof(Row)));
  REQUIRE(in.good());
  std::filesystem::remove(out);
  REQUIRE(rows.size() > 500);
  return rows;
}

/// The largest relative difference seen, and where warmth differed.
struct Difference {
  double worst = 0;
  std::size_t first = SIZE_MAX;  ///< first warm row
  std::size_t compared = 0;
  bool same_warmth = true;

  /// `floor`: values nearer to zero than this are compared to it (differences of averages pass
  /// through zero, where a relative difference says nothing).
  void see(std::size_t row, bool ready, double mine, double theirs, double floor = 0) {
    if (ready == std::isnan(theirs)) same_warmth = false;
    if (!ready || std::isnan(theirs)) return;
    if (first == SIZE_MAX) first = row;
    ++compared;
    const double size = std::max(std::abs(theirs), floor);
    worst = std::max(worst, size > 0 ? std::abs(mine - theirs) / size : std::abs(mine));
  }
};

struct Differences {
  Difference sma, ema, rsi, macd, signal, histogram, upper, middle, lower, atr, vwap, exact;
};

Differences compare(const std::vector<Row>& rows, const Settings& s) {
  Sma sma = *Sma::create(s.sma);
  Ema ema = *Ema::create(s.ema);
  Rsi rsi = *Rsi::create(s.rsi);
  Macd macd = *Macd::create({s.fast, s.slow, s.signal});
  Bollinger bands = *Bollinger::create(s.bands, s.width);
  Atr atr = *Atr::create(s.atr);
  Vwap vwap;
  Differences d;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& r = rows[i];
    const double close = r[kClose];
    const Reading a = sma.update(close);
    d.sma.see(i, a.ready, a.value, r[kSma]);
    const Reading e = ema.update(close);
    d.ema.see(i, e.ready, e.value, r[kEma]);
    const Reading x = rsi.update(close);
    d.rsi.see(i, x.ready, x.value, r[kRsi]);
    const MacdReading m = macd.update(close);
    d.macd.see(i, m.ready, m.macd, r[kMacd], 1e-5 * close);
    d.signal.see(i, m.ready, m.signal, r[kSignal], 1e-5 * close);
    d.histogram.see(i, m.ready, m.histogram, r[kHistogram], 1e-5 * close);
    const BandsReading b = bands.update(close);
    d.upper.see(i, b.ready, b.upper, r[kUpper]);
    d.middle.see(i, b.ready, b.middle, r[kMiddle]);
    d.lower.see(i, b.ready, b.lower, r[kLower], 0.01 * close);  // < 0 after a raw split
    // The width, against two passes in extended precision: TA-Lib's own is less exact.
    d.exact.see(i, b.ready, b.upper - b.lower, r[kExactUpper] - r[kExactLower], 1e-4 * close);
    const Reading t = atr.update(r[kHigh], r[kLow], close);
    d.atr.see(i, t.ready, t.value, r[kAtr]);
    if (r[kFirst] > 0) vwap.reset();
    const Reading v = vwap.update(r[kHigh], r[kLow], close, r[kVolume]);
    d.vwap.see(i, v.ready, v.value, r[kVwap]);
  }
  return d;
}

void check(const char* name, const Difference& d, std::size_t warm_up, double limit = 1e-9) {
  INFO(name << ": worst relative difference " << d.worst << " over " << d.compared << " values");
  CHECK(d.same_warmth);
  CHECK(d.first + 1 == warm_up);
  CHECK(d.compared > 100);
  CHECK(d.worst <= limit);
}

constexpr Settings kSettings[] = {
    {30, 30, 14, 12, 26, 9, 20, 2.0, 14},       // TA-Lib's defaults
    {2, 2, 2, 2, 3, 2, 2, 1.0, 1},              // the shortest
    {200, 200, 50, 50, 200, 30, 250, 3.5, 100},  // long
};

void compare_file(const char* file) {
  const auto path = testkit::data_or_skip(file);
  if (!path) return;
  for (const Settings& s : kSettings) {
    const auto rows = reference(*path, s);
    if (rows.empty()) return;
    INFO(file << " with sma " << s.sma << ", " << rows.size() << " bars");
    const Differences d = compare(rows, s);
    const auto n = [](int v) { return static_cast<std::size_t>(v); };
    check("sma", d.sma, n(s.sma));
    check("ema", d.ema, n(s.ema));
    check("rsi", d.rsi, n(s.rsi) + 1);
    check("macd", d.macd, n(s.slow + s.signal) - 1);
    check("signal", d.signal, n(s.slow + s.signal) - 1);
    check("histogram", d.histogram, n(s.slow + s.signal) - 1);
    check("upper band", d.upper, n(s.bands));
    check("middle band", d.middle, n(s.bands));
    check("lower band", d.lower, n(s.bands));
    check("band width", d.exact, n(s.bands));
    check("atr", d.atr, n(s.atr) + 1);
    check("vwap", d.vwap, 1, 1e-12);
  }
}

std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);  // names
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> fields;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    rows.push_back(fields);
  }
  return rows;
}

double number(const std::vector<std::string>& row, std::size_t at) {
  return at < row.size() && !row[at].empty() ? std::strtod(row[at].c_str(), nullptr) : NAN;
}

}  // namespace

TEST_CASE("kernels equal TA-Lib on minutes") {
  compare_file("minute/equity/SPY.csv.gz");
  compare_file("minute/equity/AAPL.csv.gz");
  compare_file("minute/equity/QQQ.csv.gz");
}

TEST_CASE("kernels equal TA-Lib on days") {
  compare_file("daily/lean_unadjusted_1998_2021/SPY.csv");
  compare_file("daily/lean_unadjusted_1998_2021/AAPL.csv");  // with the jumps of its splits
  compare_file("daily/lean_unadjusted_1998_2021/QQQ.csv");
}

TEST_CASE("kernels equal a chart vendor's published averages, RSI and MACD") {
  const auto path = testkit::data_or_skip("oracles/lean_testdata/spy_with_indicators.txt");
  if (!path) return;
  Sma sma = *Sma::create(14);
  Ema ema = *Ema::create(14);
  Rsi rsi = *Rsi::create(14);
  Ema fast = *Ema::create(12);
  Ema slow = *Ema::create(26);
  Difference a, e, r, m;
  const auto rows = read_table(*path);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double close = number(rows[i], 7);
    const double settled = static_cast<double>(i);  // seeds differ: compare once they have faded
    const Reading x = sma.update(close);
    a.see(i, x.ready, x.value, x.ready ? number(rows[i], 1) : NAN);
    const Reading y = ema.update(close);
    if (settled > 150) e.see(i, y.ready, y.value, number(rows[i], 2));
    const Reading z = rsi.update(close);
    if (settled > 300) r.see(i, z.ready, z.value, number(rows[i], 5));
    const double macd = fast.update(close).value - slow.update(close).value;
    if (settled > 300) m.see(i, true, macd, number(rows[i], 3), 1.0);
  }
  for (const Difference* d : {&a, &e, &r, &m}) {
    CHECK(d->compared > 150);
    CHECK(d->worst < 2e-4);  // printed with 2 to 4 decimals
  }
}

TEST_CASE("kernels equal the published EMA, MACD, bands and Wilder's ATR") {
  const auto ema_path = testkit::data_or_skip("oracles/lean_testdata/spy_ema.csv");
  const auto macd_path = testkit::data_or_skip("oracles/lean_testdata/spy_with_macd.txt");
  const auto bands_path = testkit::data_or_skip("oracles/lean_testdata/spy_bollinger_bands.txt");
  const auto atr_path = testkit::data_or_skip("oracles/lean_testdata/spy_atr_wilder.txt");
  if (!ema_path || !macd_path || !bands_path || !atr_path) return;
  Difference e, m, b, t;
  Ema ema = *Ema::create(14);
  std::size_t i = 0;
  for (const auto& row : read_table(*ema_path)) {
    const Reading r = ema.update(number(row, 1));
    e.see(i++, r.ready, r.value, number(row, 2));
  }
  Macd macd = *Macd::create();
  i = 0;
  for (const auto& row : read_table(*macd_path)) {
    const MacdReading r = macd.update(number(row, 4));
    if (++i > 200) m.see(i, r.ready, r.macd, number(row, 5), 1.0);
  }
  Bollinger bands = *Bollinger::create();
  i = 0;
  for (const auto& row : read_table(*bands_path)) {
    const BandsReading r = bands.update(number(row, 4));
    b.see(i, r.ready, r.upper, number(row, 6));
    b.see(i++, r.ready, r.lower, number(row, 7));
  }
  Atr atr = *Atr::create(14);
  i = 0;
  for (const auto& row : read_table(*atr_path)) {
    const Reading r = atr.update(number(row, 2), number(row, 3), number(row, 4));
    if (++i > 200) t.see(i, r.ready, r.value, number(row, 5));
  }
  CHECK(e.same_warmth);
  CHECK(e.worst < 1e-9);
  CHECK(e.compared > 300);
  CHECK(m.worst < 1e-4);
  CHECK(m.compared > 150);
  CHECK(b.same_warmth);
  CHECK(b.worst < 1e-5);
  CHECK(t.worst < 1e-4);
}
