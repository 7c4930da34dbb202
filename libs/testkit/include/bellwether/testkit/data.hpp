#pragma once
// Where recorded test data is: BELLWETHER_DATA, or ../shared/data beside the checkout. Tests that need it call
// `data_or_skip` first and say so where it is absent; they never fail for its absence.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace bw::testkit {

inline std::filesystem::path source_root() {
  const char* s = std::getenv("BELLWETHER_SOURCE");
  return s != nullptr ? s : ".";
}

/// The path of `relative` in the test data; nothing, and one line on stderr, where it is absent.
inline std::optional<std::filesystem::path> data_or_skip(const std::string& relative) {
  const char* set = std::getenv("BELLWETHER_DATA");
  const std::filesystem::path root = set != nullptr ? std::filesystem::path(set)
                                                    : source_root() / ".." / "shared" / "data";
  std::filesystem::path path = root / relative;
  if (std::filesystem::exists(path)) return path;
  std::fprintf(stderr, "SKIPPED: test data %s is absent; set BELLWETHER_DATA\n", path.c_str());
  return std::nullopt;
}

}  // namespace bw::testkit
