#pragma once
// The least of protobuf's wire format that is needed to pass over fields without decoding them
// (protobuf.dev, "Encoding").
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bw::codec {

/// Reads a message's fields one after the other. After the first fault ok() is false and at_end()
/// is true.
class WireReader {
 public:
  struct Field {
    std::uint32_t number = 0;
    std::uint64_t value = 0;  ///< of a varint or fixed field
    std::string_view bytes;   ///< of a length-delimited field
  };
  explicit WireReader(std::string_view in) noexcept : in_(in) {}
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return in_.empty(); }

  [[nodiscard]] Field next() noexcept {
    Field f;
    const std::uint64_t tag = varint();
    if (tag >> 32 != 0 || tag >> 3 == 0) return fault();
    f.number = static_cast<std::uint32_t>(tag >> 3);
    switch (tag & 7U) {
      case 0:
        f.value = varint();
        break;
      case 1:
        f.value = fixed<std::uint64_t>();
        break;
      case 2: {
        const std::uint64_t size = varint();
        if (!ok_ || size > in_.size()) return fault();
        f.bytes = in_.substr(0, size);
        in_.remove_prefix(size);
        break;
      }
      case 5:
        f.value = fixed<std::uint32_t>();
        break;
      default:
        return fault();  // groups are not used
    }
    return f;
  }

 private:
  Field fault() noexcept {
    ok_ = false;
    in_ = {};
    return {};
  }
  std::uint64_t varint() noexcept {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      v |= static_cast<std::uint64_t>(byte & 0x7FU) << (shift < 64 ? shift : 63);
      if ((byte & 0x80U) == 0) return v;
    }
    fault();
    return 0;
  }
  template <class T>
  std::uint64_t fixed() noexcept {
    T v = 0;
    if (in_.size() < sizeof v) {
      fault();
      return 0;
    }
    std::memcpy(&v, in_.data(), sizeof v);  // little-endian, as is the wire
    in_.remove_prefix(sizeof v);
    return v;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace bw::codec
