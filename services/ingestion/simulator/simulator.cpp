#include "ingestion/simulator/simulator.hpp"

#include <algorithm>

#include "ingestion/simulator/headlines.hpp"

namespace bw::ingestion::simulator {
namespace {

enum Purpose : std::uint32_t { kMinuteRows = 32, kTicks, kBarShape };

constexpr DurationNs kMargin = kMillisecond;  // rows keep off the minute's ends
constexpr std::uint32_t kMostTrades = 2'000;  // a minute, of one instrument

std::int64_t floor_minute(TimeNs t) noexcept { return t / kMinute - (t % kMinute < 0 ? 1 : 0); }

DayNumber day_of(std::int64_t minute) noexcept {
  const auto n = static_cast<std::int64_t>(kMinutesPerDay);
  return static_cast<DayNumber>(minute / n - (minute % n < 0 ? 1 : 0));
}

/// The multiple of `step` nearest to `value`, at least one step.
std::int64_t to_step(double value, std::int64_t step) noexcept {
  const double steps = value * static_cast<double>(kDecimalOne) / static_cast<double>(step);
  return std::max<std::int64_t>(1, __builtin_llrint(steps)) * step;
}

/// exp(x) for the small moves within a minute.
double grow(double x) noexcept { return 1 + x + 0.5 * x * x; }

Result<void> check(bool holds, const char* field, const char* range) {
  if (holds) return {};
  return fail(ErrorCode::invalid_argument, "out of range", field, std::string("give ") + range);
}

Result<void> check_options(const Options& o, const calendar::Calendar& nyse) {
  const TimeNs first = static_cast<TimeNs>(nyse.first_day()) * kDay;
  const TimeNs last = static_cast<TimeNs>(nyse.last_day()) * kDay;
  const Result<void> checks[] = {
      check(o.start >= first && o.start < last, "simulator.start", "a time from 1998 to 2030"),
      check(o.end > o.start, "simulator.end", "a time after simulator.start"),
      check(o.trades_per_minute >= 1 && o.trades_per_minute <= 600, "simulator.trades_per_minute",
            "a number from 1 to 600"),
      check(o.quotes_per_trade <= 10, "simulator.quotes_per_trade", "a whole number from 0 to 10"),
      check(o.feed_latency >= 0 && o.feed_latency <= kMinute, "simulator.feed_latency",
            "a duration from 0 to one minute"),
      check(o.dirt >= 0 && o.dirt <= 1, "simulator.dirt", "a share from 0 to 1"),
      check(o.jumps_per_day >= 0 && o.jumps_per_day <= 1, "simulator.jumps_per_day",
            "a number from 0 to 1"),
      check(o.halts_per_day >= 0 && o.halts_per_day <= 1, "simulator.halts_per_day",
            "a number from 0 to 1"),
  };
  for (const Result<void>& c : checks) {
    if (!c) return c;
  }
  for (const InstrumentId id : o.instruments) {
    const bool known = id.value >= kFirstId && id.value < kFirstId + kInstrumentCount;
    if (auto c = check(known, "simulator.instruments", "ids from 1001 to 1025"); !c) return c;
  }
  return {};
}

}  // namespace

Result<Simulator> Simulator::make(const Options& options) {
  auto nyse = std::make_shared<const calendar::Calendar>(CalendarId::nyse);
  if (auto ok = check_options(options, *nyse); !ok) return tl::unexpected(ok.error());
  ModelOptions model;
  model.seed = options.seed;
  model.jumps_per_day = options.jumps_per_day;
  model.halts_per_day = options.halts_per_day;
  model.lost_stretches_per_day = std::min(0.5, options.dirt * 50);
  Options o = options;
  o.end = std::min(o.end, static_cast<TimeNs>(nyse->last_day()) * kDay);
  return Simulator(o, model, std::move(nyse));
}

Simulator::Simulator(const Options& options, const ModelOptions& model,
                     std::shared_ptr<const calendar::Calendar> nyse)
    : options_(options), model_(model, std::move(nyse)) {
  minute_ = floor_minute(options.start + kMinute - 1);
  day_ = day_of(minute_) - 1;
  selected_.fill(options.instruments.empty());
  for (const InstrumentId id : options.instruments) selected_[id.value - kFirstId] = true;
}

const Simulator::Row* Simulator::next() {
  if (!fill()) return nullptr;
  write(keys_[cursor_++]);
  return &row_;
}

TimeNs Simulator::next_time() { return fill() ? keys_[cursor_].time : kTimeMax; }

void Simulator::skip_to(TimeNs time) {
  // Rows of the minute that starts at s carry times in (s, s + 1 min], plus the latency.
  const std::int64_t target =
      floor_minute(std::min(time, options_.end) - options_.feed_latency - 1);
  if (minute_ < target) {
    for (; cursor_ < keys_.size(); ++cursor_) ++seq_[keys_[cursor_].instrument];
    for (; minute_ < target; ++minute_) {
      enter_minute();
      for (std::size_t i = 0; i < kInstrumentCount; ++i) {
        if (const int m = minute_of(i); m >= 0) seq_[i] += count_rows(i, m);
      }
    }
  }
  while (fill() && keys_[cursor_].time < time) ++seq_[keys_[cursor_++].instrument];
}

/// Makes keys_[cursor_] the next row; false at the end.
bool Simulator::fill() {
  while (!ended_) {
    for (; cursor_ < keys_.size(); ++cursor_) {
      const Key& key = keys_[cursor_];
      if (key.time > options_.end) break;
      if (wants(consumer_of(drafts_[key.draft].kind))) return true;
      ++seq_[key.instrument];
    }
    ended_ = cursor_ < keys_.size() || minute_ * kMinute + options_.feed_latency >= options_.end;
    if (!ended_) draw_minute();
  }
  return false;
}

void Simulator::enter_minute() {
  for (const DayNumber day = day_of(minute_); day_ < day;) {
    model_.begin_day(++day_);
    paths_built_ = false;
  }
}

/// The minute of the session of instrument i that minute_ is; -1 where it does not trade then.
int Simulator::minute_of(std::size_t i) const noexcept {
  const DayPlan& p = model_.plan(i);
  const std::int64_t m = minute_ - p.first;
  return selected_[i] && m >= 0 && m < p.minutes ? static_cast<int>(m) : -1;
}

void Simulator::draw_minute() {
  drafts_.clear();
  keys_.clear();
  cursor_ = 0;
  enter_minute();
  if (!paths_built_) {
    model_.build_paths();
    paths_built_ = true;
  }
  for (std::size_t i = 0; i < kInstrumentCount; ++i) {
    const int m = minute_of(i);
    if (m < 0) continue;
    const MinutePlan plan = plan_minute(i, m);
    draw_news(i, m);
    if (options_.mode == Mode::bars) {
      draw_bars(i, m, plan);
    } else if (plan.trading) {
      draw_ticks(i, m, plan);
    }
    draw_halts(i, m);
  }
  std::sort(keys_.begin(), keys_.end());
  ++minute_;
}

Simulator::MinutePlan Simulator::plan_minute(std::size_t i, int m) const noexcept {
  const DayPlan& day = model_.plan(i);
  const Profile& c = kProfiles[i];
  MinutePlan plan;
  plan.trading = !day.halted(m) && !day.silence.holds(m);
  if (!plan.trading) return plan;
  Rng rng = model_.stream(kMinuteRows, day.first + m, i);
  const double shape = model_.volume_shape(i, m);
  const double mood = 0.4 + 1.2 * rng.uniform();
  const double trades = options_.trades_per_minute * c.activity * shape * mood + rng.uniform();
  plan.trades = std::clamp(static_cast<std::uint32_t>(trades), 1U, kMostTrades);
  plan.volume = c.volume_per_minute * shape * mood * (0.6 + 0.8 * rng.uniform());
  if (!rng.chance(options_.dirt)) return plan;
  plan.dirty_trade = static_cast<std::uint32_t>(rng.below(plan.trades));
  constexpr std::array<Dirt, 5> kBars{Dirt::spike, Dirt::zero, Dirt::duplicate, Dirt::late,
                                      Dirt::bad_range};
  constexpr std::array<Dirt, 7> kTrades{Dirt::spike,    Dirt::zero,    Dirt::duplicate, Dirt::late,
                                        Dirt::negative, Dirt::crossed, Dirt::flagged};
  plan.dirt = options_.mode == Mode::bars ? kBars[rng.below(kBars.size())]
                                          : kTrades[rng.below(kTrades.size())];
  if (plan.dirt == Dirt::crossed && options_.quotes_per_trade == 0) plan.dirt = Dirt::spike;
  return plan;
}

/// Whether the bar of minute m comes only after the bar of the next one.
bool Simulator::late_bar(std::size_t i, int m) const noexcept {
  if (m < 0 || m + 1 >= model_.plan(i).minutes) return false;
  const MinutePlan plan = plan_minute(i, m);
  return plan.trading && plan.dirt == Dirt::late && plan_minute(i, m + 1).trading;
}

/// The number of rows that draw_minute makes for instrument i, by plans alone.
std::uint32_t Simulator::count_rows(std::size_t i, int m) const noexcept {
  const DayPlan& day = model_.plan(i);
  std::uint32_t n = 0;
  if (options_.headlines) {
    for (const Headline& h : day.headlines) n += h.minute == m ? 1 : 0;
  }
  const std::uint32_t told = options_.mode == Mode::ticks ? 2 : 1;
  for (const Stretch& h : day.halts) {
    n += (h.from == m + 1 ? told : 0) + (h.to == m + 1 ? told : 0);
  }
  const MinutePlan plan = plan_minute(i, m);
  if (!plan.trading) return n;
  n += plan.dirt == Dirt::duplicate ? 1 : 0;
  if (options_.mode == Mode::ticks) return n + plan.trades * (1 + options_.quotes_per_trade);
  if (options_.dirt > 0) {
    n += late_bar(i, m - 1) ? 1 : 0;
    n -= late_bar(i, m) ? 1 : 0;
  }
  return n + 1;
}

void Simulator::add(std::size_t i, TimeNs at, const Draft& draft) {
  Key key;
  key.time = at + options_.feed_latency;
  key.instrument = static_cast<std::uint32_t>(i);
  key.draft = static_cast<std::uint32_t>(drafts_.size());
  keys_.push_back(key);
  drafts_.push_back(draft);
}

/// Quotes around a price that wanders from the minute's first to its last (a Brownian bridge), and
/// trades at the last quote's bid or ask: q quotes, one trade, and so on.
void Simulator::draw_ticks(std::size_t i, int m, const MinutePlan& plan) {
  const Profile& c = kProfiles[i];
  const std::int64_t tick = tick_of(c).raw();
  const std::uint32_t group = 1 + options_.quotes_per_trade;
  const std::uint32_t slots = plan.trades * group;
  const double first = math::exp(model_.log_price(i, m));
  const double move = model_.log_price(i, m + 1) - model_.log_price(i, m);
  const double sigma = model_.sigma(i, m);
  const double size = plan.volume / plan.trades;
  Rng rng = model_.stream(kTicks, minute_, i);
  double x = 0;
  double done = 0;
  std::array<std::int64_t, 2> touch{};
  for (std::uint32_t k = 0; k < slots; ++k) {
    const double u = (k + rng.uniform()) / slots;
    const TimeNs at =
        minute_ * kMinute + kMargin +
        static_cast<TimeNs>(u * (kMinute - 2 * kMargin) / kMicrosecond) * kMicrosecond;
    const bool trade = k % group == group - 1;
    if (!trade || group == 1) {
      const double part = (u - done) / (1 - done);
      x += (move - x) * part + sigma * math::sqrt((u - done) * (1 - u) / (1 - done)) * rng.normal();
      done = u;
      const double price = first * grow(x);
      const double half = price * c.spread_bps * 0.5e-4 * (0.6 + 0.8 * rng.uniform());
      const double steps = static_cast<double>(kDecimalOne) / static_cast<double>(tick);
      const auto below = static_cast<std::int64_t>((price - half) * steps);
      const auto above = static_cast<std::int64_t>((price + half) * steps) + 1;
      touch = {std::max<std::int64_t>(1, below) * tick, std::max<std::int64_t>(2, above) * tick};
    }
    Draft d;
    d.source_time = at;
    const std::uint32_t n = k / group;
    if (trade) {
      const bool buy = rng.chance(0.5);
      const double part = -math::log(1 - rng.uniform());
      d.value = {touch[buy ? 1 : 0], to_step(size * part, lot_of(c).raw())};
      d.flag = static_cast<std::uint8_t>(buy ? Side::buy : Side::sell);
      d.id = (static_cast<std::uint64_t>(minute_) << 16) + n + 1;
      draw_trade(i, plan, n, d, at);
      continue;
    }
    d.kind = DraftKind::quote;
    d.value = {touch[0], touch[1], to_step(size * (0.5 + 4 * rng.uniform()), lot_of(c).raw()),
               to_step(size * (0.5 + 4 * rng.uniform()), lot_of(c).raw())};
    const bool crossed = plan.dirt == Dirt::crossed && n == plan.dirty_trade && k % group == 0;
    if (crossed) std::swap(d.value[0], d.value[1]);
    add(i, at, d);
  }
}

void Simulator::draw_trade(std::size_t i, const MinutePlan& plan, std::uint32_t n, Draft draft,
                           TimeNs at) {
  const bool dirty = n == plan.dirty_trade;
  switch (dirty ? plan.dirt : Dirt::none) {
    case Dirt::spike:
      draft.value[0] *= 10;
      break;
    case Dirt::zero:
      draft.value[0] = 0;
      break;
    case Dirt::negative:
      draft.value[0] = -draft.value[0];
      break;
    case Dirt::late:
      draft.source_time -= 90 * kSecond;
      break;
    case Dirt::flagged:
      draft.suspicious = true;
      break;
    case Dirt::duplicate:
      add(i, at, draft);
      break;
    default:
      break;
  }
  add(i, at, draft);
}

void Simulator::draw_bars(std::size_t i, int m, const MinutePlan& plan) {
  if (!plan.trading) return;
  const TimeNs at = (minute_ + 1) * kMinute;
  if (options_.dirt == 0) return add(i, at, bar_of(i, m, plan));
  if (!late_bar(i, m)) {
    const Draft bar = bar_of(i, m, plan);
    add(i, at, bar);
    if (plan.dirt == Dirt::duplicate) add(i, at, bar);
  }
  if (late_bar(i, m - 1)) add(i, at, bar_of(i, m - 1, plan_minute(i, m - 1)));
}

/// The bar of minute m: a function of the day's path alone, so that it can be told again. High and
/// low are each drawn from the distribution of a Brownian bridge's extreme (Glasserman 2004,
/// section 6.4).
Simulator::Draft Simulator::bar_of(std::size_t i, int m, const MinutePlan& plan) const noexcept {
  const Profile& c = kProfiles[i];
  const std::int64_t tick = tick_of(c).raw();
  const std::int64_t minute = model_.plan(i).first + m;
  Rng rng = model_.stream(kBarShape, minute, i);
  const double first = math::exp(model_.log_price(i, m));
  const double move = model_.log_price(i, m + 1) - model_.log_price(i, m);
  const double sigma = model_.sigma(i, m);
  const auto extreme = [&](double sign) {
    const double u = 1 - rng.uniform();
    const double root = math::sqrt(move * move - 2 * sigma * sigma * math::log(u));
    return first * grow(0.5 * (move + sign * root));
  };
  const double half = 0.5e-4 * c.spread_bps;  // the last trade was at the bid or at the ask
  Draft d;
  d.kind = DraftKind::bar;
  std::int64_t open = to_step(first * (1 + (rng.chance(0.5) ? half : -half)), tick);
  std::int64_t close = to_step(first * grow(move) * (1 + (rng.chance(0.5) ? half : -half)), tick);
  std::int64_t high = std::max({to_step(extreme(1), tick), open, close});
  std::int64_t low = std::min({to_step(extreme(-1), tick), open, close});
  const std::int64_t vwap = low + (high - low) / 4 + (open - low) / 4 + (close - low) / 4;
  if (plan.dirt == Dirt::spike) {
    for (std::int64_t* p : {&open, &high, &low, &close}) *p *= 10;
  }
  if (plan.dirt == Dirt::zero) close = 0;
  if (plan.dirt == Dirt::bad_range) {
    std::swap(high, low);
    low += tick;
  }
  d.value = {open, high, low, close, to_step(plan.volume, lot_of(c).raw()), vwap};
  d.id = static_cast<std::uint64_t>(minute * kMinute);
  d.source_time = (minute + 1) * kMinute;
  d.count = plan.trades;
  return d;
}

void Simulator::draw_news(std::size_t i, int m) {
  if (!options_.headlines) return;
  const DayPlan& day = model_.plan(i);
  for (std::size_t k = 0; k < day.headlines.size(); ++k) {
    const Headline& h = day.headlines[k];
    if (h.minute != m) continue;
    Draft d;
    d.kind = DraftKind::article;
    d.source_time = minute_ * kMinute + h.offset;
    d.id = k;
    add(i, d.source_time, d);
  }
}

/// A halt is told at the end of the minute before it, behind its rows: to the machine that
/// gets the ticks, so that no quote outlives it, and to the bars' machine.
void Simulator::draw_halts(std::size_t i, int m) {
  const auto tell = [&](SessionState state) {
    Draft d;
    d.kind = DraftKind::tick_state;
    d.source_time = (minute_ + 1) * kMinute;
    d.flag = static_cast<std::uint8_t>(state);
    if (options_.mode == Mode::ticks) add(i, d.source_time, d);
    d.kind = DraftKind::feed_state;
    add(i, d.source_time, d);
  };
  for (const Stretch& h : model_.plan(i).halts) {
    if (h.from == m + 1) tell(SessionState::halted);
    if (h.to == m + 1) tell(SessionState::resumed);
  }
}

Kind Simulator::consumer_of(DraftKind kind) const noexcept {
  if (kind == DraftKind::article) return Kind::news_articles;
  const bool tick = kind == DraftKind::trade || kind == DraftKind::quote ||
                    kind == DraftKind::tick_state;
  return tick ? options_.tick_consumer : Kind::market_bars;
}

namespace {

Origin origin() noexcept {
  Origin o;
  o.file.assign("simulator");
  return o;
}

}  // namespace

Article Simulator::article_of(std::size_t i, const Draft& d) const noexcept {
  const Headline& h = model_.plan(i).headlines[d.id];
  // One article for all instruments that a market-wide headline names.
  const std::uint64_t minute = static_cast<std::uint64_t>(d.source_time / kMinute);
  Article a;
  a.instrument = InstrumentId(kProfiles[i].id);
  a.article_id = (minute << 16) | (h.market_wide ? 0xFFFFU : (i << 3) + d.id);
  a.published = d.source_time;
  a.source.assign(kNewsSource);
  a.headline = headline_text(h, kProfiles[i]);
  return a;
}

void Simulator::write(const Key& key) {
  const Draft& d = drafts_[key.draft];
  const InstrumentId id(kFirstId + key.instrument);
  row_.time = key.time;
  row_.unit = id.value;
  row_.seq = ++seq_[key.instrument];
  row_.consumer = consumer_of(d.kind);
  const auto& v = d.value;
  switch (d.kind) {
    case DraftKind::trade: {
      RawTrade& r = row_.event.emplace<RawTrade>();
      r.trade = {id,
                 Price::from_raw(v[0]),
                 Quantity::from_raw(v[1]),
                 d.source_time,
                 d.id,
                 0,
                 static_cast<Side>(d.flag),
                 'S'};
      r.suspicious = d.suspicious;
      r.origin = origin();
      break;
    }
    case DraftKind::quote: {
      RawQuote& r = row_.event.emplace<RawQuote>();
      r.quote = {id,
                 Price::from_raw(v[0]),
                 Price::from_raw(v[1]),
                 Quantity::from_raw(v[2]),
                 Quantity::from_raw(v[3]),
                 d.source_time,
                 'S',
                 'S'};
      r.origin = origin();
      break;
    }
    case DraftKind::bar: {
      RawBar& r = row_.event.emplace<RawBar>();
      r.bar = {id,
               Timeframe::m1,
               BarOrigin::simulator,
               static_cast<TimeNs>(d.id),
               d.source_time,
               Price::from_raw(v[0]),
               Price::from_raw(v[1]),
               Price::from_raw(v[2]),
               Price::from_raw(v[3]),
               Quantity::from_raw(v[4]),
               Price::from_raw(v[5]),
               d.count};
      r.origin = origin();
      break;
    }
    case DraftKind::tick_state:
    case DraftKind::feed_state: {
      RawFeedState& r = row_.event.emplace<RawFeedState>();
      r = {id, static_cast<SessionState>(d.flag), GapCause::silence, d.source_time};
      break;
    }
    case DraftKind::article: {
      RawArticle& r = row_.event.emplace<RawArticle>();
      r.article = article_of(key.instrument, d);
      r.origin = origin();
      break;
    }
  }
}

}  // namespace bw::ingestion::simulator
