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

  /// Takes in what is pending, oldest first, at most a hundred; from then on nobody withdraws it.
  /// `unavailable` where the database is.
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
  void connect();
  void take_in(const std::string& id, const std::string& body, std::vector<Event>& commands);

  struct Connection;
  std::string uri_;
  std::unique_ptr<Connection> connection_;
  std::vector<Taken> taken_;
};

/// The answer to a request, as the person who asked sees it.
struct Answer {
  std::string state;  ///< "accepted", "refused", "withdrawn"
  std::string reason;
  std::uint64_t order_id = 0;
};

/// Puts a request into the table and waits up to `timeout_ms` for its answer; withdraws it where
/// nobody took it in. already_exists where the request_id was used; deadline_exceeded says whether
/// it is withdrawn or may still be carried out.
[[nodiscard]] Result<Answer> ask(const std::string& uri, const Event& command, int timeout_ms);

}  // namespace bw::app
