#include "table.hpp"

#include <algorithm>
#include <array>

#include "bellwether/codec/json.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

std::string json_text(std::string_view text) {
  std::string out;
  codec::append_json_string(text, out);
  return out;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

Cell word(std::string_view text) { return {std::string(text), json_text(text)}; }
Cell id_cell(std::uint64_t id) {
  if (id == 0) return {"", "null"};
  return {std::to_string(id), "\"" + std::to_string(id) + "\""};
}
Cell count_cell(std::uint64_t n) { return {std::to_string(n), std::to_string(n)}; }
Cell number_cell(double v, int decimals) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, v);
  Cell cell{text.data(), ""};
  codec::append_json_number(v, cell.json);
  return cell;
}
Cell money_cell(Money v) { return {money_text(v), json_text(v.to_string())}; }
Cell price_cell(Price v) {
  if (v.is_zero()) return {"", "null"};
  return {price_text(v), json_text(v.to_string())};
}
Cell quantity_cell(Quantity v) { return {v.to_string(), json_text(v.to_string())}; }
Cell time_cell(TimeNs t) {
  if (t == 0) return {"", "null"};
  return {time_text(t), json_text(format_utc(t))};
}
Cell yes_no(bool v) { return {v ? "yes" : "no", v ? "true" : "false"}; }

std::string Table::text(const std::string& hint) const {
  if (rows_.empty()) return hint + "\n";
  std::vector<std::size_t> widths;
  for (const auto& c : columns_) widths.push_back(width_of(c.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i].text));
    }
  }
  std::string out;
  const auto line = [&](const auto& text_of) {
    std::string row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& t = text_of(i);
      const std::string space(widths[i] - width_of(t), ' ');
      row += (i == 0 ? "" : "  ") + (columns_[i].right ? space + t : t + space);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  };
  line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) {
    line([&](std::size_t i) -> const std::string& { return row[i].text; });
  }
  return out;
}

std::string Table::json() const {
  std::string out = "[";
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    out += r == 0 ? "{" : ",\n {";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      out += (i == 0 ? "" : ",") + json_text(columns_[i].key) + ":" + rows_[r][i].json;
    }
    out += "}";
  }
  return out + "]";
}

void Table::print(OutputFormat format, const std::string& hint) const {
  if (format == OutputFormat::json) {
    std::printf("%s\n", json().c_str());
  } else {
    std::fputs(text(hint).c_str(), stdout);
  }
}

}  // namespace bw::app
