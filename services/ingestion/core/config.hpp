#pragma once
// What ingestion's machines are told; config.yaml has the same keys.
#include <memory>

#include "bellwether/base/time.hpp"
#include "ingestion/core/reference.hpp"

namespace bw::ingestion {

/// A stamp this far ahead of the row's arrival is damage: it would make all rows behind it late.
inline constexpr DurationNs kMaxTimeAhead = kDay;

struct Config {
  std::shared_ptr<const Reference> reference;

  /// A bar that is ahead of its turn waits this many bars' time for the missing ones.
  std::uint32_t reorder_bars = 2;
  /// Fewer missing provider bars than this are no gap (thin instruments print no bar for a silent
  /// minute).
  std::uint32_t gap_bars = 1;
  /// Minutes without a trade, in the session, from which bars built from trades report a gap; 0:
  /// never.
  std::uint32_t gap_trade_minutes = 5;
  /// A bar built from trades closes by the clock this long after its minute, where no later trade
  /// closes it.
  DurationNs bar_grace = kSecond;
  bool bars_from_trades = true;
  /// Bars outside the session: kept, or quarantined.
  bool keep_off_session = false;
  /// A price this far from the last one and from the median of the last ones is a spike; 0: no
  /// filter.
  std::uint32_t spike_basis_points = 2'000;
  /// So many rows in a row that agree on a new price level make it the level.
  std::uint32_t spike_confirmations = 3;
  /// A trade whose stamp is this much before the last one's is quarantined.
  DurationNs max_time_backwards = kMinute;
  /// Levels a side that a book keeps; what is further away is forgotten.
  std::uint32_t book_levels = 4'096;
  /// Depth levels that wait for a snapshot.
  std::uint32_t depth_buffer = 65'536;
  /// Instruments that have quotes and neither trades nor bars get a mark a minute from the mid
  /// price.
  bool marks_from_quotes = true;
  /// Articles remembered for each instrument, to know duplicates by their ids.
  std::uint32_t article_memory = 1'024;
};

}  // namespace bw::ingestion
