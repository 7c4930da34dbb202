#include <array>

#include "bellwether/telemetry/log.hpp"

namespace bw::telemetry {

namespace {

constexpr std::array<std::string_view, 12> kSecretWords{
    "password", "passwd",     "secret",     "token",      "api_key",     "apikey",
    "api-key",  "access_key", "access-key", "credential", "private_key", "authorization"};
constexpr std::string_view kMask = "***";

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// scheme://user:password@host: the password's begin and end in `text`, or nothing (npos, npos).
struct Span {
  std::size_t from = std::string_view::npos;
  std::size_t to = std::string_view::npos;
};
Span password_in_uri(std::string_view text, std::size_t at) noexcept {
  const std::size_t scheme = text.find("://", at);
  if (scheme == std::string_view::npos) return {};
  const std::size_t user = scheme + 3;
  const std::size_t end = text.find_first_of("/ \t\n\"'<>?#", user);
  const std::string_view authority = text.substr(user, end - user);
  const std::size_t sign = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) {
    return {user, user};  // no password in this one; go on behind it
  }
  return {user + colon + 1, user + sign};
}

std::string redact_uris(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (Span s = password_in_uri(text, 0); s.from != std::string_view::npos;
       s = password_in_uri(text, done)) {
    out.append(text, done, s.from - done);
    if (s.to > s.from) out += kMask;
    done = s.to;
  }
  return out.append(text, done);
}

/// Where the value behind a key at `i` begins: past quotes, blanks and one ':' or '='; npos if
/// none.
std::size_t value_behind(std::string_view text, std::size_t i) noexcept {
  while (i < text.size() && is_word(text[i])) ++i;  // the rest of the key's own word
  if (i < text.size() && (text[i] == '"' || text[i] == '\'')) ++i;
  while (i < text.size() && text[i] == ' ') ++i;
  if (i >= text.size() || (text[i] != ':' && text[i] != '=')) return std::string_view::npos;
  ++i;
  while (i < text.size() && text[i] == ' ') ++i;
  return i;
}

std::size_t value_end(std::string_view text, std::size_t i) noexcept {
  if (i < text.size() && (text[i] == '"' || text[i] == '\'')) {
    const char quote = text[i];
    for (++i; i < text.size() && text[i] != quote; ++i) {
      if (text[i] == '\\') ++i;
    }
    return i < text.size() ? i : text.size();
  }
  const std::size_t end = text.find_first_of(" \t\n,;&)}]\"'", i);
  return end == std::string_view::npos ? text.size() : end;
}

/// "bearer ", "basic " or nothing in front of a value: a scheme's name is no secret.
std::size_t scheme_length(std::string_view low, std::size_t i) noexcept {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    if (low.substr(i, scheme.size()) == scheme) return scheme.size();
  }
  return 0;
}

/// The first secret at or behind `at`: of a named key, or of a bearer token.
Span next_secret(std::string_view text, std::string_view low, std::size_t at) noexcept {
  Span first;
  const auto consider = [&](std::size_t from) {
    from += scheme_length(low, from);
    if (from < text.size() && (text[from] == '"' || text[from] == '\'')) {
      const std::size_t end = value_end(text, from);
      if (from + 1 < first.from) first = {from + 1, end};
    } else if (from < first.from) {
      first = {from, value_end(text, from)};
    }
  };
  for (const std::string_view word : kSecretWords) {
    for (std::size_t i = low.find(word, at); i != std::string_view::npos;
         i = low.find(word, i + 1)) {
      const std::size_t value = value_behind(text, i);
      if (value == std::string_view::npos) continue;
      consider(value);
      break;
    }
  }
  const std::size_t bearer = low.find("bearer ", at);
  if (bearer != std::string_view::npos) consider(bearer);
  return first;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string low = lower(name);
  for (const std::string_view word : kSecretWords) {
    if (low.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string redact(std::string_view text) {
  const std::string without = redact_uris(text);
  const std::string low = lower(without);
  std::string out;
  std::size_t done = 0;
  for (Span s = next_secret(without, low, 0); s.from != std::string_view::npos;
       s = next_secret(without, low, done)) {
    out.append(without, done, s.from - done);
    if (s.to > s.from) out += kMask;
    done = std::max(s.to, s.from);
    if (done >= without.size()) break;
    if (s.to <= s.from) out += without[done++];  // an empty value: step over it
  }
  return done < without.size() ? out.append(without, done) : out;
}

}  // namespace bw::telemetry
