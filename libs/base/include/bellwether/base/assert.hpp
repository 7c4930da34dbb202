#pragma once
// BW_ASSERT: a broken invariant. On in every build: the process says what broke and dies; its owner
// recovers from the log. Never use it for bad input or for anything that the outside can cause.

namespace bw {
[[noreturn]] void assert_failed(const char* condition, const char* file, int line,
                                const char* message) noexcept;
}  // namespace bw

#define BW_ASSERT(condition, message)                               \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::bw::assert_failed(#condition, __FILE__, __LINE__, message); \
  } while (false)
