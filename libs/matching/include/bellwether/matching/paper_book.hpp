#pragma once
// PaperBook: the open orders of one account in one instrument, and the walk over them when data
// comes. Plain value, owned by the account; one thread; allocates only while it grows to the
// owner's limit.
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "bellwether/matching/evaluate.hpp"

namespace bw::matching {

/// Most orders of one book; owners refuse beyond it.
inline constexpr std::size_t kMaxBookOrders = 64;

/// Size taken from one side of a displayed quote.
struct TakenQuote {
  Price price;
  Quantity size;
  Quantity taken;
  [[nodiscard]] Quantity left(Price p, Quantity s, std::int64_t bps) const noexcept {
    const Quantity share = share_of_volume(s, bps);
    if (share == kUnlimited || p != price || s != size) return share;
    return share > taken ? share - taken : Quantity{};
  }
  void take(Price p, Quantity s, Quantity q) {
    if (p != price || s != size) *this = {p, s, {}};
    taken += q;
  }
};

/// What one step of data leaves for a book. Bars and trades have one volume for both sides, quotes
/// two.
struct Liquidity {
  Quantity buy;
  Quantity sell;
  bool shared = false;
  [[nodiscard]] Quantity of(Side side) const noexcept { return side == Side::buy ? buy : sell; }
  void take(Side side, Quantity q) {
    if ((shared || side == Side::buy) && buy != kUnlimited) buy -= q;
    if ((shared || side == Side::sell) && sell != kUnlimited) sell -= q;
  }
};

/// One piece of data as both sides see it.
struct Sight {
  Tape buy;
  Tape sell;
  [[nodiscard]] const Tape& of(Side side) const noexcept { return side == Side::buy ? buy : sell; }
};

/// Order derives from PaperOrder.
template <class Order>
class PaperBook {
 public:
  [[nodiscard]] bool empty() const noexcept { return orders_.empty(); }
  [[nodiscard]] bool full() const noexcept { return orders_.size() >= kMaxBookOrders; }
  [[nodiscard]] std::size_t size() const noexcept { return orders_.size(); }
  /// By ascending id.
  [[nodiscard]] std::span<Order> orders() noexcept { return orders_; }
  [[nodiscard]] std::span<const Order> orders() const noexcept { return orders_; }
  Order* find(OrderId id) noexcept {
    const auto at = std::find_if(orders_.begin(), orders_.end(),
                                 [&](const Order& o) { return o.id == id; });
    return at == orders_.end() ? nullptr : &*at;
  }
  /// Ids ascend: a later order has a higher one. Invalidates what find() gave.
  Order& add(const Order& order) {
    BW_ASSERT(!full(), "paper book is full: the owner checks first");
    BW_ASSERT(orders_.empty() || orders_.back().id < order.id, "order ids ascend");
    return orders_.emplace_back(order);
  }
  void remove(OrderId id) {
    std::erase_if(orders_, [&](const Order& o) { return o.id == id; });
  }

  /// Shows the data to every order that may look at it, stops first, then by id. `held()` gives the
  /// position as it stands; `handle(order, outcome)` books the outcome and may add and remove
  /// orders (new ones wait for later data).
  template <class Held, class Handle>
  void step(const Sight& sight, Liquidity& liquidity, const VenueRules& rules, Steps steps,
            Held&& held, Handle&& handle) {
    std::array<OrderId, kMaxBookOrders> turn;
    std::size_t count = 0;
    for (const bool stops : {true, false}) {
      for (const Order& o : orders_) {
        if ((o.type == OrderType::stop || o.type == OrderType::stop_limit) == stops) {
          turn[count++] = o.id;
        }
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      Order* o = find(turn[i]);
      if (o == nullptr || !eligible(*o, sight.of(o->side))) continue;
      const Quantity size = o->fillable(held());
      if (size.is_zero()) continue;
      const Side side = o->side;
      const Outcome outcome =
          evaluate(*o, sight.of(side), size, liquidity.of(side), rules, steps);
      liquidity.take(side, outcome.quantity);
      handle(*o, outcome);
    }
  }

 private:
  std::vector<Order> orders_;
};

}  // namespace bw::matching
