#pragma once
// Seeded random numbers, the same on every machine. std::*_distribution differs between libraries:
// never used.
#include <array>
#include <cstdint>

#include "bellwether/base/hash.hpp"
#include "bellwether/base/math.hpp"

namespace bw {

/// xoshiro256** (Blackman, Vigna 2018), seeded by SplitMix64. Copyable: a copy goes on with the
/// same numbers.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) noexcept {
    for (auto& word : state_) word = mix64(seed += 0x9e3779b97f4a7c15ULL);
  }
  [[nodiscard]] std::uint64_t next() noexcept {
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }
  /// Uniform in [0, 1), 53 bits.
  [[nodiscard]] double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Uniform in [0, n); 0 where n == 0. Multiply-shift (Lemire 2019) without the rejection: bias <
  /// n/2^64.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  [[nodiscard]] bool chance(double p) noexcept { return uniform() < p; }
  /// Standard normal by Box and Muller (1958).
  [[nodiscard]] double normal() noexcept {
    const double u = 1.0 - uniform();
    const double v = uniform();
    return math::sqrt(-2.0 * math::log(u)) * math::cos(6.283185307179586 * v);
  }
  [[nodiscard]] const std::array<std::uint64_t, 4>& state() const noexcept { return state_; }
  void set_state(const std::array<std::uint64_t, 4>& s) noexcept { state_ = s; }

 private:
  static constexpr std::uint64_t rotl(std::uint64_t x, int k) noexcept {
    return (x << k) | (x >> (64 - k));
  }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace bw
