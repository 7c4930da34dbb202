#include "confluence/shell/explain.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "bellwether/domain/names.hpp"

namespace bw::confluence {

namespace {

std::string number(double v) {
  std::array<char, 40> text{};
  const auto r = std::to_chars(text.begin(), text.end(), v, std::chars_format::general, 6);
  return {text.begin(), r.ptr};
}

std::string fixed(double v, int decimals) {
  std::array<char, 400> text{};
  const auto r = std::to_chars(text.begin(), text.end(), v, std::chars_format::fixed, decimals);
  return {text.begin(), r.ptr};
}

std::string signed_number(double v) { return (v > 0 ? "+" : v < 0 ? "" : " ") + fixed(v, 4); }
std::string percent(double v) { return number(v * 100) + " %"; }

std::string hex(std::uint64_t v) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; v >>= 4) text[i] = "0123456789abcdef"[v & 15U];
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string_view text_of(Combination c) {
  switch (c) {
    case Combination::weighted_mean:
      return "weighted_mean";
    case Combination::all_agree:
      return "all_agree";
    case Combination::majority:
      return "majority";
  }
  return "";
}

std::string_view rule_of(Combination c) {
  switch (c) {
    case Combination::weighted_mean:
      return "the sum of the contributions";
    case Combination::all_agree:
      return "the sum of the contributions where all components have one sign, otherwise 0";
    case Combination::majority:
      return "the sum of the contributions where most components have its sign, otherwise 0";
  }
  return "";
}

std::string upper(std::string_view text) {
  std::string up;
  for (const char c : text) up += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return up;
}

bool same_version(const Story& s) { return s.signal.strategy_version == s.strategy.content_hash; }

/// The document's component that a contribution is of; nothing where another version made the
/// signal and had more of them.
const Component* component_of(const Story& s, const Contribution& c) {
  return c.component < s.strategy.components.size() ? &s.strategy.components[c.component] : nullptr;
}

void write_head(const Story& s, std::string& out) {
  const Signal& g = s.signal;
  out += s.strategy.name + " says " + upper(name_of(g.direction)) + " " +
         std::string(s.instrument.symbol.view()) + " at " + g.reference_price.to_string() + ", " +
         format_utc(g.data_to) + " (" + std::string(name_of(g.timeframe)) + " close)\n";
  if (s.instrument.simulated) out += "simulated market data\n";
  if (!s.strategy.description.empty()) out += s.strategy.description + "\n";
  out += "\nsignal      " + std::to_string(g.id.value) + "\n";
  out += "strategy    version " + std::to_string(s.strategy.version) + ", document sha256 " +
         hex(g.strategy_version) + "…\n";
  if (!same_version(s)) {
    out += "            NOTE: the document at hand is another version (" +
           hex(s.strategy.content_hash) + "…): names, weights and rules below are its own\n";
  }
  out += "score       " + signed_number(g.score) + "  (enters at ±" + number(s.strategy.enter) +
         ", leaves a long below " + number(s.strategy.exit) + ", a short above " +
         number(s.strategy.exit == 0 ? 0 : -s.strategy.exit) + ")\n";
  out += "confidence  " + fixed(g.confidence, 4) + "  (" +
         (g.direction == Direction::flat
              ? "share of valid weight × what no longer speaks for the position"
              : "agreement of the components × share of valid weight") +
         ")\n";
}

void write_components(const Story& s, std::string& out) {
  std::size_t width = 9;
  for (const Component& c : s.strategy.components) width = std::max(width, c.name.size());
  out +=
      "\n" + padded("component", width) + "  bars  value          on -1…1  weight  contributes\n";
  double sum = 0;
  for (const Contribution& c : s.signal.contributions) {
    const Component* d = component_of(s, c);
    out += padded(d != nullptr ? d->name : "#" + std::to_string(c.component), width) + "  " +
           padded(std::string(name_of(c.timeframe)), 4) + "  ";
    if (c.valid) {
      out += padded(number(c.raw), 13) + "  " + signed_number(c.normalised) + "  " +
             padded(d != nullptr ? number(d->weight) : "", 6) + "  " +
             signed_number(c.contribution);
    } else {
      out += "not valid: counts as 0";
    }
    if (d != nullptr) out += "  = " + formula_of(*d) + "; " + text_of(d->normaliser);
    out += "\n";
    sum += c.contribution;
  }
  out += padded("sum", width) + "  " + std::string(31, ' ') + signed_number(sum) + "\n";
  out += "by " + std::string(text_of(s.strategy.combination)) + ": " +
         std::string(rule_of(s.strategy.combination)) + "\n";
}

void write_tail(const Story& s, std::string& out) {
  const Signal& g = s.signal;
  out += "\nrests on    " + format_utc(g.data_from) + " … " + format_utc(g.data_to) + "\n";
  out += "confirmed   " + std::to_string(s.strategy.confirmation_bars) + " close(s) in a row; " +
         std::to_string(s.strategy.cool_down_bars) + " close(s) of rest after leaving\n";
  if (g.sizing.method == SizingMethod::fixed_fraction) {
    out += "size        " + percent(g.sizing.fraction) + " of equity\n";
  } else if (g.sizing.method == SizingMethod::volatility_target) {
    out += "size        to move " + percent(g.sizing.target_volatility) +
           " of equity a year, at most " + percent(g.sizing.fraction) +
           " of equity; measured volatility " +
           (g.sizing.volatility > 0 ? percent(g.sizing.volatility) + " a year" : "unknown") + "\n";
  }
  if (!g.stop_loss.is_zero()) out += "stop loss   " + g.stop_loss.to_string() + "\n";
  if (!g.take_profit.is_zero()) out += "take profit " + g.take_profit.to_string() + "\n";
  for (const HoldBack& h : s.held_back) {
    out += "held back   " + std::string(name_of(h.direction)) + " at score " +
           signed_number(h.score) + ": " + std::string(name_of(h.reason)) + ", from " +
           format_utc(h.from) + (h.to != 0 ? " to " + format_utc(h.to) : "") + "\n";
  }
}

nlohmann::ordered_json json_of(const Story& s, const Contribution& c) {
  nlohmann::ordered_json j;
  const Component* d = component_of(s, c);
  j["component"] = c.component;
  if (d != nullptr) j["name"] = d->name;
  j["timeframe"] = name_of(c.timeframe);
  if (d != nullptr) {
    j["formula"] = formula_of(*d);
    j["normaliser"] = text_of(d->normaliser);
    j["weight"] = d->weight;
  }
  j["valid"] = c.valid;
  j["raw"] = c.raw;
  j["normalised"] = c.normalised;
  j["contribution"] = c.contribution;
  return j;
}

nlohmann::ordered_json json_of(const HoldBack& h) {
  nlohmann::ordered_json j;
  j["reason"] = name_of(h.reason);
  j["direction"] = name_of(h.direction);
  j["score"] = h.score;
  j["from"] = format_utc(h.from);
  if (h.to != 0) j["to"] = format_utc(h.to);
  return j;
}

}  // namespace

std::string formula_of(const Component& c) {
  std::string text = c.feature;
  if (!c.minus.empty()) text += " - " + c.minus;
  if (c.divided_by.empty()) return text;
  return (c.minus.empty() ? text : "(" + text + ")") + " / " + c.divided_by;
}

std::string text_of(const Normaliser& n) {
  std::string text;
  switch (n.kind) {
    case NormaliserKind::linear:
      text = "linear, -1 at " + number(n.low) + ", +1 at " + number(n.high);
      break;
    case NormaliserKind::tanh:
      text = "tanh((x - " + number(n.centre) + ") / " + number(n.scale) + ")";
      break;
    case NormaliserKind::sign:
      text = "sign, 0 within ±" + number(n.dead_band);
      break;
    case NormaliserKind::bands:
      text = "bands, -1 up to " + number(n.low) + ", +1 from " + number(n.high);
      break;
  }
  return n.inverted ? text + ", inverted" : text;
}

std::string explain(const Story& story) {
  std::string out;
  write_head(story, out);
  write_components(story, out);
  write_tail(story, out);
  return out;
}

std::string explain_json(const Story& s) {
  const Signal& g = s.signal;
  nlohmann::ordered_json j;
  j["signal"] = std::to_string(g.id.value);
  j["strategy"] = s.strategy.name;
  j["strategy_version"] = hex(g.strategy_version);
  j["same_version_as_document"] = same_version(s);
  j["instrument"] = s.instrument.symbol.view();
  j["simulated"] = s.instrument.simulated;
  j["timeframe"] = name_of(g.timeframe);
  j["direction"] = name_of(g.direction);
  j["score"] = g.score;
  j["confidence"] = g.confidence;
  j["combination"] = text_of(s.strategy.combination);
  j["enter"] = s.strategy.enter;
  j["exit"] = s.strategy.exit;
  j["reference_price"] = g.reference_price.to_string();
  if (!g.stop_loss.is_zero()) j["stop_loss"] = g.stop_loss.to_string();
  if (!g.take_profit.is_zero()) j["take_profit"] = g.take_profit.to_string();
  j["data_from"] = format_utc(g.data_from);
  j["data_to"] = format_utc(g.data_to);
  j["sizing"]["method"] = name_of(g.sizing.method);
  j["sizing"]["fraction"] = g.sizing.fraction;
  j["sizing"]["target_volatility"] = g.sizing.target_volatility;
  j["sizing"]["volatility"] = g.sizing.volatility;
  j["components"] = nlohmann::ordered_json::array();
  for (const Contribution& c : g.contributions) j["components"].push_back(json_of(s, c));
  j["held_back"] = nlohmann::ordered_json::array();
  for (const HoldBack& h : s.held_back) j["held_back"].push_back(json_of(h));
  return j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace bw::confluence
