#pragma once
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bellwether/base/result.hpp"

namespace bw::servers {

/// A program with a guard process between it and us: when this process ends, also by SIGKILL, the
/// program ends too.
///
/// PR_SET_PDEATHSIG alone would not do: it fires when the *thread* that forked ends. The guard has
/// one thread, and waits for the program to end or for our end of a pipe to close. One thread at a
/// time may use a Child.
class Child {
 public:
  struct Options {
    std::vector<std::string> command;  ///< [0] is an absolute path
    std::filesystem::path output;      ///< stdout and stderr are appended here
    std::optional<uid_t> uid;          ///< run as this user and group
    gid_t gid = 0;
    int end_signal = 15;           ///< sent when this process ends; SIGKILL follows after 5 s
    std::filesystem::path remove;  ///< a folder that the guard removes after it ended the program
  };

  /// not_found or permission_denied where the program cannot be executed.
  static Result<std::unique_ptr<Child>> start(const Options& options);
  /// As if this process ended: `end_signal`, then SIGKILL; returns when the program is gone.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number);
  /// The exit code, or 128 + the signal that ended it; nothing while it runs.
  std::optional<int> exit_code();
  /// As exit_code, but waits up to `timeout_ms`.
  std::optional<int> wait(int timeout_ms);
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  Child() = default;

  pid_t guard_ = -1;
  pid_t pid_ = -1;
  int command_fd_ = -1;  // one byte: a signal to pass on; closed: end it
  std::optional<int> exit_code_;
};

/// Runs a program to its end and returns its output; an error with the last lines where it does not
/// end with 0 in time.
Result<std::string> run_program(Child::Options options, int timeout_ms);

/// The last lines of a log, for an error message.
std::string tail_of(const std::filesystem::path& file, int lines = 8);

/// Sleeps: for waits with a deadline, which count their steps and need no clock.
void pause_ms(int ms);

}  // namespace bw::servers
