// Bars of delimited files, and the corporate actions that an adjusted close implies.
#include <algorithm>
#include <cmath>

#include "bellwether/calendar/new_york.hpp"
#include "ingestion/shell/csv_base.hpp"

namespace bw::ingestion {

namespace {

/// Half a unit of the last digit that was written, relative to the value: what rounding may have
/// moved it by.
double rounding_of(std::string_view text, double value) noexcept {
  const std::size_t point = text.find('.');
  const std::size_t decimals = point == std::string_view::npos ? 0 : text.size() - point - 1;
  return 0.5 * std::pow(10.0, -static_cast<double>(std::min<std::size_t>(decimals, 12))) / value;
}

/// A factor changes by this much at most, up or down, between two rows; what goes beyond is damage,
/// no corporate action.
bool is_factor_change(double change) noexcept { return change >= 1e-4 && change <= 1e4; }

/// Cash of a dividend that leaves `change` of the price before it: at most that price.
std::optional<Money> dividend_of(Price before, double change) noexcept {
  const double cash = std::round(before.to_double() * (1.0 - change) * 1e4) / 1e4;
  const auto amount = Money::checked_from_double(cash);
  if (!amount) return std::nullopt;
  return std::min(*amount, Money::from_raw(before.raw()));
}

class BarReader final : public CsvReader {
 public:
  explicit BarReader(CsvFile file) : CsvReader(std::move(file), Kind::market_bars) {}

 private:
  bool read_row(const Fields& f) override {
    const Columns& c = file_.layout.columns;
    TimeParser::Stamp stamp;
    if (!read_time(f, stamp)) return false;
    Bar bar;
    if (!read_number(f, c.open, "open", bar.open) || !read_number(f, c.high, "high", bar.high) ||
        !read_number(f, c.low, "low", bar.low) || !read_number(f, c.close, "close", bar.close)) {
      return false;
    }
    if (c.volume >= 0 && !read_number(f, c.volume, "volume", bar.volume)) return false;
    bar.instrument = file_.instrument.id;
    bar.timeframe = file_.layout.timeframe;
    bar.origin = file_.instrument.simulated ? BarOrigin::simulator : BarOrigin::provider;
    place(stamp, bar);
    const __int128 sum = static_cast<__int128>(bar.high.raw()) + bar.low.raw() + bar.close.raw();
    bar.vwap = Price::from_raw(static_cast<std::int64_t>(sum / 3));
    if (c.adjusted_close >= 0 && derive(f, stamp.day, bar)) return true;
    write(bar);
    return true;
  }
  bool more() override {
    if (!waiting_) return false;
    waiting_ = false;
    write(held_);
    return true;
  }
  void write(const Bar& bar) {
    auto& raw = begin_row<RawBar>(bar.close_time);
    raw.bar = bar;
    raw.origin.line = line_;
    raw.origin.file = name_;
  }

  /// Open and close of the bar that the stamp names.
  void place(const TimeParser::Stamp& stamp, Bar& bar) const {
    const DurationNs length = duration_of(bar.timeframe);
    if (bar.timeframe == Timeframe::d1) {
      const auto session = file_.sessions->session(stamp.day);
      bar.open_time = session ? session->open : static_cast<TimeNs>(stamp.day) * kDay;
      bar.close_time = session ? session->close : bar.open_time + kDay;
      return;
    }
    bar.open_time = file_.layout.stamped_at_end ? stamp.utc - length : stamp.utc;
    bar.close_time = bar.open_time + length;
    if (bar.timeframe != Timeframe::m1) {  // the last bar of a session may be shorter
      bar.close_time = file_.sessions->bar_close(bar.open_time, length).value_or(bar.close_time);
    }
  }

  /// A jump of adjusted close / close from one day to the next is a split or a dividend of the
  /// later day (the adjusted series multiplies all earlier closes by 1 - dividend / last close, or
  /// by 1 / ratio). What rounding of the four prices explains is none. True: row_ is the action,
  /// the bar comes after it.
  bool derive(const Fields& f, DayNumber day, const Bar& bar) {
    const Columns& c = file_.layout.columns;
    const auto text = f[static_cast<std::size_t>(c.adjusted_close)];
    Price adjusted;
    if (!read_decimal(text, adjusted)) {
      reject(QualityReason::malformed_row, "adj close", text);
      return true;
    }
    if (!adjusted.is_positive() || !bar.close.is_positive()) {
      factor_ = 0;
      return false;
    }
    const double close = bar.close.to_double();
    const double factor = adjusted.to_double() / close;
    const double noise = rounding_of(text, adjusted.to_double()) +
                         rounding_of(f[static_cast<std::size_t>(c.close)], close);
    const double change = factor_ > 0 ? factor_ / factor : 1.0;
    const double limit = std::max(1e-4, 2 * (noise + noise_));
    const Price last_close = close_;
    factor_ = factor;
    noise_ = noise;
    close_ = bar.close;
    if (std::abs(change - 1.0) <= limit) return false;
    CorporateAction a;
    a.instrument = bar.instrument;
    a.ex_date = day;
    if (!is_factor_change(change)) {
      factor_ = 0;  // the next row begins anew
      reject(QualityReason::malformed_row, "adj close, too far from the row before's,", text);
      return true;
    }
    if (!fill_action(change, last_close, a)) return false;
    auto& raw = begin_row<RawCorporateAction>(bar.open_time);
    raw.action = a;
    raw.origin = origin();
    held_ = bar;
    waiting_ = true;
    return true;
  }

  static bool fill_action(double change, Price last_close, CorporateAction& a) {
    // A split is a ratio of small whole numbers, far from 1; all else that lowers earlier prices is
    // cash.
    const double ratio = 1.0 / change;
    if (ratio >= 1.2 || ratio <= 0.8) {
      for (int den = 1; den <= 10; ++den) {
        const double num = std::round(ratio * den);
        if (num < 1 || std::abs(num / den / ratio - 1.0) > 0.005) continue;
        const auto shares = Quantity::checked_from_double(num / den);
        if (!shares) return false;
        a.kind = CorporateActionKind::split;
        a.ratio = *shares;
        return true;
      }
    }
    if (change >= 1.0) return false;
    a.kind = CorporateActionKind::dividend;
    a.amount = dividend_of(last_close, change).value_or(Money());
    return a.amount.is_positive();
  }

  bool waiting_ = false;  // held_ follows the action that was just given
  Bar held_;
  double factor_ = 0;  // adjusted close / close of the row before; 0: none
  double noise_ = 0;
  Price close_;
};

/// LEAN factor files, headerless: date, price factor, split factor, reference price. A row holds up
/// to and with its date; the change to the next row takes effect on the trading day after it.
/// LEAN's documentation, "Adjusted data": price factor = product of (1 - dividend / reference
/// price), split factor = product of 1 / ratio, over all later actions.
class FactorReader final : public CsvReader {
 public:
  explicit FactorReader(CsvFile file) : CsvReader(std::move(file), Kind::market_bars) {}

 private:
  bool read_row(const Fields& f) override {
    TimeParser::Stamp stamp;
    if (!read_time(f, stamp)) return false;
    Price price;
    Price split;
    Price reference;
    if (!read_number(f, 1, "price factor", price) || !read_number(f, 2, "split factor", split) ||
        !read_number(f, 3, "reference price", reference)) {
      return false;
    }
    if (!price.is_positive() || !split.is_positive()) {
      reject(QualityReason::malformed_row, "price factor or split factor, must be above 0, in row",
             f[0]);
      return false;
    }
    const bool first = day_ == 0;
    const Row last = last_;
    const DayNumber last_day = day_;
    last_ = {price, split, reference};
    day_ = stamp.day;
    if (first) return false;
    if (!is_factor_change(last_.split.to_double() / last.split.to_double()) ||
        !is_factor_change(last_.price.to_double() / last.price.to_double())) {
      reject(QualityReason::malformed_row,
             "price factor or split factor, too far from the row before's, in row", f[0]);
      return false;
    }
    return act(last, last_day);
  }
  bool more() override {
    if (!waiting_) return false;
    waiting_ = false;
    write(held_);
    return true;
  }
  struct Row {
    Price price;
    Price split;
    Price reference;
  };
  bool act(const Row& last, DayNumber last_day) {
    const auto session = file_.sessions->next_session(last_day);
    if (!session) return false;
    at_ = session->open;
    CorporateAction a;
    a.instrument = file_.instrument.id;
    a.ex_date = session->day;
    CorporateAction dividend = a;
    CorporateAction split = a;
    if (last.split != last_.split) {
      const double ratio = last_.split.to_double() / last.split.to_double();
      split.ratio =
          Quantity::checked_from_double(std::round(ratio * 1e4) / 1e4).value_or(Quantity());
      if (split.ratio.is_positive()) split.kind = CorporateActionKind::split;
    }
    if (last.price < last_.price && last.reference.is_positive()) {
      const double change = last.price.to_double() / last_.price.to_double();
      dividend.kind = CorporateActionKind::dividend;
      dividend.amount = dividend_of(last.reference, change).value_or(Money());
    }
    const bool has_split = split.kind != CorporateActionKind::none;
    const bool has_dividend = dividend.amount.is_positive();
    if (!has_split && !has_dividend) return false;
    write(has_split ? split : dividend);
    waiting_ = has_split && has_dividend;
    held_ = dividend;
    return true;
  }
  void write(const CorporateAction& a) {
    auto& raw = begin_row<RawCorporateAction>(at_);
    raw.action = a;
    raw.origin = origin();
  }

  DayNumber day_ = 0;
  Row last_;
  TimeNs at_ = 0;
  bool waiting_ = false;
  CorporateAction held_;
};

}  // namespace

std::unique_ptr<RowReader> make_bar_reader(CsvFile file) {
  return std::make_unique<BarReader>(std::move(file));
}

std::unique_ptr<RowReader> make_factor_reader(CsvFile file) {
  return std::make_unique<FactorReader>(std::move(file));
}

}  // namespace bw::ingestion
