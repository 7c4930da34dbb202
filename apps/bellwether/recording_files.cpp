#include "recording_files.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "bellwether/codec/codec.hpp"

namespace bw::app {

namespace fs = std::filesystem;
using runtime::MachineId;
using runtime::Record;

namespace {

constexpr std::uint32_t kRecordLimit = 1U << 20;

fs::path file_of(const fs::path& folder, MachineId id) {
  return folder / (std::string(kind_name(id.kind)) + "-" + std::to_string(id.index) + ".records");
}

Result<std::vector<Record>> read_records(const fs::path& path, Kind kind) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot be read", path.string());
  std::vector<Record> records;
  std::string bytes;
  for (std::uint32_t size = 0; in.read(reinterpret_cast<char*>(&size), sizeof size);) {
    if (size > kRecordLimit) return fail(ErrorCode::data_loss, "a record is too long", path.string());
    bytes.resize(size);
    if (!in.read(bytes.data(), size)) {
      return fail(ErrorCode::data_loss, "is cut in the middle of record " + std::to_string(records.size() + 1),
                  path.string(), "record the run again");
    }
    auto record = codec::decode(kind, bytes);
    if (!record) return tl::unexpected(record.error());
    records.push_back(*record);
  }
  if (!in.eof()) return fail(ErrorCode::data_loss, "cannot be read to its end", path.string());
  return records;
}

}  // namespace

Result<void> write_recording(const RecordedRun& run, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::invalid_argument, error.message(), folder.string());
  nlohmann::json manifest{{"format", 1}, {"live", run.live}, {"logs", nlohmann::json::object()}};
  manifest["counts"] = run.counts;
  std::string bytes;
  for (const auto& [id, records] : run.logs) {
    std::ofstream out(file_of(folder, id), std::ios::binary);
    for (const Record& r : records) {
      if (auto encoded = codec::encode(r, bytes); !encoded) return encoded;
      const auto size = static_cast<std::uint32_t>(bytes.size());
      out.write(reinterpret_cast<const char*>(&size), sizeof size);
      out.write(bytes.data(), static_cast<std::streamsize>(size));
    }
    out.flush();
    if (!out) return fail(ErrorCode::resource_exhausted, "cannot be written whole", file_of(folder, id).string());
    manifest["logs"][std::string(kind_name(id.kind)) + "/" + std::to_string(id.index)] = records.size();
  }
  std::ofstream out(folder / "manifest.json");
  out << manifest.dump(2) << '\n';
  out.flush();
  if (!out) return fail(ErrorCode::resource_exhausted, "cannot be written", (folder / "manifest.json").string());
  return {};
}

Result<RecordedRun> read_recording(const fs::path& folder) {
  std::ifstream in(folder / "manifest.json");
  if (!in) {
    return fail(ErrorCode::not_found, "has no manifest.json", folder.string(),
                "name a folder that `bellwether topics record` or `replay --record` wrote");
  }
  const auto manifest = nlohmann::json::parse(in, nullptr, false);
  const auto broken = [&](const char* field) {
    return fail(ErrorCode::data_loss, "the manifest is broken", (folder / "manifest.json").string() + ": " + field);
  };
  if (!manifest.is_object() || manifest.value("format", 0) != 1) return broken("format");
  if (!manifest.contains("counts") || !manifest["counts"].is_array() ||
      manifest["counts"].size() != kKindCount) {
    return broken("counts");
  }
  RecordedRun run;
  run.live = manifest.value("live", false);
  for (std::size_t k = 0; k < kKindCount; ++k) {
    if (!manifest["counts"][k].is_number_unsigned()) return broken("counts");
    run.counts[k] = manifest["counts"][k].get<std::uint32_t>();
  }
  for (std::size_t k = 1; k < kKindCount; ++k) {
    for (std::uint32_t i = 0; i < run.counts[k]; ++i) {
      const MachineId id{static_cast<Kind>(k), i};
      const std::string name = std::string(kind_name(id.kind)) + "/" + std::to_string(i);
      if (!manifest["logs"].contains(name)) continue;
      auto records = read_records(file_of(folder, id), id.kind);
      if (!records) return tl::unexpected(records.error());
      if (records->size() != manifest["logs"][name].get<std::size_t>()) return broken(name.c_str());
      run.logs[id] = std::move(*records);
    }
  }
  return run;
}

}  // namespace bw::app
