#include "ingestion/shell/file_format.hpp"

#include <algorithm>
#include <utility>

namespace bw::ingestion {

namespace {

constexpr std::size_t kHeadLines = 400;
constexpr const char* kKnown =
    "known are CSV with a header of: time (timestamp, date, datetime and the like), open, high, "
    "low, close, "
    "volume; "
    "time, price, size; time, bid, ask with sizes; published_utc, tickers, headline; and "
    "headerless: "
    "NinjaTrader minutes, Binance klines, LEAN factor files, Binance WebSocket recordings";

std::string lower(std::string_view text) {
  std::string s(text);
  for (char& c : s) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return s;
}

std::string upper(std::string_view text) {
  std::string s(text);
  for (char& c : s) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return s;
}

bool starts_with(std::string_view text, std::string_view head) noexcept {
  return text.substr(0, head.size()) == head;
}

struct Name {
  std::string_view word;  // as normalise() gives it
  int Columns::* column;
};

constexpr Name kNames[] = {
    {"timestampet", &Columns::time},
    {"timestamp", &Columns::time},
    {"datetime", &Columns::time},
    {"date", &Columns::time},
    {"time", &Columns::clock},
    {"publishedutc", &Columns::time},
    {"opentime", &Columns::time},
    {"timeutc", &Columns::time},
    {"dateutc", &Columns::time},
    {"timestamputc", &Columns::time},
    {"unix", &Columns::time},
    {"unixtime", &Columns::time},
    {"ts", &Columns::time},
    {"epoch", &Columns::time},
    {"gmttime", &Columns::time},
    {"localtime", &Columns::time},
    {"open", &Columns::open},
    {"o", &Columns::open},
    {"high", &Columns::high},
    {"h", &Columns::high},
    {"low", &Columns::low},
    {"l", &Columns::low},
    {"close", &Columns::close},
    {"c", &Columns::close},
    {"last", &Columns::close},
    {"closelast", &Columns::close},
    {"adjclose", &Columns::adjusted_close},
    {"adjustedclose", &Columns::adjusted_close},
    {"volume", &Columns::volume},
    {"vol", &Columns::volume},
    {"v", &Columns::volume},
    {"price", &Columns::price},
    {"size", &Columns::size},
    {"amount", &Columns::size},
    {"quantity", &Columns::size},
    {"qty", &Columns::size},
    {"side", &Columns::side},
    {"type", &Columns::side},
    {"id", &Columns::id},
    {"tradeid", &Columns::id},
    {"bid", &Columns::bid},
    {"bidprice", &Columns::bid},
    {"bidclose", &Columns::bid},
    {"bidsize", &Columns::bid_size},
    {"ask", &Columns::ask},
    {"askprice", &Columns::ask},
    {"askclose", &Columns::ask},
    {"asksize", &Columns::ask_size},
    {"exchange", &Columns::exchange},
    {"venue", &Columns::exchange},
    {"condition", &Columns::condition},
    {"conditionhex", &Columns::condition},
    {"suspicious", &Columns::suspicious},
    {"source", &Columns::source},
    {"tickers", &Columns::tickers},
    {"symbols", &Columns::tickers},
    {"headline", &Columns::headline},
    {"title", &Columns::headline},
};

char delimiter_of(std::string_view line) noexcept {
  const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
  char best = ',';
  for (const char c : {';', '\t', '|'}) {
    if (count(c) > count(best)) best = c;
  }
  return best;
}

/// True where the line names columns: what is not a number is a name.
bool read_header(const FileHead& head, CsvLayout& layout, std::vector<std::string>& names) {
  Fields fields;
  layout.delimiter = delimiter_of(head.lines[0]);
  if (!fields.split(head.lines[0], layout.delimiter)) return false;
  layout.fields = fields.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string word = normalise(fields[i]);
    names.push_back(word);
    for (const Name& n : kNames) {
      if (n.word != word) continue;
      int& column = layout.columns.*n.column;
      if (column < 0) column = static_cast<int>(i);
    }
  }
  Columns& c = layout.columns;
  if (c.time < 0) std::swap(c.time, c.clock);  // "time" alone is the whole stamp
  return c.time >= 0 || c.price >= 0;
}

bool has(const std::vector<std::string>& names, std::string_view word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

/// The bar length, from the smallest step between neighbouring stamps; and whether there are
/// weekends.
void look_at_stamps(const FileHead& head, FileFormat& f) {
  TimeParser parser(Zone::utc);
  Fields fields;
  TimeNs last = 0;
  DurationNs step = 0;
  bool date_only = false;
  for (std::size_t i = f.layout.header ? 1 : 0; i < head.lines.size(); ++i) {
    TimeParser::Stamp stamp;
    if (!fields.split(head.lines[i], f.layout.delimiter)) continue;
    std::string text(strip(fields[static_cast<std::size_t>(f.layout.columns.time)]));
    if (f.layout.columns.clock >= 0) {
      text += " ";
      text += strip(fields[static_cast<std::size_t>(f.layout.columns.clock)]);
    }
    if (!parser.parse(text, stamp)) continue;
    date_only = date_only || stamp.date_only;
    const int day = weekday(stamp.day);
    f.weekends = f.weekends || day == 0 || day == 6;
    if (last != 0 && stamp.utc > last && (step == 0 || stamp.utc - last < step))
      step = stamp.utc - last;
    last = stamp.utc;
  }
  if (f.kind != FileKind::bars) return;
  f.layout.timeframe = Timeframe::m1;
  for (const Timeframe tf : kTimeframes) {
    if (step >= duration_of(tf)) f.layout.timeframe = tf;
  }
  if (date_only) f.layout.timeframe = Timeframe::d1;
}

/// The start of a line for a message: bytes that a terminal might obey, or not show, become dots.
std::string excerpt(std::string_view line) {
  std::string text(line.substr(0, 80));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '.';
  }
  return text;
}

tl::unexpected<Error> unknown(const FileHead& head, const std::string& why) {
  return fail(ErrorCode::invalid_argument, "its format is not known: " + why,
              std::string(file_name(head.path)), kKnown);
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// Files without a header line, known by the shape of their first row.
bool detect_headerless(const FileHead& head, FileFormat& f) {
  Fields fields;
  const std::string_view line = head.lines[0];
  f.layout.header = false;
  f.has_zone = true;
  if (fields.split(line, ';') && fields.size() == 6 && fields[0].size() == 15) {
    // NinjaTrader: yyyymmdd HHMMSS;o;h;l;c;v in UTC, stamped at the bar's end.
    f.layout.delimiter = ';';
    f.layout.fields = 6;
    f.layout.stamped_at_end = true;
    Columns& c = f.layout.columns;
    c.time = 0, c.open = 1, c.high = 2, c.low = 3, c.close = 4, c.volume = 5;
    return true;
  }
  if (!fields.split(line, ',')) return false;
  f.layout.fields = fields.size();
  Columns& c = f.layout.columns;
  if (fields.size() == 12 && fields[0].size() == 13 && is_number(fields[0])) {
    c.time = 0, c.open = 1, c.high = 2, c.low = 3, c.close = 4, c.volume = 5;
    return true;
  }
  if (fields.size() == 4 && fields[0].size() == 8 && is_number(fields[0]) && is_number(fields[3])) {
    f.kind = FileKind::factors;
    c.time = 0;
    return true;
  }
  return false;
}

/// `<receive time in ns> <JSON>`
bool is_recording(std::string_view line) noexcept {
  const std::size_t space = line.find(' ');
  return space == 19 && line.size() > 20 && line[20] == '{' &&
         std::all_of(line.begin(), line.begin() + 19, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view file_name(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string symbol_of(std::string_view path) {
  std::string_view stem = file_name(path);
  stem = stem.substr(0, stem.find('.'));
  const std::string low = lower(stem);
  for (const std::string_view head :
       {"binance_klines_", "spot_", "usdm_", "fx_", "crypto_mtgox_"}) {
    if (!starts_with(low, head)) continue;
    stem.remove_prefix(head.size());
    break;
  }
  const bool kline = starts_with(low, "binance_klines_");
  const std::size_t minutes = lower(stem).find("-m1-");
  if (minutes != std::string::npos) {  // gbpusd-m1-bid-2012: each side is an instrument of its own
    const bool ask = lower(stem).find("-ask") != std::string::npos;
    return upper(stem.substr(0, minutes)) + (ask ? "-ASK" : "-BID");
  }
  if (kline || lower(stem).find("-ticks") != std::string::npos)
    stem = stem.substr(0, stem.find('-'));
  return upper(stem.substr(0, stem.find('_')));
}

Result<FileHead> read_head(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  FileHead head{path, {}};
  Line line;
  while (head.lines.size() < kHeadLines && (*lines)->next(line)) {
    if (!line.text.empty()) head.lines.emplace_back(line.text.substr(0, 4'096));
  }
  if (head.lines.empty()) {
    const std::string& why = (*lines)->error();
    return fail(ErrorCode::invalid_argument, why.empty() ? "is empty" : "cannot be read: " + why,
                std::string(file_name(path)), "give a file with rows");
  }
  return head;
}

Result<FileFormat> detect(const FileHead& head) {
  FileFormat f;
  f.symbol = symbol_of(head.path);
  if (is_recording(head.lines[0])) {
    f.kind = FileKind::binance;
    f.weekends = true;
    return f;
  }
  if (detect_headerless(head, f)) {
    look_at_stamps(head, f);
    if (f.kind == FileKind::factors) f.layout.timeframe = Timeframe::none;
    return f;
  }
  f = {};
  f.symbol = symbol_of(head.path);
  std::vector<std::string> names;
  if (!read_header(head, f.layout, names)) {
    return unknown(head, "no column for the time in '" + excerpt(head.lines[0]) + "'");
  }
  Columns& c = f.layout.columns;
  f.has_zone = has(names, "timestampet") || names[0].find("utc") != std::string::npos;
  if (has(names, "timestampet")) f.layout.zone = Zone::new_york;
  if (c.headline >= 0 && c.tickers >= 0) {
    f.kind = FileKind::news;
    f.layout.multi_line = true;
    f.symbol.clear();
  } else if (c.open >= 0 && c.high >= 0 && c.low >= 0 && c.close >= 0) {
    f.kind = FileKind::bars;
  } else if (c.bid >= 0 && c.ask >= 0) {
    f.kind = FileKind::quotes;
    if (has(names, "bidopen")) f.layout.timeframe = Timeframe::m1;
  } else if (c.price >= 0 && c.size >= 0) {
    f.kind = FileKind::trades;
    if (c.time < 0) std::swap(c.time, c.id);  // Mt. Gox: the id is the time in microseconds
    if (c.time < 0) return unknown(head, "trades without a time column");
  } else {
    return unknown(head, "columns '" + head.lines[0].substr(0, 80) +
                             "' make neither bars, trades, "
                             "quotes nor headlines");
  }
  look_at_stamps(head, f);
  return f;
}

}  // namespace bw::ingestion
