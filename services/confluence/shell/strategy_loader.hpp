#pragma once
// Reads strategy documents (JSON or YAML, strategy.schema.json) into Strategy values. Beyond the
// schema it checks what a schema cannot: names of instruments and features, low < high, exit <=
// enter, timeframes not shorter than the strategy's. Errors name file, line, field and mend.
#include <filesystem>
#include <span>
#include <vector>

#include "bellwether/config/instruments.hpp"
#include "confluence/core/strategy.hpp"

namespace bw::confluence {

inline constexpr std::size_t kMaxStrategies = 256;

[[nodiscard]] Result<Strategy> read_strategy(const config::Document& document,
                                             const config::InstrumentTable& instruments);
[[nodiscard]] Result<Strategy> load_strategy(const std::filesystem::path& path,
                                             const config::InstrumentTable& instruments);
/// Files, and folders with all their .yaml, .yml and .json files in order of name. By id; two
/// documents with one name, or two names that share an id, are an error.
[[nodiscard]] Result<std::vector<Strategy>> load_strategies(
    std::span<const std::filesystem::path> paths, const config::InstrumentTable& instruments);

}  // namespace bw::confluence
