#include "broker/core/market.hpp"

namespace bw::broker {

namespace {

using matching::DataKind;
using matching::Tape;

void put(Writer& w, const Tape& t) {
  w.put(t.kind);
  w.put(t.time);
  w.put(t.from);
  w.put(t.open);
  w.put(t.high);
  w.put(t.low);
  w.put(t.volume);
}

void get(Reader& r, Tape& t) {
  r.get(t.kind);
  r.get(t.time);
  r.get(t.from);
  r.get(t.open);
  r.get(t.high);
  r.get(t.low);
  r.get(t.volume);
}

Price divided(Price p, Quantity ratio) noexcept {
  return Price::from_raw(mul_div(p.raw(), kDecimalOne, ratio.raw()).value_or(p.raw()));
}

}  // namespace

bool Market::take(const Bar& bar, TimeNs now) noexcept {
  if (frame == Timeframe::none || bar.timeframe < frame) frame = bar.timeframe;
  if (bar.timeframe != frame) return false;
  bar_time = now;
  bar_close = bar.close_time;
  mark = bar.close;
  last = bar.close;
  if (finest > DataKind::bar) return false;
  finest = DataKind::bar;
  sight.buy = matching::tape_of(bar, now);
  sight.sell = sight.buy;
  return true;
}

bool Market::take(const Trade& trade, TimeNs now) noexcept {
  last = trade.price;
  if (bar_time == 0) mark = trade.price;
  if (finest > DataKind::trade || phase == Phase::shut) return false;
  finest = DataKind::trade;
  sight.buy = matching::tape_of(trade, now);
  sight.sell = sight.buy;
  return true;
}

bool Market::take(const Quote& quote, TimeNs now) noexcept {
  if (bar_time == 0 && quote.bid.is_positive() && quote.ask.is_positive()) {
    mark = Price::from_raw(quote.bid.raw() / 2 + quote.ask.raw() / 2);
  }
  if (phase == Phase::shut) return false;
  finest = DataKind::quote;
  sight.buy = matching::tape_of(quote, Side::buy, now);
  sight.sell = matching::tape_of(quote, Side::sell, now);
  return true;
}

void Market::split(Quantity ratio) noexcept {
  mark = divided(mark, ratio);
  last = divided(last, ratio);
  sight = {};
  if (finest == DataKind::quote) finest = DataKind::none;
}

void Market::save(Writer& w) const {
  w.put(finest);
  w.put(frame);
  w.put(phase);
  w.put(day);
  w.put(closing);
  w.put(bar_time);
  w.put(bar_close);
  w.put(mark);
  w.put(last);
  put(w, sight.buy);
  put(w, sight.sell);
}

void Market::load(Reader& r) {
  r.get(finest);
  r.get(frame);
  r.get(phase);
  r.get(day);
  r.get(closing);
  r.get(bar_time);
  r.get(bar_close);
  r.get(mark);
  r.get(last);
  get(r, sight.buy);
  get(r, sight.sell);
}

}  // namespace bw::broker
