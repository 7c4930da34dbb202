#include "ingestion/core/bar_series.hpp"

#include <algorithm>

namespace bw::ingestion {

using runtime::Emit;

void publish_quality(Emit& out, Unit unit, QualityReason reason, TimeNs source_time,
                     const Origin& origin, std::string_view detail) {
  Quality q;
  q.instrument = InstrumentId(unit);
  q.reason = reason;
  q.source_time = source_time;
  q.line = origin.line;
  q.file = origin.file;
  q.detail.assign(detail);
  out.publish(unit, q);
}

BarSeries::BarSeries(const Config& config, const Instrument& instrument, Timeframe timeframe)
    : config_(config),
      instrument_(instrument),
      expected_(config.reference->expected(instrument)),
      timeframe_(timeframe),
      unit_(instrument.id.value) {
  held_.reserve(kMaxHeld + 1);
}

DurationNs BarSeries::window() const noexcept {
  return static_cast<DurationNs>(config_.reorder_bars) * duration_of(timeframe_);
}

std::uint32_t BarSeries::missing_before(TimeNs open) const {
  const TimeNs from = std::max(last_close_, expect_from_);
  if (last_close_ == 0 || open <= from) return 0;
  if (open < day_end_) {  // the same session: no calendar needed
    return static_cast<std::uint32_t>((open - from) / duration_of(timeframe_));
  }
  const std::int64_t n = expected_.count_bars(from, open, duration_of(timeframe_));
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(n, 0, UINT32_MAX));
}

bool BarSeries::is_gap(std::uint32_t missing, const Bar& bar) const noexcept {
  const std::uint32_t limit =
      bar.origin == BarOrigin::trades ? config_.gap_trade_minutes : config_.gap_bars;
  return limit != 0 && missing >= limit;
}

void BarSeries::on_bar(const Bar& bar, const Origin& origin, Emit& out) {
  if (bar.open_time < last_close_ || !held_.empty()) {
    if (is_known(bar, origin, out)) return;
  }
  const bool behind_held = !held_.empty() && bar.open_time > held_.front().bar.open_time;
  const bool hole = is_gap(missing_before(bar.open_time), bar);
  // Bars from trades come in order by construction; a gap that is already open has waited long
  // enough.
  const bool waited = bar.origin == BarOrigin::trades || gap_from_ != 0;
  if (behind_held || (hole && !waited)) {
    hold(bar, out);
    return;
  }
  release(bar, out);
  drain(out);
}

bool BarSeries::is_known(const Bar& bar, const Origin& origin, Emit& out) {
  const Bar* same = nullptr;
  for (const Bar& b : recent_) {
    if (b.open_time == bar.open_time && b.close_time != 0) same = &b;
  }
  for (const Held& h : held_) {
    if (h.bar.open_time == bar.open_time) same = &h.bar;
  }
  if (same != nullptr) {
    const bool equal = *same == bar;
    publish_quality(out, unit_, equal ? QualityReason::duplicate : QualityReason::malformed_row,
                    bar.open_time, origin,
                    equal ? "the same bar again"
                          : "a second bar for this time with other values; the first one stays");
    return true;
  }
  if (bar.open_time >= last_close_) return false;
  publish_quality(out, unit_, QualityReason::out_of_order, bar.open_time, origin,
                  "came after later bars, behind the reorder window");
  return true;
}

void BarSeries::hold(const Bar& bar, Emit& out) {
  const auto at = std::find_if(held_.begin(), held_.end(),
                               [&](const Held& h) { return h.bar.open_time > bar.open_time; });
  held_.insert(at, Held{bar, out.now() + window()});
  if (held_.size() == 1) {
    out.set_timer(
        unit_, held_.front().due,
        static_cast<std::uint32_t>(TimerTag::hold) + static_cast<std::uint32_t>(timeframe_));
  }
  out.touch(unit_);
  if (held_.size() > kMaxHeld) {
    release_front(out);
    drain(out);
  }
}

void BarSeries::on_hold_timer(Emit& out) {
  while (!held_.empty() && held_.front().due <= out.now()) {
    release_front(out);
    drain(out);
  }
  if (held_.empty()) return;
  out.set_timer(
      unit_, held_.front().due,
      static_cast<std::uint32_t>(TimerTag::hold) + static_cast<std::uint32_t>(timeframe_));
}

void BarSeries::release_front(Emit& out) {
  const Bar bar = held_.front().bar;
  held_.erase(held_.begin());
  release(bar, out);
}

void BarSeries::drain(Emit& out) {
  while (!held_.empty() &&
         !is_gap(missing_before(held_.front().bar.open_time), held_.front().bar)) {
    release_front(out);
  }
}

void BarSeries::release(const Bar& bar, Emit& out) {
  if (gap_from_ != 0) {
    const std::uint32_t missing = missing_before(bar.open_time);
    publish_gap(missing == 0 ? GapState::backfilled : GapState::closed, bar.open_time, missing,
                out);
    gap_from_ = 0;
  } else if (const std::uint32_t missing = missing_before(bar.open_time); is_gap(missing, bar)) {
    gap_from_ = next_expected();
    publish_gap(GapState::opened, bar.open_time, missing, out);
    publish_gap(GapState::closed, bar.open_time, missing, out);
    gap_from_ = 0;
  }
  publish(bar, out);
}

void BarSeries::publish(const Bar& bar, Emit& out) {
  out.publish(unit_, bar);
  recent_[published_++ % kRecent] = bar;
  if (bar.open_time >= day_end_ || last_close_ == 0) {
    const auto session = expected_.session_at(bar.open_time);
    // Only where the bars of a session are all of one length may they be counted without the
    // calendar.
    day_end_ = session && timeframe_ != Timeframe::d1 ? session->close : 0;
  }
  last_close_ = bar.close_time;
  if (!watching_) watch(out);
}

void BarSeries::publish_gap(GapState state, TimeNs to, std::uint32_t missing, Emit& out) const {
  Gap g;
  g.instrument = instrument_.id;
  g.state = state;
  g.cause = GapCause::missing_bars;
  g.timeframe = timeframe_;
  g.from = gap_from_;
  g.to = to;
  g.missing = missing;
  out.publish(unit_, g);
}

TimeNs BarSeries::next_expected() const {
  const TimeNs from = std::max(last_close_, expect_from_);
  return expected_.next_bar_open(from - 1, duration_of(timeframe_)).value_or(from);
}

TimeNs BarSeries::overdue_at() const {
  const TimeNs next = next_expected();
  const auto close = expected_.bar_close(next, duration_of(timeframe_));
  if (!close) return 0;
  const bool from_trades = recent_[(published_ - 1) % kRecent].origin == BarOrigin::trades;
  const std::uint32_t limit = from_trades ? config_.gap_trade_minutes : config_.gap_bars;
  if (limit == 0) return 0;
  const DurationNs slack = from_trades ? duration_of(timeframe_) : 2 * window();
  return *close + (limit - 1) * duration_of(timeframe_) + slack;
}

void BarSeries::watch(Emit& out) {
  const TimeNs due = overdue_at();
  watching_ = due != 0;
  if (!watching_) return;
  out.set_timer(
      unit_, std::max(due, out.now() + 1),
      static_cast<std::uint32_t>(TimerTag::watch) + static_cast<std::uint32_t>(timeframe_));
}

void BarSeries::on_watch_timer(Emit& out) {
  watching_ = false;
  const TimeNs due = overdue_at();
  if (due == 0 || gap_from_ != 0) return;
  out.touch(unit_);
  const bool overdue = out.now() >= due && held_.empty();
  if (!overdue || halted_) {
    watching_ = true;
    const TimeNs again = due > out.now() ? due : out.now() + window() + duration_of(timeframe_);
    out.set_timer(
        unit_, again,
        static_cast<std::uint32_t>(TimerTag::watch) + static_cast<std::uint32_t>(timeframe_));
    return;
  }
  gap_from_ = next_expected();
  publish_gap(GapState::opened, 0, 0, out);
}

namespace {

// Field by field: the padding of a struct would make equal states differ in their bytes.
void put_bar(Writer& w, const Bar& b) {
  w.put(b.instrument);
  w.put(b.timeframe);
  w.put(b.origin);
  w.put(b.open_time);
  w.put(b.close_time);
  w.put(b.open);
  w.put(b.high);
  w.put(b.low);
  w.put(b.close);
  w.put(b.volume);
  w.put(b.vwap);
  w.put(b.trades);
}

void get_bar(Reader& r, Bar& b) {
  r.get(b.instrument);
  r.get(b.timeframe);
  r.get(b.origin);
  r.get(b.open_time);
  r.get(b.close_time);
  r.get(b.open);
  r.get(b.high);
  r.get(b.low);
  r.get(b.close);
  r.get(b.volume);
  r.get(b.vwap);
  r.get(b.trades);
}

}  // namespace

void BarSeries::save(Writer& w) const {
  for (const Bar& b : recent_) put_bar(w, b);
  w.put(published_);
  w.put(static_cast<std::uint32_t>(held_.size()));
  for (const Held& h : held_) {
    put_bar(w, h.bar);
    w.put(h.due);
  }
  w.put(last_close_);
  w.put(expect_from_);
  w.put(gap_from_);
  w.put(day_end_);
  w.put(watching_);
  w.put(halted_);
}

void BarSeries::load(Reader& r) {
  for (Bar& b : recent_) get_bar(r, b);
  r.get(published_);
  const auto n = r.get<std::uint32_t>();
  held_.clear();
  for (std::uint32_t i = 0; i < n && r.ok() && i <= kMaxHeld; ++i) {
    Held h;
    get_bar(r, h.bar);
    r.get(h.due);
    held_.push_back(h);
  }
  r.get(last_close_);
  r.get(expect_from_);
  r.get(gap_from_);
  r.get(day_end_);
  r.get(watching_);
  r.get(halted_);
}

}  // namespace bw::ingestion
