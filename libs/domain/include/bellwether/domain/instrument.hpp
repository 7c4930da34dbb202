#pragma once
// Instrument reference: what an instrument is, where it trades, and in which steps.
#include <string>

#include "bellwether/domain/market.hpp"

namespace bw {

enum class AssetClass : std::uint8_t { none, equity, etf, crypto, crypto_perpetual, fx, index };
enum class CalendarId : std::uint8_t { always_open, nyse };

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
