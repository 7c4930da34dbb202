#include "bellwether/codec/json.hpp"

#include <charconv>
#include <cmath>

#include "bellwether/domain/names.hpp"
#include "fields.hpp"

namespace bw::codec {

namespace {

template <class I>
void append_integer(I v, std::string& out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out.append(buffer, end);
}

void append_hex(std::uint64_t v, int digits, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(v >> shift) & 15U];
  out += '"';
}

/// Length of the UTF-8 sequence at text[i], or 0 where it is none (RFC 3629: no surrogates, no
/// overlong forms).
std::size_t utf8_length(std::string_view text, std::size_t i) noexcept {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const auto tail = [&](std::size_t k, unsigned low, unsigned high) {
    return k < text.size() && byte(k) >= low && byte(k) <= high;
  };
  const unsigned b = byte(i);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(i + 1, 0x80, 0xBF) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const unsigned low = b == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = b == 0xED ? 0x9F : 0xBF;
    return tail(i + 1, low, high) && tail(i + 2, 0x80, 0xBF) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const unsigned low = b == 0xF0 ? 0x90 : 0x80;
    const unsigned high = b == 0xF4 ? 0x8F : 0xBF;
    return tail(i + 1, low, high) && tail(i + 2, 0x80, 0xBF) && tail(i + 3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

void append_escaped(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c >= 0x20 && c != 0x7F) {
    out += static_cast<char>(c);
    return;
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[c >> 4];
  out += kDigits[c & 15U];
}

/// Appends a struct's members as a JSON object.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) {}

  template <class T>
  void object(const T& value) {
    out_ += '{';
    Fields<T>::visit(value, *this);
    if (out_.back() == ',') out_.pop_back();
    out_ += '}';
  }

  template <As as, class V>
  void field(const char* name, const V& v) {
    out_ += '"';
    out_ += name;
    out_ += "\":";
    value<as>(v);
    out_ += ',';
  }

 private:
  template <As as, class V>
  void value(const V& v) {
    if constexpr (as == As::time || as == As::day) {
      if (v == 0) {
        out_ += "null";
        return;
      }
      out_ += '"';
      if constexpr (as == As::time)
        out_ += format_utc(v);
      else
        out_ += format_date(v);
      out_ += '"';
    } else if constexpr (as == As::hash) {
      append_hex(v, 16, out_);
    } else if constexpr (as == As::bits) {
      append_hex(v, 8, out_);
    } else {
      plain(v);
    }
  }

  template <class I>
  void quoted(I v) {
    out_ += '"';
    append_integer(v, out_);
    out_ += '"';
  }

  template <class V>
  void plain(const V& v) {
    if constexpr (kIsFixed<V>) {
      out_ += '"';
      out_ += v.to_string();
      out_ += '"';
    } else if constexpr (kIsId<V>) {
      quoted(v.value);
    } else if constexpr (std::is_enum_v<V>) {
      append_json_string(name_of(v), out_);
    } else if constexpr (std::is_same_v<V, bool>) {
      out_ += v ? "true" : "false";
    } else if constexpr (std::is_same_v<V, char>) {
      append_json_string(v == 0 ? std::string_view{} : std::string_view(&v, 1), out_);
    } else if constexpr (std::is_same_v<V, double>) {
      append_json_number(v, out_);
    } else if constexpr (std::is_integral_v<V>) {
      if constexpr (sizeof(V) == 8)
        quoted(v);
      else
        append_integer(v, out_);
    } else if constexpr (kIsText<V>) {
      append_json_string(v.view(), out_);
    } else if constexpr (kIsDoubles<V> || kIsVector<V>) {
      elements(v);
    } else {
      object(v);
    }
  }

  template <class V>
  void elements(const V& v) {
    out_ += '[';
    for (const auto& e : v) {
      plain(e);
      out_ += ',';
    }
    if (out_.back() == ',') out_.pop_back();
    out_ += ']';
  }

  std::string& out_;
};

void append_event(const Event& event, std::string& out) {
  std::visit(
      [&out]<class T>(const T& e) {
        if constexpr (std::is_same_v<T, std::monostate>) {
          out += "null";
        } else {
          ObjectWriter(out).object(e);
        }
      },
      event);
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = utf8_length(text, i);
    if (n == 1) {
      append_escaped(static_cast<unsigned char>(text[i]), out);
    } else if (n == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text, i, n);
    }
    i += n == 0 ? 1 : n;
  }
  out += '"';
}

void append_json_number(double v, std::string& out) {
  if (!std::isfinite(v)) {
    out += "null";
    return;
  }
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out.append(buffer, end);
}

void append_json(const runtime::Record& record, std::string& out) {
  out += "{\"t\":\"";
  out += format_utc(record.t);
  out += "\",\"kind\":\"";
  out += kind_name(record.kind);
  out += "\",\"unit\":\"";
  append_integer(record.unit, out);
  out += "\",\"seq\":\"";
  append_integer(record.seq, out);
  out += '"';
  if (record.what == runtime::What::admit) out += ",\"admitted\":true";
  out += ",\"type\":\"";
  out += event_name(record.event);
  out += "\",\"event\":";
  append_event(record.event, out);
  out += '}';
}

std::string to_json(const runtime::Record& record) {
  std::string out;
  append_json(record, out);
  return out;
}

std::string to_json(const Event& event) {
  std::string out;
  append_event(event, out);
  return out;
}

}  // namespace bw::codec
