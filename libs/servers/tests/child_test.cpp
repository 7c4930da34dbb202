#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "../src/places.hpp"
#include "bellwether/servers/child.hpp"

using bw::servers::Child;

namespace {

Child::Options shell(const std::string& script) {
  Child::Options o;
  o.command = {"/bin/sh", "-c", script};
  return o;
}

/// Waits until `pid` is gone; a zombie of somebody else counts as gone.
bool gone_within(pid_t pid, int timeout_ms) {
  const std::filesystem::path exe = "/proc/" + std::to_string(pid) + "/exe";
  for (int waited = 0; waited < timeout_ms; waited += 10) {
    std::error_code error;
    if (std::filesystem::read_symlink(exe, error).empty()) return true;
    bw::servers::pause_ms(10);
  }
  return false;
}

}  // namespace

TEST_CASE("a child's exit code comes back") {
  auto c = Child::start(shell("exit 7"));
  REQUIRE(c);
  CHECK((*c)->wait(5000) == 7);
}

TEST_CASE("signals reach the child") {
  auto c = Child::start(shell("trap 'exit 9' USR1; while :; do sleep 0.01; done"));
  REQUIRE(c);
  bw::servers::pause_ms(100);
  CHECK_FALSE((*c)->exit_code());
  (*c)->signal(SIGUSR1);
  CHECK((*c)->wait(5000) == 9);
  (*c)->signal(SIGTERM);  // to nobody: no SIGPIPE
}

TEST_CASE("a program that is not there is an error that names it") {
  Child::Options o;
  o.command = {"/nowhere/java"};
  auto c = Child::start(o);
  REQUIRE_FALSE(c);
  CHECK(c.error().code == bw::ErrorCode::not_found);
  CHECK(c.error().text().find("/nowhere/java") != std::string::npos);
}

TEST_CASE("destruction ends the child and removes its folder") {
  auto folder = bw::servers::make_temporary_folder("child", std::nullopt);
  REQUIRE(folder);
  pid_t pid = 0;
  {
    Child::Options o = shell("exec sleep 1000");
    o.remove = *folder;
    auto c = Child::start(o);
    REQUIRE(c);
    pid = (*c)->pid();
  }
  CHECK(gone_within(pid, 1000));
  CHECK_FALSE(std::filesystem::exists(*folder));
}

TEST_CASE("a child ends when its owner is killed") {
  auto folder = bw::servers::make_temporary_folder("child", std::nullopt);
  REQUIRE(folder);
  int pipe_fds[2];
  REQUIRE(::pipe(pipe_fds) == 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    Child::Options o = shell("exec sleep 1000");
    o.remove = *folder;
    auto c = Child::start(o);
    const pid_t pid = c ? (*c)->pid() : -1;
    if (::write(pipe_fds[1], &pid, sizeof pid) < 0) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  pid_t pid = -1;
  REQUIRE(::read(pipe_fds[0], &pid, sizeof pid) == sizeof pid);
  REQUIRE(pid > 0);
  REQUIRE(::kill(pid, 0) == 0);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  CHECK(gone_within(pid, 5000));
  for (int waited = 0; std::filesystem::exists(*folder) && waited < 5000; waited += 10) {
    bw::servers::pause_ms(10);
  }
  CHECK_FALSE(std::filesystem::exists(*folder));
}

TEST_CASE("free ports differ and lie below the range of outgoing connections") {
  auto a = bw::servers::free_port();
  auto b = bw::servers::free_port();
  REQUIRE(a);
  REQUIRE(b);
  CHECK(*a != *b);
  CHECK(*a >= 20'000);
  CHECK(*b < 32'768);
}
