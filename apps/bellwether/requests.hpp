#pragma once
// Commands of people (orders, cancels, the kill switch) on their way to the all-in-one process,
// through table app.request; and the answers on their way back.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bellwether/codec/codec.hpp"
#include "bellwether/runtime/machine.hpp"

namespace pqxx {
class transaction_base;
}

namespace bw::app {

/// SubmitOrder, CancelOrder or SetKillSwitch: who and under which id.
[[nodiscard]] AccountId account_of(const Event& command);
[[nodiscard]] RequestId request_id_of(const Event& command);

/// The running process's side: takes in what is pending, and says what became of it.
class RequestDesk {
 public:
  explicit RequestDesk(std::string uri);
  ~RequestDesk();

  /// What is pending and was not taken in yet, oldest first; at most a hundred. `unavailable` where
  /// the database is.
  [[nodiscard]] Result<std::vector<Event>> take();
  /// Sees what the broker says; a refusal or an intent names the request that caused it.
  void see(const runtime::Output& output);
  /// Writes the answers, in the transaction that commits what the requests caused.
  void answer(pqxx::transaction_base& tx) const;
  /// That transaction is committed.
  void committed();

 private:
  struct Taken {
    std::string id;
    bool refused = false;
    std::string reason;
    OrderId order;
  };
  Taken* find(std::string_view id);

  struct Connection;
  std::string uri_;
  std::unique_ptr<Connection> connection_;
  std::vector<Taken> taken_;
};

/// The answer to a request, as the person who asked sees it.
struct Answer {
  std::string state;  ///< "accepted", "refused", "pending"
  std::string reason;
  std::uint64_t order_id = 0;
};

/// Puts a request into the table and waits up to `timeout_ms` for its answer; withdraws it where
/// none comes. already_exists where the request_id was used.
[[nodiscard]] Result<Answer> ask(const std::string& uri, const Event& command, int timeout_ms);

}  // namespace bw::app
