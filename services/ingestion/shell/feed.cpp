#include "ingestion/shell/feed.hpp"

#include "bellwether/service/settings.hpp"
#include "ingestion/shell/settings.hpp"
#include "ingestion/simulator/simulator.hpp"

namespace bw::ingestion {

namespace {

Result<std::unique_ptr<FileSource>> open_files(const service::Inputs& inputs,
                                               const std::vector<Instrument>& instruments) {
  auto node = service::settings(inputs, "ingestion");
  if (!node) return tl::unexpected(node.error());
  auto settings = read_settings(*node);
  if (!settings) return tl::unexpected(settings.error());
  FileSourceOptions options = settings->files;
  options.instruments = instruments;
  std::vector<std::string> paths;
  for (const auto& p : inputs.feed) paths.push_back(p.string());
  return FileSource::open(paths, options);
}

}  // namespace

Result<std::unique_ptr<runtime::Source>> open_feed(const service::Inputs& inputs,
                                                   const std::vector<Instrument>& instruments) {
  if (!inputs.feed.empty()) {
    auto files = open_files(inputs, instruments);
    if (!files) return tl::unexpected(files.error());
    return std::unique_ptr<runtime::Source>(std::move(*files));
  }
  simulator::Options options;
  options.seed = inputs.seed;
  options.start = inputs.simulate_from;
  options.end = inputs.simulate_to;
  options.mode = inputs.simulate_bars ? simulator::Mode::bars : simulator::Mode::ticks;
  options.dirt = inputs.simulate_dirt;
  auto made = simulator::Simulator::make(options);
  if (!made) return tl::unexpected(made.error());
  return std::unique_ptr<runtime::Source>(std::make_unique<simulator::Simulator>(std::move(*made)));
}

Result<std::vector<Instrument>> instruments_of(const service::Inputs& inputs,
                                               const std::vector<Instrument>& reference) {
  if (inputs.feed.empty()) return reference;
  auto files = open_files(inputs, reference);
  if (!files) return tl::unexpected(files.error());
  return (*files)->instruments();
}

}  // namespace bw::ingestion
