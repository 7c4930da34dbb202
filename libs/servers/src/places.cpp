#include "places.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bw::servers {
namespace {

constexpr int kFirstPort = 20'000;
constexpr int kPorts = 12'000;  // up to 32000; Linux hands out outgoing ports from 32768
constexpr std::size_t kLongestTemporaryRoot = 60;

bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

}  // namespace

Result<std::optional<Account>> unprivileged_account() {
  if (::geteuid() != 0) return std::optional<Account>{};
  const passwd* entry = ::getpwnam("postgres");
  if (entry == nullptr) {
    return fail(ErrorCode::failed_precondition,
                "PostgreSQL refuses to run as root, and there is no user postgres", {},
                "run deploy/deps run");
  }
  return Account{entry->pw_uid, entry->pw_gid};
}

Result<std::filesystem::path> make_temporary_folder(const std::string& name,
                                                    std::optional<Account> owner) {
  const char* set = std::getenv("TMPDIR");
  std::string root = set != nullptr && *set != '\0' ? set : "/tmp";
  if (root.size() > kLongestTemporaryRoot || (owner && !can_reach(root + "/x", *owner)))
    root = "/tmp";
  std::string path = root + "/bellwether-" + name + "-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr ||
      (owner && ::chown(path.c_str(), owner->uid, owner->gid) != 0)) {
    return fail(ErrorCode::unavailable,
                "cannot make a folder: " + std::string(std::strerror(errno)), root,
                "set TMPDIR to a folder that can be written");
  }
  return std::filesystem::path(path);
}

bool can_reach(const std::filesystem::path& path, Account account) {
  for (std::filesystem::path p = path.parent_path(); !p.empty(); p = p.parent_path()) {
    struct stat s{};
    if (::stat(p.c_str(), &s) == 0) {
      const mode_t bit = s.st_uid == account.uid   ? S_IXUSR
                         : s.st_gid == account.gid ? S_IXGRP
                                                   : S_IXOTH;
      if ((s.st_mode & bit) == 0) return false;
    }
    if (p == p.root_path()) break;
  }
  return true;
}

Result<int> free_port() {
  static int next =
      static_cast<int>(::getpid() % kPorts);  // processes that start together begin apart
  for (int tried = 0; tried < kPorts; ++tried) {
    next = (next + 1) % kPorts;
    if (is_free(kFirstPort + next)) return kFirstPort + next;
  }
  return fail(ErrorCode::resource_exhausted, "no free loopback port from 20000 to 32000");
}

}  // namespace bw::servers
