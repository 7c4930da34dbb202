#pragma once
// Logs: one JSON object a line, with the same fields in every process.
//
//   {"ts":"2026-01-02T14:30:00.123456Z","level":"warn","service":"broker","instance":"broker-7",
//    "machine":"broker.orders/0","trace_id":"4bf9…","span_id":"00f0…","msg":"venue is silent",
//    "error":"…"}
//
// machine, trace_id and span_id stand only where they are known. Secrets are taken out of all text.
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "bellwether/base/result.hpp"
#include "bellwether/telemetry/trace.hpp"

namespace bw::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error };

/// "debug", "info", "warn", "error".
[[nodiscard]] Result<Level> parse_level(std::string_view text);

/// `text` with what looks like a secret replaced by "***": passwords in URIs, values of keys such
/// as password, secret, token, api_key, authorization, and bearer tokens.
[[nodiscard]] std::string redact(std::string_view text);
/// True where a field of this name holds a secret: its value is never shown.
[[nodiscard]] bool is_secret_name(std::string_view name);

/// A named value of a log line. The name is a literal in snake case.
struct Field {
  template <class T>
  Field(std::string_view field_name, const T& v) : name(field_name) {
    if constexpr (std::is_same_v<T, bool>)
      value = v;
    else if constexpr (std::is_floating_point_v<T>)
      value = static_cast<double>(v);
    else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>)
      value = std::uint64_t{v};
    else if constexpr (std::is_integral_v<T>)
      value = std::int64_t{v};
    else
      value = std::string(std::string_view(v));
  }
  std::string_view name;
  std::variant<std::string, std::int64_t, std::uint64_t, double, bool> value;
};
using FieldList = std::initializer_list<Field>;

struct LogOptions {
  std::string service;   ///< "broker"
  std::string instance;  ///< empty: left out
  Level level = Level::info;
  std::string file;  ///< empty: stderr; else appended to
  /// The same message this often a second; the rest is counted, and the next line that passes says
  /// "suppressed": how many. 0: no limit.
  std::uint32_t repeats_per_second = 20;
};

/// A process's log. Copies share it; of_machine() gives one that names a machine in each line.
/// Thread-safe. A line that cannot be written is dropped: a full disk stops no trading.
class Log {
 public:
  /// Errors: the file cannot be opened.
  [[nodiscard]] static Result<Log> open(const LogOptions& options);
  /// Writes nowhere: for tests and tools.
  [[nodiscard]] static Log none();

  [[nodiscard]] Log of_machine(std::string_view machine) const;

  void debug(std::string_view message, FieldList fields = {}) const;
  void info(std::string_view message, FieldList fields = {}) const;
  void warn(std::string_view message, FieldList fields = {}) const;
  void error(std::string_view message, FieldList fields = {}) const;
  void write(Level level, std::string_view message, FieldList fields,
             const TraceContext& trace) const;
  [[nodiscard]] bool shows(Level level) const noexcept;
  void flush() const;

 private:
  struct Sink;
  Log(std::shared_ptr<Sink> sink, std::string machine);
  std::shared_ptr<Sink> sink_;
  std::string machine_;
};

}  // namespace bw::telemetry
