#pragma once
// Hashes that are the same on every machine and in every build. Not for security: that is
// libsodium's work.
#include <cstdint>
#include <string_view>

namespace bw {

/// FNV-1a, 64 bit (Fowler, Noll, Vo, 1991).
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text,
                                            std::uint64_t h = 0xcbf29ce484222325ULL) noexcept {
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  return h;
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// The index of the machine that owns `unit`, of `count`.
[[nodiscard]] constexpr std::uint32_t machine_index(std::uint32_t unit,
                                                    std::uint32_t count) noexcept {
  return static_cast<std::uint32_t>(mix64(unit + 0x9e3779b97f4a7c15ULL) % count);
}

}  // namespace bw
