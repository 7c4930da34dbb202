#include "bellwether/servers/child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

namespace bw::servers {
namespace {

constexpr int kCommandFd = 3;  // in the guard: read end of our pipe
constexpr int kReportFd = 4;   // in the guard: the program's pid, and an errno where exec fails
constexpr int kEndTimeoutMs = 5'000;

/// All that the guard needs, built before fork: after it, only async-signal-safe calls are allowed.
struct Plan {
  char* const* argv;
  char* const* remove_argv;  // rm -rf -- FOLDER, or null
  const Child::Options* options;
  int output_fd;
  int input_fd;
  int command_fd;
  int report_fd;
};

extern "C" void on_child_signal(int) {}  // only there to interrupt ppoll

struct Report {
  enum Kind : int { pid, error } kind;
  int value;
};

void report(Report::Kind kind, int value) {
  const Report r{kind, value};
  [[maybe_unused]] const ssize_t n = ::write(kReportFd, &r, sizeof r);
}

[[noreturn]] void program_main(const Plan& plan, pid_t guard) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  ::close(kCommandFd);
  if (plan.options->uid) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(plan.options->gid) != 0 ||
        ::setuid(*plan.options->uid) != 0) {
      report(Report::error, errno);
      ::_exit(127);
    }
  }
  // After setuid, which clears it. If somebody kills the guard, the program goes as well.
  ::prctl(PR_SET_PDEATHSIG, plan.options->end_signal);
  if (::getppid() != guard) ::_exit(127);
  ::execv(plan.argv[0], plan.argv);
  report(Report::error, errno);
  ::_exit(127);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/// Waits up to kEndTimeoutMs for the program after `end_signal`, then kills it.
void end_program(pid_t pid, int end_signal) {
  ::kill(pid, end_signal);
  for (int waited = 0; waited < kEndTimeoutMs; waited += 10) {
    if (::waitpid(pid, nullptr, WNOHANG) == pid) return;
    const timespec step{0, 10'000'000};
    ::nanosleep(&step, nullptr);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

/// Passes signals on until the program ends (its code becomes ours) or the owner's end of the pipe
/// closes.
[[noreturn]] void watch(const Plan& plan, pid_t pid, const sigset_t& waiting_mask) {
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) ::_exit(code_of(status));
    pollfd p{kCommandFd, POLLIN, 0};
    if (::ppoll(&p, 1, nullptr, &waiting_mask) <= 0) continue;  // SIGCHLD
    unsigned char number = 0;
    const ssize_t n = ::read(kCommandFd, &number, 1);
    if (n == 1) {
      ::kill(pid, number);
    } else if (n == 0) {
      end_program(pid, plan.options->end_signal);
      if (plan.remove_argv != nullptr) ::execv(plan.remove_argv[0], plan.remove_argv);
      ::_exit(0);
    }
  }
}

[[noreturn]] void guard_main(const Plan& plan) {
  ::setsid();  // Ctrl-C is for the owner, which ends us in its own order
  const int command = ::fcntl(plan.command_fd, F_DUPFD, 64);
  const int reports = ::fcntl(plan.report_fd, F_DUPFD, 64);
  ::dup2(plan.input_fd, STDIN_FILENO);
  ::dup2(plan.output_fd, STDOUT_FILENO);
  ::dup2(plan.output_fd, STDERR_FILENO);
  ::dup2(command, kCommandFd);
  ::dup2(reports, kReportFd);
  ::close_range(kReportFd + 1, ~0U, 0);  // the ends of other children's pipes, listening sockets, …
  ::fcntl(kReportFd, F_SETFD, FD_CLOEXEC);
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(s, SIG_DFL);
  struct sigaction action{};
  action.sa_handler = on_child_signal;
  ::sigaction(SIGCHLD, &action, nullptr);
  sigset_t blocked;
  sigset_t waiting;
  sigemptyset(&waiting);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);

  const pid_t guard = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) program_main(plan, guard);
  report(Report::pid, static_cast<int>(pid));
  ::close(kReportFd);
  if (pid < 0) ::_exit(127);
  watch(plan, pid, waiting);
}

std::vector<char*> argv_of(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  return argv;
}

Error system_error(const std::string& what, int number) {
  const ErrorCode code = number == ENOENT   ? ErrorCode::not_found
                         : number == EACCES ? ErrorCode::permission_denied
                                            : ErrorCode::internal;
  return Error{code, what + ": " + std::strerror(number), {}, {}};
}

/// Reads what the guard reports, until the program runs or could not be executed; the errno of
/// that, or 0.
int read_reports(int fd, pid_t& pid) {
  int error = EAGAIN;
  Report r{};
  for (;;) {
    const ssize_t n = ::read(fd, &r, sizeof r);
    if (n < 0 && errno == EINTR) continue;
    if (n != static_cast<ssize_t>(sizeof r)) return pid > 0 && error == EAGAIN ? 0 : error;
    if (r.kind == Report::pid) {
      pid = r.value;
    } else {
      error = r.value;
    }
  }
}

}  // namespace

void pause_ms(int ms) {
  timespec left{ms / 1000, (ms % 1000) * 1'000'000L};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

Result<std::unique_ptr<Child>> Child::start(const Options& options) {
  const std::vector<char*> argv = argv_of(options.command);
  const std::vector<std::string> remove = {"/bin/rm", "-rf", "--", options.remove.string()};
  const std::vector<char*> remove_argv = argv_of(remove);
  const std::string output = options.output.empty() ? "/dev/null" : options.output.string();
  const int output_fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output_fd < 0) return tl::unexpected<Error>(system_error("cannot write " + output, errno));
  const int input_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  int command[2] = {-1, -1};
  int reports[2] = {-1, -1};
  const bool piped = ::pipe2(command, O_CLOEXEC) == 0 && ::pipe2(reports, O_CLOEXEC) == 0;
  const Plan plan{argv.data(), options.remove.empty() ? nullptr : remove_argv.data(),
                  &options,    output_fd,
                  input_fd,    command[0],
                  reports[1]};
  const pid_t guard = piped ? ::fork() : -1;
  if (guard == 0) guard_main(plan);
  const int fork_error = errno;
  for (const int fd : {output_fd, input_fd, command[0], reports[1]}) ::close(fd);
  std::unique_ptr<Child> child(new Child());
  child->guard_ = guard;
  child->command_fd_ = command[1];
  if (guard < 0) {
    ::close(reports[0]);
    return tl::unexpected<Error>(system_error("cannot start a process", fork_error));
  }
  const int error = read_reports(reports[0], child->pid_);
  ::close(reports[0]);
  if (error != 0) {
    return tl::unexpected<Error>(system_error("cannot execute " + options.command[0], error));
  }
  return child;
}

Child::~Child() {
  if (command_fd_ >= 0) ::close(command_fd_);
  if (guard_ > 0 && !exit_code_) {
    while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void Child::signal(int number) {
  const auto byte = static_cast<unsigned char>(number);
  // The guard may be gone with the program: no SIGPIPE for that.
  struct sigaction ignore{};
  struct sigaction before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  [[maybe_unused]] const ssize_t n = ::write(command_fd_, &byte, 1);
  ::sigaction(SIGPIPE, &before, nullptr);
}

std::optional<int> Child::exit_code() {
  int status = 0;
  if (!exit_code_ && guard_ > 0 && ::waitpid(guard_, &status, WNOHANG) == guard_) {
    exit_code_ = code_of(status);
  }
  return exit_code_;
}

std::optional<int> Child::wait(int timeout_ms) {
  for (int waited = 0; !exit_code() && waited < timeout_ms; waited += 5) pause_ms(5);
  return exit_code();
}

std::string tail_of(const std::filesystem::path& file, int lines) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::size_t from = text.size();
  for (int i = 0; i <= lines && from != std::string::npos && from > 0; ++i)
    from = text.rfind('\n', from - 1);
  return text.substr(from == std::string::npos || from == 0 ? 0 : from + 1);
}

Result<std::string> run_program(Child::Options options, int timeout_ms) {
  const std::string name = std::filesystem::path(options.command[0]).filename();
  auto child = Child::start(options);
  if (!child) return tl::unexpected<Error>(child.error());
  const std::optional<int> code = (*child)->wait(timeout_ms);
  if (!code) {
    return fail(ErrorCode::deadline_exceeded,
                name + " did not end in " + std::to_string(timeout_ms) + " ms");
  }
  if (*code != 0) {
    return fail(ErrorCode::internal,
                name + " ended with " + std::to_string(*code) + ": " + tail_of(options.output));
  }
  return tail_of(options.output, 100);
}

}  // namespace bw::servers
