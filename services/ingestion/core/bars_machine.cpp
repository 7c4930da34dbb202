#include "ingestion/core/bars_machine.hpp"

#include <algorithm>

namespace bw::ingestion {

using runtime::Emit;
using runtime::Stamped;

void BarsMachine::step(const Stamped& in, Emit& out) noexcept {
  if (const auto* trade = std::get_if<Trade>(&in.event)) return on_trade(*trade, in.unit, out);
  if (const auto* bar = std::get_if<RawBar>(&in.event)) return on_raw_bar(*bar, in.unit, out);
  if (const auto* quote = std::get_if<Quote>(&in.event)) return on_quote(*quote, in.unit, out);
  if (const auto* timer = std::get_if<Timer>(&in.event)) return on_timer(*timer, in.unit, out);
  if (const auto* action = std::get_if<RawCorporateAction>(&in.event)) {
    return on_action(*action, in.unit, out);
  }
  if (const auto* feed = std::get_if<RawFeedState>(&in.event)) {
    return on_feed_state(*feed, in.unit, out);
  }
  if (const auto* gap = std::get_if<Gap>(&in.event)) return on_feed_gap(*gap, in.unit, out);
  if (const auto* reject = std::get_if<RawReject>(&in.event)) {
    out.publish(in.unit, reject->quality);
  }
}

BarsMachine::State* BarsMachine::state(Unit unit) {
  if (unit < states_.size() && states_[unit]) [[likely]]
    return states_[unit].get();
  const Instrument* i = config_.reference->find(unit);
  if (i == nullptr) return nullptr;
  if (unit >= states_.size()) states_.resize(unit + 1);
  states_[unit] = std::make_unique<State>(config_, *i);
  return states_[unit].get();
}

BarSeries& BarsMachine::series(State& s, Timeframe tf) const {
  auto& slot = s.series[static_cast<std::size_t>(tf)];
  if (!slot) slot = std::make_unique<BarSeries>(config_, s.instrument, tf);
  return *slot;
}

namespace {

/// What is wrong with a bar's values, none where nothing is. `field` and `value` say where.
QualityReason judge(const Bar& b, bool any_sign, std::string_view& field) noexcept {
  const std::array<std::pair<std::string_view, Price>, 4> prices{
      {{"open", b.open}, {"high", b.high}, {"low", b.low}, {"close", b.close}}};
  if (b.timeframe == Timeframe::none || b.close_time <= b.open_time) {
    field = "the bar's time is empty";
    return QualityReason::malformed_row;
  }
  for (const auto& [name, price] : prices) {
    if (any_sign || price.is_positive()) continue;
    field = name;
    return price.is_zero() ? QualityReason::zero_price : QualityReason::negative_price;
  }
  if (b.high < b.low) {
    field = "high is below low";
    return QualityReason::high_below_low;
  }
  if (b.open > b.high || b.open < b.low || b.close > b.high || b.close < b.low) {
    field = "open or close is outside low and high";
    return QualityReason::high_below_low;
  }
  if (b.volume.is_negative()) {
    field = "volume";
    return QualityReason::negative_volume;
  }
  return QualityReason::none;
}

}  // namespace

bool BarsMachine::believable(State& s, const RawBar& raw, Emit& out) const {
  const Bar& b = raw.bar;
  const Unit unit = s.instrument.id.value;
  const bool index = s.instrument.asset_class == AssetClass::index;  // breadth goes below zero
  std::string_view field;
  const QualityReason reason = judge(b, index, field);
  if (reason != QualityReason::none) {
    publish_quality(out, unit, reason, b.open_time, raw.origin, field);
    return false;
  }
  // A daily bar's row may stand for the day, before its close.
  if (b.timeframe != Timeframe::d1 && b.close_time > out.now() + kMaxTimeAhead) {
    publish_quality(out, unit, QualityReason::malformed_row, b.open_time, raw.origin,
                    "stamp is more than a day ahead");
    return false;
  }
  const bool new_session = s.sessions.is_new_session(b.open_time);
  if (!s.sessions.on_row(b.open_time, out)) {
    publish_quality(out, unit, QualityReason::off_session, b.open_time, raw.origin,
                    config_.keep_off_session ? "kept" : "left out (config keep_off_session)");
    if (!config_.keep_off_session) return false;
  }
  // Over night and from day to day prices may jump; within a day a lone jump is a bad print.
  if (b.timeframe == Timeframe::d1 || index) return true;
  if (new_session) s.spikes.reset();
  if (!s.spikes.accept(b.low, b.high, b.close, config_.spike_basis_points,
                       config_.spike_confirmations)) {
    publish_quality(out, unit, QualityReason::price_spike, b.open_time, raw.origin,
                    "too far from the last bars' prices");
    return false;
  }
  return true;
}

void BarsMachine::on_raw_bar(const RawBar& raw, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) {
    publish_quality(out, unit, QualityReason::unknown_instrument, raw.bar.open_time, raw.origin,
                    {});
    return;
  }
  if (!believable(*s, raw, out)) return;
  if (raw.bar.timeframe == Timeframe::m1) {
    s->provider_until = std::max(s->provider_until, raw.bar.close_time + kDay);
    s->marked = std::max(s->marked, raw.bar.close_time);
  }
  series(*s, raw.bar.timeframe).on_bar(raw.bar, raw.origin, out);
}

void BarsMachine::on_trade(const Trade& trade, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr || !config_.bars_from_trades || trade.source_time < s->provider_until) return;
  const TimeNs minute = TradeBars::minute_of(trade.source_time);
  s->marked = std::max(s->marked, minute);
  if (!s->sessions.on_row(trade.source_time, out) && !config_.keep_off_session) {
    if (!s->off_session) {
      s->off_session = true;
      publish_quality(out, unit, QualityReason::off_session, trade.source_time, {},
                      "trades outside the session make no bars (config keep_off_session)");
    }
    if (s->building.building() && s->building.completes(trade.source_time))
      close_built_bar(*s, out);
    return;
  }
  s->off_session = false;
  if (s->building.completes(trade.source_time)) close_built_bar(*s, out);
  switch (s->building.add(trade)) {
    case TradeBars::Outcome::started:
      out.set_timer(unit, std::max(minute + kMinute + config_.bar_grace, out.now() + 1),
                    static_cast<std::uint32_t>(TimerTag::minute_end));
      break;
    case TradeBars::Outcome::late:
      publish_quality(out, unit, QualityReason::out_of_order, trade.source_time, {},
                      "a trade of a minute whose bar has been published");
      break;
    case TradeBars::Outcome::overflow:
      publish_quality(out, unit, QualityReason::malformed_row, trade.source_time, {},
                      "the minute's volume is beyond what can be counted");
      break;
    case TradeBars::Outcome::added:
      out.touch(unit);
      break;
  }
}

void BarsMachine::close_built_bar(State& s, Emit& out) const {
  series(s, Timeframe::m1).on_bar(s.building.take(s.instrument.id), {}, out);
}

void BarsMachine::on_quote(const Quote& quote, Unit unit, Emit& out) {
  if (!config_.marks_from_quotes) return;
  State* s = state(unit);
  if (s == nullptr) return;
  const TimeNs minute = TradeBars::minute_of(quote.source_time);
  if (minute <= s->marked || quote.source_time < s->provider_until) return;
  if (!quote.bid.is_positive() || quote.ask < quote.bid) return;
  s->marked = minute;
  Mark m;
  m.instrument = s->instrument.id;
  m.price = Price::from_raw(quote.bid.raw() + (quote.ask.raw() - quote.bid.raw()) / 2);
  m.source_time = quote.source_time;
  out.publish(unit, m);
}

void BarsMachine::on_timer(const Timer& timer, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) return;
  constexpr auto kWatch = static_cast<std::uint32_t>(TimerTag::watch);
  if (timer.tag == static_cast<std::uint32_t>(TimerTag::minute_end)) {
    // A later trade may have closed that bar and begun another.
    const bool due = out.now() >= s->building.open_time() + kMinute + config_.bar_grace;
    if (s->building.building() && due) close_built_bar(*s, out);
  } else if (timer.tag == static_cast<std::uint32_t>(TimerTag::session)) {
    s->sessions.on_timer(out);
  } else if (timer.tag < kWatch) {
    series(*s, static_cast<Timeframe>(timer.tag)).on_hold_timer(out);
  } else {
    series(*s, static_cast<Timeframe>(timer.tag - kWatch)).on_watch_timer(out);
  }
}

void BarsMachine::on_action(const RawCorporateAction& raw, Unit unit, Emit& out) {
  const CorporateAction& a = raw.action;
  const bool split = a.kind == CorporateActionKind::split && a.ratio.is_positive();
  const bool dividend = a.kind == CorporateActionKind::dividend && a.amount.is_positive();
  if (!split && !dividend) {
    publish_quality(out, unit, QualityReason::malformed_row, 0, raw.origin,
                    "a split needs a ratio above 0, a dividend an amount above 0");
    return;
  }
  State* s = state(unit);
  if (s == nullptr) {
    publish_quality(out, unit, QualityReason::unknown_instrument, 0, raw.origin, {});
    return;
  }
  const auto known = std::find_if(s->actions.begin(), s->actions.end(), [&](const auto& k) {
    return k.kind == a.kind && k.ex_date == a.ex_date;
  });
  if (known != s->actions.end()) {
    const bool equal = split ? known->ratio == a.ratio : known->amount == a.amount;
    publish_quality(out, unit, equal ? QualityReason::duplicate : QualityReason::malformed_row, 0,
                    raw.origin,
                    equal ? "the same corporate action again"
                          : "a second one for this day with another amount; the first one stays");
    return;
  }
  s->actions[s->actions_seen++ % kActions] = a;
  if (split) s->spikes.reset();
  out.publish(unit, a);
}

/// A gap of the trades and quotes is one of the bars that are built from them: who reads bars only
/// must know of it. Where a provider's minutes stand for the trades it is none.
void BarsMachine::on_feed_gap(const Gap& gap, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) return;
  const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(gap.cause));
  if (gap.state == GapState::opened) {
    if (gap.from < s->provider_until) return;
    s->feed_gaps = static_cast<std::uint8_t>(s->feed_gaps | bit);
  } else {
    if ((s->feed_gaps & bit) == 0) return;  // its opening was not passed on
    s->feed_gaps = static_cast<std::uint8_t>(s->feed_gaps & ~bit);
  }
  out.publish(unit, gap);
}

void BarsMachine::on_feed_state(const RawFeedState& raw, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) return;
  const bool halt = raw.state == SessionState::halted;
  if (!halt && raw.state != SessionState::resumed)
    return;  // connections: market.ticks says the gap
  for (auto& series : s->series) {
    if (!series) continue;
    series->set_halted(halt);
    if (!halt) series->expect_from(TradeBars::minute_of(raw.at + kMinute - 1));
  }
  Session e;
  e.instrument = s->instrument.id;
  e.state = raw.state;
  e.date = config_.reference->sessions(s->instrument).local_day(raw.at);
  e.at = raw.at;
  out.publish(unit, e);
}

std::vector<Unit> BarsMachine::units() const {
  std::vector<Unit> all;
  for (Unit u = 0; u < states_.size(); ++u) {
    if (states_[u]) all.push_back(u);
  }
  return all;
}

void BarsMachine::save_unit(Unit unit, Writer& w) const {
  const State& s = *states_[unit];
  s.sessions.save(w);
  s.spikes.save(w);
  s.building.save(w);
  w.put(s.provider_until);
  w.put(s.marked);
  w.put(s.off_session);
  for (const CorporateAction& a : s.actions) {
    w.put(a.kind);
    w.put(a.ex_date);
    w.put(a.ratio);
    w.put(a.amount);
  }
  w.put(s.actions_seen);
  w.put(s.feed_gaps);
  for (const auto& series : s.series) {
    w.put(series != nullptr);
    if (series) series->save(w);
  }
}

Result<void> BarsMachine::load_unit(Unit unit, Reader& r) {
  State* s = state(unit);
  if (s == nullptr) {
    return fail(ErrorCode::failed_precondition,
                "the checkpoint has instrument " + std::to_string(unit) +
                    ", which the instrument reference lacks",
                "market.bars", "put the instrument back, or start from a new checkpoint");
  }
  s->sessions.load(r);
  s->spikes.load(r);
  s->building.load(r);
  r.get(s->provider_until);
  r.get(s->marked);
  r.get(s->off_session);
  for (CorporateAction& a : s->actions) {
    r.get(a.kind);
    r.get(a.ex_date);
    r.get(a.ratio);
    r.get(a.amount);
  }
  r.get(s->actions_seen);
  r.get(s->feed_gaps);
  for (std::size_t i = 0; i < s->series.size(); ++i) {
    if (!r.get<bool>()) continue;
    series(*s, static_cast<Timeframe>(i)).load(r);
  }
  return r.finish("market.bars");
}

runtime::MachineSpec bars_spec(const Config& config) {
  runtime::MachineSpec spec;
  spec.kind = Kind::market_bars;
  spec.inputs = {{Kind::source, runtime::Delivery::partitioned},
                 {Kind::market_ticks, runtime::Delivery::partitioned}};
  spec.make = [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
    return std::make_unique<BarsMachine>(*static_cast<const Config*>(context));
  };
  spec.context = &config;
  return spec;
}

}  // namespace bw::ingestion
