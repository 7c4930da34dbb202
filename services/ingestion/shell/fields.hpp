#pragma once
// Fields of a delimited line, and numbers and times in them. Fast for what files usually hold,
// exact for the rest.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/time.hpp"

namespace bw::ingestion {

inline constexpr std::size_t kMaxFields = 64;

/// The fields of one line; quotes around a field are taken off ("" inside stands for one quote and
/// is left as it is, see unquote). What is behind kMaxFields is not split.
class Fields {
 public:
  /// False where a quote is not closed.
  bool split(std::string_view line, char delimiter);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    return i < size_ ? at_[i] : std::string_view{};
  }

 private:
  bool split_quoted(std::string_view line, char delimiter);
  std::array<std::string_view, kMaxFields> at_;
  std::size_t size_ = 0;
};

/// Without blanks around it.
[[nodiscard]] std::string_view strip(std::string_view text) noexcept;
/// "" as ", for a field that was quoted.
[[nodiscard]] std::string unquote(std::string_view field);
/// Lower case letters and digits only: "Adj Close" is "adjclose".
[[nodiscard]] std::string normalise(std::string_view name);

/// parse_decimal with a short way for plain numbers; false where it is no number.
[[nodiscard]] bool read_decimal(std::string_view text, std::int64_t& raw) noexcept;
template <class Tag>
[[nodiscard]] bool read_decimal(std::string_view text, Fixed<Tag>& v) noexcept {
  std::int64_t raw = 0;
  if (!read_decimal(text, raw)) return false;
  v = Fixed<Tag>::from_raw(raw);
  return true;
}

/// 1900 to 2200, as for dates that are written out: a bar's length, a day or a latency can be added
/// to such a time without a check.
[[nodiscard]] constexpr bool is_file_time(TimeNs t) noexcept {
  constexpr TimeNs kBegin = -25'567 * kDay;  // 1900-01-01
  constexpr TimeNs kEnd = 84'371 * kDay;     // 2201-01-01
  return t >= kBegin && t < kEnd;
}

enum class Zone : std::uint8_t { utc, new_york };

/// Reads the time stamps of one file. Knows
///   2014-11-19, 2014-11-19 09:30, 2014-11-19T09:30:00.123456789, with Z or an offset (+00:00,
///   -0500) or without; 20141119, 20141119 093000; 11/19/2014, 11/19/14, 11/19/2014 09:30 (US
///   order); seconds, milli-, micro- or nanoseconds since 1970 (10, 13, 16 or 19 digits).
/// A stamp without an offset is in the file's zone. An hour that New York repeats in autumn is read
/// as its first.
class TimeParser {
 public:
  explicit TimeParser(Zone zone) noexcept : zone_(zone) {}
  struct Stamp {
    TimeNs utc = 0;
    DayNumber day = 0;  ///< as written
    bool date_only = false;
  };
  [[nodiscard]] bool parse(std::string_view text, Stamp& to) noexcept;

 private:
  [[nodiscard]] bool parse_date(std::string_view& text, DayNumber& day) noexcept;
  [[nodiscard]] bool to_utc(TimeNs local, TimeNs& utc) noexcept;
  Zone zone_;
  std::string_view::size_type cached_size_ = 0;
  std::array<char, 10> cached_date_{};
  DayNumber cached_day_ = 0;
  TimeNs cached_hour_ = INT64_MIN;  // local hour whose offset is known
  DurationNs cached_offset_ = 0;    // to add to local time
};

}  // namespace bw::ingestion
