#pragma once
// A re-readable source as an input log: how history enters a machine that runs over Kafka. Nothing
// is stored; after a restart the source is read again from its start.
#include <functional>
#include <memory>

#include "bellwether/runtime/machine.hpp"
#include "bellwether/runtime/ports.hpp"

namespace bw::runtime {

class SourceStream {
 public:
  using Factory = std::function<Result<std::unique_ptr<Source>>()>;
  /// Rows of `factory`'s source that are for `consumer` and whose unit `ownership` owns.
  SourceStream(Factory factory, Kind consumer, Ownership ownership)
      : factory_(std::move(factory)), consumer_(consumer), ownership_(ownership) {}

  /// As Log::fetch. Progress follows every time; the last one is kHistoryTail behind the last row
  /// of the whole source.
  [[nodiscard]] Result<void> fetch(std::uint64_t offset, std::size_t limit,
                                   std::vector<LogEntry>& to);

 private:
  [[nodiscard]] Result<void> rewind();
  bool next(LogEntry& entry);  ///< the next entry of the log that this source amounts to
  LogEntry progress_to(TimeNs t);

  Factory factory_;
  Kind consumer_;
  Ownership ownership_;
  std::unique_ptr<Source> source_;
  std::uint64_t offset_ = 0;  // of the next entry
  std::uint64_t n_ = 0;
  TimeNs time_ = 0;  // of the newest row read, ours or not
  TimeNs progress_ = 0;
  bool has_row_ = false;
  Source::Row row_;  // ours, read ahead
  int foreign_ = 0;  // rows of others since the last progress
};

}  // namespace bw::runtime
