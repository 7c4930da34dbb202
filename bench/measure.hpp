#pragma once
// What the measuring programs share: order statistics, processor time, how busy the machine was.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "bellwether/base/result.hpp"

namespace bw::bench {

[[nodiscard]] inline double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

/// (max - min) / median.
[[nodiscard]] inline double spread(const std::vector<double>& v) {
  if (v.empty()) return 0;
  const auto [low, high] = std::minmax_element(v.begin(), v.end());
  return (*high - *low) / median(v);
}

/// Percentiles of a population, which is sorted in place once.
struct Percentiles {
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  std::size_t count = 0;
};

[[nodiscard]] inline Percentiles percentiles(std::vector<double> v) {
  if (v.empty()) return {};
  std::sort(v.begin(), v.end());
  const auto at = [&v](double share) {
    return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1))];
  };
  return {at(0.50), at(0.90), at(0.99), v.size()};
}

/// Of several runs, the median of each percentile.
[[nodiscard]] inline Percentiles median_of(const std::vector<Percentiles>& runs) {
  const auto of = [&runs](double Percentiles::*field) {
    std::vector<double> v;
    for (const auto& r : runs) v.push_back(r.*field);
    return median(std::move(v));
  };
  return {of(&Percentiles::p50), of(&Percentiles::p90), of(&Percentiles::p99),
          runs.empty() ? 0 : runs.front().count};
}

[[nodiscard]] inline double seconds_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
[[nodiscard]] inline double wall_s() { return seconds_of(CLOCK_MONOTONIC); }
[[nodiscard]] inline double cpu_s() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

/// Of the last minute; above the number of cores the figures are those of a busy machine.
[[nodiscard]] inline double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : -1;
}

/// The value, or the end of the program with the error on stderr.
template <class T>
T need(Result<T> r) {
  if (!r) {
    std::fprintf(stderr, "%s\n", r.error().text().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

}  // namespace bw::bench
