#pragma once
// What every kernel shares: its reading, the limits of its parameters, and its promises.
//
// Promises of each kernel: update() is O(1) and allocates nothing; the same inputs give the same
// bits on every machine; save() and load() carry the whole state, so a restored kernel goes on with
// the same bits; scale(f) restates the state in prices multiplied by f (a split), as if all earlier
// prices had been multiplied. Inputs must be finite: callers convert checked fixed-point prices, so
// a NaN cannot reach a kernel. Kernels are values: one owner, one thread; a copy goes on
// independently.
#include <cstdint>
#include <string>

#include "bellwether/base/result.hpp"
#include "bellwether/base/serial.hpp"

namespace bw::indicators {

inline constexpr int kMaxPeriod = 4096;  ///< bars; bounds memory (8 bytes a bar) and start-up

/// One number and whether it is warm. Until then `value` is 0 and means nothing.
struct Reading {
  double value = 0;
  bool ready = false;
};

/// Refuses a period outside [low, kMaxPeriod], naming the parameter.
[[nodiscard]] Result<void> check_period(int period, int low, const char* field);

/// Reads a parameter back and compares it: state saved with other parameters must not be loaded.
[[nodiscard]] Result<void> expect_period(Reader& in, int period, const char* field);

/// Reads a finite number; anything else is a damaged checkpoint.
[[nodiscard]] Result<void> read_finite(Reader& in, double& to, const char* field);

}  // namespace bw::indicators
