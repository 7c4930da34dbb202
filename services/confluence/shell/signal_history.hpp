#pragma once
// Signals and hold-backs as history (migrations/): what HistoryWriter stores of topics
// confluence.signals and confluence.spanning.
#include <string>
#include <vector>

#include "bellwether/postgres/history.hpp"
#include "bellwether/postgres/migrate.hpp"

namespace bw::confluence {

/// confluence.signal and confluence.hold_back.
[[nodiscard]] std::vector<postgres::HistoryTable> signal_tables();
[[nodiscard]] std::vector<postgres::Migration> migrations();

/// The contributions as a JSON array, as the column holds them.
[[nodiscard]] std::string contributions_json(const Signal& signal);

}  // namespace bw::confluence
