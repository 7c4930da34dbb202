#include <sodium.h>

#include <array>
#include <charconv>

#include "bellwether/base/assert.hpp"
#include "bellwether/config/document.hpp"

namespace bw::config {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  BW_ASSERT(crypto_hash_sha256(digest.data(), data, bytes.size()) == 0, "sha256 cannot fail");
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

std::uint64_t sha256_prefix(std::string_view hex) noexcept {
  std::uint64_t value = 0;
  if (hex.size() < 16) return 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + 16, value, 16);
  return error == std::errc{} && end == hex.data() + 16 ? value : 0;
}

}  // namespace bw::config
