#include "ingestion/core/trade_bars.hpp"

#include <algorithm>

namespace bw::ingestion {

namespace {

unsigned __int128 product(const Trade& t) noexcept {
  return static_cast<unsigned __int128>(t.price.raw()) *
         static_cast<unsigned __int128>(t.size.raw());
}

}  // namespace

TradeBars::Outcome TradeBars::add(const Trade& t) noexcept {
  const TimeNs minute = minute_of(t.source_time);
  if (minute < open_time_ || (minute == open_time_ && !building_ && trades_ != 0)) {
    return Outcome::late;
  }
  if (!building_) {
    building_ = true;
    open_time_ = minute;
    open_ = high_ = low_ = close_ = t.price;
    volume_ = t.size;
    notional_ = product(t);
    trades_ = 1;
    return Outcome::started;
  }
  const auto volume = volume_.checked_add(t.size);
  if (!volume) return Outcome::overflow;
  high_ = std::max(high_, t.price);
  low_ = std::min(low_, t.price);
  close_ = t.price;
  volume_ = *volume;
  notional_ += product(t);
  ++trades_;
  return Outcome::added;
}

Bar TradeBars::take(InstrumentId instrument) noexcept {
  Bar b;
  b.instrument = instrument;
  b.timeframe = Timeframe::m1;
  b.origin = BarOrigin::trades;
  b.open_time = open_time_;
  b.close_time = open_time_ + kMinute;
  b.open = open_;
  b.high = high_;
  b.low = low_;
  b.close = close_;
  b.volume = volume_;
  const auto shares = static_cast<unsigned __int128>(volume_.raw());
  // Half up; between low and high, so it fits.
  b.vwap = Price::from_raw(static_cast<std::int64_t>((notional_ + shares / 2) / shares));
  b.trades = trades_;
  building_ = false;
  return b;
}

void TradeBars::save(Writer& w) const {
  w.put(building_);
  w.put(open_time_);
  w.put(open_);
  w.put(high_);
  w.put(low_);
  w.put(close_);
  w.put(volume_);
  w.put(static_cast<std::uint64_t>(notional_));
  w.put(static_cast<std::uint64_t>(notional_ >> 64));
  w.put(trades_);
}

void TradeBars::load(Reader& r) noexcept {
  r.get(building_);
  r.get(open_time_);
  r.get(open_);
  r.get(high_);
  r.get(low_);
  r.get(close_);
  r.get(volume_);
  const auto low = r.get<std::uint64_t>();
  const auto high = r.get<std::uint64_t>();
  notional_ = static_cast<unsigned __int128>(high) << 64 | low;
  r.get(trades_);
}

}  // namespace bw::ingestion
