#pragma once
// CsvReader: what the delimited readers share: lines to fields, and rejects that name file, line,
// field and value.
#include "ingestion/shell/csv_readers.hpp"

namespace bw::ingestion {

class CsvReader : public RowReader {
 public:
  const RawRow* next() final;

 protected:
  CsvReader(CsvFile file, Kind consumer);
  /// Makes `row_` of the fields; false: the row says nothing (or reject() was called).
  virtual bool read_row(const Fields& fields) = 0;
  /// More rows from the line before (a dividend, a second ticker): true while there are.
  virtual bool more() { return false; }

  /// Makes row_ a quarantined row. `column` is the field at fault.
  void reject(QualityReason reason, std::string_view column, std::string_view value);
  [[nodiscard]] Origin origin() const noexcept;
  [[nodiscard]] bool read_time(const Fields& fields, TimeParser::Stamp& stamp);
  template <class Tag>
  [[nodiscard]] bool read_number(const Fields& fields, int column, std::string_view name,
                                 Fixed<Tag>& to) {
    const auto text = fields[static_cast<std::size_t>(column)];
    if (read_decimal(text, to)) [[likely]]
      return true;
    reject(QualityReason::malformed_row, name, text);
    return false;
  }
  /// A place in row_ for the event, which the caller fills in.
  template <class E>
  E& begin_row(TimeNs time) {
    row_.time = time;
    row_.unit = unit_;
    row_.consumer = consumer_;
    last_time_ = time;
    return row_.event.emplace<E>();
  }

  CsvFile file_;
  Unit unit_;
  Kind consumer_;
  RawRow row_;
  TimeParser times_;
  FixedText<80> name_;
  std::uint64_t line_ = 0;
  TimeNs last_time_ = 0;  // of the last row that had one: a reject's time

 private:
  void reject_line(const Line& line);
  bool split_over_lines(Line& line);
  Fields fields_;
  std::string joined_;  // a row of several lines
  bool rejected_ = false;
  bool error_told_ = false;
};

}  // namespace bw::ingestion
