#pragma once
// The simulator's instruments: those of the instrument reference whose symbol begins with SIM-, and
// how each of them moves. A test holds the two tables together.
#include <array>
#include <string>
#include <string_view>

#include "bellwether/domain/instrument.hpp"

namespace bw::ingestion::simulator {

/// A group of instruments that moves together. The index fund alone is of `market`.
enum class Sector : std::uint8_t {
  market,
  technology,
  materials,
  financial,
  healthcare,
  services,
  industrial,
  consumer,
  utilities,
  crypto,
};
inline constexpr std::size_t kSectorCount = 10;
/// As the instrument reference calls them.
inline constexpr std::array<std::string_view, kSectorCount> kSectorNames{
    "Broad market", "Technology",       "Basic Materials", "Financial", "Healthcare",
    "Services",     "Industrial Goods", "Consumer Goods",  "Utilities", "Crypto"};

/// What an instrument is, and how it moves and trades.
struct Profile {
  std::uint32_t id;
  std::string_view symbol;
  std::string_view name;
  Sector sector;
  double start_price;
  double annual_volatility;  ///< of log returns, jumps excluded (0.25 = 25 %)
  double market_loading;     ///< correlation with the market factor
  double sector_loading;     ///< and with its sector's; the squares of both add up to at most 1
  double volume_per_minute;  ///< mean, in shares or coins
  double activity;           ///< trades a minute relative to SimulatorOptions::trades_per_minute
  double spread_bps;         ///< usual bid-ask spread; at least one tick
};

inline constexpr std::uint32_t kFirstId = 1001;
inline constexpr std::size_t kInstrumentCount = 25;
inline constexpr std::size_t kStockCount =
    22;  ///< the first ones; the index fund and the coins follow

namespace detail {
using enum Sector;
// clang-format off
inline constexpr std::array<Profile, kInstrumentCount> kTable{{
  {1001, "SIM-ACORN", "Acorn Computing", technology, 182.00, 0.28, 0.62, 0.50, 42000, 1.6, 1.2},
  {1002, "SIM-BIRCH", "Birch Semiconductors", technology, 96.50, 0.38, 0.55, 0.55, 30000, 1.4, 2.0},
  {1003, "SIM-CEDAR", "Cedar Software", technology, 411.00, 0.33, 0.58, 0.52, 12000, 1.1, 1.8},
  {1004, "SIM-DELTA", "Delta Networks", technology, 23.40, 0.48, 0.45, 0.50, 26000, 0.9, 5.0},
  {1005, "SIM-EMBER", "Ember Oil", materials, 103.00, 0.26, 0.42, 0.64, 21000, 1.0, 1.6},
  {1006, "SIM-FLINT", "Flint Mining", materials, 67.90, 0.32, 0.40, 0.62, 13000, 0.8, 2.4},
  {1007, "SIM-GROVE", "Grove Chemicals", materials, 28.60, 0.36, 0.44, 0.56, 12000, 0.7, 5.0},
  {1008, "SIM-HAVEN", "Haven Bank", financial, 58.20, 0.24, 0.62, 0.52, 28000, 1.1, 2.0},
  {1009, "SIM-INLET", "Inlet Insurance", financial, 147.00, 0.22, 0.60, 0.50, 11000, 0.8, 1.8},
  {1010, "SIM-JUNIPER", "Juniper Capital", financial, 31.75, 0.30, 0.55, 0.55, 19000, 0.8, 4.0},
  {1011, "SIM-KESTREL", "Kestrel Health", healthcare, 161.00, 0.18, 0.52, 0.48, 9000, 0.8, 1.6},
  {1012, "SIM-LARCH", "Larch Biotech", healthcare, 38.10, 0.55, 0.34, 0.50, 8000, 0.6, 8.0},
  {1013, "SIM-MAPLE", "Maple Devices", healthcare, 74.30, 0.26, 0.45, 0.52, 10000, 0.8, 2.6},
  {1014, "SIM-NOVA", "Nova Stores", services, 134.00, 0.23, 0.52, 0.48, 14000, 0.9, 1.8},
  {1015, "SIM-ORCHID", "Orchid Hotels", services, 48.80, 0.31, 0.50, 0.50, 9000, 0.7, 3.4},
  {1016, "SIM-PINE", "Pine Logistics", services, 86.10, 0.27, 0.55, 0.46, 8000, 0.7, 2.4},
  {1017, "SIM-QUARRY", "Quarry Machines", industrial, 219.00, 0.24, 0.62, 0.46, 6000, 0.7, 1.8},
  {1018, "SIM-RIDGE", "Ridge Aerospace", industrial, 118.00, 0.27, 0.58, 0.48, 8000, 0.7, 2.2},
  {1019, "SIM-SPRUCE", "Spruce Foods", consumer, 62.40, 0.16, 0.50, 0.50, 14000, 0.9, 2.0},
  {1020, "SIM-THISTLE", "Thistle Apparel", consumer, 19.30, 0.36, 0.46, 0.48, 11000, 0.6, 6.0},
  {1021, "SIM-UMBER", "Umber Power", utilities, 71.20, 0.15, 0.40, 0.62, 9000, 0.7, 1.8},
  {1022, "SIM-VALE", "Vale Water", utilities, 44.90, 0.17, 0.38, 0.60, 6000, 0.6, 3.0},
  {1023, "SIM-INDEX", "Simulated Index Fund", market, 402.00, 0.15, 0.98, 0.00, 60000, 2.2, 0.4},
  {1024, "SIM-COIN", "Simulated Coin", crypto, 41250.00, 0.55, 0.25, 0.80, 14, 1.6, 0.8},
  {1025, "SIM-TOKEN", "Simulated Token", crypto, 0.5320, 0.85, 0.22, 0.72, 90000, 0.8, 4.0},
}};
// clang-format on
}  // namespace detail
inline constexpr const auto& kProfiles = detail::kTable;

[[nodiscard]] constexpr bool is_crypto(const Profile& p) noexcept {
  return p.sector == Sector::crypto;
}

[[nodiscard]] constexpr bool is_penny(const Profile& p) noexcept { return p.start_price < 1; }

/// 0.01, but 0.0001 below a price of one.
[[nodiscard]] constexpr Price tick_of(const Profile& p) noexcept {
  return Price::from_raw(is_penny(p) ? kDecimalOne / 10'000 : kDecimalOne / 100);
}
/// One share; 0.0001 of a coin, 0.01 of a cheap one.
[[nodiscard]] constexpr Quantity lot_of(const Profile& p) noexcept {
  if (!is_crypto(p)) return Quantity::from_int(1);
  return Quantity::from_raw(is_penny(p) ? kDecimalOne / 100 : kDecimalOne / 10'000);
}
[[nodiscard]] constexpr CalendarId calendar_of(const Profile& p) noexcept {
  return is_crypto(p) ? CalendarId::always_open : CalendarId::nyse;
}

/// The instrument reference's entry.
[[nodiscard]] inline Instrument instrument_of(const Profile& p) {
  Instrument i;
  i.id = InstrumentId(p.id);
  i.symbol.assign(p.symbol);
  std::string name(p.name);
  if (!name.starts_with("Simulated")) name += " (simulated)";
  i.name.assign(name);
  i.asset_class = is_crypto(p)                 ? AssetClass::crypto
                  : p.sector == Sector::market ? AssetClass::etf
                                               : AssetClass::equity;
  i.venue.assign("SIM");
  i.currency.assign("USD");
  i.tick_size = tick_of(p);
  i.lot_size = lot_of(p);
  i.sector.assign(kSectorNames[static_cast<std::size_t>(p.sector)]);
  i.calendar = calendar_of(p);
  i.simulated = true;
  return i;
}

}  // namespace bw::ingestion::simulator
