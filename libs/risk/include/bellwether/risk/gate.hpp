#pragma once
// The pre-trade gate: each check a pure function, each refusal with the two numbers that it
// compared.
#include <array>

#include "bellwether/account/account.hpp"
#include "bellwether/base/serial.hpp"
#include "bellwether/domain/trading.hpp"

namespace bw::risk {

/// Configuration of an account. A limit of 0 forbids, it does not lift.
struct Limits {
  std::int64_t max_position_bps = 1'000;    ///< of equity, one instrument, at its last price
  std::int64_t max_daily_loss_bps = 500;    ///< of the equity that the day began with
  std::int64_t max_orders_per_minute = 60;  ///< 0 … RateWindow::kCapacity
  std::int64_t max_open_orders = 64;
  bool shorting_allowed = true;
  account::MarginRules margin;
};

struct Verdict {
  OrderReason reason = OrderReason::none;
  Money limit;
  Money actual;
  [[nodiscard]] bool ok() const noexcept { return reason == OrderReason::none; }
  bool operator==(const Verdict&) const = default;
};

/// `needed` and `available` as margin (account::margin_of).
[[nodiscard]] Verdict check_buying_power(Money needed, Money available) noexcept;

/// The position as it would be, at `price`, against its share of `equity`.
[[nodiscard]] Verdict check_position(Quantity after, Price price, Money equity,
                                     std::int64_t max_bps) noexcept;

/// What was lost since the day began, against its limit. Refuses at the limit, not only beyond it.
[[nodiscard]] Verdict check_daily_loss(Money day_start_equity, Money equity,
                                       std::int64_t max_bps) noexcept;

/// `after`: orders that would then be open.
[[nodiscard]] Verdict check_open_orders(std::int64_t after, std::int64_t limit) noexcept;

/// The times of the last orders, newest last.
class RateWindow {
 public:
  static constexpr std::size_t kCapacity = 256;
  static constexpr DurationNs kWindow = kMinute;

  /// Whether one more order at `now` stays within `limit` orders in (now - kWindow, now].
  [[nodiscard]] Verdict check(TimeNs now, std::int64_t limit) const noexcept;
  void add(TimeNs now) noexcept;
  [[nodiscard]] std::size_t count(TimeNs now) const noexcept;
  void save(Writer& w) const;
  [[nodiscard]] bool load(Reader& r) noexcept;  ///< false: no state of a window

 private:
  [[nodiscard]] TimeNs newest(std::size_t back) const noexcept {
    return times_[(next_ + kCapacity - 1 - back) % kCapacity];
  }
  std::array<TimeNs, kCapacity> times_{};
  std::size_t next_ = 0;
  std::size_t size_ = 0;
};

}  // namespace bw::risk
