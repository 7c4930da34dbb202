#pragma once
// A seeded market for demonstrations and tests: 25 labelled instruments, their trades and quotes
// (or finished minute bars), halts and headlines, as a stream of raw rows. The same options give
// the same rows on every machine; what one instrument does depends neither on which others are
// asked for nor on the mode.
//
// Lifecycle: make(), then next() until at_end(). Copyable: a copy goes on with the same rows. One
// thread. Allocates in make() and, until its buffers have grown to the busiest minute, in next().
#include <optional>
#include <vector>

#include "bellwether/runtime/machine.hpp"
#include "ingestion/simulator/market_model.hpp"

namespace bw::ingestion::simulator {

enum class Mode : std::uint8_t {
  ticks,  ///< RawTrade and RawQuote; bars are then built from the trades
  bars,   ///< one finished RawBar a minute: fast
};

struct Options {
  std::uint64_t seed = 1;
  TimeNs start = 0;       ///< rounded up to a whole minute
  TimeNs end = kTimeMax;  ///< the last moment, inclusive; kTimeMax: while the calendar reaches
  Mode mode = Mode::ticks;
  double trades_per_minute = 20;       ///< mean of an instrument of activity 1; 1 … 600
  std::uint32_t quotes_per_trade = 2;  ///< 0 … 10
  DurationNs feed_latency = 0;         ///< event time behind source time; 0 … 1 min
  /// Share of instrument minutes with one bad row: a spike, a zero or negative price, a crossed
  /// quote, a duplicate, a row out of order, a flagged row. Above 0, longer stretches go missing
  /// too. 0 … 1.
  double dirt = 0;
  double jumps_per_day = 0.15;  ///< for each instrument, 0 … 1
  double halts_per_day = 0.03;  ///< for each NYSE instrument, 0 … 1; 0: none at all
  bool headlines = true;
  FixedVector<InstrumentId, kInstrumentCount> instruments;  ///< empty: all
  Kind tick_consumer = Kind::market_ticks;                  ///< whom trades and quotes are for
  std::optional<Kind> only;  ///< rows for this consumer alone; seq counts all of them
};

class Simulator final : public runtime::Source {
 public:
  /// invalid_argument, naming the option, where one is out of its range.
  [[nodiscard]] static Result<Simulator> make(const Options& options);

  [[nodiscard]] const Row* next() override;
  [[nodiscard]] bool at_end() const override { return ended_; }

  /// The event time of the row that next() gives, kTimeMax at the end: for pacing.
  [[nodiscard]] TimeNs next_time();
  /// Leaves out all rows before `time`, with their seq counted: what next() gives then is what it
  /// would have given. Never goes back. About 1 ms a simulated day.
  void skip_to(TimeNs time) override;
  [[nodiscard]] const Options& options() const noexcept { return options_; }

 private:
  enum class Dirt : std::uint8_t {
    none,
    spike,
    zero,
    duplicate,
    late,
    bad_range,
    negative,
    crossed,
    flagged,
  };
  enum class DraftKind : std::uint8_t { trade, quote, bar, tick_state, feed_state, article };
  /// A row before it is written out: small, so that a minute's rows sort in cache.
  struct Draft {
    TimeNs source_time = 0;
    std::array<std::int64_t, 6>
        value{};              // trade: price, size; quote: bid, ask, sizes; bar: OHLC, volume, vwap
    std::uint64_t id = 0;     // trade id, open time of a bar, index of a headline
    std::uint32_t count = 0;  // trades of a bar
    DraftKind kind = DraftKind::trade;
    std::uint8_t flag = 0;  // side, session state, 1 for a flagged row
    bool suspicious = false;
  };
  struct Key {
    TimeNs time = 0;
    std::uint32_t instrument = 0;
    std::uint32_t draft = 0;
    auto operator<=>(const Key&) const = default;
  };
  /// What a minute of one instrument holds: as much as is needed to count its rows without drawing
  /// them.
  struct MinutePlan {
    bool trading = false;
    std::uint32_t trades = 0;
    Dirt dirt = Dirt::none;
    std::uint32_t dirty_trade = 0;
    double volume = 0;  // in units of the instrument
  };

  Simulator(const Options& options, const ModelOptions& model,
            std::shared_ptr<const calendar::Calendar> nyse);

  [[nodiscard]] bool wants(Kind consumer) const noexcept {
    return !options_.only || *options_.only == consumer;
  }
  [[nodiscard]] int minute_of(std::size_t i) const noexcept;
  [[nodiscard]] MinutePlan plan_minute(std::size_t i, int m) const noexcept;
  [[nodiscard]] bool late_bar(std::size_t i, int m) const noexcept;
  [[nodiscard]] std::uint32_t count_rows(std::size_t i, int m) const noexcept;
  bool fill();
  void enter_minute();
  void draw_minute();
  void draw_ticks(std::size_t i, int m, const MinutePlan& plan);
  void draw_trade(std::size_t i, const MinutePlan& plan, std::uint32_t n, Draft draft, TimeNs at);
  void draw_bars(std::size_t i, int m, const MinutePlan& plan);
  [[nodiscard]] Draft bar_of(std::size_t i, int m, const MinutePlan& plan) const noexcept;
  void draw_news(std::size_t i, int m);
  void draw_halts(std::size_t i, int m);
  void add(std::size_t i, TimeNs at, const Draft& draft);
  void write(const Key& key);
  [[nodiscard]] Article article_of(std::size_t i, const Draft& d) const noexcept;
  [[nodiscard]] Kind consumer_of(DraftKind kind) const noexcept;

  Options options_;
  MarketModel model_;
  std::array<bool, kInstrumentCount> selected_{};
  std::array<std::uint64_t, kInstrumentCount> seq_{};
  std::int64_t minute_ = 0;  // the next one to draw, counted from 1970
  DayNumber day_ = 0;        // the model's; one before the first minute's to begin with
  bool paths_built_ = false;
  bool ended_ = false;
  std::vector<Draft> drafts_;
  std::vector<Key> keys_;  // of drafts_, sorted
  std::size_t cursor_ = 0;
  Row row_;
};

}  // namespace bw::ingestion::simulator
