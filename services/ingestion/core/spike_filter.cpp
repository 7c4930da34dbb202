#include "ingestion/core/spike_filter.hpp"

#include <algorithm>

namespace bw::ingestion {

namespace {

bool far(Price p, Price reference, std::uint32_t basis_points) noexcept {
  const __int128 away = static_cast<__int128>(p.raw()) - reference.raw();
  const __int128 size = away < 0 ? -away : away;
  return size * 10'000 > static_cast<__int128>(reference.raw()) * basis_points;
}

bool far(Price low, Price high, Price reference, std::uint32_t basis_points) noexcept {
  return far(low, reference, basis_points) || far(high, reference, basis_points);
}

}  // namespace

bool SpikeFilter::accept(Price low, Price high, Price close, std::uint32_t basis_points,
                         std::uint32_t confirmations) noexcept {
  if (basis_points == 0 || count_ == 0 || !far(low, high, last_, basis_points)) {
    doubts_ = 0;
    remember(close);
    return true;
  }
  if (!far(low, high, median(), basis_points)) {
    doubts_ = 0;
    remember(close);
    return true;
  }
  doubts_ = doubts_ > 0 && !far(close, doubted_, basis_points) ? doubts_ + 1 : 1;
  doubted_ = close;
  if (doubts_ < confirmations) return false;
  reset();
  remember(close);
  return true;
}

void SpikeFilter::remember(Price p) noexcept {
  window_[count_ % kWindow] = p;
  ++count_;
  last_ = p;
}

Price SpikeFilter::median() const noexcept {
  std::array<Price, kWindow> sorted = window_;
  const std::size_t n = std::min<std::size_t>(count_, kWindow);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(n / 2);
  std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(n));
  return *middle;
}

void SpikeFilter::save(Writer& w) const {
  for (const Price p : window_) w.put(p);
  w.put(count_);
  w.put(doubts_);
  w.put(last_);
  w.put(doubted_);
}

void SpikeFilter::load(Reader& r) noexcept {
  for (Price& p : window_) r.get(p);
  r.get(count_);
  r.get(doubts_);
  r.get(last_);
  r.get(doubted_);
}

}  // namespace bw::ingestion
