#include "query.hpp"

#include <algorithm>

#include "bellwether/config/suggest.hpp"

namespace bw::app {

namespace fs = std::filesystem;

namespace {

fs::path documents_of(const fs::path& data, const std::string& database) {
  return data / "documents" / database;
}

Result<void> copy_documents(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::copy(from, to, fs::copy_options::overwrite_existing | fs::copy_options::recursive, error);
  if (!error) return {};
  return fail(ErrorCode::resource_exhausted, "cannot be copied: " + error.message(), from.string(),
              "see that " + to.parent_path().string() + " can be written");
}

}  // namespace

void add_query_flags(CLI::App& command, QueryFlags& flags, Context& context) {
  command.add_option("--data", flags.data, "folder of the run")->capture_default_str();
  command.add_option("--database", flags.database, "PostgreSQL URI, instead of the folder's own");
  command.add_option("--instruments", context.inputs.instruments,
                     "instrument reference; default: the one of the run");
  command.add_option("--documents", context.inputs.strategies,
                     "strategy documents; default: those of the run");
}

Result<void> keep_documents(const fs::path& data, const std::string& database,
                            const service::Inputs& inputs) {
  const fs::path to = documents_of(data, database);
  std::error_code error;
  fs::remove_all(to, error);
  if (!inputs.instruments.empty()) {
    if (auto r = copy_documents(inputs.instruments, to / "instruments.yaml"); !r) return r;
  }
  int n = 0;
  for (const auto& path : inputs.strategies) {
    const std::string prefix = std::to_string(n++) + "-";
    if (auto r = copy_documents(path, to / "strategies" / (prefix + path.filename().string())); !r)
      return r;
  }
  return {};
}

Result<Query> open_query(const QueryFlags& flags, const Context& context) {
  Query query;
  auto ledger = Ledger::open(flags.data, flags.database);
  if (!ledger) return tl::unexpected(ledger.error());
  query.ledger = std::move(*ledger);
  service::Inputs inputs = context.inputs;
  inputs.feed.clear();
  const fs::path kept = documents_of(flags.data, query.ledger.note().database);
  std::error_code ignored;
  if (inputs.instruments.empty() && fs::exists(kept / "instruments.yaml", ignored)) {
    inputs.instruments = kept / "instruments.yaml";
  }
  if (inputs.strategies.empty() && fs::exists(kept / "strategies", ignored)) {
    for (const auto& entry : fs::directory_iterator(kept / "strategies", ignored)) {
      inputs.strategies.push_back(entry.path());
    }
    std::sort(inputs.strategies.begin(), inputs.strategies.end());
  }
  auto suite = Suite::make(inputs);
  if (!suite) return tl::unexpected(suite.error());
  query.suite = std::move(*suite);
  return query;
}

Result<InstrumentId> Query::instrument(const std::string& symbol) const {
  if (symbol.empty()) return InstrumentId{};
  std::vector<std::string_view> known;
  for (const Instrument& i : suite->instruments()) {
    if (i.symbol.view() == symbol) return i.id;
    known.push_back(i.symbol.view());
  }
  const std::string near(config::nearest(symbol, known));
  return fail(ErrorCode::invalid_argument, "no instrument is called '" + symbol + "'", "symbol",
              near.empty() ? "see the instrument reference, or give it with --instruments"
                           : "did you mean '" + near + "'?");
}

Result<StrategyId> Query::strategy(const std::string& name) const {
  if (name.empty()) return StrategyId{};
  const StrategyId id = strategy_id(name);
  if (suite->strategy_name(id) == name) return id;
  return fail(ErrorCode::invalid_argument, "no strategy is called '" + name + "'", "--strategy",
              "names stand in the documents; give other documents with --documents");
}

}  // namespace bw::app
