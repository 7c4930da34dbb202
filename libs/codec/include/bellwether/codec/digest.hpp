#pragma once
// The digest of a run: SHA-256 over what was decided, as domain values and in the one total order,
// so that it neither mentions partitions, arrival or epochs nor depends on protobuf, padding or the
// build.
#include <array>
#include <cstdint>
#include <string>

#include "bellwether/base/serial.hpp"
#include "bellwether/runtime/record.hpp"

namespace bw::codec {

/// Covers signals, order events, fills and positions (the broker's); add() passes over everything
/// else, so that a caller may feed whole logs. The caller feeds in ascending key_of(record).
/// Canonical form of a record: t (8 bytes), kind (1), unit (4), seq (8), the event's name, then its
/// fields in the struct's order. Integers are little-endian in their own width, doubles by their
/// IEEE 754 bits, enums one byte, text as length (4) and bytes, lists as count (4) and elements.
/// One thread. Copyable: a copy goes on from the same state.
class Digest {
 public:
  Digest();
  void add(const runtime::Record& record);
  [[nodiscard]] static bool covers(const Event& event) noexcept;
  /// Records that counted so far.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// "sha256:" and 64 hex digits, of what was added so far; may go on afterwards.
  [[nodiscard]] std::string text() const;
  /// The 64 hex digits alone.
  [[nodiscard]] std::string hex() const;

  /// A run that is interrupted goes on with the digest of what it had decided.
  void save(Writer& w) const;
  void load(Reader& r);

 private:
  std::string pending_;  // canonical bytes not hashed yet: hashing in blocks is faster
  alignas(8) std::array<unsigned char, 128> state_{};  // of libsodium, kept out of this header
  std::uint64_t count_ = 0;
};

/// The canonical bytes of a record, for tests and for comparing two runs byte by byte.
void append_canonical(const runtime::Record& record, std::string& out);

}  // namespace bw::codec
