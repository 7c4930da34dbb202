#pragma once
// One input stream of a machine: epochs, contiguity, progress, and where to read on after a
// restart.
#include <deque>

#include "bellwether/runtime/ports.hpp"

namespace bw::runtime {

/// Reads one machine's log. Lifecycle: constructed at a saved position, polled by its host, drained
/// by Engine.
class StreamReader {
 public:
  /// Where to read on: all four are needed (an offset alone would accept void records, or lose
  /// progress).
  struct Position {
    std::uint64_t offset = 0;
    std::uint64_t n = 0;  ///< last n before it
    std::uint32_t epoch = 0;
    TimeNs progress = 0;
  };

  StreamReader(MachineId stream, Position at) noexcept
      : stream_(stream),
        offset_(at.offset),
        have_(at.n),
        epoch_(at.epoch),
        progress_(at.progress) {}

  /// Reads at most `limit` entries on. An error `data_loss` is a broken log: n is not contiguous.
  [[nodiscard]] Result<std::size_t> poll(Log& log, std::size_t limit);

  [[nodiscard]] MachineId stream() const noexcept { return stream_; }
  [[nodiscard]] TimeNs progress() const noexcept { return progress_; }
  [[nodiscard]] std::uint64_t have() const noexcept { return have_; }
  [[nodiscard]] std::uint64_t next_offset() const noexcept { return offset_; }
  [[nodiscard]] std::uint64_t duplicates() const noexcept { return duplicates_; }
  [[nodiscard]] bool empty() const noexcept { return buffer_.empty(); }
  [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size(); }
  [[nodiscard]] const Record& front() const { return buffer_.front(); }
  void pop() { buffer_.pop_front(); }
  [[nodiscard]] Position position();

 private:
  struct Trace {  // what position() needs to know of an accepted record
    What what;
    std::uint64_t n;
    TimeNs t;
    std::uint64_t offset;
    std::uint32_t epoch;
  };
  [[nodiscard]] Result<void> accept(const LogEntry& entry);

  MachineId stream_;
  std::uint64_t offset_;
  std::uint64_t have_;
  std::uint32_t epoch_;
  TimeNs progress_;
  std::uint64_t duplicates_ = 0;
  std::deque<Record> buffer_;  // outputs accepted, not yet released
  std::deque<Trace> trace_;
  std::vector<LogEntry> batch_;
};

/// Reads one's own log up to the record that opens `epoch`: the tail that recovery settles.
struct Tail {
  bool found = false;       ///< open(epoch) was seen
  bool superseded = false;  ///< a higher open stands in front of it
  std::uint64_t n = 0;      ///< last n in the log
  TimeNs announced = 0;     ///< highest progress in the log
  TimeNs last_time = 0;     ///< highest time of an output or progress in the log
  std::vector<Record>
      records;  ///< valid records behind the saved position, in order, progress included
};

}  // namespace bw::runtime
