#pragma once
// FileSource: recorded files and folders as one stream of history, for replay and backtests.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bellwether/domain/instrument.hpp"
#include "bellwether/runtime/machine.hpp"
#include "ingestion/shell/row_reader.hpp"

namespace bw::ingestion {

struct FileSourceOptions {
  std::vector<Instrument> instruments;
  /// Symbols that the reference lacks get an instrument made for them (see
  /// FileSource::instruments).
  bool register_unknown = true;
  /// How long after a row's own time the system could have known it. Recordings with a receive time
  /// have theirs.
  DurationNs feed_latency = 50 * kMillisecond;
  /// A lone stamp this far ahead of its neighbours is quarantined instead of moving the clock.
  DurationNs max_jump = 35 * kDay;
  /// Rows of other machine kinds are passed over (they are counted in seq all the same); nothing:
  /// all rows.
  std::optional<Kind> consumer;
};

/// Rows of all files by (event time, unit, order of the paths). A row's event time is the highest
/// of its file so far, plus the latency: it depends on nothing but the file. Memory: one buffer a
/// file. One thread.
class FileSource final : public runtime::Source {
 public:
  /// Opens files, and the files of folders (recursively, by name; those of unknown format are in
  /// skipped()). Fails with the file's name and what is known where a file that was named is of no
  /// known format.
  [[nodiscard]] static Result<std::unique_ptr<FileSource>> open(
      const std::vector<std::string>& paths, const FileSourceOptions& options);
  ~FileSource() override;

  [[nodiscard]] const Row* next() override;
  [[nodiscard]] bool at_end() const override;

  /// The instruments given and those made for unknown symbols: their ids are 65,536 + a hash of the
  /// symbol, the same in every run; name "SYMBOL (from file)", steps of 0.00000001, New York's
  /// calendar where the file's stamps are New York's or daily without weekends, else open always.
  [[nodiscard]] const std::vector<Instrument>& instruments() const noexcept;
  /// "name: why" of files in folders that were left out.
  [[nodiscard]] const std::vector<std::string>& skipped() const noexcept;
  /// Bytes of all files, and of those read so far (compressed): for progress.
  [[nodiscard]] std::uint64_t bytes_total() const noexcept;
  [[nodiscard]] std::uint64_t bytes_read() const noexcept;

 private:
  struct Impl;
  explicit FileSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bw::ingestion
