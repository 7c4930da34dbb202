#include "features_machine.hpp"

namespace bw::analytics {
namespace {

constexpr std::uint32_t kStateVersion = 1;

constexpr bool is_longer(Timeframe a, Timeframe b) noexcept { return index_of(a) > index_of(b); }

}  // namespace

void Bucket::save(Writer& out) const {
  out.put(static_cast<std::uint8_t>(used));
  if (!used) return;
  out.put(static_cast<std::uint8_t>(partial));
  out.put(candle.open_time);
  out.put(candle.close_time);
  for (const double v :
       {candle.high, candle.low, candle.close, candle.volume, candle.traded}) {
    out.put(v);
  }
  out.put(candle.close_price);
}

Result<void> Bucket::load(Reader& in) {
  *this = Bucket{};
  used = in.get<std::uint8_t>() != 0;
  if (!used) return {};
  partial = in.get<std::uint8_t>() != 0;
  in.get(candle.open_time);
  in.get(candle.close_time);
  for (double* v :
       {&candle.high, &candle.low, &candle.close, &candle.volume, &candle.traded}) {
    if (auto r = indicators::read_finite(in, *v, "analytics.bucket"); !r) return r;
  }
  in.get(candle.close_price);
  return {};
}

void InstrumentUnit::on_bar(const Bar& bar, runtime::Emit& out) {
  if (bar.timeframe == Timeframe::none) return;
  if (bar.open_time >= next_end_) flush(bar.open_time, out);
  last_middle_ = std::max(last_middle_, bar.open_time + (bar.close_time - bar.open_time) / 2);
  if (!splits_.empty()) apply_splits();
  const Timeframe tf = bar.timeframe;
  TimeNs& last = last_in_[index_of(tf)];
  if (bar.open_time <= last) return note_late(tf);  // its moment has passed
  last = bar.open_time;
  if (tf != Timeframe::d1) enter_session(bar.open_time);
  if (base_ == Timeframe::none || is_longer(base_, tf)) {
    base_ = tf;
    fresh_ = TimeframeSet{}.bits;
    for (Bucket& b : buckets_) b.used = false;
    next_end_ = kTimeMax;
  }
  const Candle c = to_candle(bar);
  if (tf == base_ && tf != Timeframe::d1 && in_session_) aggregate(c, tf, out);
  publish(tf, c, out);
}

void InstrumentUnit::note_late(Timeframe from) noexcept {
  for (const Timeframe tf : kTimeframes) {
    if (!is_longer(from, tf)) ++gaps_[index_of(tf)].late_bars;
  }
}

void InstrumentUnit::enter_session(TimeNs t) noexcept {
  if (in_session_ && t >= session_open_ && t < session_close_) return;
  const calendar::Calendar& calendar = config_->sessions.of(instrument_);
  const auto session = calendar.session_at(t);
  in_session_ = true;
  if (session) {
    session_open_ = session->open;
    session_close_ = session->close;
  } else if (!calendar.covers(t)) {
    session_open_ = static_cast<TimeNs>(utc_day(t)) * kDay;
    session_close_ = session_open_ + kDay;
  } else {
    in_session_ = false;
  }
}

void InstrumentUnit::aggregate(const Candle& c, Timeframe from, runtime::Emit& out) {
  for (const Timeframe tf : kTimeframes) {
    if (!is_longer(tf, from) || !config_->timeframes.has(tf)) continue;
    Bucket& b = buckets_[index_of(tf)];
    if (b.used) {
      b.add(c);
    } else {
      open_bucket(tf, c);
    }
  }
  if (c.close_time >= next_end_) flush(c.close_time, out);
}

void InstrumentUnit::open_bucket(Timeframe tf, const Candle& c) {
  TimeNs open = session_open_;
  TimeNs close = session_close_;
  if (tf != Timeframe::d1) {
    const DurationNs length = duration_of(tf);
    open += (c.open_time - session_open_) / length * length;
    close = std::min(open + length, session_close_);
  }
  const auto mine = static_cast<std::uint8_t>(1U << index_of(tf));
  const bool is_first = (fresh_ & mine) != 0;
  fresh_ = static_cast<std::uint8_t>(fresh_ & ~mine);
  buckets_[index_of(tf)].begin(open, close, c, is_first && c.open_time > open);
  next_end_ = std::min(next_end_, close);
}

void InstrumentUnit::flush(TimeNs until, runtime::Emit& out) {
  // What ended first comes first; of those that end together the longest.
  while (true) {
    Bucket* first = nullptr;
    for (std::size_t i = kTimeframeCount; i-- > 0;) {
      Bucket& b = buckets_[i];
      if (!b.used) continue;
      if (first == nullptr || b.candle.close_time < first->candle.close_time) first = &b;
    }
    next_end_ = first != nullptr ? first->candle.close_time : kTimeMax;
    if (next_end_ > until || first == nullptr) return;
    first->used = false;
    const auto i = static_cast<std::size_t>(first - buckets_.data());
    if (!first->partial) publish(kTimeframes[i], first->candle, out);
  }
}

void InstrumentUnit::publish(Timeframe tf, const Candle& c, runtime::Emit& out) {
  if (!config_->timeframes.has(tf)) return;
  // A day is its own session. Other bars belong to the session entered last.
  const TimeNs session = tf == Timeframe::d1 ? c.open_time : session_open_;
  Track& t = track(tf);
  Gaps& g = gaps_[index_of(tf)];
  if (t.update(c, session, g.newest)) {
    out.publish(instrument_.value, t.feature());
  } else {
    ++g.late_bars;  // published before, from what there was or from the provider's own bar
  }
}

Track& InstrumentUnit::track(Timeframe tf) {
  auto& t = tracks_[index_of(tf)];
  if (!t) t.emplace(instrument_, tf);
  return *t;
}

void InstrumentUnit::on_session(const Session& session, runtime::Emit& out) {
  if (session.state != SessionState::opened && session.state != SessionState::closed) return;
  if (session.at >= next_end_) flush(session.at, out);
}

void InstrumentUnit::Gaps::note(const Gap& gap) noexcept {
  const TimeNs to = gap.to > gap.from ? gap.to : kTimeMax;
  const bool same = newest.to != INT64_MIN && gap.from == newest.from;
  if (gap.state == GapState::backfilled) {
    // Filled in order, as if it had never been: forgotten. Filled too late to be used: it stays.
    if (same && late_bars == 0) *this = Gaps{};
    return;
  }
  if (same) {
    newest.to = to == kTimeMax ? to : std::max(to, reach);
  } else if (to > newest.to) {
    *this = Gaps{{gap.from, to}, INT64_MIN, 0};
  } else if (newest.to == kTimeMax && to != kTimeMax) {
    reach = std::max(reach, to);
  }
}

void InstrumentUnit::on_gap(const Gap& gap) noexcept {
  // What is missing in minutes is missing in hours; a missing day says nothing of the minutes.
  for (const Timeframe tf : kTimeframes) {
    if (gap.timeframe == Timeframe::none || !is_longer(gap.timeframe, tf)) {
      gaps_[index_of(tf)].note(gap);
    }
  }
}

void InstrumentUnit::on_corporate_action(const CorporateAction& action) noexcept {
  // Dividends stay in the prices: an indicator of traded prices sees the drop that traders saw.
  if (action.kind != CorporateActionKind::split || !action.ratio.is_positive()) return;
  if (splits_.full()) return;
  const calendar::Calendar& calendar = config_->sessions.of(instrument_);
  // Too late: prices of the new kind are among the old ones already, and scaling would spoil them.
  if (last_middle_ != INT64_MIN && action.ex_date <= calendar.local_day(last_middle_)) return;
  splits_.push_back({action.ex_date, 1.0 / action.ratio.to_double()});
}

void InstrumentUnit::apply_splits() noexcept {
  const DayNumber day = config_->sessions.of(instrument_).local_day(last_middle_);
  FixedVector<PendingSplit, kMaxPendingSplits> rest;
  for (const PendingSplit& s : splits_) {
    if (s.ex_date > day) {
      rest.push_back(s);
      continue;
    }
    for (auto& t : tracks_) {
      if (t) t->scale(s.factor);
    }
    for (Bucket& b : buckets_) b.candle.scale(s.factor);
  }
  splits_ = rest;
}

void InstrumentUnit::save(Writer& out) const {
  out.put(kStateVersion);
  out.put(indicators::feature_set_hash());
  out.put(config_->timeframes.bits);
  out.put(base_);
  out.put(session_open_);
  out.put(session_close_);
  out.put(static_cast<std::uint8_t>(in_session_));
  out.put(next_end_);
  out.put(last_middle_);
  out.put(fresh_);
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    buckets_[i].save(out);
    out.put(gaps_[i].newest.from);
    out.put(gaps_[i].newest.to);
    out.put(gaps_[i].reach);
    out.put(gaps_[i].late_bars);
    out.put(last_in_[i]);
    out.put(static_cast<std::uint8_t>(tracks_[i].has_value()));
    if (tracks_[i]) tracks_[i]->save(out);
  }
  out.put(static_cast<std::uint8_t>(splits_.size()));
  for (const PendingSplit& s : splits_) {
    out.put(s.ex_date);
    out.put(s.factor);
  }
}

Result<void> InstrumentUnit::load(Reader& in) {
  const auto version = in.get<std::uint32_t>();
  const auto set = in.get<std::uint64_t>();
  const auto timeframes = in.get<std::uint8_t>();
  if (!in.ok()) return fail(ErrorCode::data_loss, "saved state is cut short", "analytics.unit");
  if (version != kStateVersion || set != indicators::feature_set_hash() ||
      timeframes != config_->timeframes.bits) {
    return fail(ErrorCode::failed_precondition,
                "state was saved by another version, feature set or list of timeframes",
                "analytics.unit", "replay market.bars from the start to rebuild it");
  }
  base_ = in.get<Timeframe>();
  in.get(session_open_);
  in.get(session_close_);
  in_session_ = in.get<std::uint8_t>() != 0;
  in.get(next_end_);
  in.get(last_middle_);
  in.get(fresh_);
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    if (auto r = buckets_[i].load(in); !r) return r;
    in.get(gaps_[i].newest.from);
    in.get(gaps_[i].newest.to);
    in.get(gaps_[i].reach);
    in.get(gaps_[i].late_bars);
    in.get(last_in_[i]);
    tracks_[i].reset();
    if (in.get<std::uint8_t>() == 0) continue;
    if (auto r = track(kTimeframes[i]).load(in); !r) return r;
  }
  const auto splits = in.get<std::uint8_t>();
  if (!in.ok() || splits > kMaxPendingSplits || base_ > Timeframe::d1) {
    return fail(ErrorCode::data_loss, "saved state is damaged", "analytics.unit");
  }
  splits_.clear();
  for (std::uint8_t i = 0; i < splits; ++i) {
    PendingSplit s;
    in.get(s.ex_date);
    if (auto r = indicators::read_finite(in, s.factor, "analytics.unit"); !r) return r;
    splits_.push_back(s);
  }
  return {};
}

void FeaturesMachine::step(const runtime::Stamped& in, runtime::Emit& out) noexcept {
  if (in.kind != Kind::market_bars) return;
  if (const auto* bar = std::get_if<Bar>(&in.event)) {
    unit(in.unit).on_bar(*bar, out);
  } else if (const auto* gap = std::get_if<Gap>(&in.event)) {
    unit(in.unit).on_gap(*gap);
  } else if (const auto* session = std::get_if<Session>(&in.event)) {
    unit(in.unit).on_session(*session, out);
  } else if (const auto* action = std::get_if<CorporateAction>(&in.event)) {
    unit(in.unit).on_corporate_action(*action);
  }
}

InstrumentUnit& FeaturesMachine::unit(Unit id) {
  if (id >= units_.size()) units_.resize(id + 1);
  auto& u = units_[id];
  if (!u) u = std::make_unique<InstrumentUnit>(InstrumentId(id), *config_);
  return *u;
}

std::vector<Unit> FeaturesMachine::units() const {
  std::vector<Unit> ids;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (units_[i]) ids.push_back(static_cast<Unit>(i));
  }
  return ids;
}

void FeaturesMachine::save_unit(Unit id, Writer& w) const {
  BW_ASSERT(id < units_.size() && units_[id], "asked to save a unit that has no state");
  units_[id]->save(w);
}

Result<void> FeaturesMachine::load_unit(Unit id, Reader& r) {
  if (id == 0 || id >= kUnitLimit) {
    return fail(ErrorCode::data_loss, "is no instrument id", "analytics.unit");
  }
  return unit(id).load(r);
}

runtime::MachineSpec features_spec(const Config& config) {
  runtime::MachineSpec spec;
  spec.kind = Kind::analytics_features;
  spec.inputs = {{Kind::market_bars, runtime::Delivery::partitioned}};
  spec.context = &config;
  spec.make = [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
    return std::make_unique<FeaturesMachine>(*static_cast<const Config*>(context));
  };
  return spec;
}

}  // namespace bw::analytics
