#pragma once
// SpikeFilter: tells a bad print from a move. A price far from the last accepted one and from the
// median of the last ones is doubted; prices that go on agreeing with a doubted one confirm a new
// level. One instrument.
#include <array>
#include <cstdint>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/serial.hpp"

namespace bw::ingestion {

class SpikeFilter {
 public:
  /// True where `low` … `high` (a trade: both its price) can be believed. `close` is remembered
  /// then.
  [[nodiscard]] bool accept(Price low, Price high, Price close, std::uint32_t basis_points,
                            std::uint32_t confirmations) noexcept;
  /// Forgets the level: what comes next is believed (a new session, a split).
  void reset() noexcept {
    count_ = 0;
    doubts_ = 0;
  }
  [[nodiscard]] Price last() const noexcept { return count_ == 0 ? Price{} : last_; }
  void save(Writer& w) const;
  void load(Reader& r) noexcept;

 private:
  static constexpr std::size_t kWindow = 15;
  [[nodiscard]] Price median() const noexcept;
  void remember(Price p) noexcept;

  std::array<Price, kWindow> window_{};
  std::uint32_t count_ = 0;   // how many there have been
  std::uint32_t doubts_ = 0;  // doubted ones in a row that agree
  Price last_;
  Price doubted_;
};

}  // namespace bw::ingestion
