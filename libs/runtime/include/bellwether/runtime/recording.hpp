#pragma once
// A recorded run: the valid records of every machine's log. `replay --order recorded` folds it
// again, machine by machine from the left, following each journal, and compares every output.
#include <map>

#include "bellwether/runtime/engine.hpp"
#include "bellwether/runtime/source_stream.hpp"

namespace bw::runtime {

/// Logs in memory, one a machine, reduced to valid records: no opens, no void or doubled ones.
using Recording = std::map<MachineId, std::vector<Record>>;

/// Reads a whole log and keeps what counts. `data_loss` where n is not contiguous.
class ValidRecords {
 public:
  explicit ValidRecords(MachineId machine) : machine_(machine) {}
  [[nodiscard]] Result<void> add(const Record& record);
  [[nodiscard]] std::vector<Record>& records() noexcept { return records_; }

 private:
  MachineId machine_;
  std::uint32_t epoch_ = 0;
  std::uint64_t n_ = 0;
  std::vector<Record> records_;
};

/// Serves a Recording as logs (offset = place in the vector), and `source` as the stream of
/// Kind::source; without one, that stream is empty. Appends are refused. Both outlive the log.
class RecordingLog final : public Log {
 public:
  explicit RecordingLog(const Recording& recording, SourceStream* source = nullptr)
      : recording_(recording), source_(source) {}
  [[nodiscard]] Result<void> fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                                   std::vector<LogEntry>& to) override;
  [[nodiscard]] Result<void> append(const Record&) override;
  [[nodiscard]] Result<void> acks(std::vector<Ack>&) override { return {}; }

 private:
  const Recording& recording_;
  SourceStream* source_;
};

/// What a difference between a lived run and its replay looks like; empty where there is none.
/// Checks one machine: every output of the log must come again, in order. `source`: what the
/// machine read of history (its Kind::source input), where the run was one of history; a live run
/// has it all in the journals.
[[nodiscard]] Result<void> refold(const MachineSpec& spec, Ownership ownership,
                                  const Counts& counts, const Recording& recording,
                                  SourceStream* source = nullptr);

}  // namespace bw::runtime
