#include "ingestion/core/nbbo.hpp"

namespace bw::ingestion {

Nbbo::Venue* Nbbo::venue(char letter) {
  for (Venue& v : venues_) {
    if (v.letter == letter) return &v;
  }
  if (venues_.full()) return nullptr;
  venues_.push_back(Venue{letter, {}, {}});
  return &venues_[venues_.size() - 1];
}

Nbbo::Outcome Nbbo::update(const RawQuote& row) {
  const Quote before = best_;
  if (row.bid_given) {
    Venue* v = venue(row.quote.bid_venue);
    if (v == nullptr) return Outcome::too_many_venues;
    v->bid = {row.quote.bid, row.quote.bid_size};
    find_bid();
    if (row.quote.bid_size.is_positive() && drop_asks_at_or_below(row.quote.bid)) find_ask();
  }
  if (row.ask_given) {
    Venue* v = venue(row.quote.ask_venue);
    if (v == nullptr) return Outcome::too_many_venues;
    v->ask = {row.quote.ask, row.quote.ask_size};
    if (row.quote.ask_size.is_positive() && drop_bids_at_or_above(row.quote.ask)) find_bid();
    find_ask();
  }
  return best_ == before ? Outcome::same : Outcome::changed;
}

bool Nbbo::drop_asks_at_or_below(Price bid) noexcept {
  if (best_.ask.is_zero() || best_.ask > bid) return false;
  for (Venue& v : venues_) {
    if (v.ask.price <= bid) v.ask = {};
  }
  return true;
}

bool Nbbo::drop_bids_at_or_above(Price ask) noexcept {
  if (best_.bid < ask || !ask.is_positive()) return false;
  for (Venue& v : venues_) {
    if (v.bid.price >= ask) v.bid = {};
  }
  return true;
}

void Nbbo::find_bid() noexcept {
  best_.bid = {};
  best_.bid_size = {};
  best_.bid_venue = 0;
  for (const Venue& v : venues_) {
    if (!v.bid.price.is_positive() || !v.bid.size.is_positive()) continue;
    const bool better = v.bid.price != best_.bid       ? v.bid.price > best_.bid
                        : v.bid.size != best_.bid_size ? v.bid.size > best_.bid_size
                                                       : v.letter < best_.bid_venue;
    if (!better) continue;
    best_.bid = v.bid.price;
    best_.bid_size = v.bid.size;
    best_.bid_venue = v.letter;
  }
}

void Nbbo::find_ask() noexcept {
  best_.ask = {};
  best_.ask_size = {};
  best_.ask_venue = 0;
  for (const Venue& v : venues_) {
    if (!v.ask.price.is_positive() || !v.ask.size.is_positive()) continue;
    const bool better =
        best_.ask.is_zero() || (v.ask.price != best_.ask       ? v.ask.price < best_.ask
                                : v.ask.size != best_.ask_size ? v.ask.size > best_.ask_size
                                                               : v.letter < best_.ask_venue);
    if (!better) continue;
    best_.ask = v.ask.price;
    best_.ask_size = v.ask.size;
    best_.ask_venue = v.letter;
  }
}

void Nbbo::clear() noexcept {
  venues_.clear();
  best_ = {};
}

void Nbbo::save(Writer& w) const {
  w.put(static_cast<std::uint32_t>(venues_.size()));
  for (const Venue& v : venues_) {
    w.put(v.letter);
    w.put(v.bid.price);
    w.put(v.bid.size);
    w.put(v.ask.price);
    w.put(v.ask.size);
  }
}

void Nbbo::load(Reader& r) {
  clear();
  const auto n = r.get<std::uint32_t>();
  for (std::uint32_t i = 0; i < n && i < kMaxVenues; ++i) {
    Venue v;
    r.get(v.letter);
    r.get(v.bid.price);
    r.get(v.bid.size);
    r.get(v.ask.price);
    r.get(v.ask.size);
    venues_.push_back(v);
  }
  find_bid();
  find_ask();
}

}  // namespace bw::ingestion
