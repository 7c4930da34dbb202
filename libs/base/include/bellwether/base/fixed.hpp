#pragma once
// Bounded text and vectors that are trivially copyable, so that events can be copied as bytes.
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bellwether/base/assert.hpp"

namespace bw {

/// Up to N bytes of UTF-8. What is longer is cut at a character's boundary. Unused bytes are zero.
template <std::size_t N>
class FixedText {
 public:
  static_assert(N < 65'536);
  constexpr FixedText() = default;
  explicit FixedText(std::string_view text) noexcept { assign(text); }
  void assign(std::string_view text) noexcept {
    std::size_t n = text.size() < N ? text.size() : N;
    while (n > 0 && n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) --n;
    data_.fill('\0');
    if (n > 0) std::memcpy(data_.data(), text.data(), n);
    size_ = static_cast<std::uint16_t>(n);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {data_.data(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  bool operator==(const FixedText& o) const noexcept { return view() == o.view(); }
  auto operator<=>(const FixedText& o) const noexcept { return view() <=> o.view(); }

 private:
  std::uint16_t size_ = 0;
  std::array<char, N> data_{};
};

/// Up to N elements, in place. push_back beyond N asserts: check full() where the outside decides
/// the count.
template <class T, std::size_t N>
class FixedVector {
 public:
  using value_type = T;
  void push_back(const T& v) {
    BW_ASSERT(size_ < N, "fixed vector is full");
    data_[size_++] = v;
  }
  void clear() noexcept { size_ = 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == N; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] static constexpr std::size_t capacity() noexcept { return N; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  auto begin() noexcept { return data_.begin(); }
  auto end() noexcept { return data_.begin() + size_; }
  auto begin() const noexcept { return data_.begin(); }
  auto end() const noexcept { return data_.begin() + size_; }
  bool operator==(const FixedVector& o) const {
    if (size_ != o.size_) return false;
    for (std::size_t i = 0; i < size_; ++i) {
      if (!(data_[i] == o.data_[i])) return false;
    }
    return true;
  }

 private:
  std::uint32_t size_ = 0;
  std::array<T, N> data_{};
};

}  // namespace bw
