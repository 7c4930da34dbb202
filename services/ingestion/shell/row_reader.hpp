#pragma once
// RowReader: one recorded file as raw rows. Each format has one; FileSource opens them, adds the
// modelled feed latency and merges them into one stream of history.
#include <memory>

#include "bellwether/domain/event.hpp"

namespace bw::ingestion {

/// A row of a file before any judgement.
struct RawRow {
  TimeNs time = 0;  ///< when it was complete by the file's own stamps: a bar's close, a message's
                    ///< receive time
  Unit unit = 0;    ///< the instrument; 0 where the row names none that is known
  Kind consumer = Kind::market_bars;  ///< who judges it: market_ticks, market_bars or news_articles
  Event event;  ///< RawBar, RawTrade, RawQuote, RawDepth, RawArticle, RawCorporateAction,
                ///< RawReject, …
};

/// One file, read once from its start to its end, in memory that does not grow with the file. What
/// cannot be understood comes out as a RawReject with reason, file name (no folders), line, field
/// and value; times may run backwards. Not for several threads.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// The next row in file order, nullptr at the end. Valid until the next call.
  [[nodiscard]] virtual const RawRow* next() = 0;
};

}  // namespace bw::ingestion
