#include "confluence/core/machine.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bw::confluence {

namespace {

constexpr std::size_t kTimeframeCount = 6;  // Timeframe's values, none included
constexpr std::size_t kGapCauses = 4;
constexpr std::uint64_t kFeatureSet = indicators::feature_set_hash();  // hashed once, not per event

std::size_t index_of(Timeframe tf) noexcept { return static_cast<std::size_t>(tf); }

Direction opposite(Direction d) noexcept {
  return d == Direction::long_ ? Direction::short_ : d == Direction::short_ ? Direction::long_ : d;
}

bool allowed(Allowed a, Direction d) noexcept {
  return !(d == Direction::long_ && a == Allowed::short_only) &&
         !(d == Direction::short_ && a == Allowed::long_only);
}

double read(const Latest& l, Operand o) noexcept {
  return o.slot == Operand::kClose ? l.close.to_double() : l.values[o.slot];
}

bool warm(const Latest& l, const Footing& f) noexcept {
  return l.seen && (l.valid & f.slots) == f.slots;
}

}  // namespace

struct ConfluenceSignals::InstrumentState {
  Unit unit = 0;
  Price tick;
  std::array<Latest, kTimeframeCount> latest{};
  std::array<BarOpens, kTimeframeCount> opens{};
  std::array<std::uint8_t, kGapCauses> gap_open{};
  std::array<TimeNs, kGapCauses> gap_open_from{};
  bool sessions = false;  // the instrument has sessions
  TimeNs session_open = 0;
  std::vector<std::uint16_t> strategies;  // indices of those that care, ascending
  std::vector<Standing> standings;        // one each
};

/// What a strategy sees at a close.
struct ConfluenceSignals::Assessment {
  const Latest* now = nullptr;
  bool ready = true;
  bool over_gap = false;
  TimeNs gap_from = 0;
  TimeNs gap_to = 0;
  TimeNs data_from = kTimeMax;
  Score score;
  FixedVector<Contribution, kMaxComponents> contributions;

  /// What a part rests on, the whole rests on.
  void rest_on(const InstrumentState& s, Timeframe timeframe, const Footing& f) {
    const Latest& l = s.latest[index_of(timeframe)];
    const BarOpens& opens = s.opens[index_of(timeframe)];
    const auto bars = static_cast<std::size_t>(f.bars);
    TimeNs from = opens.back(bars);
    // Known bars are fewer than what the value rests on: analytics knows better where its data
    // begins.
    if (opens.count() < bars && l.data_from != 0) from = std::min(from, l.data_from);
    if (f.session) {
      const TimeNs day = utc_day(l.bar_close - 1) * kDay;
      // A bar of an earlier session began after that day's midnight, in New York too.
      const bool todays = s.sessions && s.session_open < l.bar_close;
      from = std::min(from, todays ? s.session_open : day);
    }
    data_from = std::min(data_from, from);
    const bool inside =
        l.gapped != 0 && (l.gap_to == 0 || l.gap_to > l.bar_open);  // the bar itself
    if (((l.gapped & f.slots) != 0 || inside) && (!over_gap || l.gap_to > gap_to)) {
      over_gap = true;
      gap_from = l.gap_from;
      gap_to = l.gap_to;
    }
  }
};

Result<void> check(const Config& config) {
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const Strategy& s = config.strategies[i];
    if (auto compiled = compile(s); !compiled) return tl::unexpected<Error>(compiled.error());
    for (std::size_t k = 0; k < i; ++k) {
      if (config.strategies[k].id == s.id) {
        return fail(ErrorCode::already_exists, "a strategy of this id is loaded already", s.name,
                    "rename one of '" + config.strategies[k].name + "' and '" + s.name + "'");
      }
    }
  }
  return {};
}

ConfluenceSignals::ConfluenceSignals(const Config& config) : config_(&config) {
  for (const Strategy& s : config.strategies) {
    auto compiled = compile(s);
    BW_ASSERT(compiled.has_value(), "the configuration was not checked");
    strategies_.push_back(std::move(*compiled));
  }
  std::sort(strategies_.begin(), strategies_.end(),
            [](const auto& a, const auto& b) { return a.document->id < b.document->id; });
}

ConfluenceSignals::~ConfluenceSignals() = default;

std::unique_ptr<ConfluenceSignals::InstrumentState> ConfluenceSignals::fresh(Unit unit) const {
  auto s = std::make_unique<InstrumentState>();
  s->unit = unit;
  for (std::size_t i = 0; i < strategies_.size(); ++i) {
    const Strategy& d = *strategies_[i].document;
    if (d.all_instruments || std::find(d.instruments.begin(), d.instruments.end(),
                                       InstrumentId{unit}) != d.instruments.end()) {
      s->strategies.push_back(static_cast<std::uint16_t>(i));
    }
  }
  s->standings.resize(s->strategies.size());
  for (const Instrument& i : config_->instruments) {
    if (i.id.value == unit) s->tick = i.tick_size;
  }
  return s;
}

ConfluenceSignals::InstrumentState* ConfluenceSignals::state_of(Unit unit) {
  if (unit < known_.size() && known_[unit] != 0) return by_unit_[unit].get();
  if (unit >= kUnitLimit) return nullptr;
  if (unit >= known_.size()) {
    known_.resize(unit + 1);
    by_unit_.resize(unit + 1);
  }
  known_[unit] = 1;
  auto s = fresh(unit);
  if (!s->strategies.empty()) by_unit_[unit] = std::move(s);
  return by_unit_[unit].get();
}

void ConfluenceSignals::step(const runtime::Stamped& in, runtime::Emit& out) noexcept {
  if (const auto* feature = std::get_if<Feature>(&in.event)) {
    if (auto* s = state_of(in.unit)) on_feature(*s, *feature, out);
  } else if (const auto* gap = std::get_if<Gap>(&in.event)) {
    if (auto* s = state_of(in.unit)) on_gap(*s, *gap);
  } else if (const auto* session = std::get_if<Session>(&in.event)) {
    auto* s = state_of(in.unit);
    if (s == nullptr || session->state != SessionState::opened) return;
    s->sessions = true;
    s->session_open = session->at;
  } else if (const auto* action = std::get_if<CorporateAction>(&in.event)) {
    if (action->kind != CorporateActionKind::split || !action->ratio.is_positive()) return;
    if (auto* s = state_of(in.unit)) on_split(*s, action->ratio);
  }
}

void ConfluenceSignals::on_gap(InstrumentState& s, const Gap& gap) {
  const auto cause = static_cast<std::size_t>(gap.cause);
  if (cause >= kGapCauses) return;
  s.gap_open[cause] = gap.state == GapState::opened ? 1 : 0;
  s.gap_open_from[cause] = gap.state == GapState::opened ? gap.from : 0;
}

void ConfluenceSignals::on_split(InstrumentState& s, Quantity ratio) {
  // Vectors of longer timeframes from before the split stay in use until their next close: into new
  // shares.
  const double r = ratio.to_double();
  for (Latest& l : s.latest) {
    if (!l.seen) continue;
    for (std::size_t i = 0; i < indicators::kFeatureCount; ++i) {
      if (indicators::kFeatureTable[i].unit == indicators::FeatureUnit::price) l.values[i] /= r;
    }
    if (const auto raw = mul_div(l.close.raw(), kDecimalOne, ratio.raw()))
      l.close = Price::from_raw(*raw);
  }
}

void ConfluenceSignals::on_feature(InstrumentState& s, const Feature& f, runtime::Emit& out) {
  const std::size_t tf = index_of(f.timeframe);
  if (f.timeframe == Timeframe::none || tf >= kTimeframeCount) return;
  Latest& l = s.latest[tf];
  if (l.seen && f.bar_close <= l.bar_close) return;  // never back in time
  l.seen = true;
  // A vector of another table says nothing that we could read.
  l.valid = f.feature_set == kFeatureSet ? f.valid : 0;
  l.gapped = f.gapped;
  l.bar_open = f.bar_open;
  l.bar_close = f.bar_close;
  l.data_from = f.data_from;
  l.gap_from = f.gap_from;
  l.gap_to = f.gap_to;
  l.close = f.close;
  std::copy_n(f.values.begin(), indicators::kFeatureCount, l.values.begin());
  s.opens[tf].push(f.bar_open);
  for (std::size_t i = 0; i < s.strategies.size(); ++i) {
    const CompiledStrategy& c = strategies_[s.strategies[i]];
    if (c.document->timeframe == f.timeframe) decide(c, s, s.standings[i], out);
  }
}

void ConfluenceSignals::assess(const CompiledStrategy& c, const InstrumentState& s, Assessment& a) {
  a.now = &s.latest[index_of(c.document->timeframe)];
  std::array<Vote, kMaxComponents> votes;
  for (std::size_t i = 0; i < c.components.size(); ++i) {
    const CompiledComponent& p = c.components[i];
    const Latest& l = s.latest[index_of(p.timeframe)];
    Contribution out;
    out.component = static_cast<std::uint16_t>(i);
    out.timeframe = p.timeframe;
    Vote& vote = votes[i];
    vote.weight = p.weight;
    if (warm(l, p.footing)) {
      a.rest_on(s, p.timeframe, p.footing);
      double x = read(l, p.feature);
      if (p.minus.used()) x -= read(l, p.minus);
      if (p.divided_by.used()) x /= read(l, p.divided_by);
      if (std::isfinite(x)) {  // not by zero: a flat market's range
        out.valid = vote.valid = true;
        out.raw = x == 0 ? 0.0 : x;
        out.normalised = vote.value = normalise(p.normaliser, x);
        out.contribution = p.weight * out.normalised / c.weights;
      }
    } else {
      a.ready = false;
    }
    a.contributions.push_back(out);
  }
  for (const CompiledRef* ref : {&c.volatility, &c.atr}) {
    if (!ref->operand.used()) continue;
    const Latest& l = s.latest[index_of(ref->timeframe)];
    if (warm(l, ref->footing)) {
      a.rest_on(s, ref->timeframe, ref->footing);
    } else {
      a.ready = false;
    }
  }
  a.score = combine(c.document->combination, std::span(votes.data(), c.components.size()));
  for (std::size_t i = 0; i < kGapCauses; ++i) {
    if (s.gap_open[i] == 0) continue;
    a.gap_from =
        a.over_gap && a.gap_to == 0 ? std::min(a.gap_from, s.gap_open_from[i]) : s.gap_open_from[i];
    a.gap_to = 0;
    a.over_gap = true;
  }
}

void ConfluenceSignals::decide(const CompiledStrategy& c, InstrumentState& s, Standing& st,
                               runtime::Emit& out) {
  const Strategy& d = *c.document;
  Assessment a;
  assess(c, s, a);
  const bool cooling = st.cool_left > 0;
  if (cooling) --st.cool_left;

  const double score = a.score.score;
  const Direction side = score >= d.enter    ? Direction::long_
                         : score <= -d.enter ? Direction::short_
                                             : Direction::flat;
  if (!a.ready || a.over_gap || side == Direction::flat) {
    st.leaning = Direction::flat;
    st.streak = 0;
  } else {
    st.streak = side == st.leaning ? std::min(st.streak + 1, kMaxBars) : 1;
    st.leaning = side;
  }

  if (!a.ready) {
    if (st.warming_said) return;
    st.warming_said = true;
    HoldBack h;
    h.reason = HoldBackReason::warming_up;
    h.direction = side;
    h.score = score;
    h.from = a.now->bar_close;
    hold(c, s, st, h, out);
    return;
  }

  Direction want = st.held;
  if (side != Direction::flat && side != st.held && allowed(d.allowed, side)) {
    want = side;
  } else if ((st.held == Direction::long_ && score < d.exit) ||
             (st.held == Direction::short_ && score > -d.exit)) {
    want = Direction::flat;
  }
  if (want == st.held) {
    st.said = HoldBackReason::none;
    return;
  }
  enter_or_hold(c, s, st, a, want, cooling, out);
}

void ConfluenceSignals::enter_or_hold(const CompiledStrategy& c, InstrumentState& s, Standing& st,
                                      Assessment& a, Direction want, bool cooling,
                                      runtime::Emit& out) {
  const Strategy& d = *c.document;
  const TimeNs close = a.now->bar_close;
  const DurationNs bar = duration_of(d.timeframe);
  HoldBack h;
  h.direction = want;
  h.score = a.score.score;
  if (a.over_gap) {
    h.reason = HoldBackReason::gap;
    h.from = a.gap_from;
    h.to = a.gap_to;
    hold(c, s, st, h, out);
    return;
  }
  const bool confirmed = st.streak >= d.confirmation_bars;
  if (st.held != Direction::flat) {
    // A turn is made at once only where nothing speaks against entering; otherwise out first.
    const bool turns = want == opposite(st.held) && confirmed && d.cool_down_bars == 0;
    say(c, s, st, a, turns ? want : Direction::flat, out);
  } else if (cooling) {
    h.reason = HoldBackReason::cool_down;
    h.from = st.left_at;
    h.to = close + (static_cast<DurationNs>(st.cool_left) + 1) * bar;
    hold(c, s, st, h, out);
  } else if (!confirmed) {
    h.reason = HoldBackReason::confirming;
    h.from = close;
    h.to = close + static_cast<DurationNs>(d.confirmation_bars - st.streak) * bar;
    hold(c, s, st, h, out);
  } else {
    say(c, s, st, a, want, out);
  }
}

void ConfluenceSignals::hold(const CompiledStrategy& c, InstrumentState& s, Standing& st,
                             HoldBack h, runtime::Emit& out) {
  if (st.said == h.reason && st.said_direction == h.direction) return;
  st.said = h.reason;
  st.said_direction = h.direction;
  h.strategy = c.document->id;
  h.instrument = InstrumentId{s.unit};
  h.timeframe = c.document->timeframe;
  h.strategy_version = c.document->content_hash;
  out.publish(s.unit, h);
}

void ConfluenceSignals::say(const CompiledStrategy& c, InstrumentState& s, Standing& st,
                            Assessment& a, Direction to, runtime::Emit& out) {
  const Strategy& d = *c.document;
  Signal g;
  g.id = SignalId{derive_id(Kind::confluence_signals, s.unit, out.next_seq(s.unit))};
  g.strategy = d.id;
  g.instrument = InstrumentId{s.unit};
  g.timeframe = d.timeframe;
  g.direction = to;
  g.strategy_version = d.content_hash;
  g.score = a.score.score;
  g.confidence = confidence_of(a.score, to, st.held);
  g.reference_price = a.now->close;
  g.data_from = std::min(a.data_from, a.now->bar_open);
  g.data_to = a.now->bar_close;
  g.contributions = a.contributions;
  g.sizing.method = d.sizing.method;
  g.sizing.fraction = d.sizing.fraction;
  g.sizing.target_volatility = d.sizing.target_volatility;
  if (c.volatility.operand.used()) {
    const Latest& l = s.latest[index_of(c.volatility.timeframe)];
    g.sizing.volatility = annual_volatility(read(l, c.volatility.operand), l.close.to_double(),
                                            d.sizing.periods_per_year);
  }
  if (to != Direction::flat) {
    const double atr =
        c.atr.operand.used() ? read(s.latest[index_of(c.atr.timeframe)], c.atr.operand) : 0;
    const bool is_long = to == Direction::long_;
    g.stop_loss = stop_price(d.stops.stop_loss, g.reference_price, atr, !is_long, s.tick);
    g.take_profit = stop_price(d.stops.take_profit, g.reference_price, atr, is_long, s.tick);
  }
  if (st.held != Direction::flat && to == Direction::flat) {
    st.cool_left = d.cool_down_bars;
    st.left_at = a.now->bar_close;
  }
  st.held = to;
  st.said = HoldBackReason::none;
  out.publish(s.unit, g);
}

void BarOpens::save(Writer& w) const {
  w.put(static_cast<std::uint32_t>(count_));
  for (std::size_t n = count_; n > 0; --n) w.put(back(n));
}

void BarOpens::load(Reader& r) {
  *this = BarOpens{};
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) push(r.get<TimeNs>());
}

namespace {

void save_latest(const Latest& l, Writer& w) {
  w.put(l.valid);
  w.put(l.gapped);
  w.put(l.bar_open);
  w.put(l.bar_close);
  w.put(l.data_from);
  w.put(l.gap_from);
  w.put(l.gap_to);
  w.put(l.close);
  for (const double v : l.values) w.put(v);
}

void load_latest(Latest& l, Reader& r) {
  l.seen = true;
  r.get(l.valid);
  r.get(l.gapped);
  r.get(l.bar_open);
  r.get(l.bar_close);
  r.get(l.data_from);
  r.get(l.gap_from);
  r.get(l.gap_to);
  r.get(l.close);
  for (double& v : l.values) r.get(v);
}

void save_standing(const Standing& st, Writer& w) {
  w.put(st.held);
  w.put(st.leaning);
  w.put(st.streak);
  w.put(st.cool_left);
  w.put(st.left_at);
  w.put(st.said);
  w.put(st.said_direction);
  w.put(st.warming_said);
}

Standing load_standing(Reader& r) {
  Standing st;
  r.get(st.held);
  r.get(st.leaning);
  r.get(st.streak);
  r.get(st.cool_left);
  r.get(st.left_at);
  r.get(st.said);
  r.get(st.said_direction);
  r.get(st.warming_said);
  return st;
}

}  // namespace

std::vector<Unit> ConfluenceSignals::units() const {
  std::vector<Unit> all;
  for (Unit u = 0; u < by_unit_.size(); ++u) {
    if (by_unit_[u]) all.push_back(u);
  }
  return all;
}

void ConfluenceSignals::save_unit(Unit unit, Writer& w) const {
  BW_ASSERT(unit < by_unit_.size() && by_unit_[unit], "saving an instrument that has no state");
  const InstrumentState& s = *by_unit_[unit];
  w.put(kFeatureSet);
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    w.put(s.latest[i].seen);
    if (!s.latest[i].seen) continue;
    save_latest(s.latest[i], w);
    s.opens[i].save(w);
  }
  for (std::size_t i = 0; i < kGapCauses; ++i) {
    w.put(s.gap_open[i]);
    w.put(s.gap_open_from[i]);
  }
  w.put(s.sessions);
  w.put(s.session_open);
  w.put(static_cast<std::uint32_t>(s.strategies.size()));
  for (std::size_t i = 0; i < s.strategies.size(); ++i) {
    const Strategy& d = *strategies_[s.strategies[i]].document;
    w.put(d.id);
    w.put(d.content_hash);
    save_standing(s.standings[i], w);
  }
}

Result<void> ConfluenceSignals::load_unit(Unit unit, Reader& r) {
  if (unit >= kUnitLimit)
    return fail(ErrorCode::data_loss, "saved unit is out of range", "confluence");
  if (r.get<std::uint64_t>() != kFeatureSet) {
    return fail(ErrorCode::failed_precondition, "saved with another feature table", "confluence",
                "start again from the features' first event");
  }
  auto s = fresh(unit);
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    if (!r.get<bool>()) continue;
    load_latest(s->latest[i], r);
    s->opens[i].load(r);
  }
  for (std::size_t i = 0; i < kGapCauses; ++i) {
    r.get(s->gap_open[i]);
    r.get(s->gap_open_from[i]);
  }
  r.get(s->sessions);
  r.get(s->session_open);
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    const auto id = r.get<StrategyId>();
    const auto version = r.get<std::uint64_t>();
    const Standing st = load_standing(r);
    for (std::size_t k = 0; k < s->strategies.size(); ++k) {
      const Strategy& d = *strategies_[s->strategies[k]].document;
      // Another version of a document is another strategy: it starts flat.
      if (d.id == id && d.content_hash == version) s->standings[k] = st;
    }
  }
  if (!r.ok()) return fail(ErrorCode::data_loss, "saved state is cut short", "confluence");
  if (unit >= known_.size()) {
    known_.resize(unit + 1);
    by_unit_.resize(unit + 1);
  }
  known_[unit] = 1;
  by_unit_[unit] = std::move(s);
  return {};
}

runtime::MachineSpec confluence_signals_spec(const Config& config) {
  return {Kind::confluence_signals,
          {{Kind::market_bars, runtime::Delivery::partitioned},
           {Kind::analytics_features, runtime::Delivery::partitioned}},
          false,
          [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
            return std::make_unique<ConfluenceSignals>(*static_cast<const Config*>(context));
          },
          &config};
}

}  // namespace bw::confluence
