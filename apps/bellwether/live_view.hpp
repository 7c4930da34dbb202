#pragma once
// What a person watches while the suite runs: prices, signals, orders, positions, money, counts.
// Fed with every event; what was decided is shown only once it is committed, so that nothing shown
// can be lost.
#include <deque>
#include <map>
#include <vector>

#include "bellwether/base/serial.hpp"
#include "bellwether/runtime/machine.hpp"

namespace bw::app {

class LiveView {
 public:
  struct Market {
    Price last;
    Price day_open;       ///< first price of the UTC day
    double turnover = 0;  ///< price × size of the day
    DayNumber day = 0;
    TimeNs at = 0;
  };
  struct Order {
    OrderIntent intent;
    OrderEvent state;  ///< its newest
    TimeNs at = 0;
  };
  template <class E>
  struct At {
    TimeNs at = 0;
    E event;
  };
  struct Counts {
    std::uint64_t signals = 0;
    std::uint64_t orders = 0;
    std::uint64_t fills = 0;
    std::uint64_t refusals = 0;
    std::uint64_t held_back = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t gaps = 0;
  };
  using PositionKey = std::pair<AccountId, InstrumentId>;

  /// Market events show at once, decisions wait for committed().
  void see(const runtime::Output& output);
  /// What was seen so far is safely stored: returns the decisions that are now shown, in order.
  /// Valid until the next call.
  const std::vector<runtime::Output>& committed();

  [[nodiscard]] const std::map<InstrumentId, Market>& markets() const noexcept { return markets_; }
  [[nodiscard]] const std::deque<At<Signal>>& signals() const noexcept { return signals_; }
  /// Oldest first; ended orders go first when there are too many.
  [[nodiscard]] const std::deque<Order>& orders() const noexcept { return orders_; }
  [[nodiscard]] const std::map<PositionKey, Position>& positions() const noexcept {
    return positions_;
  }
  [[nodiscard]] const std::map<AccountId, Cash>& cash() const noexcept { return cash_; }
  [[nodiscard]] const std::map<AccountId, Pnl>& books() const noexcept { return books_; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  /// Cash and positions at the last prices, all accounts.
  [[nodiscard]] Money equity() const;
  [[nodiscard]] Money cash_total() const;
  /// Of a position at the last price; zero where there is none.
  [[nodiscard]] Money unrealised(const Position& position) const;

  void save(Writer& w) const;
  void load(Reader& r);

 private:
  void price(InstrumentId instrument, Price price, Quantity size, TimeNs at);
  void decide(const runtime::Output& output);

  std::map<InstrumentId, Market> markets_;
  std::deque<At<Signal>> signals_;
  std::deque<Order> orders_;
  std::map<PositionKey, Position> positions_;
  std::map<AccountId, Cash> cash_;
  std::map<AccountId, Pnl> books_;
  Counts counts_;
  std::vector<runtime::Output> waiting_;
  std::vector<runtime::Output> shown_;
};

}  // namespace bw::app
