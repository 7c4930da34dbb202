#include "bellwether/base/decimal.hpp"

#include <cstdlib>

namespace bw {

std::optional<std::int64_t> mul_div(std::int64_t a, std::int64_t b, std::int64_t c) noexcept {
  if (c == 0) return std::nullopt;
  const __int128 product = static_cast<__int128>(a) * b;
  __int128 quotient = product / c;
  const __int128 rest = product % c;
  const __int128 twice = (rest < 0 ? -rest : rest) * 2;
  const __int128 size = c < 0 ? -static_cast<__int128>(c) : c;
  if (twice > size || (twice == size && quotient % 2 != 0)) {
    quotient += (product < 0) == (c < 0) ? 1 : -1;
  }
  if (quotient > INT64_MAX || quotient < INT64_MIN) return std::nullopt;
  return static_cast<std::int64_t>(quotient);
}

namespace {

constexpr int kScale = 8;
constexpr int kMaxDigits = 30;  // beyond this a number is refused rather than summed

struct Digits {
  unsigned __int128 value = 0;
  int decimals = 0;  // digits behind the point
  int count = 0;
};

tl::unexpected<Error> bad(std::string_view text, const char* why) {
  return fail(ErrorCode::invalid_argument,
              "'" + std::string(text.substr(0, 40)) + "' " + why, {},
              "write a plain number such as 123.45");
}

}  // namespace

Result<std::int64_t> parse_decimal(std::string_view text, bool round) {
  std::size_t i = 0;
  bool negative = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
  Digits d;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char ch = text[i];
    if (ch == '.' && !point) {
      point = true;
      continue;
    }
    if (ch < '0' || ch > '9') break;
    if (++d.count > kMaxDigits) return bad(text, "has too many digits");
    d.value = d.value * 10 + static_cast<unsigned>(ch - '0');
    if (point) ++d.decimals;
  }
  if (d.count == 0) return bad(text, "is not a number");
  int exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool down = false;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) down = text[i++] == '-';
    const std::size_t first = i;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i < first + 3; ++i) {
      exponent = exponent * 10 + (text[i] - '0');
    }
    if (i == first) return bad(text, "is not a number");
    if (down) exponent = -exponent;
  }
  if (i != text.size()) return bad(text, "is not a number");

  int shift = kScale - d.decimals + exponent;
  unsigned __int128 v = d.value;
  if (v == 0) return 0;
  const unsigned __int128 limit = static_cast<unsigned __int128>(INT64_MAX);
  for (; shift > 0; --shift) {
    v *= 10;
    if (v > limit) return bad(text, "is out of range");
  }
  if (shift < 0) {
    if (shift < -kMaxDigits - kScale) {
      v = 0;
    } else {
      unsigned __int128 divisor = 1;
      for (; shift < 0; ++shift) divisor *= 10;
      const unsigned __int128 rest = v % divisor;
      if (rest != 0 && !round) return bad(text, "has more than 8 decimals");
      v /= divisor;
      if (rest * 2 > divisor || (rest * 2 == divisor && v % 2 == 1)) ++v;
    }
  }
  if (v > limit) return bad(text, "is out of range");
  const auto raw = static_cast<std::int64_t>(v);
  return negative ? -raw : raw;
}

std::string format_decimal(std::int64_t raw) {
  const bool negative = raw < 0;
  const std::uint64_t size =
      negative ? ~static_cast<std::uint64_t>(raw) + 1 : static_cast<std::uint64_t>(raw);
  const auto one = static_cast<std::uint64_t>(kDecimalOne);
  std::string s = (negative ? "-" : "") + std::to_string(size / one);
  std::uint64_t rest = size % one;
  if (rest == 0) return s;
  std::string tail = std::to_string(rest);
  tail.insert(0, static_cast<std::size_t>(kScale) - tail.size(), '0');
  while (tail.back() == '0') tail.pop_back();
  return s + "." + tail;
}

}  // namespace bw
