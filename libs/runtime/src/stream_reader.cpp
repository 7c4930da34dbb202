#include "bellwether/runtime/stream_reader.hpp"

#include <algorithm>

namespace bw::runtime {

Result<std::size_t> StreamReader::poll(Log& log, std::size_t limit) {
  batch_.clear();
  if (auto r = log.fetch(stream_, offset_, limit, batch_); !r) return tl::unexpected(r.error());
  for (const auto& entry : batch_) {
    if (auto r = accept(entry); !r) return tl::unexpected(r.error());
    offset_ = entry.offset + 1;
  }
  return batch_.size();
}

Result<void> StreamReader::accept(const LogEntry& entry) {
  const Record& r = entry.record;
  if (r.what == What::open) {
    epoch_ = std::max(epoch_, r.epoch);
    return {};
  }
  if (r.epoch < epoch_) return {};  // void: a newer owner has opened the log
  if (r.what == What::progress) {
    if (r.n > have_) {
      return fail(ErrorCode::data_loss, "progress names a record that never came",
                  std::string(kind_name(stream_.kind)) + "/" + std::to_string(stream_.index));
    }
    progress_ = std::max(progress_, r.t);
  } else if (r.n <= have_) {
    ++duplicates_;
    return {};
  } else if (r.n != have_ + 1) {
    return fail(ErrorCode::data_loss,
                "record " + std::to_string(r.n) + " follows " + std::to_string(have_),
                std::string(kind_name(stream_.kind)) + "/" + std::to_string(stream_.index),
                "the log lost records: restore it or start a new generation");
  } else {
    have_ = r.n;
    if (r.what == What::out) buffer_.push_back(r);
  }
  if (r.what == What::progress && !trace_.empty() && trace_.back().what == What::progress) {
    trace_.back().t = std::max(trace_.back().t, r.t);  // one entry for a stretch of mere progress
    return {};
  }
  trace_.push_back({r.what, r.n, r.t, entry.offset, epoch_});
  return {};
}

StreamReader::Position StreamReader::position() {
  const std::uint64_t n = buffer_.empty() ? have_ : buffer_.front().n - 1;
  const TimeNs progress = buffer_.empty() ? progress_ : std::min(progress_, buffer_.front().t - 1);
  while (!trace_.empty()) {
    const Trace& t = trace_.front();
    const bool done = t.what == What::progress ? t.t <= progress : t.n <= n;
    if (!done) break;
    trace_.pop_front();
  }
  if (trace_.empty()) return {offset_, n, epoch_, progress};
  return {trace_.front().offset, n, trace_.front().epoch, progress};
}

}  // namespace bw::runtime
