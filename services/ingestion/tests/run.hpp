#pragma once
// Runs files through ingestion's machines on the inline host and keeps what comes out.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/testkit/data.hpp"
#include "ingestion/core/bars_machine.hpp"
#include "ingestion/shell/file_source.hpp"

namespace bw::ingestion {

struct Out {
  Kind kind;
  runtime::Output output;
};

class Collector final : public runtime::Sink {
 public:
  void on_output(Kind kind, const runtime::Output& output) override {
    all.push_back({kind, output});
  }
  template <class E>
  [[nodiscard]] std::vector<E> of(Unit unit = 0) const {
    std::vector<E> v;
    for (const Out& o : all) {
      if (unit != 0 && o.output.unit != unit) continue;
      if (const E* e = std::get_if<E>(&o.output.event)) v.push_back(*e);
    }
    return v;
  }
  std::vector<Out> all;
};

inline Instrument instrument(std::uint32_t id, const std::string& symbol,
                             CalendarId calendar = CalendarId::nyse,
                             AssetClass asset = AssetClass::equity) {
  Instrument i;
  i.id = InstrumentId(id);
  i.symbol.assign(symbol);
  i.asset_class = asset;
  i.calendar = calendar;
  i.tick_size = Price::from_raw(1'000'000);
  i.lot_size = Quantity::from_int(1);
  return i;
}

inline std::unique_ptr<FileSource> open_files(const std::vector<std::string>& paths,
                                              const FileSourceOptions& options) {
  auto source = FileSource::open(paths, options);
  INFO((source ? std::string() : source.error().text()));
  REQUIRE(source.has_value());
  return std::move(*source);
}

inline Config config_for(const std::vector<Instrument>& instruments) {
  Config c;
  auto reference = Reference::make(instruments);
  REQUIRE(reference.has_value());
  c.reference = *reference;
  return c;
}

}  // namespace bw::ingestion
