#include "ingestion/shell/file_source.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "bellwether/base/hash.hpp"
#include "bellwether/calendar/calendar.hpp"
#include "ingestion/shell/binance/binance_reader.hpp"
#include "ingestion/shell/file_format.hpp"

namespace bw::ingestion {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 512;
constexpr std::uint32_t kFirstMadeId = 65'536;

bool is_new_york(CalendarId id) noexcept { return id != CalendarId::always_open; }

struct OpenFile {
  std::unique_ptr<RowReader> reader;
  const LineReader* lines = nullptr;  // the reader's own, for progress
  std::uint64_t bytes = 0;
  bool received = false;  // its times are local receive times: no latency is added
};

/// One file's rows with their event times.
class Stream {
 public:
  Stream(OpenFile file, std::size_t order, const FileSourceOptions& o)
      : order_(order),
        file_(std::move(file)),
        latency_(file_.received ? 0 : o.feed_latency),
        max_jump_(o.max_jump) {}

  bool advance() {
    row_ = after_ != nullptr ? std::exchange(after_, nullptr) : file_.reader->next();
    if (row_ == nullptr) return false;
    TimeNs t = row_->time + latency_;
    if (time_ != 0 && t > time_ && t - time_ > max_jump_) t = look_behind_jump(t);
    // Within one time a file's rows must ascend by unit; those that do not come a nanosecond later.
    t = std::max(t, time_);
    if (t == time_ && row_->unit < unit_) ++t;
    time_ = t;
    unit_ = row_->unit;
    return true;
  }
  [[nodiscard]] const RawRow& row() const noexcept { return *row_; }
  [[nodiscard]] TimeNs time() const noexcept { return time_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return file_.bytes; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return file_.lines->bytes_read(); }
  [[nodiscard]] bool before(const Stream& o) const noexcept {
    if (time_ != o.time_) return time_ < o.time_;
    if (unit_ != o.unit_) return unit_ < o.unit_;
    return order_ < o.order_;
  }

 private:
  /// A stamp far ahead moves the clock only where the next row confirms it; a lone one is
  /// quarantined, for otherwise all rows behind it would count as late.
  TimeNs look_behind_jump(TimeNs t) {
    suspect_ = *row_;
    after_ = file_.reader->next();
    row_ = &suspect_;
    if (after_ == nullptr || after_->time >= suspect_.time - max_jump_) return t;
    const Unit unit = suspect_.unit;
    Origin origin;
    if (const auto* b = std::get_if<RawBar>(&suspect_.event)) origin = b->origin;
    if (const auto* r = std::get_if<RawTrade>(&suspect_.event)) origin = r->origin;
    if (const auto* q = std::get_if<RawQuote>(&suspect_.event)) origin = q->origin;
    if (const auto* a = std::get_if<RawArticle>(&suspect_.event)) origin = a->origin;
    auto& q = suspect_.event.emplace<RawReject>().quality;
    q.instrument = InstrumentId(unit);
    q.reason = QualityReason::time_backwards;
    q.source_time = suspect_.time;
    q.line = origin.line;
    q.file = origin.file;
    q.detail.assign("time '" + format_utc(suspect_.time) + "' is far ahead of the rows around it");
    return time_;
  }

  std::size_t order_;
  OpenFile file_;
  DurationNs latency_;
  DurationNs max_jump_;
  const RawRow* row_ = nullptr;
  const RawRow* after_ = nullptr;  // read ahead, behind suspect_
  RawRow suspect_;
  TimeNs time_ = 0;
  Unit unit_ = 0;
};

}  // namespace

struct FileSource::Impl {
  FileSourceOptions options;
  std::vector<Instrument> instruments;
  std::vector<std::string> skipped;
  std::map<std::string, std::size_t, std::less<>> by_symbol;
  std::array<calendar::Calendar, 3> calendars{calendar::Calendar(CalendarId::always_open),
                                              calendar::Calendar(CalendarId::nyse),
                                              calendar::Calendar(CalendarId::us_extended)};
  std::vector<std::unique_ptr<Stream>> streams;  // heap, first on top
  std::vector<std::uint64_t> seqs;
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_done = 0;  // of files that have ended
  Row row;

  static bool later(const std::unique_ptr<Stream>& a, const std::unique_ptr<Stream>& b) noexcept {
    return b->before(*a);
  }
  Result<const Instrument*> instrument_for(const FileFormat& format, const std::string& path);
  const Instrument& make_instrument(const FileFormat& format);
  Result<OpenFile> open_file(const std::string& path);
  std::unique_ptr<RowReader> make_reader(const FileFormat& format, CsvFile file);
  const Row* emit(const Stream& s);
  bool advance(Stream& s) {
    if (s.advance()) return true;
    bytes_done += s.bytes();
    return false;
  }
};

const Instrument& FileSource::Impl::make_instrument(const FileFormat& format) {
  std::uint32_t id = kFirstMadeId + static_cast<std::uint32_t>(fnv1a(format.symbol) % kFirstMadeId);
  const auto taken = [&](std::uint32_t v) {
    return std::any_of(instruments.begin(), instruments.end(),
                       [&](const Instrument& i) { return i.id.value == v; });
  };
  while (taken(id)) ++id;
  Instrument i;
  i.id = InstrumentId(id);
  i.symbol.assign(format.symbol);
  i.name.assign(format.symbol + " (from file)");
  const bool new_york = format.layout.zone == Zone::new_york ||
                        (format.layout.timeframe == Timeframe::d1 && !format.weekends);
  i.asset_class = new_york ? AssetClass::equity : AssetClass::crypto;
  i.calendar = new_york ? CalendarId::nyse : CalendarId::always_open;
  i.venue.assign("FILE");
  i.currency.assign("USD");
  i.tick_size = Price::from_raw(1);
  i.lot_size = new_york ? Quantity::from_int(1) : Quantity::from_raw(1);
  by_symbol.emplace(format.symbol, instruments.size());
  instruments.push_back(i);
  return instruments.back();
}

Result<const Instrument*> FileSource::Impl::instrument_for(const FileFormat& format,
                                                           const std::string& path) {
  const auto found = by_symbol.find(format.symbol);
  if (found != by_symbol.end()) return &instruments[found->second];
  if (!options.register_unknown || format.symbol.empty()) {
    return fail(ErrorCode::not_found,
                "names the symbol '" + format.symbol + "', which is no known instrument",
                std::string(file_name(path)),
                "add it to the instrument file, or name the file after one");
  }
  return &make_instrument(format);
}

Result<OpenFile> FileSource::Impl::open_file(const std::string& path) {
  auto head = read_head(path);
  if (!head) return tl::unexpected(head.error());
  auto format = detect(*head);
  if (!format) return tl::unexpected(format.error());
  CsvFile file;
  if (format->kind != FileKind::news) {
    auto i = instrument_for(*format, path);
    if (!i) return tl::unexpected(i.error());
    file.instrument = **i;
  }
  auto lines = LineReader::open(
      path, format->kind == FileKind::binance ? kMaxBinanceFrameBytes : kMaxLineBytes);
  if (!lines) return tl::unexpected(lines.error());
  file.lines = std::move(*lines);
  file.name = std::string(file_name(path));
  file.layout = format->layout;
  file.sessions = &calendars[static_cast<std::size_t>(file.instrument.calendar)];
  if (!format->has_zone && is_new_york(file.instrument.calendar)) file.layout.zone = Zone::new_york;
  OpenFile open;
  open.lines = file.lines.get();
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  open.bytes = ec ? 0 : size;
  bytes_total += open.bytes;
  open.received = format->kind == FileKind::binance;
  open.reader = make_reader(*format, std::move(file));
  return open;
}

std::unique_ptr<RowReader> FileSource::Impl::make_reader(const FileFormat& format, CsvFile file) {
  switch (format.kind) {
    case FileKind::bars:
      return make_bar_reader(std::move(file));
    case FileKind::trades:
      return make_trade_reader(std::move(file));
    case FileKind::quotes:
      return make_quote_reader(std::move(file));
    case FileKind::factors:
      return make_factor_reader(std::move(file));
    case FileKind::news:
      return make_news_reader(std::move(file), [this](std::string_view ticker) -> Unit {
        const auto at = by_symbol.find(ticker);
        return at == by_symbol.end() ? 0 : instruments[at->second].id.value;
      });
    case FileKind::binance:
      break;
  }
  return make_binance_reader(std::move(file.lines), file.name, [this](std::string_view symbol) {
    const auto at = by_symbol.find(symbol);
    return at == by_symbol.end() ? InstrumentId() : instruments[at->second].id;
  });
}

FileSource::FileSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileSource::~FileSource() = default;

namespace {

struct Found {
  std::string path;
  bool named = false;  // by the caller, not found in a folder
};

Result<std::vector<Found>> list(const std::vector<std::string>& paths) {
  std::vector<Found> all;
  for (const std::string& path : paths) {
    std::error_code ec;
    if (!fs::is_directory(path, ec)) {
      all.push_back({path, true});
      continue;
    }
    std::vector<Found> inside;
    for (fs::recursive_directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
      if (it->is_regular_file(ec)) inside.push_back({it->path().string(), false});
    }
    if (ec) return fail(ErrorCode::unavailable, "cannot be listed: " + ec.message(), path, {});
    std::sort(inside.begin(), inside.end(),
              [](const Found& a, const Found& b) { return a.path < b.path; });
    all.insert(all.end(), inside.begin(), inside.end());
  }
  if (all.size() > kMaxFiles) {
    return fail(ErrorCode::resource_exhausted,
                std::to_string(all.size()) + " files are more than " + std::to_string(kMaxFiles),
                paths.front(), "give fewer files at a time");
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::vector<std::string>& paths,
                                                     const FileSourceOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->instruments = options.instruments;
  for (std::size_t i = 0; i < impl->instruments.size(); ++i) {
    impl->by_symbol.emplace(std::string(impl->instruments[i].symbol.view()), i);
  }
  auto files = list(paths);
  if (!files) return tl::unexpected(files.error());
  for (std::size_t i = 0; i < files->size(); ++i) {
    const Found& f = (*files)[i];
    auto file = impl->open_file(f.path);
    if (!file && f.named) return tl::unexpected(file.error());
    if (!file) {
      impl->skipped.push_back(file.error().text());
      continue;
    }
    impl->streams.push_back(std::make_unique<Stream>(std::move(*file), i, options));
  }
  if (impl->streams.empty()) {
    return fail(ErrorCode::not_found, "no file that could be read",
                paths.empty() ? "paths" : paths.front(),
                impl->skipped.empty() ? "give a file or a folder" : impl->skipped.front());
  }
  // First rows only now: headlines find the instruments that later files have brought.
  std::erase_if(impl->streams, [&](const auto& s) { return !impl->advance(*s); });
  std::make_heap(impl->streams.begin(), impl->streams.end(), Impl::later);
  return std::unique_ptr<FileSource>(new FileSource(std::move(impl)));
}

const runtime::Source::Row* FileSource::Impl::emit(const Stream& s) {
  const RawRow& raw = s.row();
  if (raw.unit >= seqs.size()) seqs.resize(raw.unit + 1);
  const std::uint64_t seq = ++seqs[raw.unit];
  if (options.consumer && *options.consumer != raw.consumer) return nullptr;
  row.time = s.time();
  row.unit = raw.unit;
  row.seq = seq;
  row.consumer = raw.consumer;
  row.event = raw.event;
  return &row;
}

const runtime::Source::Row* FileSource::next() {
  auto& heap = impl_->streams;
  while (!heap.empty()) {
    const Row* row = impl_->emit(*heap.front());
    if (heap.size() == 1) {
      if (!impl_->advance(*heap.front())) heap.clear();
    } else {
      std::pop_heap(heap.begin(), heap.end(), Impl::later);
      if (impl_->advance(*heap.back())) {
        std::push_heap(heap.begin(), heap.end(), Impl::later);
      } else {
        heap.pop_back();
      }
    }
    if (row != nullptr) return row;
  }
  return nullptr;
}

bool FileSource::at_end() const { return impl_->streams.empty(); }
const std::vector<Instrument>& FileSource::instruments() const noexcept {
  return impl_->instruments;
}
const std::vector<std::string>& FileSource::skipped() const noexcept { return impl_->skipped; }
std::uint64_t FileSource::bytes_total() const noexcept { return impl_->bytes_total; }
std::uint64_t FileSource::bytes_read() const noexcept {
  std::uint64_t n = impl_->bytes_done;
  for (const auto& s : impl_->streams) n += s->bytes_read();
  return n;
}

}  // namespace bw::ingestion
