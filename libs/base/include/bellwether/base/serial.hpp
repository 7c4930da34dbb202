#pragma once
// State to bytes and back: little-endian, no padding, no schema. For checkpoints, whose reader is
// the build that wrote them or one that checks the build id first; events between services are
// protobuf (libs/codec).
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/ids.hpp"
#include "bellwether/base/result.hpp"

namespace bw {

using Bytes = std::string;  ///< raw bytes

class Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(T v) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof v);
    std::memcpy(out_.data() + at, &v, sizeof v);
  }
  template <class Tag>
  void put(Fixed<Tag> v) {
    put(v.raw());
  }
  template <class Tag, class Rep>
  void put(Id<Tag, Rep> v) {
    put(v.value);
  }
  void put_bytes(std::string_view v) {
    put(static_cast<std::uint32_t>(v.size()));
    out_.append(v);
  }
  /// A trivially copyable struct as its bytes. Zero it first if it has padding (value-initialise).
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put_raw(const T& v) {
    out_.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  [[nodiscard]] const Bytes& bytes() const noexcept { return out_; }
  [[nodiscard]] Bytes take() noexcept { return std::move(out_); }
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

 private:
  Bytes out_;
};

/// Reads what Writer wrote. After the first shortage every get returns zero and ok() is false:
/// check it once at the end instead of at each field.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : in_(bytes) {}
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void get(T& v) noexcept {
    v = T{};
    if (!has(sizeof v)) return;
    if constexpr (std::is_same_v<T, bool>) {  // a bool made of any byte but 0 and 1 is undefined
      const char byte = in_[at_];
      if (byte != 0 && byte != 1) ok_ = false;
      v = byte == 1;
    } else {
      std::memcpy(&v, in_.data() + at_, sizeof v);
    }
    at_ += sizeof v;
  }
  template <class Tag>
  void get(Fixed<Tag>& v) noexcept {
    std::int64_t raw = 0;
    get(raw);
    v = Fixed<Tag>::from_raw(raw);
  }
  template <class Tag, class Rep>
  void get(Id<Tag, Rep>& v) noexcept {
    get(v.value);
  }
  template <class T>
  [[nodiscard]] T get() noexcept {
    T v{};
    get(v);
    return v;
  }
  [[nodiscard]] std::string_view get_bytes() noexcept {
    const auto n = get<std::uint32_t>();
    if (!has(n)) return {};
    const std::string_view v = in_.substr(at_, n);
    at_ += n;
    return v;
  }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void get_raw(T& v) noexcept {
    if (!has(sizeof v)) return;
    std::memcpy(static_cast<void*>(&v), in_.data() + at_, sizeof v);
    at_ += sizeof v;
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == in_.size(); }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size() - at_; }
  /// Error unless everything was there and everything was read.
  [[nodiscard]] Result<void> finish(const char* what) const;

 private:
  bool has(std::size_t n) noexcept {
    if (in_.size() - at_ >= n) return true;
    ok_ = false;
    return false;
  }
  std::string_view in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace bw
