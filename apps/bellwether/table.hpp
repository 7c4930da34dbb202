#pragma once
// Answers of the query commands: an aligned table for people, or JSON for programs.
#include <cstdio>
#include <string>
#include <vector>

#include "bellwether/domain/trading.hpp"
#include "commands.hpp"

namespace bw::app {

/// One value, in both forms.
struct Cell {
  std::string text;
  std::string json;
};
[[nodiscard]] Cell word(std::string_view text);
/// Ids are decimal strings in JSON: they do not fit a double.
[[nodiscard]] Cell id_cell(std::uint64_t id);
[[nodiscard]] Cell count_cell(std::uint64_t n);
[[nodiscard]] Cell number_cell(double v, int decimals);
[[nodiscard]] Cell money_cell(Money v);
[[nodiscard]] Cell price_cell(Price v);  ///< empty and null where zero
[[nodiscard]] Cell quantity_cell(Quantity v);
[[nodiscard]] Cell time_cell(TimeNs t);
[[nodiscard]] Cell yes_no(bool v);

class Table {
 public:
  struct Column {
    std::string title;
    std::string key;     ///< of the JSON object
    bool right = false;  ///< numbers
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  /// Aligned, with a head line; `hint` stands in place of a table without rows.
  [[nodiscard]] std::string text(const std::string& hint) const;
  /// [{"key":value,…},…]
  [[nodiscard]] std::string json() const;
  void print(OutputFormat format, const std::string& hint) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Characters, not bytes.
[[nodiscard]] std::size_t width_of(std::string_view text);

}  // namespace bw::app
