#include "bellwether/config/suggest.hpp"

#include <algorithm>
#include <array>

namespace bw::config {
namespace {

constexpr std::size_t kMaxName = 64;  // longer names are compared by their beginning
constexpr std::size_t kMaxListed = 12;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) noexcept {
  a = a.substr(0, kMaxName);
  b = b.substr(0, kMaxName);
  std::array<std::array<std::size_t, kMaxName + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& up = rows[(i - 1) % 3];
    const auto& up2 = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], up2[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name,
                         std::span<const std::string_view> candidates) noexcept {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min(name.size(), kMaxName) / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(name, candidate);
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string suggest(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view best = nearest(name, candidates);
  if (!best.empty()) return "did you mean '" + std::string(best) + "'?";
  if (candidates.empty()) return "remove it";
  std::string text = "known: ";
  for (std::size_t i = 0; i < candidates.size() && i < kMaxListed; ++i) {
    text += (i == 0 ? "" : ", ") + std::string(candidates[i]);
  }
  return candidates.size() > kMaxListed ? text + ", …" : text;
}

}  // namespace bw::config
