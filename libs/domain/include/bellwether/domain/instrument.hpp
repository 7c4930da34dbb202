#pragma once
// Instrument reference: what an instrument is, where it trades, and in which steps.
#include <string>

#include "bellwether/domain/market.hpp"

namespace bw {

enum class AssetClass : std::uint8_t { none, equity, etf, crypto, crypto_perpetual, fx, index };
/// Whose sessions an instrument follows (libs/calendar).
enum class CalendarId : std::uint8_t {
  always_open,  ///< every UTC day, midnight to midnight
  nyse,         ///< 09:30 to 16:00 New York, holidays and early closes of NYSE
  us_extended,  ///< the same days, 04:00 to 20:00 (to 17:00 where NYSE closes early)
};

struct Instrument {
  InstrumentId id;
  FixedText<24> symbol;
  FixedText<64> name;
  AssetClass asset_class = AssetClass::none;
  FixedText<16> venue;
  FixedText<8> currency;
  Price tick_size;
  Quantity lot_size;      ///< smallest order step
  FixedText<32> sector;
  CalendarId calendar = CalendarId::always_open;
  bool simulated = false; ///< labelled so wherever it is shown
  bool operator==(const Instrument&) const = default;
};

}  // namespace bw
