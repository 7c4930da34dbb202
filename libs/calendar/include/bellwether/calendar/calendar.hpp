#pragma once
// Calendar: when a market is open, and which bars to expect. Built once, then read-only; any thread
// may read it. Days are local: New York days for nyse and us_extended, UTC days for always_open.
#include <cstdint>
#include <optional>
#include <vector>

#include "bellwether/base/time.hpp"
#include "bellwether/domain/instrument.hpp"

namespace bw::calendar {

/// One day's trading, [open, close).
struct Session {
  DayNumber day = 0;
  TimeNs open = 0;
  TimeNs close = 0;
  bool shortened = false;  ///< opens late or closes early
  bool operator==(const Session&) const = default;
};

/// Sessions and bars. Questions about days outside first_day() … last_day() have no answer
/// (nullopt, false, 0): ask covers() first where that matters. A timeframe is more than 0 and at
/// most a day; bars begin at the session's open and the last bar of a session ends with it, so the
/// bar of a day is the session.
class Calendar {
 public:
  explicit Calendar(CalendarId id);

  [[nodiscard]] CalendarId id() const noexcept { return id_; }
  [[nodiscard]] DayNumber first_day() const noexcept { return first_day_; }
  [[nodiscard]] DayNumber last_day() const noexcept { return last_day_; }
  [[nodiscard]] bool covers(TimeNs t) const noexcept;
  /// The local day that holds `t`.
  [[nodiscard]] DayNumber local_day(TimeNs t) const noexcept;

  [[nodiscard]] bool is_session(DayNumber day) const noexcept;
  [[nodiscard]] std::optional<Session> session(DayNumber day) const noexcept;
  /// The session with open <= t < close.
  [[nodiscard]] std::optional<Session> session_at(TimeNs t) const noexcept;
  [[nodiscard]] bool is_open(TimeNs t) const noexcept { return session_at(t).has_value(); }
  /// The first session of a day after `day`; the last one of a day before it.
  [[nodiscard]] std::optional<Session> next_session(DayNumber day) const noexcept;
  [[nodiscard]] std::optional<Session> previous_session(DayNumber day) const noexcept;
  /// Sessions of days in [from, to).
  [[nodiscard]] std::int64_t count_sessions(DayNumber from, DayNumber to) const noexcept;

  /// The start of the bar that holds `t`; nothing while the market is closed.
  [[nodiscard]] std::optional<TimeNs> bar_open(TimeNs t, DurationNs timeframe) const;
  /// The end of the bar that holds `t` (a session's last bar may be shorter); nothing while closed.
  [[nodiscard]] std::optional<TimeNs> bar_close(TimeNs t, DurationNs timeframe) const;
  /// The start of the first bar that begins after `t`.
  [[nodiscard]] std::optional<TimeNs> next_bar_open(TimeNs t, DurationNs timeframe) const;
  /// Bars that begin in [from, to).
  [[nodiscard]] std::int64_t count_bars(TimeNs from, TimeNs to, DurationNs timeframe) const;

 private:
  struct Entry {
    TimeNs open;
    DayNumber day;
    std::int32_t length_s;
  };
  [[nodiscard]] Session make(std::size_t index) const noexcept;
  [[nodiscard]] std::size_t index_from(DayNumber day) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::optional<std::size_t> index_at(TimeNs t) const noexcept;
  [[nodiscard]] DayNumber trading_day(TimeNs t) const noexcept;
  [[nodiscard]] std::int64_t bars_before(TimeNs t, DurationNs timeframe) const;

  CalendarId id_;
  DayNumber first_day_ = 0;
  DayNumber last_day_ = 0;
  std::int32_t usual_length_s_ = 0;
  std::vector<Entry> sessions_;  ///< by day; empty for always_open
  std::vector<std::uint16_t>
      first_from_;  ///< by day - first_day_: index of the first session on or after it
  std::vector<std::uint16_t>
      odd_lengths_;  ///< indices of the sessions that are not usual_length_s_ long
};

}  // namespace bw::calendar
