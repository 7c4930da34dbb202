#pragma once
// BarSeries: puts one instrument's bars of one timeframe in order. Contiguous bars go out at once;
// a bar behind a hole waits for the missing ones for a while; what stays missing becomes a gap.
// Owned by BarsMachine.
#include <array>
#include <vector>

#include "bellwether/calendar/calendar.hpp"
#include "bellwether/domain/source.hpp"
#include "bellwether/runtime/machine.hpp"
#include "ingestion/core/config.hpp"

namespace bw::ingestion {

/// What the timers of the bars machine are about; the timeframe is added to the first two.
enum class TimerTag : std::uint32_t { hold = 0, watch = 16, minute_end = 32, session = 33 };

/// Publishes a row's quarantine.
void publish_quality(runtime::Emit& out, Unit unit, QualityReason reason, TimeNs source_time,
                     const Origin& origin, std::string_view detail);

class BarSeries {
 public:
  BarSeries(const Config& config, const Instrument& instrument, Timeframe timeframe);

  /// A bar that is well formed. Published now, later, or quarantined as a duplicate or as too late.
  void on_bar(const Bar& bar, const Origin& origin, runtime::Emit& out);
  /// Holds back no longer what has waited its time.
  void on_hold_timer(runtime::Emit& out);
  /// Opens a gap where the next bar is overdue.
  void on_watch_timer(runtime::Emit& out);
  /// No bars are expected before `at`: trading was halted.
  void expect_from(TimeNs at) noexcept { expect_from_ = at; }
  void set_halted(bool halted) noexcept { halted_ = halted; }
  [[nodiscard]] TimeNs last_close() const noexcept { return last_close_; }

  void save(Writer& w) const;
  void load(Reader& r);

 private:
  struct Held {
    Bar bar;
    TimeNs due = 0;  // when it has waited long enough
  };
  [[nodiscard]] std::uint32_t missing_before(TimeNs open) const;
  [[nodiscard]] bool is_gap(std::uint32_t missing, const Bar& bar) const noexcept;
  [[nodiscard]] DurationNs window() const noexcept;
  [[nodiscard]] TimeNs overdue_at() const;
  [[nodiscard]] TimeNs next_expected() const;
  bool is_known(const Bar& bar, const Origin& origin, runtime::Emit& out);
  void hold(const Bar& bar, runtime::Emit& out);
  void release(const Bar& bar, runtime::Emit& out);
  void release_front(runtime::Emit& out);
  void drain(runtime::Emit& out);
  void publish(const Bar& bar, runtime::Emit& out);
  void publish_gap(GapState state, TimeNs to, std::uint32_t missing, runtime::Emit& out) const;
  void watch(runtime::Emit& out);

  static constexpr std::size_t kRecent = 16;  // bars kept to tell a duplicate from a late row
  static constexpr std::size_t kMaxHeld = 64;

  const Config& config_;
  const Instrument& instrument_;
  const calendar::Calendar& expected_;
  Timeframe timeframe_;
  Unit unit_;
  std::array<Bar, kRecent> recent_{};
  std::uint64_t published_ = 0;
  std::vector<Held> held_;  // by open time
  TimeNs last_close_ = 0;   // of the last bar published; 0: none yet
  TimeNs expect_from_ = 0;
  TimeNs gap_from_ = 0;  // an open gap's start; 0: none
  TimeNs day_end_ = 0;  // end of the session that holds the last bar: no calendar look-up before it
  bool watching_ = false;  // a watch timer is set
  bool halted_ = false;
};

}  // namespace bw::ingestion
