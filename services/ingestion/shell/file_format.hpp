#pragma once
// What a file holds and how it is laid out, found out from its name and its first lines.
#include <string>
#include <string_view>
#include <vector>

#include "ingestion/shell/csv_readers.hpp"

namespace bw::ingestion {

enum class FileKind : std::uint8_t { bars, trades, quotes, news, factors, binance };

struct FileFormat {
  FileKind kind = FileKind::bars;
  std::string symbol;  ///< that the name says; empty for headlines
  bool has_zone =
      false;  ///< the layout's zone is certain; else stamps are in the exchange's local time
  bool weekends = false;  ///< there is trading on Saturday or Sunday
  CsvLayout layout;
};

/// The first lines of a file, for detection.
struct FileHead {
  std::string path;
  std::vector<std::string> lines;
};

[[nodiscard]] Result<FileHead> read_head(const std::string& path);
/// The error names the file, what was found, and the formats that are known.
[[nodiscard]] Result<FileFormat> detect(const FileHead& head);
/// "IBM_20131007_trade.csv.gz" is IBM, "spot_btcusdt_20240808.gz" BTCUSDT, "BTC-PERP_2021….csv.gz"
/// BTC-PERP.
[[nodiscard]] std::string symbol_of(std::string_view path);
/// The name without folders.
[[nodiscard]] std::string_view file_name(std::string_view path) noexcept;

}  // namespace bw::ingestion
