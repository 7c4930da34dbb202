#include "bellwether/runtime/recording.hpp"

#include <algorithm>

namespace bw::runtime {

namespace {

std::string name_of(MachineId id) {
  return std::string(kind_name(id.kind)) + "/" + std::to_string(id.index);
}

}  // namespace

Result<void> ValidRecords::add(const Record& r) {
  if (r.what == What::open) {
    epoch_ = std::max(epoch_, r.epoch);
    return {};
  }
  if (r.epoch < epoch_) return {};
  if (r.what != What::progress) {
    if (r.n <= n_) return {};
    if (r.n != n_ + 1) {
      return fail(ErrorCode::data_loss,
                  "record " + std::to_string(r.n) + " follows " + std::to_string(n_),
                  name_of(machine_));
    }
    n_ = r.n;
  }
  records_.push_back(r);
  return {};
}

Result<void> RecordingLog::fetch(MachineId stream, std::uint64_t offset, std::size_t limit,
                                 std::vector<LogEntry>& to) {
  if (stream.kind == Kind::source && source_ != nullptr) return source_->fetch(offset, limit, to);
  const auto it = recording_.find(stream);
  if (it == recording_.end()) return {};
  const auto& records = it->second;
  for (; offset < records.size() && limit > 0; ++offset, --limit) {
    to.push_back({offset, records[offset]});
  }
  return {};
}

Result<void> RecordingLog::append(const Record&) {
  return fail(ErrorCode::unimplemented, "a recording is read only");
}

Result<void> refold(const MachineSpec& spec, Ownership ownership, const Counts& counts,
                    const Recording& recording, SourceStream* source) {
  const MachineId id{spec.kind, ownership.index};
  const auto it = recording.find(id);
  if (it == recording.end()) return {};
  RecordingLog log(recording, source);
  Engine engine(spec, ownership, counts);
  for (auto& reader : engine.readers()) {
    while (true) {
      auto got = reader.poll(log, 65'536);
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) break;
    }
  }
  for (const Record& r : it->second) {
    if (r.what == What::out) continue;
    if (!engine.follow(r)) {
      return fail(ErrorCode::data_loss,
                  "replay lacks an input that the machine had at " + format_utc(r.t), name_of(id));
    }
  }
  std::size_t i = 0;
  const auto& made = engine.out();
  for (const Record& r : it->second) {
    if (r.what == What::progress) continue;
    if (i < made.size() && made[i].same_as(r)) {
      ++i;
      continue;
    }
    // The last outputs may stand behind the last progress: fold on to their time and look again.
    if (i >= made.size() && engine.position() < r.t) engine.fold_to(r.t);
    if (i >= made.size() || !made[i].same_as(r)) {
      return fail(ErrorCode::data_loss,
                  "replay differs from the log at record " + std::to_string(r.n) + " (" +
                      std::string(event_name(r.event)) + ", " + format_utc(r.t) + ")",
                  name_of(id),
                  "build, configuration or calendar differ from those of the recorded run");
    }
    ++i;
  }
  TimeNs announced = 0;
  for (const Record& r : it->second) {
    if (r.what == What::progress) announced = std::max(announced, r.t);
  }
  if (i < made.size() && made[i].t <= announced) {
    return fail(ErrorCode::data_loss,
                "replay makes record " + std::to_string(made[i].n) + " at " +
                    format_utc(made[i].t) + ", which the log lacks although it says it is complete",
                name_of(id), "the log lost records at its end");
  }
  return {};
}

}  // namespace bw::runtime
