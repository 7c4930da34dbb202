#include "ingestion/core/book.hpp"

#include <algorithm>

namespace bw::ingestion {

void Book::set(Side side, Price price, Quantity size) {
  const bool buy = side == Side::buy;
  auto& levels = buy ? bids_ : asks_;
  // The first level that is as good or better, seen from the worst.
  const auto at =
      std::lower_bound(levels.begin(), levels.end(), price,
                       [buy](const Level& l, Price p) { return buy ? l.price < p : l.price > p; });
  const bool there = at != levels.end() && at->price == price;
  if (size.is_zero()) {
    if (there) levels.erase(at);
    return;
  }
  if (there) {
    at->size = size;
    return;
  }
  levels.insert(at, Level{price, size});
  if (levels.size() > max_levels_) levels.erase(levels.begin());
}

void Book::clear() noexcept {
  bids_.clear();
  asks_.clear();
}

Book::Level Book::best(Side side) const noexcept {
  const auto& levels = side == Side::buy ? bids_ : asks_;
  return levels.empty() ? Level{} : levels.back();
}

void Book::save(Writer& w) const {
  for (const auto* levels : {&bids_, &asks_}) {
    w.put(static_cast<std::uint32_t>(levels->size()));
    for (const Level& l : *levels) {
      w.put(l.price);
      w.put(l.size);
    }
  }
}

void Book::load(Reader& r) {
  for (auto* levels : {&bids_, &asks_}) {
    levels->clear();
    const auto n = r.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < n && r.ok(); ++i) {
      Level l;
      r.get(l.price);
      r.get(l.size);
      levels->push_back(l);
    }
  }
}

}  // namespace bw::ingestion
