#include "bellwether/config/instruments.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "bellwether/testkit/data.hpp"
#include "bellwether/testkit/json_schema.hpp"

using namespace bw;
using namespace bw::config;

namespace {

std::string shipped(const char* name) {
  return (testkit::source_root() / "deploy/config" / name).string();
}

const std::string kGood =
    "{id: 1, symbol: SPY, name: Fund, asset_class: etf, venue: ARCX, currency: USD, tick_size: "
    "0.01, lot_size: 1, "
    "sector: Broad, calendar: nyse}";

std::string with(std::string line, const std::string& from, const std::string& to) {
  const auto at = line.find(from);
  REQUIRE(at != std::string::npos);
  return line.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the shipped reference holds what the recordings and the simulator need") {
  const auto table = InstrumentTable::load(shipped("instruments.yaml"));
  if (!table) FAIL(table.error().text());
  for (const char* symbol :
       {"SPY",   "AAPL", "QQQ",      "IBM",     "AGFS",    "AMZN",  "BA",  "BCH", "BHP",
        "BRK-A", "BUD",  "CAT",      "CHL",     "CODI",    "D",     "DHR", "FB",  "GE",
        "GOOG",  "HD",   "HSBC",     "IEP",     "INTC",    "JNJ",   "MCD", "MDT", "MRK",
        "NEE",   "NGG",  "NVS",      "PCG",     "PEP",     "PM",    "PTR", "SLB", "SNY",
        "SPLP",  "SRE",  "TOT",      "TSM",     "UL",      "UPS",   "UTX", "V",   "WFC",
        "WMT",   "XOM",  "BTC-PERP", "BTCUSDT", "ETHUSDT", "BTCUSD"}) {
    INFO(symbol);
    const Instrument* i = table->find(std::string_view(symbol));
    REQUIRE(i != nullptr);
    CHECK_FALSE(i->sector.empty());
    CHECK(table->find(i->id) == i);
    const bool crypto =
        i->asset_class == AssetClass::crypto || i->asset_class == AssetClass::crypto_perpetual;
    CHECK((i->calendar == CalendarId::always_open) == crypto);
  }
  int simulated = 0;
  for (const Instrument& i : table->all()) simulated += i.simulated ? 1 : 0;
  CHECK(simulated >= 20);
  CHECK(table->sha256().size() == 64);
  CHECK(table->id_of("SPY") == InstrumentId(1));
  CHECK(table->id_of("SPYY").error().mend == "did you mean 'SPY'?");
  CHECK(table->find(InstrumentId(999'999)) == nullptr);
  const auto document = Document::load(shipped("instruments.yaml"));
  const auto schema = testkit::schema_error(shipped("instruments.schema.json"), document->root());
  if (schema) FAIL(*schema);
}

TEST_CASE("the reader and the JSON Schema agree on good and bad lines") {
  struct Case {
    std::string line;
    std::string error;  ///< part of the reader's error; empty: good
  };
  const std::vector<Case> cases = {
      {kGood, ""},
      {with(kGood, "sector: Broad, ", ""), ""},
      {with(kGood, "symbol: SPY", "symbol: SIM-A, simulated: true"), ""},
      {with(kGood, "tick_size: 0.01", "tick_size: 0"), "tick_size: must be greater than 0"},
      {with(kGood, "tick_size: 0.01", "tick_size: -1"), "tick_size: must be greater than 0"},
      {with(kGood, "tick_size: 0.01", "tick_size: '0.01'"), "without quotes"},
      {with(kGood, "tick_size", "ticksize"), "did you mean 'tick_size'?"},
      {with(kGood, "id: 1", "id: 0"), "id: must be a whole number from 1 to 4194303"},
      {with(kGood, "id: 1", "id: 4194304"), "id: must be"},
      {with(kGood, "id: 1", "id: 1.5"), "id: must be"},
      {with(kGood, "id: 1, ", ""), "id: is missing"},
      {with(kGood, "symbol: SPY", "symbol: spy"), "use capital letters"},
      {with(kGood, "symbol: SPY", "symbol: 123"), "put it in quotes"},
      {with(kGood, "symbol: SPY", "symbol: A234567890123456789012345"), "has 25 bytes"},
      {with(kGood, "asset_class: etf", "asset_class: eft"), "did you mean 'etf'?"},
      {with(kGood, "calendar: nyse", "calendar: nasdaq"), "known: always_open, nyse, us_extended"},
      {with(kGood, "venue: ARCX", "venue: ''"), "venue: has 0 bytes"},
      {with(kGood, "calendar: nyse", "calendar: nyse, simulated: 1"), "must be true or false"},
      {with(kGood, "sector: Broad", "sector: "), "sector: has no value"},
      {"just a text", "instruments[0]: must be a table"},
  };
  for (const Case& c : cases) {
    INFO(c.line);
    const auto document = Document::parse("instruments:\n  - " + c.line + "\n", "i.yaml");
    REQUIRE(document.has_value());
    const auto table = InstrumentTable::from(*document);
    const auto schema = testkit::schema_error(shipped("instruments.schema.json"), document->root());
    if (c.error.empty()) {
      if (!table) FAIL(table.error().text());
      if (schema) FAIL(*schema);
    } else {
      REQUIRE_FALSE(table.has_value());
      INFO(table.error().text());
      CHECK(table.error().text().find(c.error) != std::string::npos);
      CHECK(table.error().field.find("i.yaml:2: instruments[0]") == 0);
      CHECK(schema.has_value());
    }
  }
}

TEST_CASE("rules across lines that no schema can say") {
  const auto error = [](const std::string& lines) {
    const auto table = InstrumentTable::from(*Document::parse("instruments:\n" + lines, "i.yaml"));
    REQUIRE_FALSE(table.has_value());
    return table.error().text();
  };
  CHECK(error("  - " + kGood + "\n  - " + with(kGood, "SPY", "QQQ") + "\n") ==
        "i.yaml:3: instruments[1].id: is 1, as SPY has it (give each instrument its own id, and "
        "never reuse one)");
  CHECK(error("  - " + kGood + "\n  - " + with(kGood, "id: 1", "id: 2") + "\n") ==
        "i.yaml:3: instruments[1].symbol: is SPY, as instruments[0] has it (remove one of them)");
  CHECK(error("  - " + with(kGood, "SPY", "SIM-A") + "\n").find("kept for simulated") !=
        std::string::npos);
  CHECK(error("  - " + with(kGood, "nyse", "nyse, simulated: true") + "\n")
            .find("begin the symbol with SIM-") != std::string::npos);
}
