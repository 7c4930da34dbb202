#pragma once
// Trace context as W3C has it (Trace Context, Recommendation of 2021-11-23): what ties the logs and
// messages of one cause together. Of the header's parts, tracestate is not used.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bellwether/base/result.hpp"
#include "bellwether/runtime/record.hpp"

namespace bw::telemetry {

inline constexpr std::size_t kTraceparentLength = 55;

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  ///< all zero: none
  std::array<std::uint8_t, 8> span_id{};    ///< of whoever sends
  bool sampled = true;
  [[nodiscard]] bool is_set() const noexcept;
  bool operator==(const TraceContext&) const = default;
};

[[nodiscard]] std::string hex(const std::array<std::uint8_t, 16>& id);
[[nodiscard]] std::string hex(const std::array<std::uint8_t, 8>& id);

/// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
[[nodiscard]] std::string format_traceparent(const TraceContext& context);
/// Later versions are read as far as version 00 goes, as the standard asks. `invalid_argument`
/// otherwise; the standard's advice is to go on with a fresh trace then.
[[nodiscard]] Result<TraceContext> parse_traceparent(std::string_view header);

/// The trace of a record, derived and therefore the same in every replay and on every machine. An
/// output takes the event time of the input that caused it, so the trace id comes from the event
/// time, and the chain bar, features, signal, order, fill is one trace; the span id comes from the
/// record's identity.
[[nodiscard]] TraceContext trace_of(const runtime::Record& record) noexcept;

/// A fresh trace from the system's random numbers: for requests that came without one. Thread-safe.
[[nodiscard]] TraceContext new_trace();
/// The same trace with a fresh span: for what a request causes in another process. Thread-safe.
[[nodiscard]] TraceContext new_span(const TraceContext& parent);

}  // namespace bw::telemetry
