#include "ingestion/shell/fields.hpp"

#include <algorithm>
#include <cstring>

#include "bellwether/calendar/new_york.hpp"

namespace bw::ingestion {

bool Fields::split(std::string_view line, char delimiter) {
  size_ = 0;
  const char* at = line.data();
  const char* const end = at + line.size();
  if (std::memchr(at, '"', line.size()) != nullptr) return split_quoted(line, delimiter);
  while (size_ < kMaxFields) {
    const char* stop = at;
    while (stop != end && *stop != delimiter) ++stop;
    at_[size_++] = {at, static_cast<std::size_t>(stop - at)};
    if (stop == end) break;
    at = stop + 1;
  }
  return true;
}

bool Fields::split_quoted(std::string_view line, char delimiter) {
  std::size_t i = 0;
  while (size_ < kMaxFields) {
    if (i < line.size() && line[i] == '"') {
      const std::size_t begin = ++i;
      while (i < line.size() && !(line[i] == '"' && !(i + 1 < line.size() && line[i + 1] == '"'))) {
        i += line[i] == '"' ? 2 : 1;
      }
      if (i >= line.size()) return false;
      at_[size_++] = line.substr(begin, i - begin);
      ++i;
    } else {
      const std::size_t stop = std::min(line.find(delimiter, i), line.size());
      at_[size_++] = line.substr(i, stop - i);
      i = stop;
    }
    if (i >= line.size()) break;
    if (line[i] != delimiter) return false;
    ++i;
  }
  return true;
}

std::string_view strip(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string unquote(std::string_view field) {
  std::string s;
  s.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    s.push_back(field[i]);
    if (field[i] == '"' && i + 1 < field.size() && field[i + 1] == '"') ++i;
  }
  return s;
}

std::string normalise(std::string_view name) {
  std::string s;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') s.push_back(static_cast<char>(c - 'A' + 'a'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) s.push_back(c);
  }
  return s;
}

namespace {

constexpr std::array<std::int64_t, 9> kPower{1,       10,        100,        1'000,      10'000,
                                             100'000, 1'000'000, 10'000'000, 100'000'000};

bool slow_decimal(std::string_view text, std::int64_t& raw) noexcept {
  const auto r = parse_decimal(strip(text));
  if (!r) return false;
  raw = *r;
  return true;
}

bool digits(std::string_view text, std::size_t n, std::int64_t& v) noexcept {
  if (text.size() < n) return false;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const unsigned d = static_cast<unsigned char>(text[i]) - static_cast<unsigned>('0');
    if (d > 9) return false;
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, d, &sum)) return false;
  }
  v = sum;
  return true;
}

bool take(std::string_view& text, std::size_t n, std::int64_t& v) noexcept {
  if (!digits(text, n, v)) return false;
  text.remove_prefix(n);
  return true;
}

bool take(std::string_view& text, char c) noexcept {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// One or two digits.
bool take_short(std::string_view& text, std::int64_t& v) noexcept {
  std::int64_t second = 0;
  if (!take(text, 1, v)) return false;
  if (take(text, 1, second)) v = v * 10 + second;
  return true;
}

bool make_day(std::int64_t y, std::int64_t m, std::int64_t d, DayNumber& day) noexcept {
  const CivilDate date{static_cast<int>(y), static_cast<int>(m), static_cast<int>(d)};
  if (y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31) return false;
  day = to_day_number(date);
  return to_civil(day) == date;
}

/// HH:MM[:SS[.f…]], HHMM or HHMMSS.
bool take_clock(std::string_view& text, DurationNs& since_midnight) noexcept {
  std::int64_t h = 0;
  std::int64_t m = 0;
  std::int64_t s = 0;
  if (!take(text, 2, h)) return false;
  const bool colons = take(text, ':');
  if (!take(text, 2, m)) return false;
  const bool seconds = colons ? take(text, ':') : !text.empty() && text[0] >= '0' && text[0] <= '9';
  if (seconds && !take(text, 2, s)) return false;
  if (h > 23 || m > 59 || s > 59) return false;
  since_midnight = h * kHour + m * kMinute + s * kSecond;
  if (!seconds || !take(text, '.')) return true;
  DurationNs unit = kSecond / 10;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n) {
    since_midnight += (text[n] - '0') * unit;
    unit /= 10;
  }
  text.remove_prefix(n);
  return n > 0;
}

/// Z, +HH:MM, -HHMM, or nothing.
bool take_offset(std::string_view& text, bool& given, DurationNs& offset) noexcept {
  given = false;
  if (text.empty()) return true;
  given = true;
  if (take(text, 'Z')) return true;
  const bool minus = text.front() == '-';
  if (!minus && text.front() != '+') return false;
  text.remove_prefix(1);
  std::int64_t h = 0;
  std::int64_t m = 0;
  if (!take(text, 2, h)) return false;
  take(text, ':');
  if (!take(text, 2, m) || h > 14 || m > 59) return false;
  offset = (h * kHour + m * kMinute) * (minus ? -1 : 1);
  return true;
}

}  // namespace

bool read_decimal(std::string_view text, std::int64_t& raw) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  std::uint64_t value = 0;
  const char* const first = at;
  while (at != end && static_cast<unsigned char>(*at - '0') < 10) {
    value = value * 10 + static_cast<unsigned char>(*at++ - '0');
  }
  std::size_t whole = static_cast<std::size_t>(at - first);
  std::size_t decimals = 0;
  if (at != end && *at == '.') {
    const char* const point = ++at;
    while (at != end && static_cast<unsigned char>(*at - '0') < 10) {
      value = value * 10 + static_cast<unsigned char>(*at++ - '0');
    }
    decimals = static_cast<std::size_t>(at - point);
  }
  // Up to ten digits in front of the point fit for sure; the rest goes the exact way.
  if (at != end || whole > 10 || decimals > 8 || whole + decimals == 0) {
    return slow_decimal(text, raw);
  }
  std::int64_t r = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(value), kPower[8 - decimals], &r))
    return false;
  raw = negative ? -r : r;
  return true;
}

bool TimeParser::parse_date(std::string_view& text, DayNumber& day) noexcept {
  std::int64_t y = 0;
  std::int64_t m = 0;
  std::int64_t d = 0;
  if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
    if (std::memcmp(text.data(), cached_date_.data(), 10) == 0) {
      day = cached_day_;
      text.remove_prefix(10);
      return true;
    }
    const std::string_view date = text.substr(0, 10);
    if (!take(text, 4, y) || !take(text, '-') || !take(text, 2, m) || !take(text, '-') ||
        !take(text, 2, d) || !make_day(y, m, d, day)) {
      return false;
    }
    std::memcpy(cached_date_.data(), date.data(), 10);
    cached_day_ = day;
    return true;
  }
  const std::size_t slash = text.find('/');
  if (slash == 1 || slash == 2) {
    if (!take_short(text, m) || !take(text, '/') || !take_short(text, d) || !take(text, '/')) {
      return false;
    }
    if (!take(text, 4, y)) {
      if (!take(text, 2, y)) return false;
      y += y < 70 ? 2000 : 1900;  // POSIX's reading of two digits
    }
    return make_day(y, m, d, day);
  }
  return take(text, 4, y) && take(text, 2, m) && take(text, 2, d) && make_day(y, m, d, day);
}

bool TimeParser::to_utc(TimeNs local, TimeNs& utc) noexcept {
  if (zone_ == Zone::utc) {
    utc = local;
    return true;
  }
  const TimeNs rest = local % kHour;
  const TimeNs hour = local - (rest < 0 ? rest + kHour : rest);
  if (hour != cached_hour_) {
    const auto r = calendar::new_york_to_utc(hour, calendar::OddHour::earlier);
    if (!r) return false;
    cached_hour_ = hour;
    cached_offset_ = *r - hour;
  }
  utc = local + cached_offset_;
  return true;
}

bool TimeParser::parse(std::string_view text, Stamp& to) noexcept {
  text = strip(text);
  std::int64_t epoch = 0;
  const std::size_t n = text.size();
  if ((n == 10 || n == 13 || n == 16 || n == 19) && digits(text, n, epoch)) {
    for (std::size_t have = n; have < 19; have += 3) {
      if (__builtin_mul_overflow(epoch, 1'000, &epoch)) return false;
    }
    if (!is_file_time(epoch)) return false;
    to = {epoch, utc_day(epoch), false};
    return true;
  }
  if (!parse_date(text, to.day)) return false;
  TimeNs local = static_cast<TimeNs>(to.day) * kDay;
  to.date_only = text.empty();
  if (to.date_only) return to_utc(local, to.utc);
  if (!take(text, ' ') && !take(text, 'T')) return false;
  DurationNs clock = 0;
  bool given = false;
  DurationNs offset = 0;
  if (!take_clock(text, clock)) return false;
  if (!take_offset(text, given, offset) || !text.empty()) return false;
  local += clock;
  if (given) {
    to.utc = local - offset;
    return true;
  }
  return to_utc(local, to.utc);
}

}  // namespace bw::ingestion
