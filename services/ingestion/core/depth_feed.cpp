#include "ingestion/core/depth_feed.hpp"

#include "ingestion/core/bar_series.hpp"

namespace bw::ingestion {

using runtime::Emit;

bool DepthFeed::on_level(const RawDepth& raw, Emit& out) {
  return handle({raw.level, raw.first_update_id, raw.previous_update_id}, raw.origin, out);
}

bool DepthFeed::handle(const Waiting& w, const Origin& origin, Emit& out) {
  if (w.level.begin) mode_ = judge(w, origin, out);
  out.touch(unit_);
  switch (mode_) {
    case Mode::skip:
      return false;
    case Mode::wait:
      wait(w);
      return false;
    case Mode::apply:
    case Mode::snapshot:
      apply(w.level, origin, out);
      break;
  }
  if (!w.level.last) return false;
  const bool snapshot = mode_ == Mode::snapshot;
  mode_ = Mode::skip;
  last_id_ = w.level.update_id;
  if (!snapshot) {
    after_snapshot_ = false;
    return finish_message(w.level, out);
  }
  const Quote before = top_;
  finish_snapshot(w.level, out);
  finish_message(w.level, out);
  return !(top_ == before);
}

DepthFeed::Mode DepthFeed::judge(const Waiting& w, const Origin& origin, Emit& out) {
  const std::uint64_t u = w.level.update_id;
  if (w.level.snapshot) {
    if (synced_ && u < last_id_) return Mode::skip;  // older than the book
    book_.clear();
    return Mode::snapshot;
  }
  if (!synced_) {
    if (!told_ && gap_from_ == 0) {
      told_ = true;
      publish_quality(out, unit_, QualityReason::sequence_break, w.level.source_time, origin,
                      "depth updates before any snapshot: the book waits for one");
    }
    return Mode::wait;
  }
  if (u <= last_id_) {
    // Behind a snapshot that is how the protocol goes; later it is the same update again.
    if (!after_snapshot_) {
      publish_quality(out, unit_, QualityReason::duplicate, w.level.source_time, origin,
                      "a depth update that the book has");
    }
    return Mode::skip;
  }
  const bool follows = w.previous != 0 ? w.previous == last_id_ : w.first <= last_id_ + 1;
  const bool spans = after_snapshot_ && w.first <= last_id_ + 1;
  if (follows || spans) return Mode::apply;
  break_off(w.level.source_time, GapCause::sequence_break, out);
  return Mode::wait;
}

void DepthFeed::apply(const DepthLevel& level, const Origin& origin, Emit& out) {
  if (level.side == Side::none) return;  // a message without levels
  if (!level.price.is_positive() || level.size.is_negative()) {
    publish_quality(out, unit_, QualityReason::negative_price, level.source_time, origin,
                    "depth level with a price not above 0 or a size below 0");
    return;
  }
  book_.set(level.side, level.price, level.size);
  out.publish(unit_, level);
}

void DepthFeed::wait(const Waiting& w) {
  // A snapshot can only join on to what is whole: what was dropped shows as a break then.
  if (waiting_.size() >= max_waiting_) waiting_.clear();
  waiting_.push_back(w);
}

bool DepthFeed::finish_message(const DepthLevel& level, Emit&) {
  const Book::Level bid = book_.best(Side::buy);
  const Book::Level ask = book_.best(Side::sell);
  const bool changed = bid.price != top_.bid || bid.size != top_.bid_size ||
                       ask.price != top_.ask || ask.size != top_.ask_size;
  if (!changed) return false;
  top_.instrument = InstrumentId(unit_);
  top_.bid = bid.price;
  top_.bid_size = bid.size;
  top_.ask = ask.price;
  top_.ask_size = ask.size;
  top_.source_time = level.source_time;
  return true;
}

void DepthFeed::finish_snapshot(const DepthLevel& level, Emit& out) {
  synced_ = true;
  after_snapshot_ = true;
  if (gap_from_ != 0) {
    say_gap(GapState::closed, level.source_time, out);
    gap_from_ = 0;
  }
  std::vector<Waiting> early;
  early.swap(waiting_);
  for (const Waiting& w : early) handle(w, {}, out);
  if (waiting_.empty()) {  // keep the room that was allocated
    early.clear();
    waiting_.swap(early);
  }
}

void DepthFeed::break_off(TimeNs at, GapCause cause, Emit& out) {
  synced_ = false;
  waiting_.clear();
  book_.clear();
  top_ = {};
  mode_ = Mode::skip;
  if (gap_from_ != 0) return;
  gap_from_ = at;
  gap_cause_ = cause;
  say_gap(GapState::opened, 0, out);
}

void DepthFeed::say_gap(GapState state, TimeNs to, Emit& out) const {
  Gap g;
  g.instrument = InstrumentId(unit_);
  g.state = state;
  g.cause = gap_cause_;
  g.from = gap_from_;
  g.to = to;
  out.publish(unit_, g);
}

namespace {

void put_level(Writer& w, const DepthLevel& l) {
  w.put(l.instrument);
  w.put(l.price);
  w.put(l.size);
  w.put(l.source_time);
  w.put(l.update_id);
  w.put(l.side);
  w.put(l.snapshot);
  w.put(l.begin);
  w.put(l.last);
}

void get_level(Reader& r, DepthLevel& l) {
  r.get(l.instrument);
  r.get(l.price);
  r.get(l.size);
  r.get(l.source_time);
  r.get(l.update_id);
  r.get(l.side);
  r.get(l.snapshot);
  r.get(l.begin);
  r.get(l.last);
}

}  // namespace

void DepthFeed::save(Writer& w) const {
  book_.save(w);
  w.put(top_.bid);
  w.put(top_.bid_size);
  w.put(top_.ask);
  w.put(top_.ask_size);
  w.put(top_.source_time);
  w.put(static_cast<std::uint32_t>(waiting_.size()));
  for (const Waiting& x : waiting_) {
    put_level(w, x.level);
    w.put(x.first);
    w.put(x.previous);
  }
  w.put(mode_);
  w.put(synced_);
  w.put(after_snapshot_);
  w.put(told_);
  w.put(last_id_);
  w.put(gap_from_);
  w.put(gap_cause_);
}

void DepthFeed::load(Reader& r) {
  book_.load(r);
  top_.instrument = InstrumentId(unit_);
  r.get(top_.bid);
  r.get(top_.bid_size);
  r.get(top_.ask);
  r.get(top_.ask_size);
  r.get(top_.source_time);
  const auto n = r.get<std::uint32_t>();
  waiting_.clear();
  for (std::uint32_t i = 0; i < n && r.ok(); ++i) {
    Waiting x;
    get_level(r, x.level);
    r.get(x.first);
    r.get(x.previous);
    waiting_.push_back(x);
  }
  r.get(mode_);
  r.get(synced_);
  r.get(after_snapshot_);
  r.get(told_);
  r.get(last_id_);
  r.get(gap_from_);
  r.get(gap_cause_);
}

}  // namespace bw::ingestion
