#pragma once
// A log and a store in memory, without faults: what one runner sees.
#include <map>

#include "bellwether/runtime/ports.hpp"

namespace bw::runtime::tests {

class MemoryLog final : public Log {
 public:
  Result<void> fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                     std::vector<LogEntry>& to) override {
    const auto& log = logs[stream];
    for (; offset < log.size() && limit > 0; ++offset, --limit) to.push_back({offset, log[offset]});
    return {};
  }
  Result<void> append(const Record& record) override {
    auto& log = logs[own];
    acked_.push_back({record.what, record.n, record.t, log.size()});
    log.push_back(record);
    return {};
  }
  Result<void> acks(std::vector<Ack>& to) override {
    to.insert(to.end(), acked_.begin(), acked_.end());
    acked_.clear();
    return {};
  }

  MachineId own;
  std::map<MachineId, std::vector<Record>> logs;

 private:
  std::vector<Ack> acked_;
};

/// Keeps a derived machine's image; `frozen` loses what is written.
class MemoryStore final : public Store {
 public:
  Result<Claim> claim(MachineId) override { return Claim{++epoch, image.n > 0, image, {}}; }
  Result<void> checkpoint(MachineId, std::uint32_t by, const Image& to) override {
    if (by != epoch) return fail(ErrorCode::aborted, "fenced");
    if (!frozen) image = to;
    return {};
  }
  Result<void> commit(MachineId, std::uint32_t, const Image&, const std::vector<Record>&) override {
    return fail(ErrorCode::unimplemented, "no ledgers here");
  }
  Result<void> trim(MachineId, std::uint32_t, std::uint64_t) override { return {}; }

  std::uint32_t epoch = 0;
  Image image;
  bool frozen = false;
};

/// A millisecond a look.
class CountingClock final : public Clock {
 public:
  TimeNs now() override { return now_ += kMillisecond; }

 private:
  TimeNs now_ = 0;
};

inline Record out(std::uint64_t n, TimeNs t, std::uint32_t epoch = 1) {
  return {What::out, epoch, n, t, Kind::market_bars, 1, n, Event{Mark{InstrumentId{1}, {}, t}}};
}
inline Record progress(std::uint64_t n, TimeNs t, std::uint32_t epoch = 1) {
  return {What::progress, epoch, n, t, Kind::market_bars, 0, 0, {}};
}
inline Record open(std::uint32_t epoch) {
  return {What::open, epoch, 0, 0, Kind::market_bars, 0, 0, {}};
}

}  // namespace bw::runtime::tests
