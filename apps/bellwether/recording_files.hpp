#pragma once
// A recorded run on disk: a folder with a manifest and one file of records a machine.
#include <filesystem>

#include "bellwether/runtime/recording.hpp"

namespace bw::app {

struct RecordedRun {
  runtime::Counts counts{};
  bool live = false;
  runtime::Recording logs;
};

/// Writes `folder`/manifest.json and `<kind>-<index>.records` (length-delimited protobuf records, the same bytes as
/// in Kafka). The folder is made; files in it are replaced.
[[nodiscard]] Result<void> write_recording(const RecordedRun& run, const std::filesystem::path& folder);
/// not_found where there is no manifest; data_loss where a file is cut or not whole.
[[nodiscard]] Result<RecordedRun> read_recording(const std::filesystem::path& folder);

}  // namespace bw::app
