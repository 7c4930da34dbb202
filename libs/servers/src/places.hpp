#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "bellwether/base/result.hpp"

namespace bw::servers {

struct Account {
  uid_t uid;
  gid_t gid;
};

/// The user that a server which refuses root runs as: `postgres` when we are root, nothing
/// (ourselves) otherwise.
Result<std::optional<Account>> unprivileged_account();

/// A new folder in $TMPDIR or /tmp, owned by `owner`; the path is short enough for a unix socket in
/// it.
Result<std::filesystem::path> make_temporary_folder(const std::string& name,
                                                    std::optional<Account> owner);

/// True where `account` can enter every folder above `path`.
bool can_reach(const std::filesystem::path& path, Account account);

/// A loopback port that is free now. It lies below the range from which the system takes the ports
/// of outgoing connections, so that no client takes it while the server is down (a client that
/// retries can even connect to itself).
Result<int> free_port();

}  // namespace bw::servers
