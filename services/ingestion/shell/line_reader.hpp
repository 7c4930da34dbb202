#pragma once
// LineReader: the lines of a file or of a gzip file, in bounded memory however long a line is.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bellwether/base/result.hpp"

namespace bw::ingestion {

inline constexpr std::size_t kMaxLineBytes = 64 * 1024;

/// A line without its end (LF or CRLF; a UTF-8 byte order mark in front of the first line is taken
/// off).
struct Line {
  std::string_view text;     ///< at most the limit; the first bytes where `too_long`
  std::uint64_t number = 0;  ///< 1-based
  bool too_long = false;     ///< the rest of the line was skipped
  bool cut =
      false;  ///< the file ends within this line: no line end, perhaps not all of it is there
};

/// Reads a file from start to end. Decompresses gzip (also several members in a row) by its first
/// two bytes. A damaged or truncated gzip file ends with `error()` set after what could be read.
class LineReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LineReader>> open(
      const std::string& path, std::size_t max_line = kMaxLineBytes);
  virtual ~LineReader() = default;
  /// False at the end. `line.text` is valid until the next call.
  [[nodiscard]] virtual bool next(Line& line) = 0;
  /// What went wrong while reading, empty where nothing did.
  [[nodiscard]] virtual const std::string& error() const noexcept = 0;
  /// Bytes of the (compressed) file consumed so far, for progress.
  [[nodiscard]] virtual std::uint64_t bytes_read() const noexcept = 0;
};

}  // namespace bw::ingestion
