#pragma once
// Bars as history (migrations/): what HistoryWriter stores of topic market.bars.
#include <vector>

#include "bellwether/postgres/history.hpp"
#include "bellwether/postgres/migrate.hpp"

namespace bw::ingestion {

/// market.bar.
[[nodiscard]] postgres::HistoryTable bar_table();
[[nodiscard]] std::vector<postgres::Migration> migrations();

}  // namespace bw::ingestion
