#include "ingestion/shell/line_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

namespace bw::ingestion {

namespace {

constexpr unsigned kInflateBuffer = 64 * 1024;
constexpr std::size_t kChunk = 128 * 1024;

// zlib's gz functions read plain files as they are, and several gzip members as one stream.
class GzLineReader final : public LineReader {
 public:
  GzLineReader(gzFile file, std::size_t max_line) : file_(file), max_line_(max_line) {
    gzbuffer(file_, kInflateBuffer);
    buffer_.resize(max_line + kChunk);
  }
  ~GzLineReader() override { gzclose(file_); }
  GzLineReader(const GzLineReader&) = delete;
  GzLineReader& operator=(const GzLineReader&) = delete;

  bool next(Line& line) override {
    const char* end = find_end(0);
    while (end == nullptr && !ended_ && filled_ - at_ <= max_line_) {
      const std::size_t looked = filled_ - at_;
      fill();
      end = find_end(looked);
    }
    if (end == nullptr && at_ == filled_) return false;
    line = {};
    line.number = ++number_;
    const char* begin = buffer_.data() + at_;
    if (end != nullptr && static_cast<std::size_t>(end - begin) <= max_line_) {
      line.text = trim(begin, end);
      at_ = static_cast<std::size_t>(end - buffer_.data()) + 1;
    } else if (filled_ - at_ > max_line_) {
      line.too_long = true;
      line.text = trim(begin, begin + max_line_);
      skipping_ = true;  // the text stays where it is until the next call
    } else {
      line.cut = true;
      line.text = trim(begin, buffer_.data() + filled_);
      at_ = filled_;
    }
    return true;
  }
  const std::string& error() const noexcept override { return error_; }
  std::uint64_t bytes_read() const noexcept override {
    const auto at = gzoffset(file_);
    return at < 0 ? 0 : static_cast<std::uint64_t>(at);
  }

 private:
  const char* find_end(std::size_t from) {
    if (skipping_ && !skip_rest()) return nullptr;
    if (at_ + from >= filled_) return nullptr;
    return static_cast<const char*>(
        std::memchr(buffer_.data() + at_ + from, '\n', filled_ - at_ - from));
  }
  // Drops what is left of a line that was too long, a buffer at a time.
  bool skip_rest() {
    skipping_ = false;
    while (true) {
      const void* end = std::memchr(buffer_.data() + at_, '\n', filled_ - at_);
      if (end != nullptr) {
        at_ = static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data()) + 1;
        return true;
      }
      at_ = filled_;
      if (ended_) return false;
      fill();
    }
  }
  void fill() {
    if (at_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
      filled_ -= at_;
      at_ = 0;
    }
    const auto room = static_cast<unsigned>(buffer_.size() - filled_);
    const int n = gzread(file_, buffer_.data() + filled_, room);
    if (n > 0) filled_ += static_cast<std::size_t>(n);
    // A read that comes back short has met the end or damage: gzerror says which.
    if (n < static_cast<int>(room)) {
      ended_ = true;
      int code = Z_OK;
      const char* why = gzerror(file_, &code);
      if (code != Z_OK && code != Z_STREAM_END) error_ = why;
    }
  }
  std::string_view trim(const char* begin, const char* end) {
    if (number_ == 1 && end - begin >= 3 && std::memcmp(begin, "\xEF\xBB\xBF", 3) == 0) begin += 3;
    if (end > begin && end[-1] == '\r') --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  gzFile file_;
  std::size_t max_line_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;
  bool skipping_ = false;
  std::string error_;
};

}  // namespace

Result<std::unique_ptr<LineReader>> LineReader::open(const std::string& path,
                                                     std::size_t max_line) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec)) {
    return fail(ErrorCode::not_found, "is no file that can be read", path, "check the path");
  }
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return fail(ErrorCode::permission_denied, "cannot be opened", path, "check its permissions");
  }
  return std::unique_ptr<LineReader>(std::make_unique<GzLineReader>(file, max_line));
}

}  // namespace bw::ingestion
