#include "ingestion/shell/csv_base.hpp"

namespace bw::ingestion {

CsvReader::CsvReader(CsvFile file, Kind consumer)
    : file_(std::move(file)),
      unit_(file_.instrument.id.value),
      consumer_(consumer),
      times_(file_.layout.zone),
      name_(file_.name) {}

const RawRow* CsvReader::next() {
  if (more()) return &row_;
  Line line;
  while (file_.lines->next(line)) {
    line_ = line.number;
    if (line.number == 1 && file_.layout.header && !line.too_long) continue;
    if (line.text.empty()) continue;
    if (line.too_long) {
      reject(QualityReason::malformed_row, "line longer than 64 KiB; it begins",
             line.text.substr(0, 40));
      return &row_;
    }
    if (line.cut && !file_.lines->error().empty()) {
      reject(QualityReason::malformed_row, "file ends within the line", line.text.substr(0, 40));
      return &row_;
    }
    if (!fields_.split(line.text, file_.layout.delimiter) && !split_over_lines(line)) {
      reject(QualityReason::malformed_row, "a quote is not closed in", line.text.substr(0, 40));
      return &row_;
    }
    if (fields_.size() != file_.layout.fields) {
      reject_line(line);
      return &row_;
    }
    rejected_ = false;
    if (read_row(fields_) || rejected_) return &row_;
  }
  if (file_.lines->error().empty() || error_told_) return nullptr;
  error_told_ = true;
  ++line_;
  reject(QualityReason::malformed_row, "the compressed file is damaged or cut",
         file_.lines->error());
  return &row_;
}

/// A quoted field that goes on in the next lines: at most 64 of them, and 64 KiB.
bool CsvReader::split_over_lines(Line& line) {
  if (!file_.layout.multi_line) return false;
  constexpr int kMaxLines = 64;
  joined_.assign(line.text);
  Line more;
  for (int i = 0; i < kMaxLines && file_.lines->next(more); ++i) {
    if (more.too_long || joined_.size() + more.text.size() > kMaxLineBytes) break;
    joined_ += ' ';
    joined_ += more.text;
    if (!fields_.split(joined_, file_.layout.delimiter)) continue;
    line.text = joined_;
    return true;
  }
  line.text = joined_;
  return false;
}

void CsvReader::reject_line(const Line& line) {
  const std::string what = (line.cut ? "file ends within the line: " : "") +
                           std::to_string(fields_.size()) + " fields where " +
                           std::to_string(file_.layout.fields) + " are due, in";
  reject(QualityReason::malformed_row, what, line.text.substr(0, 40));
}

Origin CsvReader::origin() const noexcept {
  Origin o;
  o.line = line_;
  o.file = name_;
  return o;
}

void CsvReader::reject(QualityReason reason, std::string_view column, std::string_view value) {
  rejected_ = true;
  row_.time = last_time_;
  row_.unit = unit_;
  row_.consumer = consumer_;
  auto& q = row_.event.emplace<RawReject>().quality;
  q.instrument = InstrumentId(unit_);
  q.reason = reason;
  q.source_time = 0;
  q.line = line_;
  q.file = name_;
  std::string detail(column);
  detail += " '";
  detail += value.substr(0, 60);
  detail += "'";
  q.detail.assign(detail);
}

bool CsvReader::read_time(const Fields& fields, TimeParser::Stamp& stamp) {
  const Columns& c = file_.layout.columns;
  const auto text = fields[static_cast<std::size_t>(c.time)];
  bool ok = times_.parse(text, stamp);
  if (ok && c.clock >= 0) {
    const std::string both = std::string(strip(text)) + " " +
                             std::string(strip(fields[static_cast<std::size_t>(c.clock)]));
    ok = stamp.date_only && times_.parse(both, stamp);
  }
  if (!ok) reject(QualityReason::malformed_row, "time", text);
  return ok;
}

}  // namespace bw::ingestion
