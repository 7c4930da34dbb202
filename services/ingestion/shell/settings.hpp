#pragma once
// config.yaml as values.
#include "bellwether/config/section.hpp"
#include "ingestion/core/config.hpp"
#include "ingestion/shell/file_source.hpp"

namespace bw::ingestion {

/// What the section `ingestion` says. `machines.reference` and `files.instruments` are left empty.
struct Settings {
  Config machines;
  FileSourceOptions files;
};

[[nodiscard]] Result<Settings> read_settings(const config::Node& ingestion);

}  // namespace bw::ingestion
