#include "bellwether/service/inputs.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace bw::service {

namespace {

constexpr const char* kLandmark = "deploy/config/instruments.yaml";

}  // namespace

Result<std::filesystem::path> find_home() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (const char* set = std::getenv("BELLWETHER_HOME")) {
    if (fs::exists(fs::path(set) / kLandmark, ignored)) return fs::path(set);
    return fail(ErrorCode::not_found, std::string("has no ") + kLandmark, "BELLWETHER_HOME",
                "point it at the folder of the project or of its installed documents");
  }
  std::array<char, 4096> path{};
  const ssize_t n = readlink("/proc/self/exe", path.data(), path.size() - 1);
  fs::path at = n > 0
                    ? fs::path(std::string(path.data(), static_cast<std::size_t>(n))).parent_path()
                    : fs::current_path();
  for (; at.has_relative_path(); at = at.parent_path()) {
    if (fs::exists(at / kLandmark, ignored)) return at;
  }
  return fail(ErrorCode::not_found, "the shipped documents are not to be found", "BELLWETHER_HOME",
              "set it to the folder of the project");
}

}  // namespace bw::service
