#pragma once
// TradeBars: one-minute bars of one instrument from its trades, cut by the venue's stamps. Owned by
// BarsMachine.
#include "bellwether/base/serial.hpp"
#include "bellwether/domain/market.hpp"

namespace bw::ingestion {

class TradeBars {
 public:
  enum class Outcome : std::uint8_t { added, started, late, overflow };

  /// The start of the minute that holds `t`.
  [[nodiscard]] static constexpr TimeNs minute_of(TimeNs t) noexcept {
    const TimeNs rest = t % kMinute;
    return t - (rest < 0 ? rest + kMinute : rest);
  }
  /// True where `t` completes the bar that is being built: take it before adding.
  [[nodiscard]] bool completes(TimeNs t) const noexcept {
    return building_ && minute_of(t) > open_time_;
  }
  /// Adds a trade of the current minute or starts a new one; late: its minute has been published.
  Outcome add(const Trade& t) noexcept;
  [[nodiscard]] bool building() const noexcept { return building_; }
  [[nodiscard]] TimeNs open_time() const noexcept { return open_time_; }
  /// The finished bar; there is none afterwards.
  [[nodiscard]] Bar take(InstrumentId instrument) noexcept;

  void save(Writer& w) const;
  void load(Reader& r) noexcept;

 private:
  bool building_ = false;
  TimeNs open_time_ = 0;  // of the bar being built, else of the last one taken
  Price open_;
  Price high_;
  Price low_;
  Price close_;
  Quantity volume_;
  unsigned __int128 notional_ = 0;  // sum of price × size, in units of 1e-16
  std::uint32_t trades_ = 0;
};

}  // namespace bw::ingestion
