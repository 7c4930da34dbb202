#include "confluence/shell/signal_queries.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "bellwether/domain/names.hpp"
#include "bellwether/postgres/columns.hpp"

namespace bw::confluence {

using postgres::decimal_of;
using postgres::integer_of;

namespace {

// Partitions are cut by `at`, so a range on it, too, leaves the others unread.
constexpr const char* kFilter =
    "($1::bigint = 0 OR strategy = $1::bigint) AND ($2::bigint = 0 OR instrument = $2::bigint) AND "
    "($3::text = '' OR direction = $3::text) AND at_ns >= $4::bigint AND at_ns < $5::bigint AND "
    "abs(score) >= $6::float8 ORDER BY at DESC, at_ns DESC";

std::vector<std::string> parameters(const SignalFilter& f) {
  char score[32];
  const auto end = std::to_chars(score, score + sizeof score, f.min_score).ptr;
  return {std::to_string(f.strategy.value),
          std::to_string(f.instrument.value),
          f.direction ? std::string(name_of(*f.direction)) : "",
          std::to_string(f.from),
          std::to_string(f.to),
          std::string(score, end),
          std::to_string(std::clamp(f.limit, 1, 10'000))};
}

double real_of(const pqxx::field& field) {
  return field.is_null() ? 0 : std::strtod(field.c_str(), nullptr);
}

void read_contributions(const char* text, Signal& signal) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) return;
  for (const auto& item : list) {
    if (signal.contributions.size() == kMaxComponents) return;
    Contribution c;
    c.component = item.value("component", std::uint16_t{0});
    c.timeframe =
        from_name<Timeframe>(item.value("timeframe", std::string())).value_or(Timeframe::none);
    c.valid = item.value("valid", false);
    c.raw = item.value("raw", 0.0);
    c.normalised = item.value("normalised", 0.0);
    c.contribution = item.value("contribution", 0.0);
    signal.contributions.push_back(c);
  }
}

SignalRow signal_of(const pqxx::row& r) {
  SignalRow row;
  Signal& s = row.signal;
  s.id = SignalId{integer_of<std::uint64_t>(r["signal_id"])};
  s.strategy = StrategyId{integer_of<std::uint32_t>(r["strategy"])};
  s.instrument = InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
  s.timeframe = from_name<Timeframe>(r["timeframe"].c_str()).value_or(Timeframe::none);
  s.direction = from_name<Direction>(r["direction"].c_str()).value_or(Direction::flat);
  s.strategy_version = std::strtoull(r["strategy_version"].c_str(), nullptr, 16);
  s.score = real_of(r["score"]);
  s.confidence = real_of(r["confidence"]);
  s.reference_price = decimal_of<Price>(r["reference_price"]);
  s.stop_loss = decimal_of<Price>(r["stop_loss"]);
  s.take_profit = decimal_of<Price>(r["take_profit"]);
  s.data_from = integer_of<TimeNs>(r["data_from_ns"]);
  s.data_to = integer_of<TimeNs>(r["data_to_ns"]);
  s.sizing.method =
      from_name<SizingMethod>(r["sizing_method"].c_str()).value_or(SizingMethod::none);
  s.sizing.fraction = real_of(r["sizing_fraction"]);
  s.sizing.target_volatility = real_of(r["target_volatility"]);
  s.sizing.volatility = real_of(r["volatility"]);
  read_contributions(r["contributions"].c_str(), s);
  row.at = integer_of<TimeNs>(r["at_ns"]);
  return row;
}

HoldBackRow hold_back_of(const pqxx::row& r) {
  HoldBackRow row;
  HoldBack& h = row.hold_back;
  h.strategy = StrategyId{integer_of<std::uint32_t>(r["strategy"])};
  h.instrument = InstrumentId{integer_of<std::uint32_t>(r["instrument"])};
  h.timeframe = from_name<Timeframe>(r["timeframe"].c_str()).value_or(Timeframe::none);
  h.reason = from_name<HoldBackReason>(r["reason"].c_str()).value_or(HoldBackReason::none);
  h.direction = from_name<Direction>(r["direction"].c_str()).value_or(Direction::flat);
  h.strategy_version = std::strtoull(r["strategy_version"].c_str(), nullptr, 16);
  h.score = real_of(r["score"]);
  h.from = integer_of<TimeNs>(r["from_ns"]);
  h.to = integer_of<TimeNs>(r["to_ns"]);
  row.at = integer_of<TimeNs>(r["at_ns"]);
  return row;
}

}  // namespace

Result<std::vector<SignalRow>> SignalQueries::signals(const SignalFilter& filter) {
  std::vector<SignalRow> rows;
  auto done =
      reader_.read(std::string("SELECT * FROM confluence.signal WHERE ") + kFilter +
                       ", signal_id DESC LIMIT $7::bigint",
                   parameters(filter), [&](const pqxx::row& r) { rows.push_back(signal_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<SignalRow> SignalQueries::signal(SignalId id) {
  std::vector<SignalRow> rows;
  auto done = reader_.read("SELECT * FROM confluence.signal WHERE signal_id = $1::bigint LIMIT 1",
                           {std::to_string(id.value)},
                           [&](const pqxx::row& r) { rows.push_back(signal_of(r)); });
  if (!done) return tl::unexpected(done.error());
  if (rows.empty()) {
    return fail(ErrorCode::not_found, "there is no signal " + std::to_string(id.value), "signal",
                "list them with `bellwether signals`");
  }
  return rows.front();
}

Result<std::vector<HoldBackRow>> SignalQueries::hold_backs(const SignalFilter& filter) {
  std::vector<HoldBackRow> rows;
  auto done = reader_.read(std::string("SELECT * FROM confluence.hold_back WHERE ") + kFilter +
                               ", instrument, seq DESC LIMIT $7::bigint",
                           parameters(filter),
                           [&](const pqxx::row& r) { rows.push_back(hold_back_of(r)); });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

}  // namespace bw::confluence
