#include "confluence/shell/signal_history.hpp"

#include <cstdio>

#include "bellwether/codec/json.hpp"
#include "bellwether/domain/names.hpp"

namespace bw::confluence {

using runtime::Record;

namespace {

std::string hex(std::uint64_t v) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(v));
  return text;
}

void write_signal(const Record& record, postgres::CopyRow& row) {
  const auto& s = std::get<Signal>(record.event);
  row.integer(static_cast<std::int64_t>(s.id.value));
  row.time(record.t);
  row.integer(record.t);
  row.integer(s.strategy.value);
  row.text(hex(s.strategy_version));
  row.integer(s.instrument.value);
  row.text(name_of(s.timeframe));
  row.text(name_of(s.direction));
  row.real(s.score);
  row.real(s.confidence);
  row.decimal(s.reference_price);
  row.decimal(s.stop_loss);
  row.decimal(s.take_profit);
  row.integer(s.data_from);
  row.integer(s.data_to);
  row.text(name_of(s.sizing.method));
  row.real(s.sizing.fraction);
  row.real(s.sizing.target_volatility);
  row.real(s.sizing.volatility);
  row.json(contributions_json(s));
}

void write_hold_back(const Record& record, postgres::CopyRow& row) {
  const auto& h = std::get<HoldBack>(record.event);
  row.integer(h.instrument.value);
  row.time(record.t);
  row.text(kind_name(record.kind));
  row.integer(static_cast<std::int64_t>(record.seq));
  row.integer(record.t);
  row.integer(h.strategy.value);
  row.text(hex(h.strategy_version));
  row.text(name_of(h.timeframe));
  row.text(name_of(h.reason));
  row.text(name_of(h.direction));
  row.real(h.score);
  row.integer(h.from);
  row.integer(h.to);
}

TimeNs event_time(const Record& record) { return record.t; }

}  // namespace

std::string contributions_json(const Signal& signal) {
  std::string out = "[";
  for (const Contribution& c : signal.contributions) {
    out += out.size() > 1 ? "," : "";
    out += "{\"component\":" + std::to_string(c.component) + ",\"timeframe\":";
    codec::append_json_string(name_of(c.timeframe), out);
    out += c.valid ? ",\"valid\":true,\"raw\":" : ",\"valid\":false,\"raw\":";
    codec::append_json_number(c.raw, out);
    out += ",\"normalised\":";
    codec::append_json_number(c.normalised, out);
    out += ",\"contribution\":";
    codec::append_json_number(c.contribution, out);
    out += '}';
  }
  return out + "]";
}

std::vector<postgres::HistoryTable> signal_tables() {
  return {
      {"confluence.signal",
       "signal_id, at, at_ns, strategy, strategy_version, instrument, timeframe, direction, score, "
       "confidence, reference_price, stop_loss, take_profit, data_from_ns, data_to_ns, "
       "sizing_method, sizing_fraction, target_volatility, volatility, contributions",
       20, [](const Event& e) { return std::holds_alternative<Signal>(e); }, event_time,
       write_signal},
      {"confluence.hold_back",
       "instrument, at, kind, seq, at_ns, strategy, strategy_version, timeframe, reason, "
       "direction, score, from_ns, to_ns",
       13, [](const Event& e) { return std::holds_alternative<HoldBack>(e); }, event_time,
       write_hold_back}};
}

}  // namespace bw::confluence
