#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>

#include "bellwether/codec/json.hpp"
#include "bellwether/domain/names.hpp"
#include "bellwether/indicators/feature_table.hpp"
#include "bellwether/runtime/inline_host.hpp"
#include "commands.hpp"
#include "feed_instruments.hpp"
#include "suite.hpp"
#include "table.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

struct FeatureFlags {
  std::vector<std::filesystem::path> paths;
  std::string timeframe;
  std::string symbol;
  std::filesystem::path csv;
  int limit = 10;
};

/// Features of a run, filtered: the last ones for the screen, all of them into a file.
class FeatureSink final : public runtime::Sink {
 public:
  FeatureSink(const Suite& suite, const FeatureFlags& flags)
      : suite_(suite), limit_(static_cast<std::size_t>(flags.limit)), symbol_(flags.symbol) {
    if (!flags.timeframe.empty()) timeframe_ = from_name<Timeframe>(flags.timeframe);
  }
  ~FeatureSink() override {
    if (csv_ != nullptr) std::fclose(csv_);
  }
  FeatureSink(const FeatureSink&) = delete;
  FeatureSink& operator=(const FeatureSink&) = delete;

  Result<void> write_to(const std::filesystem::path& path) {
    csv_ = std::fopen(path.c_str(), "w");
    if (csv_ == nullptr) {
      return fail(ErrorCode::invalid_argument, std::strerror(errno), path.string(),
                  "name a file in a folder that exists and can be written");
    }
    std::string head = "bar_close,symbol,timeframe,close";
    for (const auto& slot : indicators::kFeatureTable) head += "," + std::string(slot.name);
    put(head + ",over_gap\n");
    return {};
  }
  void on_output(Kind, const runtime::Output& o) override {
    const auto* f = std::get_if<Feature>(&o.event);
    if (f == nullptr || (timeframe_ && f->timeframe != *timeframe_)) return;
    if (!symbol_.empty() && suite_.symbol(f->instrument) != symbol_) return;
    ++count_;
    if (csv_ != nullptr) put(line_of(*f));
    last_.push_back(*f);
    if (last_.size() > limit_) last_.pop_front();
  }
  [[nodiscard]] const std::deque<Feature>& last() const noexcept { return last_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// False where something could not be written.
  [[nodiscard]] bool close() {
    if (csv_ == nullptr) return true;
    const bool closed = std::fclose(csv_) == 0;
    csv_ = nullptr;
    return closed && ok_;
  }

 private:
  void put(const std::string& text) {
    ok_ = ok_ && std::fwrite(text.data(), 1, text.size(), csv_) == text.size();
  }
  std::string line_of(const Feature& f) const {
    std::string line = format_utc(f.bar_close) + "," + suite_.symbol(f.instrument) + "," +
                       std::string(name_of(f.timeframe)) + "," + f.close.to_string();
    for (std::size_t i = 0; i < indicators::kFeatureCount; ++i) {
      line += ',';  // a slot that is not warmed up stays empty
      if ((f.valid >> i & 1U) != 0) codec::append_json_number(f.values[i], line);
    }
    return line + (f.over_gap ? ",true\n" : ",false\n");
  }

  const Suite& suite_;
  std::size_t limit_;
  std::string symbol_;
  std::optional<Timeframe> timeframe_;
  std::FILE* csv_ = nullptr;
  bool ok_ = true;
  std::deque<Feature> last_;
  std::uint64_t count_ = 0;
};

Table table_of(const std::deque<Feature>& features, const Suite& suite) {
  std::vector<Table::Column> columns{{"bar close (UTC)", "bar_close"},
                                     {"symbol", "symbol"},
                                     {"bars", "timeframe"},
                                     {"close", "close", true}};
  for (const auto& slot : indicators::kFeatureTable) {
    columns.push_back({std::string(slot.name), std::string(slot.name), true});
  }
  Table table(std::move(columns));
  for (const Feature& f : features) {
    std::vector<Cell> row{time_cell(f.bar_close), word(suite.symbol(f.instrument)),
                          word(name_of(f.timeframe)), price_cell(f.close)};
    for (std::size_t i = 0; i < indicators::kFeatureCount; ++i) {
      const bool valid = (f.valid >> i & 1U) != 0;
      row.push_back(valid ? number_cell(f.values[i], 4) : Cell{"", "null"});
    }
    table.add(std::move(row));
  }
  return table;
}

/// Across, each slot a line: seventeen columns fit no terminal.
void print_across(const std::deque<Feature>& features, const Suite& suite) {
  std::vector<Table::Column> columns{{"feature", "feature"}};
  for (const Feature& f : features) {
    columns.push_back({suite.symbol(f.instrument) + " " + std::string(name_of(f.timeframe)) + " " +
                           time_text(f.bar_close).substr(5, 11),
                       "", true});
  }
  Table table(std::move(columns));
  std::vector<Cell> closes{word("close")};
  for (const Feature& f : features) closes.push_back(price_cell(f.close));
  table.add(std::move(closes));
  for (std::size_t i = 0; i < indicators::kFeatureCount; ++i) {
    std::vector<Cell> row{word(indicators::kFeatureTable[i].name)};
    for (const Feature& f : features) {
      row.push_back((f.valid >> i & 1U) != 0 ? number_cell(f.values[i], 4) : word("warming up"));
    }
    table.add(std::move(row));
  }
  std::fputs(table.text("").c_str(), stdout);
}

Result<void> compute(const FeatureFlags& flags, const Context& context) {
  service::Inputs inputs = context.inputs;
  inputs.feed = flags.paths;
  auto temporary = with_feed_instruments(inputs);
  if (!temporary) return tl::unexpected(temporary.error());
  auto suite = Suite::make(inputs);
  if (!suite) return tl::unexpected(suite.error());
  FeatureSink sink(**suite, flags);
  if (!flags.csv.empty()) {
    if (auto r = sink.write_to(flags.csv); !r) return r;
  }
  auto source = (*suite)->open_feed();
  if (!source) return tl::unexpected(source.error());
  std::vector<runtime::MachineSpec> specs;
  for (const auto& spec : (*suite)->specs()) {
    if (spec.kind <= Kind::analytics_features) specs.push_back(spec);
  }
  runtime::InlineHost host(std::move(specs), **source, sink);
  while (host.step_history()) {
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
  }
  if (!sink.close()) {
    return fail(ErrorCode::resource_exhausted, "could not be written whole", flags.csv.string(),
                "free some disk space");
  }
  if (!flags.csv.empty()) {
    std::printf("%llu feature vectors in %s\n", static_cast<unsigned long long>(sink.count()),
                flags.csv.string().c_str());
  } else if (context.output == OutputFormat::json) {
    std::printf("%s\n", table_of(sink.last(), **suite).json().c_str());
  } else if (sink.last().empty()) {
    std::printf(
        "no feature vectors: the feed closes no such bars; try another --timeframe or --symbol\n");
  } else {
    print_across(sink.last(), **suite);
  }
  return {};
}

}  // namespace

void add_features(CLI::App& app, Context& context) {
  auto flags = std::make_shared<FeatureFlags>();
  auto* c =
      app.add_subcommand("features",
                         "Indicators of recorded data at each bar's close, by the machines that "
                         "trade: the last ones on\n"
                         "the screen, or all of them as CSV. What is not warmed up is empty.\n"
                         "Example: bellwether features SPY.csv.gz --timeframe 15m --csv spy.csv");
  c->add_option("PATH", flags->paths, "files or folders of recorded data")
      ->required()
      ->check(CLI::ExistingPath);
  c->add_option("--timeframe", flags->timeframe, "only these bars")
      ->check(CLI::IsMember({"1m", "5m", "15m", "1h", "1d"}));
  c->add_option("--symbol", flags->symbol, "only this instrument");
  c->add_option("--csv", flags->csv, "writes all of them here");
  c->add_option("--limit", flags->limit, "so many on the screen")
      ->check(CLI::Range(1, 10'000))
      ->default_val(4);
  c->add_option("--instruments", context.inputs.instruments, "instrument reference (YAML)");
  c->callback([flags, &context] {
    if (auto r = compute(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
