#pragma once
// One account's state: cash, positions, open orders, limits in use. A unit of the machine: nothing
// here depends on another account.
#include <array>
#include <vector>

#include "bellwether/account/account.hpp"
#include "bellwether/domain/source.hpp"
#include "bellwether/matching/paper_book.hpp"
#include "broker/core/config.hpp"

namespace bw::broker {

struct Order : matching::PaperOrder {
  OrderState state = OrderState::none;
  OrderReason purpose = OrderReason::none;  ///< protective_stop, take_profit, or none
  SignalId signal;
  RequestId request_id;
  Price stop_loss;    ///< the position that it opens is protected so; zero: not
  Price take_profit;
  bool is_protected = false;  ///< its protective orders were placed
  Money reserved;             ///< of buying power, for what has not filled

  /// Caused by a signal, and no protection.
  [[nodiscard]] bool is_entry() const noexcept {
    return signal.is_set() && purpose == OrderReason::none;
  }
  /// Open orders that it may still turn into, itself included.
  [[nodiscard]] std::int64_t slots() const noexcept {
    if (is_protected) return 1;
    return 1 + (stop_loss.is_positive() ? 1 : 0) + (take_profit.is_positive() ? 1 : 0);
  }
};

/// One instrument in one account.
struct Desk {
  account::Holding holding;
  matching::PaperBook<Order> book;
  matching::TakenQuote taken_ask;
  matching::TakenQuote taken_bid;
  Money value;  ///< of the position at the market's mark; derived, not saved
};

/// The last N numbers seen, for deduplication. What is older than N is forgotten.
template <std::size_t N>
class Memory {
 public:
  static constexpr std::size_t kCapacity = N;
  /// False: seen before.
  bool add(std::uint64_t v) noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
      if (seen_[i] == v) return false;
    }
    seen_[next_] = v;
    next_ = (next_ + 1) % N;
    if (size_ < N) ++size_;
    return true;
  }
  void save(Writer& w) const {
    w.put(static_cast<std::uint32_t>(size_));
    for (std::size_t i = 0; i < size_; ++i) w.put(seen_[(next_ + N - size_ + i) % N]);
  }
  [[nodiscard]] bool load(Reader& r) noexcept {
    *this = {};
    const auto n = r.get<std::uint32_t>();
    if (n > N) return false;
    for (std::uint32_t i = 0; i < n && r.ok(); ++i) {
      r.get(seen_[i]);
    }
    size_ = n;
    next_ = n % N;
    return r.ok();
  }

 private:
  std::array<std::uint64_t, N> seen_{};
  std::size_t next_ = 0;
  std::size_t size_ = 0;
};

/// An order of an external venue that has ended: a late fill still counts.
struct EndedOrder {
  OrderId id;
  InstrumentId instrument;
  Side side = Side::none;
};
inline constexpr std::size_t kEndedOrders = 256;

struct AccountState {
  const AccountConfig* config = nullptr;
  bool opened = false;  ///< its first Cash was published
  Money cash;
  __int128 market_value = 0;  ///< sum of the desks' values, raw: never saturates; derived
  Money day_start;      ///< equity that the day began with
  bool killed = false;
  bool loss_stop = false;  ///< daily loss reached: reduce only until the next day
  Money loss_limit;        ///< the numbers that it was reached with
  Money loss_actual;
  risk::RateWindow rate;
  Memory<256> requests;     ///< of request ids (64-bit hashes)
  Memory<1024> executions;  ///< of an external venue's execution ids
  std::vector<EndedOrder> ended;  ///< ring, external venues only
  std::size_t next_ended = 0;
  std::vector<Desk> desks;  ///< by instrument

  /// cash + positions at their marks; saturates.
  [[nodiscard]] Money equity() const noexcept {
    const __int128 sum = market_value + cash.raw();
    const __int128 most = INT64_MAX;
    const __int128 held = sum > most ? most : sum < -most ? -most : sum;
    return Money::from_raw(static_cast<std::int64_t>(held));
  }
  [[nodiscard]] Money reserved() const noexcept;
  [[nodiscard]] std::int64_t slots() const noexcept;
  [[nodiscard]] Desk* find(InstrumentId instrument) noexcept;
  /// The desk of an instrument, made where there is none. Invalidates other desks' addresses.
  Desk& desk(InstrumentId instrument);
  /// The desk whose book holds the order, or null.
  [[nodiscard]] Desk* desk_of(OrderId order) noexcept;
  void remember_ended(const EndedOrder& order);
  [[nodiscard]] const EndedOrder* find_ended(OrderId order) const noexcept;

  void save(Writer& w) const;
  [[nodiscard]] Result<void> load(Reader& r);
};

}  // namespace bw::broker
