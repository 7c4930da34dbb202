// What is known of real markets (Cont 2001, "Empirical properties of asset returns: stylized facts
// and statistical issues"), measured on simulated rows.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "ingestion/simulator/simulator.hpp"

using namespace bw;
using namespace bw::ingestion::simulator;

namespace {

constexpr int kSession = 390;

/// Minute returns and volumes of NYSE instruments over whole sessions; a halted minute has return
/// 0.
struct Sample {
  std::size_t days = 0;
  std::vector<std::vector<double>> returns{kInstrumentCount};  // [instrument][day × 390 + minute]
  std::vector<std::vector<double>> volumes{kInstrumentCount};
};

Sample sample(std::uint64_t seed) {
  Options o;
  o.seed = seed;
  o.start = from_utc({2023, 3, 13});
  o.end = from_utc({2023, 6, 10});
  o.mode = Mode::bars;
  auto made = Simulator::make(o);
  REQUIRE(made);
  Simulator s = *made;
  Sample out;
  std::vector<double> last(kInstrumentCount, 0);
  const calendar::Calendar nyse(CalendarId::nyse);
  std::vector<TimeNs> opens;
  for (auto d = nyse.next_session(utc_day(o.start) - 1); d && d->open < o.end;
       d = nyse.next_session(d->day)) {
    opens.push_back(d->open);
  }
  out.days = opens.size();
  for (auto& r : out.returns) r.assign(out.days * kSession, 0);
  for (auto& v : out.volumes) v.assign(out.days * kSession, 0);
  while (const auto* row = s.next()) {
    const auto* bar = std::get_if<RawBar>(&row->event);
    if (bar == nullptr || row->unit >= kFirstId + kStockCount + 1) continue;
    const std::size_t i = row->unit - kFirstId;
    const auto at = std::upper_bound(opens.begin(), opens.end(), bar->bar.open_time) - 1;
    const auto m = static_cast<std::size_t>((bar->bar.open_time - *at) / kMinute);
    if (m >= kSession) FAIL("a bar outside its session");
    const std::size_t k = static_cast<std::size_t>(at - opens.begin()) * kSession + m;
    out.volumes[i][k] = bar->bar.volume.to_double();
    const double close = std::log(bar->bar.close.to_double());
    if (m > 0) out.returns[i][k] = close - last[i];
    last[i] = close;
  }
  return out;
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double ma = mean(a);
  const double mb = mean(b);
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    ab += (a[k] - ma) * (b[k] - mb);
    aa += (a[k] - ma) * (a[k] - ma);
    bb += (b[k] - mb) * (b[k] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

double kurtosis(const std::vector<double>& x) {
  const double m = mean(x);
  double second = 0;
  double fourth = 0;
  for (const double v : x) {
    second += (v - m) * (v - m);
    fourth += (v - m) * (v - m) * (v - m) * (v - m);
  }
  const double n = static_cast<double>(x.size());
  return fourth / n / (second / n * second / n);
}

/// Mean of |x| or x by minute of the session.
std::vector<double> by_minute(const std::vector<double>& x, bool absolute) {
  std::vector<double> out(kSession, 0);
  for (std::size_t k = 0; k < x.size(); ++k) out[k % kSession] += absolute ? std::abs(x[k]) : x[k];
  for (double& v : out) v /= static_cast<double>(x.size() / kSession);
  return out;
}

double mean_of(const std::vector<double>& x, std::size_t from, std::size_t to) {
  return std::accumulate(x.begin() + static_cast<long>(from), x.begin() + static_cast<long>(to),
                         0.0) /
         static_cast<double>(to - from);
}

std::vector<double> lagged(const std::vector<double>& x, std::size_t lag, bool head) {
  return head ? std::vector<double>(x.begin(), x.end() - static_cast<long>(lag))
              : std::vector<double>(x.begin() + static_cast<long>(lag), x.end());
}

double autocorrelation(const std::vector<double>& x, std::size_t lag) {
  return correlation(lagged(x, lag, true), lagged(x, lag, false));
}

/// |return| over its minute's mean: what is left is not the time of day.
std::vector<double> deseasonalised(const std::vector<double>& r) {
  const auto usual = by_minute(r, true);
  std::vector<double> out(r.size());
  for (std::size_t k = 0; k < r.size(); ++k) {
    out[k] = k % kSession == 0 ? 1 : std::abs(r[k]) / usual[k % kSession];
  }
  return out;
}

}  // namespace

TEST_CASE("the simulated market has the stylised facts of real ones") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  const Sample x = sample(seed);
  REQUIRE(x.days == 63);

  SECTION("volume and volatility are U-shaped over the day") {
    for (std::size_t i = 0; i <= kStockCount; ++i) {
      INFO(kProfiles[i].symbol);
      const auto volume = by_minute(x.volumes[i], false);
      CHECK(mean_of(volume, 0, 15) > 2.0 * mean_of(volume, 150, 240));
      CHECK(mean_of(volume, 375, 390) > 2.0 * mean_of(volume, 150, 240));
      const auto volatility = by_minute(x.returns[i], true);
      CHECK(mean_of(volatility, 1, 16) > 1.5 * mean_of(volatility, 150, 240));
      CHECK(mean_of(volatility, 375, 390) > 1.1 * mean_of(volatility, 150, 240));
    }
  }
  SECTION("fat tails") {
    for (std::size_t i = 0; i <= kStockCount; ++i) {
      INFO(kProfiles[i].symbol);
      CHECK(kurtosis(x.returns[i]) > 4);
    }
  }
  SECTION("volatility clusters, returns do not predict returns") {
    for (std::size_t i = 0; i <= kStockCount; ++i) {
      INFO(kProfiles[i].symbol);
      const auto size = deseasonalised(x.returns[i]);
      CHECK(autocorrelation(size, 1) > 0.05);
      CHECK(autocorrelation(size, 10) > 0.03);
    }
    CHECK(std::abs(autocorrelation(x.returns[kStockCount], 1)) < 0.05);
  }
  SECTION("a sector moves together, more than the market does") {
    double within = 0;
    double across = 0;
    int n_within = 0;
    int n_across = 0;
    for (std::size_t i = 0; i < kStockCount; ++i) {
      for (std::size_t j = i + 1; j < kStockCount; ++j) {
        const double c = correlation(x.returns[i], x.returns[j]);
        const bool together = kProfiles[i].sector == kProfiles[j].sector;
        (together ? within : across) += c;
        ++(together ? n_within : n_across);
      }
    }
    within /= n_within;
    across /= n_across;
    CHECK(across > 0.1);
    CHECK(within > across + 0.1);
    double with_fund =
        0;  // the index fund is the market: closer to each stock than they are to others
    for (std::size_t i = 0; i < kStockCount; ++i)
      with_fund += correlation(x.returns[kStockCount], x.returns[i]) / kStockCount;
    CHECK(with_fund > across + 0.1);
  }
  SECTION("a year's volatility is near what the profile says") {
    for (std::size_t i = 0; i <= kStockCount; ++i) {
      double squares = 0;
      for (const double r : x.returns[i]) squares += r * r;
      const double annual = std::sqrt(squares / static_cast<double>(x.days) * 252);
      INFO(kProfiles[i].symbol << " " << annual);
      CHECK(annual > 0.5 * kProfiles[i].annual_volatility);
      CHECK(annual < 2.5 * kProfiles[i].annual_volatility);
    }
  }
}

TEST_CASE("headlines come with moves") {
  Options o;
  o.seed = 4;
  o.start = from_utc({2023, 3, 13});
  o.end = from_utc({2023, 6, 10});
  o.mode = Mode::bars;
  o.jumps_per_day = 0.5;
  auto made = Simulator::make(o);
  REQUIRE(made);
  Simulator s = *made;
  std::array<std::string, kInstrumentCount> pending;
  double with_good = 0;
  double with_bad = 0;
  int good = 0;
  int bad = 0;
  while (const auto* row = s.next()) {
    const std::size_t i = row->unit - kFirstId;
    if (const auto* a = std::get_if<RawArticle>(&row->event)) {
      pending[i] = std::string(a->article.headline.view());
    } else if (const auto* b = std::get_if<RawBar>(&row->event)) {
      if (pending[i].empty()) continue;
      const double move = std::log(b->bar.close.to_double() / b->bar.open.to_double());
      const auto says = [&](const char* word) {
        return pending[i].find(word) != std::string::npos;
      };
      if (says("beats quarterly") || says("raises full-year") || says("takeover")) {
        with_good += move;
        ++good;
      } else if (says("misses quarterly") || says("cuts outlook") || says("investigation")) {
        with_bad += move;
        ++bad;
      }
      pending[i].clear();
    }
  }
  REQUIRE(good > 20);
  REQUIRE(bad > 20);
  CHECK(with_good / good > 0.008);
  CHECK(with_bad / bad < -0.008);
}
