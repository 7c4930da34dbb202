#pragma once
// What every command that reads the database begins with.
#include <memory>
#include <optional>

#include "commands.hpp"
#include "ledger.hpp"
#include "suite.hpp"

namespace bw::app {

struct QueryFlags {
  std::filesystem::path data = ".run";
  std::string database;
  int limit = 20;
  std::string symbol;
  std::string strategy;
  std::uint32_t account = 0;
};

/// --data, --database; and the documents' flags.
void add_query_flags(CLI::App& command, QueryFlags& flags, Context& context);

/// The database, and the documents to name things by: those that the run used, where it left them.
struct Query {
  Ledger ledger;
  std::unique_ptr<Suite> suite;

  /// invalid_argument, with the nearest names, where there is none of that name.
  [[nodiscard]] Result<InstrumentId> instrument(const std::string& symbol) const;
  [[nodiscard]] Result<StrategyId> strategy(const std::string& name) const;
};
[[nodiscard]] Result<Query> open_query(const QueryFlags& flags, const Context& context);

/// Copies the documents of a run to where its readers look for them.
[[nodiscard]] Result<void> keep_documents(const std::filesystem::path& data,
                                          const std::string& database,
                                          const service::Inputs& inputs);

}  // namespace bw::app
