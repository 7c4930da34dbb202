#include "bellwether/indicators/atr.hpp"
#include "bellwether/indicators/bollinger.hpp"
#include "bellwether/indicators/ema.hpp"
#include "bellwether/indicators/macd.hpp"
#include "bellwether/indicators/rsi.hpp"
#include "bellwether/indicators/sma.hpp"
#include "bellwether/indicators/vwap.hpp"

namespace bw::indicators {
namespace {

/// Reads a count in [0, limit].
Result<void> read_count(Reader& in, int limit, int& to, const char* field) {
  const auto n = in.get<std::int32_t>();
  if (!in.ok() || n < 0 || n > limit) {
    return fail(ErrorCode::data_loss, "saved state is damaged", field);
  }
  to = n;
  return {};
}

}  // namespace

Result<Sma> Sma::create(int period) {
  return check_period(period, 1, "sma.period").map([&] { return Sma(period); });
}

Result<Ema> Ema::create(int period) {
  return check_period(period, 1, "ema.period").map([&] { return Ema(period); });
}

void Ema::save(Writer& out) const {
  out.put(static_cast<std::int32_t>(period_));
  out.put(static_cast<std::int32_t>(count_));
  out.put(value_);
}

Result<void> Ema::load(Reader& in) {
  if (auto r = expect_period(in, period_, "ema.period"); !r) return r;
  if (auto r = read_count(in, period_, count_, "ema.count"); !r) return r;
  return read_finite(in, value_, "ema.value");
}

Result<Rsi> Rsi::create(int period) {
  return check_period(period, 2, "rsi.period").map([&] { return Rsi(period); });
}

bool Rsi::seed(double rise, double fall) noexcept {
  if (count_ > 0) {  // the first value has nothing before it to rise or fall from
    gain_ += rise;
    loss_ += fall;
  }
  if (++count_ <= period_) return false;
  gain_ /= period_;
  loss_ /= period_;
  return true;
}

void Rsi::scale(double factor) noexcept {
  last_ *= factor;
  gain_ *= factor;
  loss_ *= factor;
}

void Rsi::save(Writer& out) const {
  out.put(static_cast<std::int32_t>(period_));
  out.put(static_cast<std::int32_t>(count_));
  for (const double v : {last_, gain_, loss_}) out.put(v);
}

Result<void> Rsi::load(Reader& in) {
  if (auto r = expect_period(in, period_, "rsi.period"); !r) return r;
  if (auto r = read_count(in, period_ + 1, count_, "rsi.count"); !r) return r;
  for (double* v : {&last_, &gain_, &loss_}) {
    if (auto r = read_finite(in, *v, "rsi"); !r) return r;
  }
  return {};
}

Result<Macd> Macd::create(Periods p) {
  if (auto r = check_period(p.fast, 1, "macd.fast"); !r) return tl::unexpected(r.error());
  if (auto r = check_period(p.slow, 2, "macd.slow"); !r) return tl::unexpected(r.error());
  if (auto r = check_period(p.signal, 1, "macd.signal"); !r) return tl::unexpected(r.error());
  if (p.fast >= p.slow) {
    return fail(ErrorCode::invalid_argument, "must be shorter than macd.slow", "macd.fast",
                "for example fast 12, slow 26");
  }
  return Macd(*Ema::create(p.fast), *Ema::create(p.slow), *Ema::create(p.signal));
}

void Macd::scale(double factor) noexcept {
  fast_.scale(factor);
  slow_.scale(factor);
  signal_.scale(factor);
}

void Macd::save(Writer& out) const {
  fast_.save(out);
  slow_.save(out);
  signal_.save(out);
  out.put(static_cast<std::int32_t>(skip_));
}

Result<void> Macd::load(Reader& in) {
  if (auto r = fast_.load(in); !r) return r;
  if (auto r = slow_.load(in); !r) return r;
  if (auto r = signal_.load(in); !r) return r;
  return read_count(in, slow_.period() - fast_.period(), skip_, "macd.skip");
}

Result<Bollinger> Bollinger::create(int period, double width) {
  if (auto r = check_period(period, 2, "bollinger.period"); !r) return tl::unexpected(r.error());
  if (!(width > 0 && width <= 100)) {
    return fail(ErrorCode::invalid_argument, "is out of range", "bollinger.width",
                "give a number of standard deviations above 0 and at most 100");
  }
  return Bollinger(period, width);
}

void Bollinger::save(Writer& out) const {
  moments_.save(out);
  out.put(width_);
}

Result<void> Bollinger::load(Reader& in) {
  if (auto r = moments_.load(in, "bollinger.period"); !r) return r;
  double width = 0;
  if (auto r = read_finite(in, width, "bollinger.width"); !r) return r;
  if (width == width_) return {};
  return fail(ErrorCode::failed_precondition, "state was saved with another width",
              "bollinger.width", "configure what was saved, or start from empty state");
}

Result<Atr> Atr::create(int period) {
  return check_period(period, 1, "atr.period").map([&] { return Atr(period); });
}

bool Atr::seed(double range) noexcept {
  if (count_ > 0) value_ += range;  // the first bar has no close before it
  if (++count_ <= period_) return false;
  value_ /= period_;
  return true;
}

void Atr::scale(double factor) noexcept {
  last_ *= factor;
  value_ *= factor;
}

void Atr::save(Writer& out) const {
  out.put(static_cast<std::int32_t>(period_));
  out.put(static_cast<std::int32_t>(count_));
  out.put(last_);
  out.put(value_);
}

Result<void> Atr::load(Reader& in) {
  if (auto r = expect_period(in, period_, "atr.period"); !r) return r;
  if (auto r = read_count(in, period_ + 1, count_, "atr.count"); !r) return r;
  if (auto r = read_finite(in, last_, "atr.last"); !r) return r;
  return read_finite(in, value_, "atr.value");
}

void Vwap::save(Writer& out) const {
  out.put(traded_);
  out.put(volume_);
}

Result<void> Vwap::load(Reader& in) {
  if (auto r = read_finite(in, traded_, "vwap.traded"); !r) return r;
  return read_finite(in, volume_, "vwap.volume");
}

}  // namespace bw::indicators
