#include "bellwether/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace bw {

void assert_failed(const char* condition, const char* file, int line,
                   const char* message) noexcept {
  std::fprintf(stderr, "broken invariant: %s [%s] at %s:%d\n", message, condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace bw
