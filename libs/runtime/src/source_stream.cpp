#include "bellwether/runtime/source_stream.hpp"

namespace bw::runtime {

namespace {

// Rows of other consumers and machines move time on too, so that a quiet machine holds nobody up.
// Not at each of them: once in a while is enough.
constexpr int kForeignRows = 4'096;

}  // namespace

Result<void> SourceStream::rewind() {
  auto made = factory_();
  if (!made) return tl::unexpected(made.error());
  source_ = std::move(*made);
  offset_ = n_ = 0;
  time_ = progress_ = 0;
  has_row_ = false;
  foreign_ = 0;
  return {};
}

LogEntry SourceStream::progress_to(TimeNs t) {
  progress_ = t;
  foreign_ = 0;
  return {offset_++, {What::progress, 1, n_, t, Kind::source, 0, 0, {}}};
}

bool SourceStream::next(LogEntry& entry) {
  while (!has_row_) {
    const Source::Row* row = source_->next();
    if (row == nullptr) {
      const TimeNs end = time_ + kHistoryTail;
      if (!source_->at_end() || end <= progress_) return false;
      entry = progress_to(end);
      return true;
    }
    time_ = row->time;
    if (row->consumer == consumer_ && ownership_.owns(row->unit)) {
      row_ = *row;
      has_row_ = true;
    } else if (++foreign_ >= kForeignRows && time_ - 1 > progress_) {
      entry = progress_to(time_ - 1);
      return true;
    }
  }
  if (row_.time - 1 > progress_) {
    entry = progress_to(row_.time - 1);
    return true;
  }
  has_row_ = false;
  entry = {offset_++,
           {What::out, 1, ++n_, row_.time, Kind::source, row_.unit, row_.seq, row_.event}};
  return true;
}

Result<void> SourceStream::fetch(std::uint64_t offset, std::size_t limit,
                                 std::vector<LogEntry>& to) {
  if (!source_ || offset < offset_) {
    if (auto r = rewind(); !r) return r;
  }
  LogEntry entry;
  while (limit > 0 && next(entry)) {
    if (entry.offset < offset) continue;
    to.push_back(entry);
    --limit;
  }
  return {};
}

}  // namespace bw::runtime
