#pragma once
// What every connection of this library keeps to, so that nobody waits for ever: not for a server
// that does not answer, nor for a row that a frozen process has locked.
#include <string>

namespace bw::postgres {

/// `uri` with limits for connecting and for a server that falls silent; what the URI says itself
/// stands.
[[nodiscard]] inline std::string with_timeouts(const std::string& uri) {
  const bool is_uri = uri.find("://") != std::string::npos;
  std::string s = uri;
  const auto add = [&](const std::string& name, const char* value) {
    if (uri.find(name) != std::string::npos) return;
    if (is_uri) {
      s += s.find('?') == std::string::npos ? '?' : '&';
    } else {
      s += ' ';
    }
    s += name + "=" + value;
  };
  add("connect_timeout", "3");
  add("tcp_user_timeout", "5000");
  return s;
}

/// A frozen owner's transaction ends after two seconds, and with it the lock that its successor
/// waits for.
inline constexpr const char* kSessionLimits =
    "SET lock_timeout = '3s'; SET statement_timeout = '60s'; "
    "SET idle_in_transaction_session_timeout = '2s'";

}  // namespace bw::postgres
