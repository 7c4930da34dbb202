#pragma once
// Lines from memory, with the same rules as those from a file.
#include <string>

#include "ingestion/shell/binance/binance_reader.hpp"

namespace bw::ingestion {

class TextLines final : public LineReader {
 public:
  explicit TextLines(std::string text, std::string error = {})
      : text_(std::move(text)), error_(std::move(error)) {}
  bool next(Line& line) override {
    if (at_ >= text_.size()) return false;
    const std::size_t end = text_.find('\n', at_);
    line.cut = end == std::string::npos;
    line.text = std::string_view(text_).substr(at_, (line.cut ? text_.size() : end) - at_);
    line.number = ++number_;
    line.too_long = line.text.size() > kMaxBinanceFrameBytes;
    if (line.too_long) line.text = line.text.substr(0, kMaxBinanceFrameBytes);
    at_ = line.cut ? text_.size() : end + 1;
    return true;
  }
  const std::string& error() const noexcept override { return error_; }
  std::uint64_t bytes_read() const noexcept override { return at_; }

 private:
  std::string text_;
  std::string error_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace bw::ingestion
