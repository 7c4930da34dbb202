// exp, log and the like: close to the truth, and the same bits on each machine that runs this.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "bellwether/base/hash.hpp"
#include "bellwether/base/rng.hpp"

using namespace bw;

namespace {

constexpr int kCount = 20'000;

/// Distance from the truth in units of the last place of `truth` as a double.
double ulps(double got, long double truth) {
  const double near = static_cast<double>(truth);
  const double place = std::nextafter(std::abs(near), INFINITY) - std::abs(near);
  return static_cast<double>(std::abs(static_cast<long double>(got) - truth) / place);
}

}  // namespace

TEST_CASE("functions stay within their stated distance of the truth") {
  Rng rng(1);
  double worst[6] = {};
  for (int i = 0; i < kCount; ++i) {
    const double x = (rng.uniform() - 0.5) * 60;
    const double p = rng.uniform() * 1'000 + 1e-9;
    const long double lx = x;
    const long double lp = p;
    const double found[6] = {
        ulps(math::exp(x), std::exp(lx)),
        ulps(math::log(p), std::log(lp)),
        ulps(math::pow(p, x / 10), std::pow(lp, static_cast<long double>(x / 10))),
        ulps(math::sin(x), std::sin(lx)),
        ulps(math::cos(x), std::cos(lx)),
        ulps(math::tanh(x), std::tanh(lx))};
    for (int k = 0; k < 6; ++k) worst[k] = std::max(worst[k], found[k]);
  }
  for (int k = 0; k < 5; ++k) {
    INFO("function " << k);
    CHECK(worst[k] <= 1.0);
  }
  CHECK(worst[5] <= 3.5);
}

TEST_CASE("functions have the same bits on every machine") {
  Rng rng(2);
  std::uint64_t hash = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = (rng.uniform() - 0.5) * 60;
    const double p = rng.uniform() * 1'000 + 1e-9;
    for (const double y : {math::exp(x), math::log(p), math::pow(p, x / 10), math::sin(x),
                           math::cos(x), math::tanh(x), math::sqrt(p), rng.normal()}) {
      hash = mix64(hash ^ std::bit_cast<std::uint64_t>(y));
    }
  }
  CHECK(hash == 0x144ccc7d1c98cefeULL);  // recorded once; equal for -Og, -O2, -O3, v2 and v3
}
