#include "bellwether/servers/private_postgres.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bellwether/servers/child.hpp"
#include "places.hpp"

namespace bw::servers {
namespace {

namespace fs = std::filesystem;

constexpr int kStepMs = 10;
constexpr int kStopTimeoutMs = 10'000;
constexpr std::size_t kLongestSocketFolder = 80;  // a unix socket's path ends at 107 bytes
constexpr const char* kUser = "bellwether";

Result<fs::path> find_programs() {
  for (const char* folder : {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin",
                             "/usr/lib/postgresql/17/bin", "/usr/local/bin", "/usr/bin"}) {
    if (fs::exists(fs::path(folder) / "initdb") && fs::exists(fs::path(folder) / "postgres")) {
      return fs::path(folder);
    }
  }
  return fail(ErrorCode::failed_precondition, "PostgreSQL is not installed: no initdb found", {},
              "run deploy/deps run");
}

/// FNV-1a, for a folder name that stays the same over runs.
std::string short_hash(const std::string& text) {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(h));
  return out;
}

std::string percent_encoded(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '/' || c == '-' || c == '_' || c == '.';
    if (plain) {
      out += c;
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    }
  }
  return out;
}

Error folder_error(const std::string& what, const fs::path& folder, const std::error_code& error) {
  return Error{ErrorCode::unavailable, what + ": " + error.message(), folder.string(),
               "give a folder that can be written"};
}

Result<> make_owned(const fs::path& folder, std::optional<Account> owner) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return tl::unexpected<Error>(folder_error("cannot make the folder", folder, error));
  fs::permissions(folder, fs::perms::owner_all, error);
  if (owner && ::chown(folder.c_str(), owner->uid, owner->gid) != 0) {
    return tl::unexpected<Error>(folder_error("cannot give the folder to postgres", folder,
                                              {errno, std::generic_category()}));
  }
  return {};
}

Child::Options as_account(std::optional<Account> account) {
  Child::Options options;
  if (account) {
    options.uid = account->uid;
    options.gid = account->gid;
  }
  return options;
}

/// What pg_ctl does to see that a server is up: the eighth line of postmaster.pid.
bool is_ready(const fs::path& data, pid_t pid) {
  std::ifstream in(data / "postmaster.pid");
  std::string line;
  std::getline(in, line);
  if (line != std::to_string(pid)) return false;
  for (int i = 2; i <= 8; ++i) {
    if (!std::getline(in, line)) return false;
  }
  return line.starts_with("ready");
}

}  // namespace

Result<std::unique_ptr<PrivatePostgres>> PrivatePostgres::start(Options options) {
  std::unique_ptr<PrivatePostgres> p(new PrivatePostgres());
  p->options_ = std::move(options);
  auto bin = find_programs();
  if (!bin) return tl::unexpected<Error>(bin.error());
  p->bin_ = *bin;
  for (const auto step : {&PrivatePostgres::prepare_folder, &PrivatePostgres::initialise,
                          &PrivatePostgres::launch, &PrivatePostgres::create_database}) {
    if (auto done = (p.get()->*step)(); !done) return tl::unexpected<Error>(done.error());
  }
  return p;
}

PrivatePostgres::~PrivatePostgres() {
  if (child_ && !temporary_) stop();
  child_.reset();
  std::error_code ignored;
  if (temporary_ && !folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<> PrivatePostgres::prepare_folder() {
  auto account = unprivileged_account();
  if (!account) return tl::unexpected<Error>(account.error());
  temporary_ = options_.folder.empty();
  if (temporary_) {
    auto made = make_temporary_folder("postgres", *account);
    if (!made) return tl::unexpected<Error>(made.error());
    folder_ = *made;
  } else {
    folder_ = fs::absolute(options_.folder).lexically_normal();
    if (*account && !can_reach(folder_ / "x", **account)) {
      folder_ = fs::path("/var/lib/bellwether") / short_hash(folder_.string());
    }
    if (auto made = make_owned(folder_, *account); !made) return made;
  }
  socket_ = folder_ / "socket";
  if (socket_.string().size() > kLongestSocketFolder) {
    socket_ = "/tmp/bellwether-" + short_hash(folder_.string());
  }
  uri_ = "postgresql:///" + options_.database + "?host=" + percent_encoded(socket_.string()) +
         "&user=" + kUser;
  return make_owned(socket_, *account);
}

Result<> PrivatePostgres::initialise() {
  if (fs::exists(folder_ / "data" / "PG_VERSION") && !fs::exists(folder_ / "data.new")) return {};
  auto account = unprivileged_account();
  if (!account) return tl::unexpected<Error>(account.error());
  // initdb writes beside, and a rename makes it real: a run that is killed here leaves no half
  // cluster.
  const fs::path fresh = folder_ / "data.new";
  std::error_code error;
  fs::remove_all(fresh, error);
  Child::Options run = as_account(*account);
  run.output = folder_ / "initdb.log";
  run.command = {
      bin_ / "initdb",    "-D", fresh, "-U", kUser, "-A", "trust", "-E", "UTF8", "--locale=C",
      "--no-instructions"};
  if (temporary_) run.command.push_back("--no-sync");
  if (auto ran = run_program(run, options_.start_timeout_ms); !ran) {
    return tl::unexpected<Error>(ran.error());
  }
  fs::rename(fresh, folder_ / "data", error);
  if (error)
    return tl::unexpected<Error>(folder_error("cannot rename data.new to data", folder_, error));
  return {};
}

Result<bool> PrivatePostgres::launch_once(int timeout_ms) {
  auto account = unprivileged_account();
  if (!account) return tl::unexpected<Error>(account.error());
  Child::Options run = as_account(*account);
  run.output = folder_ / "postgres.log";
  run.end_signal =
      SIGQUIT;  // at once, with its shared memory cleaned up; the log recovers the rest
  if (temporary_) run.remove = folder_;
  run.command = {bin_ / "postgres",
                 "-D",
                 folder_ / "data",
                 "-c",
                 "listen_addresses=",
                 "-c",
                 "unix_socket_directories=" + socket_.string(),
                 "-c",
                 "unix_socket_permissions=0700",
                 "-c",
                 "log_min_messages=warning",
                 "-c",
                 "max_wal_size=256MB"};
  if (!options_.durable) {
    run.command.insert(run.command.end(), {"-c", "fsync=off", "-c", "full_page_writes=off"});
  }
  auto child = Child::start(run);
  if (!child) return tl::unexpected<Error>(child.error());
  for (int waited = 0; waited < timeout_ms; waited += kStepMs) {
    if ((*child)->exit_code()) return false;
    if (is_ready(folder_ / "data", (*child)->pid())) {
      child_ = std::move(*child);
      return true;
    }
    pause_ms(kStepMs);
  }
  return false;
}

Result<> PrivatePostgres::launch() {
  // A server that was killed a moment ago may still hold its shared memory, and a run that ended a
  // moment ago its lock.
  constexpr int kRetryMs = 200;
  for (int waited = 0; waited < options_.start_timeout_ms; waited += kRetryMs) {
    auto up = launch_once(options_.start_timeout_ms);
    if (!up) return tl::unexpected<Error>(up.error());
    if (*up) {
      std::ofstream(folder_ / "uri") << uri_ << '\n';
      return {};
    }
    const std::string log = tail_of(folder_ / "postgres.log", 3);
    const bool held = log.find("shared memory block") != std::string::npos ||
                      log.find("lock file") != std::string::npos;
    if (!held) break;
    pause_ms(kRetryMs);
  }
  return fail(ErrorCode::unavailable,
              "PostgreSQL did not start: " + tail_of(folder_ / "postgres.log", 4), folder_.string(),
              "see postgres.log there; another run may have the folder");
}

Result<> PrivatePostgres::create_database() {
  Child::Options run;
  run.output = folder_ / "createdb.log";
  std::error_code ignored;
  fs::remove(run.output, ignored);
  run.command = {bin_ / "createdb", "-h", socket_, "-U", kUser, options_.database};
  if (auto ran = run_program(run, options_.start_timeout_ms);
      !ran && ran.error().message.find("already exists") == std::string::npos) {
    return tl::unexpected<Error>(ran.error());
  }
  return {};
}

bool PrivatePostgres::running() { return child_ && !child_->exit_code(); }

void PrivatePostgres::stop() {
  if (!child_) return;
  child_->signal(SIGINT);  // "fast": sessions are cut, a checkpoint is written
  child_->wait(kStopTimeoutMs);
  child_->signal(SIGKILL);  // nothing where it has ended
  child_->wait(kStopTimeoutMs);
  child_.reset();
  std::error_code ignored;
  fs::remove(folder_ / "uri", ignored);
}

void PrivatePostgres::kill() {
  if (!child_) return;
  child_->signal(SIGKILL);
  child_->wait(kStopTimeoutMs);
  child_.reset();
}

Result<> PrivatePostgres::restart() {
  stop();
  return launch();
}

}  // namespace bw::servers
