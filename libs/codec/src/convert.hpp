#pragma once
// Domain structs to protobuf messages and back, by the field lists.
#include <cmath>
#include <limits>

#include "bellwether/domain/names.hpp"
#include "fields.hpp"

namespace bw::codec {

/// What is wrong with a message and where; `path` grows outwards.
struct Fault {
  std::string path;
  const char* what = nullptr;
  bool at(const char* field, const char* problem) {
    path = field;
    what = problem;
    return false;
  }
  bool inside(const char* field) {
    path = std::string(field) + "." + path;
    return false;
  }
};

/// Protobuf's zero is "unspecified". Where the enum's own zero has a meaning, its values are one
/// higher there.
template <class E>
int enum_offset() noexcept {
  static const int offset = name_of(E{}) == "none" ? 0 : 1;
  return offset;
}

template <class T, class Message>
bool to_message(const T& value, Message& message, Fault& fault);
template <class Message, class T>
bool from_message(const Message& message, T& value, Fault& fault);

template <class V, class Message, class Set, class Mutable>
bool put(const V& v, const char* name, Message& m, Fault& fault, Set set, Mutable mutable_of) {
  if constexpr (kIsFixed<V>) {
    if (!v.is_zero()) mutable_of(m)->set_units(v.raw());
  } else if constexpr (kIsId<V>) {
    set(m, v.value);
  } else if constexpr (std::is_enum_v<V>) {
    if (name_of(v).empty()) return fault.at(name, "is no value of its enum");
    set(m, static_cast<int>(v) + enum_offset<V>());
  } else if constexpr (std::is_same_v<V, double>) {
    if (!std::isfinite(v)) return fault.at(name, "is not finite");
    set(m, v);
  } else if constexpr (std::is_same_v<V, char>) {
    set(m, static_cast<unsigned char>(v));
  } else if constexpr (std::is_arithmetic_v<V>) {
    set(m, v);
  } else if constexpr (kIsText<V>) {
    if (!v.empty()) mutable_of(m)->assign(v.view());
  } else if constexpr (kIsDoubles<V>) {
    std::size_t used = v.size();
    while (used > 0 && v[used - 1] == 0.0 && !std::signbit(v[used - 1])) --used;
    auto* const to = mutable_of(m);
    to->Reserve(static_cast<int>(used));
    for (std::size_t i = 0; i < used; ++i) {
      if (!std::isfinite(v[i])) return fault.at(name, "holds a number that is not finite");
      to->AddAlreadyReserved(v[i]);
    }
  } else if constexpr (kIsVector<V>) {
    for (const auto& element : v) {
      if (!to_message(element, *mutable_of(m)->Add(), fault)) return fault.inside(name);
    }
  } else {
    if (!to_message(v, *mutable_of(m), fault)) return fault.inside(name);
  }
  return true;
}

template <class V, class W>
bool take(V& v, const char* name, const W& w, Fault& fault) {
  if constexpr (kIsFixed<V>) {
    v = V::from_raw(w.units());
  } else if constexpr (kIsId<V>) {
    v = V(w);
  } else if constexpr (std::is_enum_v<V>) {
    const int own = static_cast<int>(w) - enum_offset<V>();
    if (own < 0 || own > 63 || name_of(static_cast<V>(own)).empty()) {
      return fault.at(name, "is no value of its enum");
    }
    v = static_cast<V>(own);
  } else if constexpr (std::is_same_v<V, double>) {
    if (!std::isfinite(w)) return fault.at(name, "is not finite");
    v = w;
  } else if constexpr (std::is_same_v<V, char>) {
    if (w > 255) return fault.at(name, "is no character");
    v = static_cast<char>(static_cast<unsigned char>(w));
  } else if constexpr (std::is_arithmetic_v<V>) {
    if constexpr (sizeof(V) < sizeof(W)) {
      if (w > std::numeric_limits<V>::max()) return fault.at(name, "is too large");
    }
    v = static_cast<V>(w);
  } else if constexpr (kIsText<V>) {
    v.assign(w);
    if (v.view().size() != w.size()) return fault.at(name, "is too long");
  } else if constexpr (kIsDoubles<V>) {
    if (static_cast<std::size_t>(w.size()) > v.size())
      return fault.at(name, "has too many elements");
    v.fill(0);
    for (int i = 0; i < w.size(); ++i) {
      if (!std::isfinite(w.Get(i))) return fault.at(name, "holds a number that is not finite");
      v[static_cast<std::size_t>(i)] = w.Get(i);
    }
  } else if constexpr (kIsVector<V>) {
    if (static_cast<std::size_t>(w.size()) > V::capacity()) {
      return fault.at(name, "has too many elements");
    }
    v.clear();
    for (const auto& element : w) {
      typename V::value_type one;
      if (!from_message(element, one, fault)) return fault.inside(name);
      v.push_back(one);
    }
  } else {
    if (!from_message(w, v, fault)) return fault.inside(name);
  }
  return true;
}

/// One struct's two directions. The accessors are generic lambdas, so that only the ones that exist
/// are used.
template <class T>
struct Converter;

#define BW_PUT(name, as)                                                                           \
  if (!put(                                                                                        \
          value.name, #name, message, fault,                                                       \
          [](auto& m, auto x) { m.set_##name(static_cast<std::decay_t<decltype(m.name())>>(x)); }, \
          [](auto& m) { return m.mutable_##name(); })) {                                           \
    return false;                                                                                  \
  }
#define BW_TAKE(name, as) \
  if (!take(value.name, #name, message.name(), fault)) return false;
#define BW_CONVERTER(T)                                                               \
  template <>                                                                         \
  struct Converter<T> {                                                               \
    template <class Message>                                                          \
    static bool to([[maybe_unused]] const T& value, Message& message, Fault& fault) { \
      BW_FIELDS_##T(BW_PUT) return true;                                              \
    }                                                                                 \
    template <class Message>                                                          \
    static bool from(const Message& message, T& value, Fault& fault) {                \
      BW_FIELDS_##T(BW_TAKE) return true;                                             \
    }                                                                                 \
  };
BW_STRUCTS(BW_CONVERTER)
#undef BW_CONVERTER
#undef BW_TAKE
#undef BW_PUT

template <class T, class Message>
bool to_message(const T& value, Message& message, Fault& fault) {
  return Converter<T>::to(value, message, fault);
}
template <class Message, class T>
bool from_message(const Message& message, T& value, Fault& fault) {
  return Converter<T>::from(message, value, fault);
}

}  // namespace bw::codec
