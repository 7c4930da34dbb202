#include "bellwether/risk/gate.hpp"

namespace bw::risk {

Verdict check_buying_power(Money needed, Money available) noexcept {
  if (needed <= available) return {};
  return {OrderReason::buying_power, available, needed};
}

Verdict check_position(Quantity after, Price price, Money equity, std::int64_t max_bps) noexcept {
  const Money value = account::value_of(after, price);
  const Money size = value.is_negative() ? account::saturating_sub({}, value) : value;
  const Money limit =
      equity.is_positive() ? account::share_of(equity, max_bps) : Money{};
  if (size <= limit) return {};
  return {OrderReason::position_limit, limit, size};
}

Verdict check_daily_loss(Money day_start_equity, Money equity, std::int64_t max_bps) noexcept {
  const Money limit =
      day_start_equity.is_positive() ? account::share_of(day_start_equity, max_bps) : Money{};
  const Money lost = account::saturating_sub(day_start_equity, equity);
  if (!lost.is_positive() || lost < limit) return {};
  return {OrderReason::daily_loss_limit, limit, lost};
}

Verdict check_open_orders(std::int64_t after, std::int64_t limit) noexcept {
  if (after <= limit) return {};
  return {OrderReason::open_order_limit, Money::from_int(limit), Money::from_int(after)};
}

Verdict RateWindow::check(TimeNs now, std::int64_t limit) const noexcept {
  const auto after = static_cast<std::int64_t>(count(now)) + 1;
  if (after <= limit) return {};
  return {OrderReason::order_rate, Money::from_int(limit), Money::from_int(after)};
}

void RateWindow::add(TimeNs now) noexcept {
  times_[next_] = now;
  next_ = (next_ + 1) % kCapacity;
  if (size_ < kCapacity) ++size_;
}

std::size_t RateWindow::count(TimeNs now) const noexcept {
  std::size_t n = 0;
  while (n < size_ && newest(n) > now - kWindow) ++n;
  return n;
}

void RateWindow::save(Writer& w) const {
  w.put(static_cast<std::uint32_t>(size_));
  for (std::size_t i = size_; i > 0; --i) w.put(newest(i - 1));
}

bool RateWindow::load(Reader& r) noexcept {
  const auto n = r.get<std::uint32_t>();
  if (n > kCapacity) return false;
  *this = {};
  for (std::uint32_t i = 0; i < n; ++i) add(r.get<TimeNs>());
  return r.ok();
}

}  // namespace bw::risk
