#pragma once
// What the broker knows of an instrument's market: the newest data of the finest kind, the price
// that positions are valued at, and where in the session it is. Shared by all accounts.
#include "bellwether/base/serial.hpp"
#include "bellwether/domain/instrument.hpp"
#include "bellwether/matching/paper_book.hpp"

namespace bw::broker {

/// Where an instrument's session is; `none`: no Session event has come for it. Saved as numbers.
enum class Phase : std::uint8_t { none, open, shut };

/// Orders match against one kind of data only, the finest seen since the session opened: quotes,
/// else trades, else bars of the shortest timeframe. So no volume counts twice.
struct Market {
  const Instrument* instrument = nullptr;  ///< null: not configured, all its data is ignored
  matching::DataKind finest = matching::DataKind::none;
  Timeframe frame = Timeframe::none;  ///< of the bars that count
  Phase phase = Phase::none;          ///< by the Session events; a halt shuts, too
  DayNumber day = 0;                  ///< UTC day of the newest data where no sessions come
  TimeNs closing = 0;                 ///< the session closed then, its last bar is awaited; 0: not
  TimeNs bar_time = 0;                ///< event time of the newest bar that counts
  TimeNs bar_close = 0;               ///< its close, source time
  Price mark;                         ///< bar closes and marks; before the first one trades, mids
  Price last;                         ///< newest bar close or trade
  matching::Sight sight;              ///< the newest data that orders may match
  std::vector<std::uint32_t> active;  ///< accounts (indices) with a position or an order

  /// What an order of `side` would pay now, slippage apart; zero: not known.
  [[nodiscard]] Price price(Side side) const noexcept {
    const Price quoted =
        finest == matching::DataKind::quote ? sight.of(side).open : Price{};
    return quoted.is_positive() ? quoted : last.is_positive() ? last : mark;
  }
  /// `now` by the clock of the instrument's data: the newest bar's close plus what has passed since
  /// that bar came.
  [[nodiscard]] TimeNs source_time(TimeNs now) const noexcept {
    return bar_time == 0 ? now : bar_close + (now - bar_time);
  }
  /// Days are counted by UTC: trading never stops, or nobody says when it does.
  [[nodiscard]] bool utc_days() const noexcept {
    return phase == Phase::none || instrument->calendar == CalendarId::always_open;
  }

  /// Each takes in the data; true: open orders may match against `sight` now. Trades and quotes
  /// while the session is shut only value; a bar may close behind its session's end.
  bool take(const Bar& bar, TimeNs now) noexcept;
  bool take(const Trade& trade, TimeNs now) noexcept;
  bool take(const Quote& quote, TimeNs now) noexcept;
  /// Old prices in new shares; the data from before is no longer compared with.
  void split(Quantity ratio) noexcept;

  void save(Writer& w) const;
  void load(Reader& r);
};

}  // namespace bw::broker
