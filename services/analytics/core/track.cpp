#include "track.hpp"

namespace bw::analytics {

using indicators::FeatureId;
using indicators::kFeatureCount;
using indicators::kFeatureTable;
using indicators::kLongestSpan;
using indicators::slot_of;

namespace {

constexpr std::uint32_t bit(FeatureId id) noexcept { return 1U << slot_of(id); }
constexpr std::uint32_t kVwapBit = bit(FeatureId::vwap);

}  // namespace

// The parameters are those that the feature table names; the table's test holds both together.
Track::Track(InstrumentId instrument, Timeframe timeframe)
    : sma_short_(*indicators::Sma::create(20)),
      sma_middle_(*indicators::Sma::create(50)),
      sma_long_(*indicators::Sma::create(200)),
      ema_short_(*indicators::Ema::create(12)),
      ema_middle_(*indicators::Ema::create(26)),
      ema_long_(*indicators::Ema::create(50)),
      rsi_(*indicators::Rsi::create(14)),
      macd_(*indicators::Macd::create({12, 26, 9})),
      bands_(*indicators::Bollinger::create(20, 2.0)),
      atr_(*indicators::Atr::create(14)),
      opens_(static_cast<std::size_t>(kLongestSpan)) {
  feature_.instrument = instrument;
  feature_.timeframe = timeframe;
  feature_.count = static_cast<std::uint8_t>(kFeatureCount);
  feature_.feature_set = indicators::feature_set_hash();
}

bool Track::update(const Candle& c, TimeNs session_open, const GapSpan& gap) noexcept {
  if (c.open_time <= last_open_) return false;
  last_open_ = c.open_time;
  opens_[at_] = c.open_time;
  at_ = at_ + 1 == opens_.size() ? 0 : at_ + 1;
  if (session_open != session_) {
    session_ = session_open;
    session_from_ = c.open_time;
    vwap_.reset();
  }
  compute(c);
  set_valid();
  feature_.bar_open = c.open_time;
  feature_.bar_close = c.close_time;
  feature_.close = c.close_price;
  set_range(c);
  set_gap(c, gap);
  return true;
}

void Track::compute(const Candle& c) noexcept {
  auto& v = feature_.values;
  const auto set = [&v](FeatureId id, double x) { v[slot_of(id)] = x; };
  set(FeatureId::sma_20, sma_short_.update(c.close).value);
  set(FeatureId::sma_50, sma_middle_.update(c.close).value);
  set(FeatureId::sma_200, sma_long_.update(c.close).value);
  set(FeatureId::ema_12, ema_short_.update(c.close).value);
  set(FeatureId::ema_26, ema_middle_.update(c.close).value);
  set(FeatureId::ema_50, ema_long_.update(c.close).value);
  set(FeatureId::rsi_14, rsi_.update(c.close).value);
  const indicators::MacdReading macd = macd_.update(c.close);
  set(FeatureId::macd, macd.macd);
  set(FeatureId::macd_signal, macd.signal);
  set(FeatureId::macd_histogram, macd.histogram);
  const indicators::BandsReading bands = bands_.update(c.close);
  set(FeatureId::bollinger_upper, bands.upper);
  set(FeatureId::bollinger_middle, bands.middle);
  set(FeatureId::bollinger_lower, bands.lower);
  if (bands.ready) {
    set(FeatureId::bollinger_percent_b, bands.percent_b(c.close));
    set(FeatureId::bollinger_bandwidth, bands.bandwidth());
  }
  set(FeatureId::atr_14, atr_.update(c.high, c.low, c.close).value);
  set(FeatureId::vwap, vwap_.add(c.traded, c.volume).value);
}

void Track::set_warm() noexcept {
  warm_ = 0;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (count_ >= kFeatureTable[i].warm_up) warm_ |= 1U << i;
  }
  warm_ &= ~kVwapBit;
}

void Track::set_valid() noexcept {
  if (count_ < kLongestSpan) {
    ++count_;
    set_warm();
  }
  feature_.valid = warm_ | (vwap_.ready() ? kVwapBit : 0U);
}

TimeNs Track::open_of_bar_back(int bars) const noexcept {
  const std::size_t n = opens_.size();
  const auto back = static_cast<std::size_t>(bars < count_ ? bars : count_);
  return opens_[at_ >= back ? at_ - back : at_ + n - back];
}

void Track::set_range(const Candle& c) noexcept {
  TimeNs from = c.open_time;
  if (count_ == kLongestSpan) {
    from = open_of_bar_back(kLongestSpan);
  } else {
    int longest = 1;
    for (std::size_t i = 0; i < kFeatureCount; ++i) {
      if ((feature_.valid >> i & 1U) != 0) longest = std::max(longest, kFeatureTable[i].span);
    }
    from = open_of_bar_back(longest);
  }
  if ((feature_.valid & kVwapBit) != 0) from = std::min(from, session_from_);
  feature_.data_from = from;
}

void Track::set_gap(const Candle& c, const GapSpan& gap) noexcept {
  feature_.gapped = 0;
  feature_.over_gap = false;
  feature_.gap_from = 0;
  feature_.gap_to = 0;
  if (gap.to <= feature_.data_from || gap.from >= c.close_time) return;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if ((feature_.valid >> i & 1U) == 0) continue;
    const int span = kFeatureTable[i].span;
    const TimeNs start = span == 0 ? session_from_ : open_of_bar_back(span);
    if (gap.to > start) feature_.gapped |= 1U << i;
  }
  if (feature_.gapped == 0) return;
  feature_.over_gap = true;
  feature_.gap_from = gap.from;
  feature_.gap_to = gap.to == kTimeMax ? 0 : gap.to;
}

void Track::scale(double factor) noexcept {
  for (indicators::Sma* k : {&sma_short_, &sma_middle_, &sma_long_}) k->scale(factor);
  for (indicators::Ema* k : {&ema_short_, &ema_middle_, &ema_long_}) k->scale(factor);
  rsi_.scale(factor);
  macd_.scale(factor);
  bands_.scale(factor);
  atr_.scale(factor);
  vwap_.scale(factor);
}

void Track::save(Writer& out) const {
  for (const indicators::Sma* k : {&sma_short_, &sma_middle_, &sma_long_}) k->save(out);
  for (const indicators::Ema* k : {&ema_short_, &ema_middle_, &ema_long_}) k->save(out);
  rsi_.save(out);
  macd_.save(out);
  bands_.save(out);
  atr_.save(out);
  vwap_.save(out);
  for (const TimeNs t : opens_) out.put(t);
  out.put(static_cast<std::uint32_t>(at_));
  out.put(static_cast<std::int32_t>(count_));
  out.put(last_open_);
  out.put(session_);
  out.put(session_from_);
}

Result<void> Track::load(Reader& in) {
  for (indicators::Sma* k : {&sma_short_, &sma_middle_, &sma_long_}) {
    if (auto r = k->load(in); !r) return r;
  }
  for (indicators::Ema* k : {&ema_short_, &ema_middle_, &ema_long_}) {
    if (auto r = k->load(in); !r) return r;
  }
  if (auto r = rsi_.load(in); !r) return r;
  if (auto r = macd_.load(in); !r) return r;
  if (auto r = bands_.load(in); !r) return r;
  if (auto r = atr_.load(in); !r) return r;
  if (auto r = vwap_.load(in); !r) return r;
  for (TimeNs& t : opens_) in.get(t);
  const auto at = in.get<std::uint32_t>();
  const auto count = in.get<std::int32_t>();
  in.get(last_open_);
  in.get(session_);
  in.get(session_from_);
  if (!in.ok() || at >= opens_.size() || count < 0 || count > kLongestSpan) {
    return fail(ErrorCode::data_loss, "saved state is damaged", "analytics.track");
  }
  at_ = at;
  count_ = count;
  set_warm();
  return {};
}

}  // namespace bw::analytics
