#include "bellwether/postgres/columns.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <pqxx/pqxx>

namespace bw::postgres {

namespace {

/// Length of the UTF-8 sequence at the front of `s`; 0 where it is none (RFC 3629).
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char a = byte(0);
  if (a == 0) return 0;
  if (a < 0x80) return 1;
  const std::size_t length = a >= 0xC2 && a < 0xE0   ? 2
                             : (a & 0xF0) == 0xE0    ? 3
                             : a >= 0xF0 && a < 0xF5 ? 4
                                                     : 0;
  if (length == 0 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char b = byte(1);
  if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b >= 0xA0)) return 0;  // overlong, surrogates
  if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b >= 0x90)) return 0;  // overlong, beyond U+10FFFF
  return length;
}

}  // namespace

std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += '?';
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string timestamp_text(TimeNs t) {
  const DayNumber day = utc_day(t);
  const CivilDate date = to_civil(day);
  const std::int64_t us = (t - static_cast<std::int64_t>(day) * kDay) / kMicrosecond;
  const std::int64_t s = us / 1'000'000;
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d:%02d.%06d+00", date.year, date.month,
                date.day, static_cast<int>(s / 3600), static_cast<int>(s / 60 % 60),
                static_cast<int>(s % 60), static_cast<int>(us % 1'000'000));
  return out;
}

Columns& Columns::raw(std::string_view literal) {
  std::string& column = literals_[at_];
  column += rows_ == 0 ? '{' : ',';
  column += literal;
  if (++at_ == literals_.size()) {
    at_ = 0;
    ++rows_;
  }
  return *this;
}

Columns& Columns::null() { return raw("NULL"); }

Columns& Columns::integer(std::int64_t v) { return raw(std::to_string(v)); }

Columns& Columns::boolean(bool v) { return raw(v ? "t" : "f"); }

Columns& Columns::real(double v) {
  if (!std::isfinite(v)) return raw(std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity");
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, v).ptr;
  return raw({digits, static_cast<std::size_t>(end - digits)});
}

Columns& Columns::time(TimeNs t) {
  if (t == 0) return null();
  return raw('"' + timestamp_text(t) + '"');
}

Columns& Columns::text(std::string_view v) {
  std::string quoted = "\"";
  for (const char c : to_utf8(v)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return raw(quoted + '"');
}

Columns& Columns::bytes(std::string_view v) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"\\\\x";
  quoted.reserve(v.size() * 2 + 6);
  for (const char c : v) {
    const auto b = static_cast<unsigned char>(c);
    quoted += kHex[b >> 4];
    quoted += kHex[b & 15];
  }
  return raw(quoted + '"');
}

std::size_t Columns::exec(pqxx::transaction_base& tx, const std::string& sql,
                          const std::vector<std::string>& front) {
  BW_ASSERT(at_ == 0, "a row is not complete");
  if (rows_ == 0) return 0;
  std::vector<std::string> parameters = front;
  for (std::string& column : literals_) {
    parameters.push_back(std::move(column) + "}");
    column.clear();
  }
  rows_ = 0;
  return tx.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters)).affected_rows();
}

}  // namespace bw::postgres
