// Trades, quotes and headlines of delimited files.
#include <algorithm>
#include <charconv>
#include <vector>

#include "bellwether/base/hash.hpp"
#include "ingestion/shell/csv_base.hpp"

namespace bw::ingestion {

namespace {

std::string_view field_at(const Fields& f, int column) noexcept {
  return column < 0 ? std::string_view{} : f[static_cast<std::size_t>(column)];
}

bool is_flagged(const Fields& f, int column) noexcept {
  const auto text = strip(field_at(f, column));
  return !text.empty() && text != "0" && text != "false";
}

char venue_of(const Fields& f, int column) noexcept {
  const auto text = strip(field_at(f, column));
  return text.size() == 1 ? text[0] : '\0';
}

class TradeReader final : public CsvReader {
 public:
  explicit TradeReader(CsvFile file) : CsvReader(std::move(file), Kind::market_ticks) {}

 private:
  bool read_row(const Fields& f) override {
    const Columns& c = file_.layout.columns;
    TimeParser::Stamp stamp;
    Trade t;
    if (!read_time(f, stamp) || !read_number(f, c.price, "price", t.price) ||
        !read_number(f, c.size, "size", t.size)) {
      return false;
    }
    t.instrument = file_.instrument.id;
    t.source_time = stamp.utc;
    t.venue = venue_of(f, c.exchange);
    t.aggressor = side_of(field_at(f, c.side));
    if (c.condition >= 0) {
      const auto text = strip(field_at(f, c.condition));
      const auto r = std::from_chars(text.data(), text.data() + text.size(), t.conditions, 16);
      if (!text.empty() && (r.ec != std::errc{} || r.ptr != text.data() + text.size())) {
        reject(QualityReason::malformed_row, "condition", text);
        return false;
      }
    }
    if (c.id >= 0) {
      const auto text = strip(field_at(f, c.id));
      std::from_chars(text.data(), text.data() + text.size(), t.trade_id);
    }
    auto& raw = begin_row<RawTrade>(stamp.utc);
    raw.trade = t;
    raw.origin = origin();
    raw.suspicious = is_flagged(f, c.suspicious);
    return true;
  }
  /// "bid": the trade took place at a bid's initiative, so the buyer was the aggressor (Mt. Gox's
  /// words).
  static Side side_of(std::string_view text) noexcept {
    const std::string word = normalise(text);
    if (word == "buy" || word == "b" || word == "bid") return Side::buy;
    if (word == "sell" || word == "s" || word == "ask") return Side::sell;
    return Side::none;
  }
};

class QuoteReader final : public CsvReader {
 public:
  explicit QuoteReader(CsvFile file) : CsvReader(std::move(file), Kind::market_ticks) {}

 private:
  bool read_row(const Fields& f) override {
    const Columns& c = file_.layout.columns;
    TimeParser::Stamp stamp;
    Quote q;
    if (!read_time(f, stamp) || !read_number(f, c.bid, "bid", q.bid) ||
        !read_number(f, c.ask, "ask", q.ask)) {
      return false;
    }
    // A file without sizes: one unit, so that the side counts as there.
    q.bid_size = q.ask_size = Quantity::from_int(1);
    if (c.bid_size >= 0 && !read_number(f, c.bid_size, "bid size", q.bid_size)) return false;
    if (c.ask_size >= 0 && !read_number(f, c.ask_size, "ask size", q.ask_size)) return false;
    // A quote bar's stamp is its start; its close is known at its end.
    const TimeNs at = stamp.utc + duration_of(file_.layout.timeframe);
    q.instrument = file_.instrument.id;
    q.source_time = at;
    q.bid_venue = q.ask_venue = venue_of(f, c.exchange);
    auto& raw = begin_row<RawQuote>(at);
    raw.quote = q;
    raw.origin = origin();
    raw.suspicious = is_flagged(f, c.suspicious);
    // Price and size both zero stand for "the other side's row"; a size of zero at a price takes
    // the side away.
    raw.bid_given = !(q.bid.is_zero() && q.bid_size.is_zero());
    raw.ask_given = !(q.ask.is_zero() && q.ask_size.is_zero());
    if (!raw.bid_given && !raw.ask_given) raw.bid_given = raw.ask_given = true;
    return true;
  }
};

class NewsReader final : public CsvReader {
 public:
  NewsReader(CsvFile file, std::function<Unit(std::string_view)> find)
      : CsvReader(std::move(file), Kind::news_articles), find_(std::move(find)) {}

 private:
  bool read_row(const Fields& f) override {
    const Columns& c = file_.layout.columns;
    TimeParser::Stamp stamp;
    if (!read_time(f, stamp)) return false;
    const auto source = field_at(f, c.source);
    const std::string headline = unquote(field_at(f, c.headline));
    if (headline.empty()) {
      reject(QualityReason::malformed_row, "headline", "");
      return false;
    }
    collect(field_at(f, c.tickers));
    if (named_.empty()) return false;
    article_ = {};
    article_.kind = ArticleKind::article;
    article_.published = stamp.utc;
    article_.source.assign(source);
    article_.headline.assign(headline);
    // Files give no id: the same headline of the same source at the same time is the same article.
    article_.article_id =
        mix64(fnv1a(headline, fnv1a(source)) ^ static_cast<std::uint64_t>(stamp.utc));
    if (article_.article_id == 0) article_.article_id = 1;
    write(0);
    return true;
  }
  bool more() override {
    if (at_ + 1 >= named_.size()) return false;
    write(at_ + 1);
    return true;
  }
  void collect(std::string_view tickers) {
    named_.clear();
    at_ = 0;
    while (!tickers.empty()) {
      const std::size_t stop = std::min(tickers.find('|'), tickers.size());
      const Unit unit = find_(strip(tickers.substr(0, stop)));
      if (unit != 0) named_.push_back(unit);
      tickers.remove_prefix(std::min(stop + 1, tickers.size()));
    }
    std::sort(named_.begin(), named_.end());
    named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  }
  void write(std::size_t i) {
    at_ = i;
    auto& raw = begin_row<RawArticle>(article_.published);
    row_.unit = named_[i];
    raw.article = article_;
    raw.article.instrument = InstrumentId(named_[i]);
    raw.origin = origin();
  }

  std::function<Unit(std::string_view)> find_;
  std::vector<Unit> named_;  // followed tickers of the line, ascending
  std::size_t at_ = 0;
  Article article_;
};

}  // namespace

std::unique_ptr<RowReader> make_trade_reader(CsvFile file) {
  return std::make_unique<TradeReader>(std::move(file));
}

std::unique_ptr<RowReader> make_quote_reader(CsvFile file) {
  return std::make_unique<QuoteReader>(std::move(file));
}

std::unique_ptr<RowReader> make_news_reader(CsvFile file,
                                            std::function<Unit(std::string_view)> find) {
  return std::make_unique<NewsReader>(std::move(file), std::move(find));
}

}  // namespace bw::ingestion
