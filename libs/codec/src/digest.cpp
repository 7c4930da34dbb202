#include "bellwether/codec/digest.hpp"

#include <sodium.h>

#include <bit>
#include <cstring>

#include "fields.hpp"

namespace bw::codec {

static_assert(std::endian::native == std::endian::little, "canonical bytes are little-endian");

namespace {

constexpr std::size_t kBlockBytes = 16'384;

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  template <As, class V>
  void field(const char*, const V& v) {
    put(v);
  }

  template <class V>
  void put(const V& v) {
    if constexpr (kIsFixed<V>) {
      raw(v.raw());
    } else if constexpr (kIsId<V>) {
      raw(v.value);
    } else if constexpr (std::is_arithmetic_v<V> || std::is_enum_v<V>) {
      raw(v);
    } else if constexpr (kIsText<V>) {
      bytes(v.view());
    } else if constexpr (kIsDoubles<V> || kIsVector<V>) {
      raw(static_cast<std::uint32_t>(v.size()));
      for (const auto& e : v) put(e);
    } else {
      Fields<V>::visit(v, *this);
    }
  }

  void bytes(std::string_view v) {
    raw(static_cast<std::uint32_t>(v.size()));
    out_.append(v);
  }

 private:
  template <class V>
  void raw(V v) {
    char b[sizeof v];
    std::memcpy(b, &v, sizeof v);
    out_.append(b, sizeof v);
  }

  std::string& out_;
};

crypto_hash_sha256_state loaded(const std::array<unsigned char, 128>& from) {
  crypto_hash_sha256_state s;
  static_assert(sizeof s <= sizeof from);
  std::memcpy(&s, from.data(), sizeof s);
  return s;
}

void update(std::array<unsigned char, 128>& to, const std::string& bytes) {
  crypto_hash_sha256_state s = loaded(to);
  crypto_hash_sha256_update(&s, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::memcpy(to.data(), &s, sizeof s);
}

}  // namespace

void append_canonical(const runtime::Record& record, std::string& out) {
  CanonicalWriter w(out);
  w.put(record.t);
  w.put(record.kind);
  w.put(record.unit);
  w.put(record.seq);
  w.bytes(event_name(record.event));
  std::visit(
      [&w]<class T>(const T& e) {
        if constexpr (!std::is_same_v<T, std::monostate>) w.put(e);
      },
      record.event);
}

Digest::Digest() {
  crypto_hash_sha256_state s;
  crypto_hash_sha256_init(&s);
  std::memcpy(state_.data(), &s, sizeof s);
  pending_.reserve(kBlockBytes + 1024);
}

bool Digest::covers(const Event& event) noexcept {
  return std::holds_alternative<Signal>(event) || std::holds_alternative<OrderEvent>(event) ||
         std::holds_alternative<Fill>(event) || std::holds_alternative<Position>(event);
}

void Digest::add(const runtime::Record& record) {
  if (record.what != runtime::What::out || !covers(record.event)) return;
  append_canonical(record, pending_);
  ++count_;
  if (pending_.size() < kBlockBytes) return;
  update(state_, pending_);
  pending_.clear();
}

std::string Digest::hex() const {
  auto copy = state_;
  update(copy, pending_);
  crypto_hash_sha256_state s = loaded(copy);
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&s, hash.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return hex.data();
}

void Digest::save(Writer& w) const {
  w.put_bytes(pending_);
  w.put_raw(state_);
  w.put(count_);
}

void Digest::load(Reader& r) {
  pending_ = r.get_bytes();
  r.get_raw(state_);
  r.get(count_);
}

std::string Digest::text() const { return "sha256:" + hex(); }

}  // namespace bw::codec
