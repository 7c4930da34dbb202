#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bw::config {

/// The candidate nearest to `name` (edit distance with transpositions, letter case ignored), where
/// it is near enough to be what was meant: at most a third of the letters differ. Empty where none
/// is.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       std::span<const std::string_view> candidates) noexcept;

/// The mend for a name that is not among the candidates: "did you mean 'weight'?", or what there
/// is.
[[nodiscard]] std::string suggest(std::string_view name,
                                  std::span<const std::string_view> candidates);

}  // namespace bw::config
