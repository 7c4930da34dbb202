#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "bellwether/base/result.hpp"

namespace bw::servers {

class Child;

/// A PostgreSQL cluster of one's own, on a unix socket in its own folder; no TCP port is opened.
///
/// Lifecycle: `start` returns when it takes connections; it ends with this object, or with the
/// process, however that ends. One thread at a time; `uri()` stays the same over `restart()`.
class PrivatePostgres {
 public:
  struct Options {
    /// Where the cluster lives and stays for the next run; empty: a temporary folder, removed at
    /// the end.
    std::filesystem::path folder{};
    std::string database = "bellwether";  ///< created where it is absent
    bool durable = true;  ///< false turns fsync off: for tests that lose nothing by it
    int start_timeout_ms = 30'000;
  };

  /// failed_precondition where PostgreSQL 15 is not installed; unavailable where it does not come
  /// up in time (with the last lines of its log), or another process has the folder.
  static Result<std::unique_ptr<PrivatePostgres>> start(Options options);
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// A libpq connection URI, the same for every `start` of the same folder; also in `folder()/uri`
  /// while it runs.
  [[nodiscard]] const std::string& uri() const { return uri_; }
  /// Where it really lives (see README, "Root").
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] bool running();

  /// A clean end: sessions are cut, what was committed is on disk.
  void stop();
  /// A crash: SIGKILL to the postmaster; the next start recovers from the write-ahead log.
  void kill();
  /// Starts it again, after `stop`, `kill` or a crash of its own; stops it first where it runs.
  Result<> restart();

 private:
  PrivatePostgres() = default;
  Result<> prepare_folder();
  Result<> initialise();
  Result<> launch();
  Result<bool> launch_once(int timeout_ms);
  Result<> create_database();

  Options options_;
  std::filesystem::path bin_;     // initdb, postgres, createdb
  std::filesystem::path folder_;  // data/ socket/ postgres.log uri
  std::filesystem::path socket_;
  std::string uri_;
  bool temporary_ = false;
  std::unique_ptr<Child> child_;
};

}  // namespace bw::servers
