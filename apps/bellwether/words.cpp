#include "words.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "bellwether/domain/names.hpp"

namespace bw::app {

namespace {

std::string printed(const char* format, int decimals, double v) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, decimals, v);
  return text.data();
}

std::string upper(std::string_view text) {
  std::string up;
  for (const char c : text) up += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return up;
}

}  // namespace

std::string money_text(Money v, int decimals) {
  // In whole units of the last decimal shown, from the fixed-point number: no double on the way.
  std::int64_t unit = kDecimalOne;
  for (int i = 0; i < decimals; ++i) unit /= 10;
  const std::int64_t magnitude = v.is_negative() ? -(v.raw() + 1) : v.raw();
  std::int64_t units = magnitude / unit;
  if ((magnitude % unit) * 2 >= unit - (v.is_negative() ? 1 : 0)) ++units;
  std::string digits = std::to_string(units);
  if (digits.size() <= static_cast<std::size_t>(decimals)) {
    digits.insert(0, static_cast<std::size_t>(decimals) + 1 - digits.size(), '0');
  }
  std::string out = digits.substr(0, digits.size() - static_cast<std::size_t>(decimals));
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  if (decimals > 0) out += "." + digits.substr(digits.size() - static_cast<std::size_t>(decimals));
  return (v.is_negative() && units != 0 ? "-" : "") + out;
}

std::string signed_money_text(Money v) { return (v.is_positive() ? "+" : "") + money_text(v); }

std::string price_text(Price v) {
  std::string text = v.to_string();
  const auto dot = text.find('.');
  if (dot == std::string::npos) return text + ".00";
  if (text.size() - dot < 3) text.append(3 - (text.size() - dot), '0');
  return text;
}

std::string short_count(double v) {
  for (const char* unit : {"", "k", "M", "G"}) {
    if (v < 999.5) return printed("%.*f", *unit == 0 || v >= 99.5 ? 0 : 1, v) + unit;
    v /= 1000;
  }
  return printed("%.*f", 0, v) + "T";
}

std::string percent_text(double share, int decimals) {
  return printed("%+.*f", decimals, share * 100) + " %";
}

std::string time_text(TimeNs t) {
  std::string text = format_utc(t).substr(0, 19);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string say(const Suite& suite, const Signal& s) {
  return suite.strategy_name(s.strategy) + ": " + upper(name_of(s.direction)) + " " +
         suite.symbol(s.instrument) + " at " + price_text(s.reference_price) + ", score " +
         printed("%+.*f", 2, s.score) + ": " + suite.reasons(s);
}

std::string say(const Suite& suite, const OrderIntent& i) {
  std::string text = std::string(name_of(i.side)) + " " + i.quantity.to_string() + " " +
                     suite.symbol(i.instrument) + " " + std::string(name_of(i.type));
  if (!i.stop_price.is_zero()) text += " " + price_text(i.stop_price);
  if (!i.limit_price.is_zero()) {
    text += (i.stop_price.is_zero() ? " " : " limit ") + price_text(i.limit_price);
  }
  text += ", " + std::string(name_of(i.time_in_force));
  if (i.purpose == OrderReason::protective_stop) text += ", stop loss";
  if (i.purpose == OrderReason::take_profit) text += ", take profit";
  return text;
}

std::string state_text(const OrderEvent& e) {
  std::string text(name_of(e.state));
  if (!e.filled.is_zero()) {
    const Price rounded = round_down_to(e.average_price, Price::from_raw(kDecimalOne / 10'000));
    text += " " + e.filled.to_string() + " at " + price_text(rounded);
  }
  if (e.reason != OrderReason::none) text += ", " + std::string(name_of(e.reason));
  return text;
}

std::string say(const Suite& suite, const Fill& f) {
  std::string text = std::string(f.side == Side::buy ? "bought " : "sold ") +
                     f.quantity.to_string() + " " + suite.symbol(f.instrument) + " at " +
                     price_text(f.price);
  if (!f.fee.is_zero()) text += ", fee " + money_text(f.fee);
  return text;
}

std::string say(const Suite& suite, const Refusal& r) {
  std::string text = suite.symbol(r.instrument) + ": " + std::string(name_of(r.reason));
  if (!r.text.empty()) text += ", " + std::string(r.text.view());
  if (!r.limit.is_zero() || !r.actual.is_zero()) {
    text += " (limit " + money_text(r.limit) + ", this " + money_text(r.actual) + ")";
  }
  return text;
}

std::string say(const Suite& suite, const Event& event) {
  if (const auto* s = std::get_if<Signal>(&event)) {
    return "signal   " + say(suite, *s) + " (id " + std::to_string(s->id.value) + ")";
  }
  if (const auto* f = std::get_if<Fill>(&event)) return "fill     " + say(suite, *f);
  if (const auto* r = std::get_if<Refusal>(&event)) return "refused  " + say(suite, *r);
  if (const auto* m = std::get_if<RiskMode>(&event)) {
    return "risk     account " + std::to_string(m->account.value) + " is " +
           std::string(name_of(m->mode)) +
           (m->reason != OrderReason::none ? ": " + std::string(name_of(m->reason)) : "");
  }
  if (const auto* d = std::get_if<ReconciliationDifference>(&event)) {
    return "ALERT    broker and books differ for account " + std::to_string(d->account.value) +
           " in " + (d->instrument.is_set() ? suite.symbol(d->instrument) : "cash");
  }
  return {};
}

}  // namespace bw::app
