#pragma once
// Where recorded test data is: BELLWETHER_DATA, or ../shared/data beside the checkout. Tests that
// need it call `data_or_skip` first and say so where it is absent; they never fail for its absence.
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

/// Set by a case that could not run here; the test driver then counts it as skipped, not as passed.
inline bool& current_case_skipped() {
  static bool skipped = false;
  return skipped;
}

/// For a case that returns early: one line on stderr that says what is absent and how to mend it.
inline void skip_case(const std::string& why) {
  current_case_skipped() = true;
  std::fprintf(stderr, "SKIPPED: %s\n", why.c_str());
}

/// The path of `relative` in the test data; nothing, and one line on stderr, where it is absent.
inline std::optional<std::filesystem::path> data_or_skip(const std::string& relative) {
  const char* set = std::getenv("BELLWETHER_DATA");
  const std::filesystem::path root = set != nullptr ? std::filesystem::path(set)
                                                    : source_root() / ".." / "shared" / "data";
  std::filesystem::path path = root / relative;
  if (std::filesystem::exists(path)) return path;
  skip_case("test data " + path.string() + " is absent; set BELLWETHER_DATA");
  return std::nullopt;
}

}  // namespace bw::testkit
