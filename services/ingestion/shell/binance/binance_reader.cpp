#include "ingestion/shell/binance/binance_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "ingestion/shell/fields.hpp"

namespace bw::ingestion {
namespace {

using simdjson::dom::element;

/// What is wrong with a frame, as the quarantined row shows it.
struct Fault {
  QualityReason reason = QualityReason::malformed_row;
  std::string detail;
};
template <class T>
using Parsed = tl::expected<T, Fault>;

tl::unexpected<Fault> malformed(std::string detail) {
  return tl::unexpected<Fault>(Fault{QualityReason::malformed_row, std::move(detail)});
}

Parsed<element> member(const element& object, const char* key) {
  element value;
  if (object[key].get(value) != simdjson::SUCCESS) {
    return malformed(std::string("field \"") + key + "\" is missing");
  }
  return value;
}

Parsed<std::string_view> text(const element& object, const char* key) {
  const Parsed<element> value = member(object, key);
  if (!value) return tl::unexpected<Fault>(value.error());
  std::string_view out;
  if (value->get(out) != simdjson::SUCCESS) {
    return malformed(std::string("field \"") + key + "\" is no text");
  }
  return out;
}

/// A whole number that is not negative.
Parsed<std::uint64_t> whole(const element& object, const char* key) {
  const Parsed<element> value = member(object, key);
  if (!value) return tl::unexpected<Fault>(value.error());
  std::uint64_t out = 0;
  if (value->get(out) != simdjson::SUCCESS || out > static_cast<std::uint64_t>(INT64_MAX)) {
    return malformed(std::string("field \"") + key + "\" is no whole number from 0");
  }
  return out;
}

std::uint64_t whole_or_zero(const element& object, const char* key) {
  return whole(object, key).value_or(0);
}

template <class F>
Parsed<F> decimal(std::string_view digits, const char* name) {
  const Result<F> value = F::parse(digits);
  if (value) return *value;
  return malformed(std::string("field \"") + name + "\": \"" + std::string(digits.substr(0, 40)) +
                   "\" is no decimal number");
}

template <class F>
Parsed<F> decimal_of(const element& object, const char* key) {
  const Parsed<std::string_view> digits = text(object, key);
  if (!digits) return tl::unexpected<Fault>(digits.error());
  return decimal<F>(*digits, key);
}

/// Milliseconds to nanoseconds; 0 where that is out of range.
TimeNs from_ms(std::uint64_t ms) noexcept {
  if (ms > static_cast<std::uint64_t>(kTimeMax / kMillisecond)) return 0;
  const TimeNs t = static_cast<TimeNs>(ms) * kMillisecond;
  return is_file_time(t) ? t : 0;
}

/// Splits "1723161253937085768 {…}"; nothing where the line does not begin with a time.
struct Stamp {
  TimeNs time = 0;
  std::string_view frame;
};
std::optional<Stamp> split(std::string_view line) noexcept {
  Stamp s;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), s.time);
  const auto digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc{} || digits < 16 || digits >= line.size() || s.time <= 0) return {};
  if (!is_file_time(s.time)) return {};
  if (*end != ' ') return {};
  s.frame = line.substr(digits + 1);
  return s;
}

class BinanceReader final : public RowReader {
 public:
  BinanceReader(std::unique_ptr<LineReader> lines, std::string_view file, FindInstrument find)
      : lines_(std::move(lines)), find_(std::move(find)), parser_(kMaxBinanceFrameBytes) {
    origin_.file.assign(file);
  }

  const RawRow* next() override {
    if (level_ < levels_.size()) return next_level();
    for (Line line; lines_->next(line);) {
      if (read(line)) return &row_;
    }
    return damage();
  }

 private:
  struct Level {
    Price price;
    Quantity size;
    Side side = Side::none;
  };

  bool read(const Line& line);
  Parsed<bool> read_frame(const element& root);
  Parsed<bool> read_event(const element& data, std::string_view kind);
  Parsed<bool> read_depth(const element& data);
  Parsed<bool> read_snapshot(const element& data);
  Parsed<bool> read_trade(const element& data, bool aggregate);
  Parsed<bool> read_ticker(const element& data);
  Parsed<bool> add_levels(const element& data, const char* key, Side side);
  Parsed<InstrumentId> instrument(const element& data);
  bool first_level(InstrumentId id, std::uint64_t update_id, TimeNs source_time, bool snapshot);
  const RawRow* next_level();
  const RawRow* damage();
  void reject(const Fault& fault, std::uint64_t line);
  template <class E>
  E& start_row(InstrumentId id) {
    row_.time = time_;
    row_.unit = id.value;
    row_.consumer = Kind::market_ticks;
    E& body = row_.event.template emplace<E>();
    body.origin = origin_;
    return body;
  }

  std::unique_ptr<LineReader> lines_;
  FindInstrument find_;
  simdjson::dom::parser parser_;
  std::string padded_;  // the frame with the room behind it that simdjson reads ahead into
  Origin origin_;
  TimeNs time_ = 0;          // latest receive time
  std::string symbol_;       // the last one that a frame named
  InstrumentId instrument_;  // and its instrument
  bool several_symbols_ = false;
  std::vector<InstrumentId> with_trades_;  // instruments whose single trades were seen
  std::vector<InstrumentId> with_aggregates_;
  std::vector<Level> levels_;  // of the update that is being given out
  std::size_t level_ = 0;
  bool damage_told_ = false;
  RawRow row_;
};

/// True where the line made a row (row_); false where there is nothing to give out.
bool BinanceReader::read(const Line& line) {
  origin_.line = line.number;
  const auto give_up = [&](std::string detail) {
    reject({QualityReason::malformed_row, std::move(detail)}, line.number);
    return true;
  };
  if (line.text.empty()) return false;
  const std::optional<Stamp> stamp = split(line.text);
  if (stamp) time_ = std::max(time_, stamp->time);
  if (line.too_long) return give_up("frame is longer than 8 MiB");
  if (!stamp) return give_up("line does not begin with a receive time in nanoseconds and a space");
  padded_.reserve(stamp->frame.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(stamp->frame);
  element root;
  if (const auto error = parser_.parse(padded_.data(), padded_.size(), false).get(root)) {
    return give_up(std::string(line.cut ? "file ends within the frame: " : "no JSON: ") +
                   simdjson::error_message(error));
  }
  const Parsed<bool> made = read_frame(root);
  if (made) return *made;
  reject(made.error(), line.number);
  return true;
}

Parsed<bool> BinanceReader::read_frame(const element& root) {
  if (!root.is_object()) return malformed("frame is no JSON object");
  element data;
  if (root["data"].get(data) != simdjson::SUCCESS) data = root;
  if (!data.is_object()) return malformed("field \"data\" is no JSON object");
  std::string_view kind;
  if (data["e"].get(kind) == simdjson::SUCCESS) return read_event(data, kind);
  element ignored;
  if (data["lastUpdateId"].get(ignored) == simdjson::SUCCESS) return read_snapshot(data);
  if (data["B"].get(ignored) == simdjson::SUCCESS) return read_ticker(data);
  if (data["id"].get(ignored) == simdjson::SUCCESS) return false;
  return malformed("frame has neither \"e\" nor \"lastUpdateId\" nor \"B\": of no known kind");
}

Parsed<bool> BinanceReader::read_event(const element& data, std::string_view kind) {
  if (kind == "depthUpdate") return read_depth(data);
  if (kind == "bookTicker") return read_ticker(data);
  if (kind == "trade") return read_trade(data, false);
  if (kind == "aggTrade") return read_trade(data, true);
  return malformed("event \"" + std::string(kind.substr(0, 40)) + "\" is not read");
}

Parsed<InstrumentId> BinanceReader::instrument(const element& data) {
  const Parsed<std::string_view> symbol = text(data, "s");
  if (!symbol) return tl::unexpected<Fault>(symbol.error());
  if (*symbol == symbol_) return instrument_;
  const InstrumentId id = find_(*symbol);
  if (!id.is_set()) {
    return tl::unexpected<Fault>(Fault{
        QualityReason::unknown_instrument,
        "symbol \"" + std::string(symbol->substr(0, 40)) + "\" is in no instrument reference"});
  }
  several_symbols_ = several_symbols_ || instrument_.is_set();
  symbol_ = *symbol;
  instrument_ = id;
  return id;
}

Parsed<bool> BinanceReader::read_depth(const element& data) {
  const Parsed<InstrumentId> id = instrument(data);
  if (!id) return tl::unexpected<Fault>(id.error());
  const Parsed<std::uint64_t> first = whole(data, "U");
  if (!first) return tl::unexpected<Fault>(first.error());
  const Parsed<std::uint64_t> last = whole(data, "u");
  if (!last) return tl::unexpected<Fault>(last.error());
  const Parsed<std::uint64_t> sent = whole(data, "E");
  if (!sent) return tl::unexpected<Fault>(sent.error());
  levels_.clear();
  if (auto ok = add_levels(data, "b", Side::buy); !ok) return ok;
  if (auto ok = add_levels(data, "a", Side::sell); !ok) return ok;
  const std::uint64_t transacted = whole_or_zero(data, "T");  // USD-M only
  first_level(*id, *last, from_ms(transacted != 0 ? transacted : *sent), false);
  RawDepth& row = std::get<RawDepth>(row_.event);
  row.first_update_id = *first;
  row.previous_update_id = whole_or_zero(data, "pu");
  return true;
}

Parsed<bool> BinanceReader::read_snapshot(const element& data) {
  if (!instrument_.is_set() || several_symbols_) {
    return malformed("a snapshot names no symbol, and the frames before it name " +
                     std::string(several_symbols_ ? "several" : "none"));
  }
  const Parsed<std::uint64_t> last = whole(data, "lastUpdateId");
  if (!last) return tl::unexpected<Fault>(last.error());
  levels_.clear();
  if (auto ok = add_levels(data, "bids", Side::buy); !ok) return ok;
  if (auto ok = add_levels(data, "asks", Side::sell); !ok) return ok;
  const std::uint64_t stamp = whole_or_zero(data, "T");
  first_level(instrument_, *last, stamp != 0 ? from_ms(stamp) : time_, true);
  return true;
}

Parsed<bool> BinanceReader::add_levels(const element& data, const char* key, Side side) {
  const Parsed<element> value = member(data, key);
  if (!value) return tl::unexpected<Fault>(value.error());
  simdjson::dom::array list;
  const std::string name = std::string("field \"") + key + "\"";
  if (value->get(list) != simdjson::SUCCESS) return malformed(name + " is no list");
  for (const element entry : list) {
    std::string_view price;
    std::string_view size;
    if (entry.at(0).get(price) != simdjson::SUCCESS || entry.at(1).get(size) != simdjson::SUCCESS) {
      return malformed(name + " has a level that is no [price, size] of two texts");
    }
    const Parsed<Price> p = decimal<Price>(price, key);
    if (!p) return tl::unexpected<Fault>(p.error());
    const Parsed<Quantity> q = decimal<Quantity>(size, key);
    if (!q) return tl::unexpected<Fault>(q.error());
    levels_.push_back({*p, *q, side});
  }
  return true;
}

/// Makes row_ the first row of an update; the others follow by next_level.
bool BinanceReader::first_level(InstrumentId id, std::uint64_t update_id, TimeNs source_time,
                                bool snapshot) {
  if (levels_.empty()) levels_.push_back({});
  DepthLevel& level = start_row<RawDepth>(id).level;
  level.instrument = id;
  level.update_id = update_id;
  level.source_time = source_time;
  level.snapshot = snapshot;
  level_ = 0;
  next_level();
  return true;
}

const RawRow* BinanceReader::next_level() {
  DepthLevel& row = std::get<RawDepth>(row_.event).level;
  const Level& level = levels_[level_];
  row.price = level.price;
  row.size = level.size;
  row.side = level.side;
  row.begin = level_ == 0;
  row.last = ++level_ == levels_.size();
  return &row_;
}

Parsed<bool> BinanceReader::read_trade(const element& data, bool aggregate) {
  const Parsed<InstrumentId> id = instrument(data);
  if (!id) return tl::unexpected<Fault>(id.error());
  const auto seen = [&](const std::vector<InstrumentId>& in) {
    return std::find(in.begin(), in.end(), *id) != in.end();
  };
  if (seen(aggregate ? with_trades_ : with_aggregates_)) return false;
  const Parsed<std::uint64_t> trade_id = whole(data, aggregate ? "a" : "t");
  if (!trade_id) return tl::unexpected<Fault>(trade_id.error());
  const Parsed<Price> price = decimal_of<Price>(data, "p");
  if (!price) return tl::unexpected<Fault>(price.error());
  const Parsed<Quantity> size = decimal_of<Quantity>(data, "q");
  if (!size) return tl::unexpected<Fault>(size.error());
  const Parsed<std::uint64_t> at = whole(data, "T");
  if (!at) return tl::unexpected<Fault>(at.error());
  bool buyer_was_there_first = false;
  if (data["m"].get(buyer_was_there_first) != simdjson::SUCCESS) {
    return malformed("field \"m\" is neither true nor false");
  }
  std::vector<InstrumentId>& mine = aggregate ? with_aggregates_ : with_trades_;
  if (!seen(mine)) mine.push_back(*id);
  RawTrade& row = start_row<RawTrade>(*id);
  row.trade.instrument = *id;
  row.trade.price = *price;
  row.trade.size = *size;
  row.trade.source_time = from_ms(*at);
  row.trade.trade_id = *trade_id;
  row.trade.aggressor = buyer_was_there_first ? Side::sell : Side::buy;
  // USD-M tells liquidations and the insurance fund's trades (INSURANCE_FUND, ADL, NA) from those
  // of the market.
  std::string_view origin;
  row.suspicious = data["X"].get(origin) == simdjson::SUCCESS && origin != "MARKET";
  return true;
}

Parsed<bool> BinanceReader::read_ticker(const element& data) {
  const Parsed<InstrumentId> id = instrument(data);
  if (!id) return tl::unexpected<Fault>(id.error());
  const Parsed<Price> bid = decimal_of<Price>(data, "b");
  if (!bid) return tl::unexpected<Fault>(bid.error());
  const Parsed<Quantity> bid_size = decimal_of<Quantity>(data, "B");
  if (!bid_size) return tl::unexpected<Fault>(bid_size.error());
  const Parsed<Price> ask = decimal_of<Price>(data, "a");
  if (!ask) return tl::unexpected<Fault>(ask.error());
  const Parsed<Quantity> ask_size = decimal_of<Quantity>(data, "A");
  if (!ask_size) return tl::unexpected<Fault>(ask_size.error());
  RawQuote& row = start_row<RawQuote>(*id);
  row.quote.instrument = *id;
  row.quote.bid = *bid;
  row.quote.ask = *ask;
  row.quote.bid_size = *bid_size;
  row.quote.ask_size = *ask_size;
  const std::uint64_t at = whole_or_zero(data, "T");
  row.quote.source_time = at != 0 ? from_ms(at) : time_;
  return true;
}

/// Once, at the end, where the file itself could not be read to its end.
const RawRow* BinanceReader::damage() {
  if (damage_told_ || lines_->error().empty()) return nullptr;
  damage_told_ = true;
  reject({QualityReason::malformed_row, lines_->error()}, origin_.line + 1);
  return &row_;
}

void BinanceReader::reject(const Fault& fault, std::uint64_t line) {
  levels_.clear();
  level_ = 0;
  // A recording of one symbol: what cannot be read was that symbol's too.
  const bool known = fault.reason != QualityReason::unknown_instrument && !several_symbols_;
  const InstrumentId id = known ? instrument_ : InstrumentId();
  row_.time = time_;
  row_.unit = id.value;
  row_.consumer = Kind::market_bars;
  Quality& q = row_.event.emplace<RawReject>().quality;
  q.instrument = id;
  q.reason = fault.reason;
  q.source_time = time_;
  q.line = line;
  q.file = origin_.file;
  q.detail.assign(fault.detail);
}

}  // namespace

bool is_binance_recording(std::string_view first_line) noexcept {
  const std::optional<Stamp> stamp = split(first_line);
  return stamp && !stamp->frame.empty() && stamp->frame.front() == '{';
}

std::unique_ptr<RowReader> make_binance_reader(std::unique_ptr<LineReader> lines,
                                               std::string_view file, FindInstrument find) {
  return std::make_unique<BinanceReader>(std::move(lines), file, std::move(find));
}

}  // namespace bw::ingestion
