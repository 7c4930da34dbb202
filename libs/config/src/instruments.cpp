#include "bellwether/config/instruments.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "bellwether/config/section.hpp"
#include "bellwether/config/suggest.hpp"
#include "bellwether/domain/kind.hpp"

namespace bw::config {
namespace {

constexpr std::pair<std::string_view, AssetClass> kAssetClasses[] = {
    {"equity", AssetClass::equity}, {"etf", AssetClass::etf},
    {"crypto", AssetClass::crypto}, {"crypto_perpetual", AssetClass::crypto_perpetual},
    {"fx", AssetClass::fx},         {"index", AssetClass::index}};

constexpr std::pair<std::string_view, CalendarId> kCalendars[] = {
    {"always_open", CalendarId::always_open},
    {"nyse", CalendarId::nyse},
    {"us_extended", CalendarId::us_extended}};

/// Symbols appear in file names, topics' keys and URLs.
bool is_symbol(std::string_view s) noexcept {
  return std::all_of(s.begin(), s.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

Instrument read_instrument(Section s) {
  s.allow({"id", "symbol", "name", "asset_class", "venue", "currency", "tick_size", "lot_size",
           "sector", "calendar", "simulated"});
  Instrument i;
  i.id = InstrumentId(static_cast<std::uint32_t>(s.integer("id", 1, kUnitLimit - 1)));
  const std::string symbol = s.text("symbol", {1, 24});
  if (!is_symbol(symbol)) {
    s.fail("symbol", "is '" + symbol + "'", "use capital letters, digits, '-', '.' and '_' only");
  }
  i.symbol.assign(symbol);
  i.name.assign(s.text("name", {1, 64}));
  i.asset_class = s.choice("asset_class", kAssetClasses);
  i.venue.assign(s.text("venue", {1, 16}));
  i.currency.assign(s.text("currency", {1, 8}));
  i.tick_size = s.positive_decimal<Price>("tick_size");
  i.lot_size = s.positive_decimal<Quantity>("lot_size");
  i.sector.assign(s.text_or("sector", "", {0, 32}));
  i.calendar = s.choice("calendar", kCalendars);
  i.simulated = s.boolean_or("simulated", false);
  const bool labelled = symbol.compare(0, 4, "SIM-") == 0;
  if (i.simulated != labelled) {
    s.fail("symbol",
           i.simulated ? "names a simulated instrument without saying so"
                       : "begins with SIM-, which is kept for simulated instruments",
           i.simulated ? "begin the symbol with SIM-"
                       : "set simulated: true, or choose another symbol");
  }
  return i;
}

}  // namespace

Result<InstrumentTable> InstrumentTable::from(const Document& document) {
  Checker check(document);
  check.refuse_nulls();
  Section root = check.root();
  root.allow({"instruments"});
  InstrumentTable table;
  table.sha256_ = document.sha256();
  std::map<std::uint32_t, std::string> ids;
  std::map<std::string, std::string, std::less<>> symbols;
  for (Section s : root.sections("instruments", {1, kMaxInstruments})) {
    const Instrument i = read_instrument(s);
    if (!check.ok()) break;
    const std::string symbol(i.symbol.view());
    if (const auto [other, is_new] = ids.emplace(i.id.value, symbol); !is_new) {
      s.fail("id", "is " + std::to_string(i.id.value) + ", as " + other->second + " has it",
             "give each instrument its own id, and never reuse one");
    }
    if (const auto [other, is_new] = symbols.emplace(symbol, s.path()); !is_new) {
      s.fail("symbol", "is " + symbol + ", as " + other->second + " has it", "remove one of them");
    }
    table.by_id_.push_back(i);
  }
  if (auto r = check.finish(); !r) return tl::unexpected(r.error());
  auto& by_id = table.by_id_;
  std::sort(by_id.begin(), by_id.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  table.by_symbol_.resize(by_id.size());
  std::iota(table.by_symbol_.begin(), table.by_symbol_.end(), std::size_t{0});
  std::sort(table.by_symbol_.begin(), table.by_symbol_.end(), [&](std::size_t a, std::size_t b) {
    return by_id[a].symbol.view() < by_id[b].symbol.view();
  });
  return table;
}

Result<InstrumentTable> InstrumentTable::load(const std::filesystem::path& path) {
  Limits limits;
  limits.max_bytes = 8U << 20;  // kMaxInstruments of 256 bytes, and comments
  limits.max_nodes = 400'000;
  auto document = Document::load(path, limits);
  if (!document) return tl::unexpected(document.error());
  return from(*document);
}

const Instrument* InstrumentTable::find(InstrumentId id) const noexcept {
  const auto it = std::lower_bound(by_id_.begin(), by_id_.end(), id,
                                   [](const Instrument& i, InstrumentId v) { return i.id < v; });
  return it != by_id_.end() && it->id == id ? &*it : nullptr;
}

const Instrument* InstrumentTable::find(std::string_view symbol) const noexcept {
  const auto it = std::lower_bound(
      by_symbol_.begin(), by_symbol_.end(), symbol,
      [&](std::size_t i, std::string_view s) { return by_id_[i].symbol.view() < s; });
  if (it == by_symbol_.end() || by_id_[*it].symbol.view() != symbol) return nullptr;
  return &by_id_[*it];
}

Result<InstrumentId> InstrumentTable::id_of(std::string_view symbol) const {
  if (const Instrument* i = find(symbol)) return i->id;
  std::vector<std::string_view> symbols;
  for (const Instrument& i : by_id_) symbols.push_back(i.symbol.view());
  return fail(ErrorCode::not_found,
              "'" + std::string(symbol.substr(0, 40)) + "' is no instrument of the reference", {},
              suggest(symbol, symbols));
}

}  // namespace bw::config
