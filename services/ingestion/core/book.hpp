#pragma once
// Book: price levels of one instrument at one venue. Sorted arrays with the best level at the back,
// where nearly all changes are.
#include <vector>

#include "bellwether/base/serial.hpp"
#include "bellwether/domain/market.hpp"

namespace bw::ingestion {

class Book {
 public:
  struct Level {
    Price price;
    Quantity size;
    bool operator==(const Level&) const = default;
  };
  explicit Book(std::size_t max_levels) : max_levels_(max_levels) {}

  /// Sets a level; size zero takes it away. Beyond max_levels the one furthest from the market is
  /// forgotten.
  void set(Side side, Price price, Quantity size);
  void clear() noexcept;
  /// Best level of a side, zero where it is empty.
  [[nodiscard]] Level best(Side side) const noexcept;
  /// From worst to best.
  [[nodiscard]] const std::vector<Level>& levels(Side side) const noexcept {
    return side == Side::buy ? bids_ : asks_;
  }

  void save(Writer& w) const;
  void load(Reader& r);

 private:
  std::size_t max_levels_;
  std::vector<Level> bids_;  // ascending
  std::vector<Level> asks_;  // descending
};

}  // namespace bw::ingestion
