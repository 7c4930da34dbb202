#pragma once
// Market data and news, as ingestion publishes them (topics market.ticks, market.bars,
// news.articles).
#include <array>
#include <cstdint>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/fixed.hpp"
#include "bellwether/base/ids.hpp"
#include "bellwether/base/time.hpp"

namespace bw {

enum class Side : std::uint8_t { none, buy, sell };

/// Length of a bar. d1 is an exchange session (calendar), or a UTC day where trading never stops.
enum class Timeframe : std::uint8_t { none, m1, m5, m15, h1, d1 };
inline constexpr std::array<Timeframe, 5> kTimeframes{Timeframe::m1, Timeframe::m5, Timeframe::m15,
                                                      Timeframe::h1, Timeframe::d1};
[[nodiscard]] constexpr DurationNs duration_of(Timeframe tf) noexcept {
  switch (tf) {
    case Timeframe::m1:
      return kMinute;
    case Timeframe::m5:
      return 5 * kMinute;
    case Timeframe::m15:
      return 15 * kMinute;
    case Timeframe::h1:
      return kHour;
    case Timeframe::d1:
      return kDay;
    case Timeframe::none:
      break;
  }
  return 0;
}

/// Best bid and offer over all venues (NBBO), or of one venue where there is only one. A missing
/// side is zero.
struct Quote {
  InstrumentId instrument;
  Price bid;
  Price ask;
  Quantity bid_size;
  Quantity ask_size;
  TimeNs source_time = 0;
  char bid_venue = 0;  ///< the venue's one-letter code, 0 where unknown
  char ask_venue = 0;
  bool operator==(const Quote&) const = default;
};

struct Trade {
  InstrumentId instrument;
  Price price;
  Quantity size;
  TimeNs source_time = 0;
  std::uint64_t trade_id = 0;    ///< the venue's, 0 where it gives none
  std::uint32_t conditions = 0;  ///< sale-condition bits as the provider gives them
  Side aggressor = Side::none;
  char venue = 0;
  bool operator==(const Trade&) const = default;
};

/// One price level of a book after a change. size 0 removes the level. The last one of an update is
/// marked, so a reader shows a whole book only.
struct DepthLevel {
  InstrumentId instrument;
  Price price;
  Quantity size;
  TimeNs source_time = 0;
  std::uint64_t update_id = 0;
  Side side = Side::none;
  bool snapshot = false;  ///< part of a snapshot; its first level (`begin`) clears the book
  bool begin = false;
  bool last = false;
  bool operator==(const DepthLevel&) const = default;
};

enum class BarOrigin : std::uint8_t { provider, trades, simulator };

/// An aggregate of trading in [open_time, close_time), cut by source_time. Published complete,
/// never revised.
struct Bar {
  InstrumentId instrument;
  Timeframe timeframe = Timeframe::none;
  BarOrigin origin = BarOrigin::provider;
  TimeNs open_time = 0;
  TimeNs close_time = 0;
  Price open;
  Price high;
  Price low;
  Price close;
  Quantity volume;
  Price vwap;  ///< volume-weighted average price; typical price (h+l+c)/3 where unknown
  std::uint32_t trades = 0;  ///< number of trades, 0 where unknown
  bool operator==(const Bar&) const = default;
};

/// A sampled price where no bar is due (book mid, last trade), for valuation.
struct Mark {
  InstrumentId instrument;
  Price price;
  TimeNs source_time = 0;
  bool operator==(const Mark&) const = default;
};

enum class GapState : std::uint8_t { opened, closed, backfilled };
enum class GapCause : std::uint8_t { missing_bars, sequence_break, silence, feed_down };

/// A missing stretch of data. `opened` when it is noticed, `closed` when data flows again,
/// `backfilled` when what was missing has been published after all.
struct Gap {
  InstrumentId instrument;
  GapState state = GapState::opened;
  GapCause cause = GapCause::missing_bars;
  Timeframe timeframe = Timeframe::none;
  TimeNs from = 0;            ///< first missing moment (source time)
  TimeNs to = 0;              ///< first moment that is there again; 0 while unknown
  std::uint32_t missing = 0;  ///< bars or updates that the calendar says should be there
  bool operator==(const Gap&) const = default;
};

enum class QualityReason : std::uint8_t {
  none,
  malformed_row,  ///< could not be parsed
  unknown_instrument,
  negative_price,
  zero_price,
  high_below_low,  ///< or open/close outside low…high
  negative_volume,
  crossed_quote,  ///< bid above ask in one venue's own quote
  price_spike,    ///< too far from its neighbours to be believed
  duplicate,
  out_of_order,  ///< came later than the reorder window allows
  off_session,   ///< outside the calendar's session
  time_backwards,
  sequence_break,
  flagged_by_source,  ///< the provider marked the row as suspicious
  off_tick,           ///< no multiple of the tick size
};

/// A row that was quarantined, and why. Nothing is dropped in silence.
struct Quality {
  InstrumentId instrument;  ///< unit 0's stand-in: the instrument the row claims, or none
  QualityReason reason = QualityReason::none;
  TimeNs source_time = 0;
  std::uint64_t line = 0;  ///< 1-based line in `file`, 0 where it did not come from a file
  FixedText<80> file;
  FixedText<120> detail;  ///< the field at fault and its value
  bool operator==(const Quality&) const = default;
};

enum class CorporateActionKind : std::uint8_t { none, split, dividend };

/// Published behind the last bar before ex_date and in front of its first one (a row that is known
/// earlier is held back until then), and takes effect when it is published: so all who read it
/// apply it between the same two bars.
struct CorporateAction {
  InstrumentId instrument;
  CorporateActionKind kind = CorporateActionKind::none;
  DayNumber ex_date = 0;
  Quantity ratio;  ///< split: new shares for one old (4 for a 4:1 split)
  Money amount;    ///< dividend: cash for one share
  bool operator==(const CorporateAction&) const = default;
};

enum class SessionState : std::uint8_t { opened, closed, halted, resumed };

struct Session {
  InstrumentId instrument;
  SessionState state = SessionState::opened;
  DayNumber date = 0;  ///< the trading day
  TimeNs at = 0;       ///< when by the calendar, or when the halt was seen
  bool operator==(const Session&) const = default;
};

enum class ArticleKind : std::uint8_t { article, post, filing };

/// A headline that names an instrument; one event for each instrument that it names.
struct Article {
  InstrumentId instrument;
  ArticleKind kind = ArticleKind::article;
  std::uint64_t article_id = 0;  ///< the same for all instruments of one article
  TimeNs published = 0;
  FixedText<32> source;
  FixedText<280> headline;
  bool operator==(const Article&) const = default;
};

}  // namespace bw
