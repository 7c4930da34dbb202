#include "bellwether/telemetry/log.hpp"

#include <spdlog/details/os.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "bellwether/base/time.hpp"

namespace bw::telemetry {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxTextBytes = 4096;  // of one value; what is longer is cut
constexpr std::size_t kMaxRememberedMessages = 1024;

spdlog::level::level_enum to_spdlog(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* name_of(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

/// The line comes as `{"level":…`; the time that spdlog took is put in front.
class StampingFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    const auto since =
        std::chrono::duration_cast<std::chrono::nanoseconds>(msg.time.time_since_epoch());
    const std::string head =
        "{\"ts\":\"" + format_utc(since.count() / kMicrosecond * kMicrosecond) + "\",";
    out.append(head.data(), head.data() + head.size());
    out.append(msg.payload.begin() + 1, msg.payload.end());
    out.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<StampingFormatter>();
  }
};

std::string shown(std::string_view text) { return redact(text.substr(0, kMaxTextBytes)); }

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (text == name_of(level)) return level;
  }
  return fail(ErrorCode::invalid_argument, "is no log level", "log level",
              "give debug, info, warn or error");
}

struct Log::Sink {
  LogOptions options;
  std::shared_ptr<spdlog::logger> logger;
  std::mutex mutex;

  struct Repeats {
    std::int64_t second = 0;
    std::uint32_t count = 0;
    std::uint64_t suppressed = 0;
  };
  std::map<std::string, Repeats, std::less<>> repeats;

  /// Nothing: the message has been said often enough in this second; else how many were left out.
  std::optional<std::uint64_t> admit(std::string_view message, std::int64_t second) {
    if (options.repeats_per_second == 0) return 0;
    const std::lock_guard lock(mutex);
    if (repeats.size() >= kMaxRememberedMessages && repeats.find(message) == repeats.end()) {
      repeats.clear();
    }
    auto found = repeats.find(message);
    if (found == repeats.end()) found = repeats.emplace(std::string(message), Repeats{}).first;
    Repeats& r = found->second;
    if (r.second != second) {
      r.second = second;
      r.count = 0;
    }
    if (++r.count > options.repeats_per_second) {
      ++r.suppressed;
      return std::nullopt;
    }
    const std::uint64_t left_out = r.suppressed;
    r.suppressed = 0;
    return left_out;
  }
};

Log::Log(std::shared_ptr<Sink> sink, std::string machine)
    : sink_(std::move(sink)), machine_(std::move(machine)) {}

Result<Log> Log::open(const LogOptions& options) {
  auto sink = std::make_shared<Sink>();
  sink->options = options;
  spdlog::sink_ptr to;
  try {
    if (options.file.empty()) {
      to = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      to = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
  } catch (const spdlog::spdlog_ex& e) {
    return fail(ErrorCode::failed_precondition, e.what(), "log file " + options.file,
                "name a file in a folder that can be written to");
  }
  sink->logger = std::make_shared<spdlog::logger>("bellwether", std::move(to));
  sink->logger->set_formatter(std::make_unique<StampingFormatter>());
  sink->logger->set_level(to_spdlog(options.level));
  sink->logger->flush_on(spdlog::level::warn);
  sink->logger->set_error_handler([](const std::string&) {});  // a line that cannot be written
  return Log(std::move(sink), {});
}

Log Log::none() {
  auto sink = std::make_shared<Sink>();
  sink->logger =
      std::make_shared<spdlog::logger>("none", std::make_shared<spdlog::sinks::null_sink_mt>());
  sink->logger->set_level(spdlog::level::off);
  return Log(std::move(sink), {});
}

Log Log::of_machine(std::string_view machine) const { return Log(sink_, std::string(machine)); }

bool Log::shows(Level level) const noexcept { return sink_->logger->should_log(to_spdlog(level)); }

void Log::flush() const { sink_->logger->flush(); }

void Log::debug(std::string_view message, FieldList fields) const {
  write(Level::debug, message, fields, {});
}
void Log::info(std::string_view message, FieldList fields) const {
  write(Level::info, message, fields, {});
}
void Log::warn(std::string_view message, FieldList fields) const {
  write(Level::warn, message, fields, {});
}
void Log::error(std::string_view message, FieldList fields) const {
  write(Level::error, message, fields, {});
}

void Log::write(Level level, std::string_view message, FieldList fields,
                const TraceContext& trace) const {
  if (!shows(level)) return;
  const auto now = spdlog::details::os::now();
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto suppressed = sink_->admit(message, second);
  if (!suppressed) return;
  ordered_json line;
  line["level"] = name_of(level);
  line["service"] = sink_->options.service;
  if (!sink_->options.instance.empty()) line["instance"] = sink_->options.instance;
  if (!machine_.empty()) line["machine"] = machine_;
  if (trace.is_set()) {
    line["trace_id"] = hex(trace.trace_id);
    line["span_id"] = hex(trace.span_id);
  }
  line["msg"] = shown(message);
  for (const Field& f : fields) {
    ordered_json& to = line[std::string(f.name)];
    if (is_secret_name(f.name)) {
      to = "***";
    } else if (const auto* text = std::get_if<std::string>(&f.value)) {
      to = shown(*text);
    } else {
      std::visit([&to](const auto& v) { to = v; }, f.value);
    }
  }
  if (*suppressed > 0) line["suppressed"] = *suppressed;
  const std::string text = line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  sink_->logger->log(now, spdlog::source_loc{}, to_spdlog(level), text);
}

}  // namespace bw::telemetry
