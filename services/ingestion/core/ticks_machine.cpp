#include "ingestion/core/ticks_machine.hpp"

#include <algorithm>

#include "ingestion/core/bar_series.hpp"

namespace bw::ingestion {

using runtime::Emit;
using runtime::Stamped;

void TicksMachine::step(const Stamped& in, Emit& out) noexcept {
  if (const auto* quote = std::get_if<RawQuote>(&in.event)) return on_quote(*quote, in.unit, out);
  if (const auto* trade = std::get_if<RawTrade>(&in.event)) return on_trade(*trade, in.unit, out);
  if (const auto* depth = std::get_if<RawDepth>(&in.event)) return on_depth(*depth, in.unit, out);
  if (const auto* feed = std::get_if<RawFeedState>(&in.event)) {
    return on_feed_state(*feed, in.unit, out);
  }
  if (const auto* reject = std::get_if<RawReject>(&in.event)) {
    out.publish(in.unit, reject->quality);
  }
}

TicksMachine::State* TicksMachine::state(Unit unit) {
  if (unit < states_.size() && states_[unit]) [[likely]]
    return states_[unit].get();
  if (config_.reference->find(unit) == nullptr) return nullptr;
  if (unit >= states_.size()) states_.resize(unit + 1);
  states_[unit] = std::make_unique<State>();
  return states_[unit].get();
}

bool TicksMachine::believable(State& s, const RawTrade& raw, Unit unit, Emit& out) const {
  const Trade& t = raw.trade;
  const auto refuse = [&](QualityReason reason, std::string_view detail) {
    publish_quality(out, unit, reason, t.source_time, raw.origin, detail);
    return false;
  };
  if (t.price.is_negative()) return refuse(QualityReason::negative_price, "price");
  if (t.price.is_zero()) return refuse(QualityReason::zero_price, "price");
  if (t.size.is_negative()) return refuse(QualityReason::negative_volume, "size");
  if (t.size.is_zero()) return refuse(QualityReason::malformed_row, "size is zero");
  if (raw.suspicious) return refuse(QualityReason::flagged_by_source, "marked by the provider");
  if (t.trade_id != 0) {
    const auto& ids = s.trade_ids;
    if (std::find(ids.begin(), ids.end(), t.trade_id) != ids.end()) {
      return refuse(QualityReason::duplicate, "the same trade id again");
    }
  }
  if (t.source_time > out.now() + kMaxTimeAhead) {
    return refuse(QualityReason::malformed_row, "stamp is more than a day ahead");
  }
  if (t.source_time < s.trade_time - config_.max_time_backwards) {
    return refuse(QualityReason::time_backwards, "stamp is before the trades that came earlier");
  }
  if (t.source_time > s.trade_time + kHour) s.spikes.reset();  // a night, a halt: prices may jump
  if (!s.spikes.accept(t.price, t.price, t.price, config_.spike_basis_points,
                       config_.spike_confirmations)) {
    return refuse(QualityReason::price_spike, "too far from the last trades' prices");
  }
  return true;
}

void TicksMachine::on_trade(const RawTrade& raw, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) {
    publish_quality(out, unit, QualityReason::unknown_instrument, raw.trade.source_time, raw.origin,
                    {});
    return;
  }
  if (!believable(*s, raw, unit, out)) return;
  if (raw.trade.trade_id != 0) s->trade_ids[s->trades++ % kTradeIds] = raw.trade.trade_id;
  s->trade_time = std::max(s->trade_time, raw.trade.source_time);
  out.publish(unit, raw.trade);
}

void TicksMachine::on_quote(const RawQuote& raw, Unit unit, Emit& out) {
  const Quote& q = raw.quote;
  State* s = state(unit);
  const auto refuse = [&](QualityReason reason, std::string_view detail) {
    publish_quality(out, unit, reason, q.source_time, raw.origin, detail);
  };
  if (s == nullptr) return refuse(QualityReason::unknown_instrument, {});
  if (q.source_time > out.now() + kMaxTimeAhead) {
    return refuse(QualityReason::malformed_row, "stamp is more than a day ahead");
  }
  const bool bid = raw.bid_given && !q.bid_size.is_negative();
  const bool ask = raw.ask_given && !q.ask_size.is_negative();
  if ((bid && q.bid.is_negative()) || (ask && q.ask.is_negative())) {
    return refuse(QualityReason::negative_price, "bid or ask");
  }
  if (raw.suspicious) return refuse(QualityReason::flagged_by_source, "marked by the provider");
  const bool whole = bid && ask && q.bid_size.is_positive() && q.ask_size.is_positive();
  if (whole && q.bid_venue == q.ask_venue && q.bid > q.ask && q.ask.is_positive()) {
    return refuse(QualityReason::crossed_quote, "the venue's bid is above its ask");
  }
  s->has_quotes = true;
  RawQuote row = raw;
  row.bid_given = bid;
  row.ask_given = ask;
  out.touch(unit);
  switch (s->nbbo.update(row)) {
    case Nbbo::Outcome::same:
      return;
    case Nbbo::Outcome::too_many_venues:
      return refuse(QualityReason::malformed_row, "more than 32 venues quote this instrument");
    case Nbbo::Outcome::changed:
      break;
  }
  Quote best = s->nbbo.best();
  best.instrument = InstrumentId(unit);
  best.source_time = q.source_time;
  out.publish(unit, best);
}

void TicksMachine::on_depth(const RawDepth& raw, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) {
    if (raw.level.begin) {
      publish_quality(out, unit, QualityReason::unknown_instrument, raw.level.source_time,
                      raw.origin, {});
    }
    return;
  }
  if (!s->depth) s->depth = std::make_unique<DepthFeed>(config_, unit);
  const bool synced = s->depth->synced();
  const bool changed = s->depth->on_level(raw, out);
  if (s->has_quotes) return;
  if (changed) {
    out.publish(unit, s->depth->top());
  } else if (synced && !s->depth->synced()) {  // nobody may trade on a top that is no more known
    Quote none;
    none.instrument = InstrumentId(unit);
    none.source_time = raw.level.source_time;
    out.publish(unit, none);
  }
}

void TicksMachine::on_feed_state(const RawFeedState& raw, Unit unit, Emit& out) {
  State* s = state(unit);
  if (s == nullptr) return;
  const bool down = raw.state == SessionState::closed || raw.state == SessionState::halted;
  if (down == (s->down_from != 0)) return;
  Gap g;
  g.instrument = InstrumentId(unit);
  g.cause = raw.cause;
  g.from = down ? raw.at : s->down_from;
  g.state = down ? GapState::opened : GapState::closed;
  g.to = down ? 0 : raw.at;
  s->down_from = down ? raw.at : 0;
  out.publish(unit, g);
  if (!down) return;
  s->nbbo.clear();
  if (s->depth) s->depth->lose(raw.at, out);
  Quote none;
  none.instrument = InstrumentId(unit);
  none.source_time = raw.at;
  out.publish(unit, none);
}

std::vector<Unit> TicksMachine::units() const {
  std::vector<Unit> all;
  for (Unit u = 0; u < states_.size(); ++u) {
    if (states_[u]) all.push_back(u);
  }
  return all;
}

void TicksMachine::save_unit(Unit unit, Writer& w) const {
  const State& s = *states_[unit];
  s.spikes.save(w);
  s.nbbo.save(w);
  for (const std::uint64_t id : s.trade_ids) w.put(id);
  w.put(s.trades);
  w.put(s.trade_time);
  w.put(s.down_from);
  w.put(s.has_quotes);
  w.put(s.depth != nullptr);
  if (s.depth) s.depth->save(w);
}

Result<void> TicksMachine::load_unit(Unit unit, Reader& r) {
  State* s = state(unit);
  if (s == nullptr) {
    return fail(ErrorCode::failed_precondition,
                "the checkpoint has instrument " + std::to_string(unit) +
                    ", which the instrument reference lacks",
                "market.ticks", "put the instrument back, or start from a new checkpoint");
  }
  s->spikes.load(r);
  s->nbbo.load(r);
  for (std::uint64_t& id : s->trade_ids) r.get(id);
  r.get(s->trades);
  r.get(s->trade_time);
  r.get(s->down_from);
  r.get(s->has_quotes);
  if (r.get<bool>()) {
    s->depth = std::make_unique<DepthFeed>(config_, unit);
    s->depth->load(r);
  }
  return r.finish("market.ticks");
}

runtime::MachineSpec ticks_spec(const Config& config) {
  runtime::MachineSpec spec;
  spec.kind = Kind::market_ticks;
  spec.inputs = {{Kind::source, runtime::Delivery::partitioned}};
  spec.make = [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
    return std::make_unique<TicksMachine>(*static_cast<const Config*>(context));
  };
  spec.context = &config;
  return spec;
}

}  // namespace bw::ingestion
