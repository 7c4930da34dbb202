#include "ingestion/shell/market_history.hpp"

#include "bellwether/domain/names.hpp"

namespace bw::ingestion {

using runtime::Record;

namespace {

const Bar& bar_of(const Record& record) { return std::get<Bar>(record.event); }

void write_bar(const Record& record, postgres::CopyRow& row) {
  const Bar& b = bar_of(record);
  row.integer(b.instrument.value);
  row.text(name_of(b.timeframe));
  row.time(b.close_time);
  row.time(b.open_time);
  row.decimal(b.open);
  row.decimal(b.high);
  row.decimal(b.low);
  row.decimal(b.close);
  row.decimal(b.volume);
  row.decimal(b.vwap);
  row.integer(b.trades);
  row.text(name_of(b.origin));
  row.integer(record.t);
}

}  // namespace

postgres::HistoryTable bar_table() {
  return {
      "market.bar",
      "instrument, timeframe, close_time, open_time, open, high, low, close, volume, vwap, trades, "
      "origin, known_ns",
      13,
      [](const Event& e) { return std::holds_alternative<Bar>(e); },
      [](const Record& r) { return bar_of(r).close_time; },
      write_bar};
}

}  // namespace bw::ingestion
