#include "feed_instruments.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "bellwether/codec/json.hpp"
#include "bellwether/domain/names.hpp"
#include "bellwether/service/settings.hpp"
#include "ingestion/shell/feed.hpp"

namespace bw::app {

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  codec::append_json_string(text, out);
  return out;
}

void write(std::ofstream& out, const Instrument& i) {
  out << "  - {symbol: " << quoted(i.symbol.view()) << ", id: " << i.id.value
      << ", name: " << quoted(i.name.view()) << ", asset_class: " << name_of(i.asset_class)
      << ", venue: " << quoted(i.venue.view()) << ", currency: " << quoted(i.currency.view())
      << ", tick_size: " << i.tick_size.to_string() << ", lot_size: " << i.lot_size.to_string();
  if (!i.sector.empty()) out << ", sector: " << quoted(i.sector.view());
  out << ", calendar: " << name_of(i.calendar) << (i.simulated ? ", simulated: true" : "") << "}\n";
}

}  // namespace

Result<TemporaryFile> with_feed_instruments(service::Inputs& inputs) {
  auto table = service::load_instruments(inputs);
  if (!table) return tl::unexpected(table.error());
  auto all = ingestion::instruments_of(inputs, table->all());
  if (!all) return tl::unexpected(all.error());
  if (all->size() == table->all().size()) return TemporaryFile{};
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  std::string path = (folder / "bellwether-instruments-XXXXXX.yaml").string();
  // A name that nobody can have taken before, readable by its owner alone.
  const int file = error ? -1 : mkstemps(path.data(), 5);
  if (file < 0) {
    return fail(ErrorCode::resource_exhausted, "no file can be made there",
                folder.empty() ? "TMPDIR" : folder.string(),
                "let TMPDIR name a folder to write to");
  }
  close(file);
  std::ofstream out(path);
  out << "instruments:\n";
  for (const Instrument& i : *all) write(out, i);
  out.close();
  inputs.instruments = path;
  TemporaryFile temporary(new std::filesystem::path(path), [](const std::filesystem::path* p) {
    std::error_code ignored;
    std::filesystem::remove(*p, ignored);
    delete p;
  });
  if (!out) return fail(ErrorCode::resource_exhausted, "cannot be written", path);
  return temporary;
}

}  // namespace bw::app
