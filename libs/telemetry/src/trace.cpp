#include "bellwether/telemetry/trace.hpp"

#include <sodium.h>

#include <algorithm>

#include "bellwether/base/hash.hpp"

namespace bw::telemetry {

namespace {

template <std::size_t N>
void append_hex(const std::array<std::uint8_t, N>& bytes, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15U];
  }
}

/// Lower-case hex digits only, as the standard demands; -1 otherwise.
int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <std::size_t N>
bool read_hex(std::string_view text, std::array<std::uint8_t, N>& to) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    to[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

template <std::size_t N>
bool is_zero(const std::array<std::uint8_t, N>& bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

void put(std::uint64_t v, std::uint8_t* to) noexcept {
  for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(v >> shift);
}

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::invalid_argument, what, "traceparent", "start a fresh trace");
}

}  // namespace

bool TraceContext::is_set() const noexcept { return !is_zero(trace_id) && !is_zero(span_id); }

std::string hex(const std::array<std::uint8_t, 16>& id) {
  std::string out;
  append_hex(id, out);
  return out;
}

std::string hex(const std::array<std::uint8_t, 8>& id) {
  std::string out;
  append_hex(id, out);
  return out;
}

std::string format_traceparent(const TraceContext& context) {
  std::string out;
  out.reserve(kTraceparentLength);
  out += "00-";
  append_hex(context.trace_id, out);
  out += '-';
  append_hex(context.span_id, out);
  out += context.sampled ? "-01" : "-00";
  return out;
}

Result<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < kTraceparentLength) return malformed("is too short");
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  if (header[2] != '-' || header[35] != '-' || header[52] != '-' || !read_hex(header, version) ||
      !read_hex(header.substr(3), context.trace_id) ||
      !read_hex(header.substr(36), context.span_id) || !read_hex(header.substr(53), flags)) {
    return malformed("is not version-trace-span-flags in lower-case hex");
  }
  if (version[0] == 0xFF) return malformed("has the forbidden version ff");
  if (version[0] == 0 && header.size() != kTraceparentLength) return malformed("is too long");
  if (header.size() > kTraceparentLength && header[kTraceparentLength] != '-') {
    return malformed("has no dash behind its flags");
  }
  if (!context.is_set()) return malformed("has an id of zeros");
  context.sampled = (flags[0] & 1U) != 0;
  return context;
}

TraceContext trace_of(const runtime::Record& record) noexcept {
  constexpr std::uint64_t kHigh = 0x62656c6c77657468;  // keeps the two halves and the span apart
  constexpr std::uint64_t kLow = 0x6572747261636531;
  const auto time = static_cast<std::uint64_t>(record.t);
  // mix64 is a bijection with one zero: the other half and the "| 1" keep ids from being all zero.
  TraceContext context;
  put(mix64(time ^ kHigh), context.trace_id.data());
  put(mix64(time + kLow) | 1U, context.trace_id.data() + 8);
  const std::uint64_t identity = derive_id(record.kind, record.unit, record.seq);
  put(mix64(identity ^ mix64(record.n + static_cast<std::uint64_t>(record.what))) | 1U,
      context.span_id.data());
  return context;
}

TraceContext new_trace() {
  TraceContext context;
  randombytes_buf(context.trace_id.data(), context.trace_id.size());
  context.trace_id.back() |= 1U;
  return new_span(context);
}

TraceContext new_span(const TraceContext& parent) {
  TraceContext context = parent;
  randombytes_buf(context.span_id.data(), context.span_id.size());
  context.span_id.back() |= 1U;
  return context;
}

}  // namespace bw::telemetry
