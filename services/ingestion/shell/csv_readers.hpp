#pragma once
// Readers of delimited text: bars, trades, quotes, headlines and LEAN factor files.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bellwether/calendar/calendar.hpp"
#include "bellwether/domain/instrument.hpp"
#include "ingestion/shell/fields.hpp"
#include "ingestion/shell/line_reader.hpp"
#include "ingestion/shell/row_reader.hpp"

namespace bw::ingestion {

/// Where each value stands; -1 where the file lacks it.
struct Columns {
  int time = -1;
  int clock = -1;  ///< a separate column for the time of day
  int open = -1;
  int high = -1;
  int low = -1;
  int close = -1;
  int adjusted_close = -1;
  int volume = -1;
  int price = -1;
  int size = -1;
  int side = -1;
  int id = -1;
  int bid = -1;
  int bid_size = -1;
  int ask = -1;
  int ask_size = -1;
  int exchange = -1;
  int condition = -1;
  int suspicious = -1;
  int source = -1;
  int tickers = -1;
  int headline = -1;
};

/// How one delimited file is to be read.
struct CsvLayout {
  Columns columns;
  char delimiter = ',';
  std::size_t fields = 0;                 ///< that a row has
  bool header = true;                     ///< the first line names the columns
  bool multi_line = false;                ///< quoted fields may hold line ends
  Zone zone = Zone::utc;                  ///< of stamps that name none
  Timeframe timeframe = Timeframe::none;  ///< of bars
  bool stamped_at_end = false;            ///< a bar's stamp is its end
};

/// What a reader of one instrument's file stands on. The calendar outlives it.
struct CsvFile {
  std::unique_ptr<LineReader> lines;
  std::string name;  ///< without folders
  CsvLayout layout;
  Instrument instrument;
  const calendar::Calendar* sessions = nullptr;
};

/// Bars; with an adjusted close also the dividends and splits that it implies.
[[nodiscard]] std::unique_ptr<RowReader> make_bar_reader(CsvFile file);
[[nodiscard]] std::unique_ptr<RowReader> make_trade_reader(CsvFile file);
/// Quotes, of one side a row or of both; also bars of quotes (their close).
[[nodiscard]] std::unique_ptr<RowReader> make_quote_reader(CsvFile file);
/// LEAN factor files: splits and dividends for unadjusted prices.
[[nodiscard]] std::unique_ptr<RowReader> make_factor_reader(CsvFile file);
/// Headlines. `find` gives the unit of a ticker, 0 where it is not followed; rows that name none
/// that is followed are passed over.
[[nodiscard]] std::unique_ptr<RowReader> make_news_reader(
    CsvFile file, std::function<Unit(std::string_view)> find);

}  // namespace bw::ingestion
