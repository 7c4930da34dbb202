#include "ingestion/simulator/market_model.hpp"

#include <algorithm>

namespace bw::ingestion::simulator {
namespace {

enum Purpose : std::uint32_t { kMarketDay = 1, kInstrumentDay, kMarketPath, kSectorPath, kOwnPath };

constexpr double kTradingDays = 252;
constexpr double kIntradayPersistence = 0.985;  // of log volatility, a minute
constexpr double kIntradayDeviation = 0.40;     // its standard deviation
constexpr double kDailyPersistence = 0.95;
constexpr double kDailyShock = 0.10;
constexpr double kReversion =
    0.002;  // a day, towards the start price: keeps decades within a range

/// Unit variance, kurtosis about 6: a normal whose size is 2.36 in 4 % of all cases and 0.9
/// otherwise.
double fat_normal(Rng& rng) noexcept {
  const double size = rng.chance(0.04) ? 2.358 : 0.9;
  return size * rng.normal();
}

/// exp(g) of an AR(1) process g, scaled so that its square has mean one.
class StochasticVolatility {
 public:
  explicit StochasticVolatility(Rng& rng) noexcept
      : g_(kIntradayDeviation * rng.normal()),
        step_(kIntradayDeviation * math::sqrt(1 - kIntradayPersistence * kIntradayPersistence)) {}
  double next(Rng& rng) noexcept {
    g_ = kIntradayPersistence * g_ + step_ * rng.normal();
    return math::exp(g_ - kIntradayDeviation * kIntradayDeviation);
  }

 private:
  double g_;
  double step_;
};

double sign_of(Rng& rng) noexcept { return rng.chance(0.5) ? 1 : -1; }

}  // namespace

MarketModel::MarketModel(const ModelOptions& options,
                         std::shared_ptr<const calendar::Calendar> nyse)
    : options_(options),
      nyse_(std::move(nyse)),
      paths_(kInstrumentCount * (kMinutesPerDay + 1)),
      sigmas_(kInstrumentCount * kMinutesPerDay),
      factors_((1 + kSectorCount) * kMinutesPerDay) {
  for (std::size_t i = 0; i < kInstrumentCount; ++i) {
    daily_[i].close_log = math::log(kProfiles[i].start_price);
  }
  double squares = 0;
  double volumes = 0;
  for (std::size_t m = 0; m < kSessionMinutes; ++m) {
    const double x = (static_cast<double>(m) + 0.5) / static_cast<double>(kSessionMinutes);
    session_volatility_[m] = 0.75 + 1.6 * math::exp(-11 * x) + 0.45 * math::exp(-14 * (1 - x));
    session_volume_[m] = 0.62 + 2.2 * math::exp(-13 * x) + 2.4 * math::exp(-16 * (1 - x));
    squares += session_volatility_[m] * session_volatility_[m];
    volumes += session_volume_[m];
  }
  const double n = static_cast<double>(kSessionMinutes);
  for (std::size_t m = 0; m < kSessionMinutes; ++m) {
    session_volatility_[m] /= math::sqrt(squares / n);
    session_volume_[m] /= volumes / n;
  }
}

Rng MarketModel::stream(std::uint32_t purpose, std::int64_t when, std::size_t i) const noexcept {
  const std::uint64_t where = (static_cast<std::uint64_t>(purpose) << 56) ^
                              (static_cast<std::uint64_t>(when) << 8) ^
                              static_cast<std::uint64_t>(i);
  return Rng(mix64(options_.seed + 0x9e3779b97f4a7c15ULL) ^ mix64(where + 0x632be59bd9b4e019ULL));
}

double MarketModel::volatility_shape(std::size_t i, int minute) const noexcept {
  const DayPlan& p = plans_[i];
  if (is_crypto(kProfiles[i])) {
    const double x = 6.283185307179586 * (minute - 960) / static_cast<double>(kMinutesPerDay);
    return 0.98 + 0.2 * math::cos(x);  // busiest at 16:00 UTC; mean square 0.98
  }
  const std::size_t at = static_cast<std::size_t>(minute) * kSessionMinutes;
  return session_volatility_[at / static_cast<std::size_t>(p.minutes)];
}

double MarketModel::volume_shape(std::size_t i, int minute) const noexcept {
  const DayPlan& p = plans_[i];
  if (is_crypto(kProfiles[i])) {
    const double x = 6.283185307179586 * (minute - 960) / static_cast<double>(kMinutesPerDay);
    const int w = weekday(day_);
    return (1 + 0.45 * math::cos(x)) * (w == 0 || w == 6 ? 0.65 : 1.0);
  }
  const std::size_t at = static_cast<std::size_t>(minute) * kSessionMinutes;
  return session_volume_[at / static_cast<std::size_t>(p.minutes)];
}

void MarketModel::begin_day(DayNumber day) {
  day_ = day;
  const DayFactors f = draw_factors();
  for (std::size_t i = 0; i < kInstrumentCount; ++i) plan_instrument(i, f);
}

MarketModel::DayFactors MarketModel::draw_factors() {
  Rng rng = stream(kMarketDay, day_, 0);
  DayFactors f;
  market_volatility_ = kDailyPersistence * market_volatility_ + kDailyShock * rng.normal();
  f.market = fat_normal(rng);
  f.overnight = fat_normal(rng);
  for (double& s : f.sector) s = fat_normal(rng);
  const bool macro = rng.chance(0.04);
  const double size = (0.004 + 0.006 * rng.uniform()) * sign_of(rng);
  f.macro_minute = static_cast<int>(rng.between(14 * 60 + 45, 19 * 60 + 30));
  f.macro_variant = static_cast<std::uint8_t>(rng.below(256));
  if (macro) f.macro = size;
  return f;
}

void MarketModel::plan_instrument(std::size_t i, const DayFactors& f) {
  DayPlan& p = plans_[i];
  p = DayPlan{};
  if (is_crypto(kProfiles[i])) {
    p.minutes = static_cast<int>(kMinutesPerDay);
    p.first = static_cast<std::int64_t>(day_) * static_cast<std::int64_t>(kMinutesPerDay);
  } else if (const auto session = nyse_->session(day_)) {
    p.minutes = static_cast<int>((session->close - session->open) / kMinute);
    p.first = session->open / kMinute;
  } else {
    return;
  }
  Rng rng = stream(kInstrumentDay, day_, i);
  plan_returns(i, f, rng);
  plan_jumps(i, f, rng);
  plan_halts(i, rng);
  Daily& d = daily_[i];
  d.close_log = p.open_log + p.diffusion;
  for (const Jump& j : p.jumps) d.close_log += j.log_return;
}

void MarketModel::plan_returns(std::size_t i, const DayFactors& f, Rng& rng) {
  const Profile& c = kProfiles[i];
  DayPlan& p = plans_[i];
  Daily& d = daily_[i];
  d.log_volatility = kDailyPersistence * d.log_volatility + kDailyShock * rng.normal();
  p.day_sigma = c.annual_volatility / math::sqrt(kTradingDays) *
                math::exp(0.7 * d.log_volatility + 0.7 * market_volatility_);
  const double own =
      math::sqrt(1 - c.market_loading * c.market_loading - c.sector_loading * c.sector_loading);
  const double z = fat_normal(rng);
  const double night = fat_normal(rng);
  const double sector = f.sector[static_cast<std::size_t>(c.sector)];
  p.diffusion = p.day_sigma * (c.market_loading * f.market + c.sector_loading * sector + own * z) -
                kReversion * (d.close_log - math::log(c.start_price));
  p.open_log = d.close_log;
  if (d.traded && !is_crypto(c)) {
    p.open_log += 0.4 * p.day_sigma * (0.6 * f.overnight + 0.8 * night);
  }
  d.traded = true;
}

void MarketModel::plan_jumps(std::size_t i, const DayFactors& f, Rng& rng) {
  const Profile& c = kProfiles[i];
  DayPlan& p = plans_[i];
  const int macro_minute =
      static_cast<int>(static_cast<std::int64_t>(day_) * static_cast<std::int64_t>(kMinutesPerDay) +
                       f.macro_minute - p.first);
  if (f.macro != 0 && macro_minute >= 0 && macro_minute < p.minutes) {
    p.jumps.push_back({macro_minute, f.macro * c.market_loading * c.annual_volatility / 0.15});
    p.headlines.push_back(
        {macro_minute, 2 * kSecond, f.macro > 0 ? Tone::good : Tone::bad, f.macro_variant, true});
  }
  for (double rate = options_.jumps_per_day; p.jumps.size() < 3 && rng.chance(rate); rate *= 0.5) {
    const int minute = static_cast<int>(rng.between(3, p.minutes - 30));
    const double size = (0.012 - 0.012 * math::log(1 - rng.uniform())) * c.annual_volatility / 0.3;
    const double move = std::min(size, 0.15) * sign_of(rng);
    p.jumps.push_back({minute, move});
    p.headlines.push_back({minute, rng.between(1, 9) * kSecond, move > 0 ? Tone::good : Tone::bad,
                           static_cast<std::uint8_t>(rng.below(256)), false});
  }
  if (rng.chance(0.6)) {  // most news moves nothing
    p.headlines.push_back({static_cast<int>(rng.between(0, p.minutes - 1)),
                           rng.between(1, 58) * kSecond, Tone::neutral,
                           static_cast<std::uint8_t>(rng.below(256)), false});
  }
}

void MarketModel::plan_halts(std::size_t i, Rng& rng) {
  DayPlan& p = plans_[i];
  const auto add = [&](int from, int length) {
    const Stretch h{from, from + length};
    if (h.from < 1 || h.to > p.minutes - 2 || p.halts.full()) return;
    for (const Stretch& other : p.halts) {
      if (h.from <= other.to && other.from <= h.to) return;
    }
    p.halts.push_back(h);
  };
  const bool spontaneous = rng.chance(options_.halts_per_day);
  const int at = static_cast<int>(rng.between(10, p.minutes - 30));
  const int length = static_cast<int>(rng.between(5, 20));
  if (!is_crypto(kProfiles[i])) {
    // A pause of five minutes after a move of 5 %, as the US limit-up limit-down plan has it.
    for (const Jump& j : p.jumps) {
      if (options_.halts_per_day > 0 && std::abs(j.log_return) > 0.05) add(j.minute + 1, 5);
    }
    if (spontaneous) add(at, length);
  }
  const bool lost = rng.chance(options_.lost_stretches_per_day);
  const int from = static_cast<int>(rng.between(1, p.minutes - 45));
  const int lost_length = static_cast<int>(rng.between(4, 40));
  if (lost) p.silence = {from, from + lost_length};
}

void MarketModel::build_factor(std::vector<double>& out, std::size_t at, Rng rng) {
  StochasticVolatility volatility(rng);
  for (std::size_t m = 0; m < kMinutesPerDay; ++m) {
    out[at + m] = volatility.next(rng) * fat_normal(rng);
  }
}

void MarketModel::build_paths() {
  build_factor(factors_, 0, stream(kMarketPath, day_, 0));
  for (std::size_t s = 0; s < kSectorCount; ++s) {
    build_factor(factors_, (1 + s) * kMinutesPerDay, stream(kSectorPath, day_, s));
  }
  for (std::size_t i = 0; i < kInstrumentCount; ++i) {
    if (plans_[i].minutes > 0) build_path(i);
  }
}

void MarketModel::build_path(std::size_t i) {
  const Profile& c = kProfiles[i];
  const DayPlan& p = plans_[i];
  const auto offset = static_cast<std::size_t>(
      p.first - static_cast<std::int64_t>(day_) * static_cast<std::int64_t>(kMinutesPerDay));
  const double own =
      math::sqrt(1 - c.market_loading * c.market_loading - c.sector_loading * c.sector_loading);
  const double base = p.day_sigma / math::sqrt(static_cast<double>(p.minutes));
  const std::size_t sector = (1 + static_cast<std::size_t>(c.sector)) * kMinutesPerDay;
  double* path = &paths_[i * (kMinutesPerDay + 1)];
  double* sigma = &sigmas_[i * kMinutesPerDay];
  Rng rng = stream(kOwnPath, day_, i);
  StochasticVolatility volatility(rng);
  double sum = 0;
  double squares = 0;
  for (int m = 0; m < p.minutes; ++m) {
    const std::size_t k = static_cast<std::size_t>(m);
    sigma[k] = base * volatility_shape(i, m) * volatility.next(rng);
    const double r =
        sigma[k] * (c.market_loading * factors_[offset + k] +
                    c.sector_loading * factors_[sector + offset + k] + own * fat_normal(rng));
    path[k + 1] = r;
    sum += r;
    squares += sigma[k] * sigma[k];
  }
  // The minutes shall add up to the day: what is missing goes to each in proportion to its
  // variance, as in a Brownian bridge.
  const double missing = (p.diffusion - sum) / squares;
  for (int m = 0; m < p.minutes; ++m) {
    const std::size_t k = static_cast<std::size_t>(m);
    path[k + 1] += missing * sigma[k] * sigma[k];
  }
  for (const Jump& j : p.jumps) path[static_cast<std::size_t>(j.minute) + 1] += j.log_return;
  path[0] = p.open_log;
  for (int m = 0; m < p.minutes; ++m) {
    const std::size_t k = static_cast<std::size_t>(m);
    path[k + 1] += path[k];
  }
}

}  // namespace bw::ingestion::simulator
