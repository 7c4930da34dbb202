#pragma once
// Ports: what a host needs from the world. Kafka and PostgreSQL implement them in libs/kafka and
// libs/postgres; FaultHost implements them in memory, with faults.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bellwether/base/result.hpp"
#include "bellwether/base/serial.hpp"
#include "bellwether/runtime/record.hpp"

namespace bw::runtime {

/// The one door to the wall clock.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimeNs now() = 0;
};

struct LogEntry {
  std::uint64_t offset = 0;
  Record record;
};

/// A record of one's own log that is safely stored.
struct Ack {
  What what = What::out;
  std::uint64_t n = 0;
  TimeNs t = 0;
  std::uint64_t offset = 0;
};

/// The logs as one machine's owner sees them. A log keeps a sender's records in order and without
/// gaps or doubles (an idempotent producer); different logs have no order between them. One thread.
class Log {
 public:
  virtual ~Log() = default;
  /// Appends to `to` what is there of `stream` from `offset` on, at most `limit` entries, in offset
  /// order. Nothing there yet: nothing appended. `unavailable`: try again later.
  [[nodiscard]] virtual Result<void> fetch(MachineId stream, std::uint64_t offset,
                                           std::size_t limit, std::vector<LogEntry>& to) = 0;
  /// Queues a record for one's own log. Errors are final for this owner: it dies and recovers.
  [[nodiscard]] virtual Result<void> append(const Record& record) = 0;
  /// Appends to `to` what has been stored since the last call, in the order it was appended. An
  /// error means that delivery failed for good: the owner dies.
  [[nodiscard]] virtual Result<void> acks(std::vector<Ack>& to) = 0;
};

/// The saved state of a machine, cut between two times.
struct Image {
  std::string build;    ///< identifies code and configuration; see Runner
  std::uint64_t n = 0;  ///< last n that the state has produced
  TimeNs position = 0;
  Bytes shared;                               ///< engine state and the machine's shared state
  std::vector<std::pair<Unit, Bytes>> units;  ///< all units, or the changed ones in a ledger commit
};

/// What a new owner finds.
struct Claim {
  std::uint32_t epoch = 0;  ///< the new owner's, higher than any before
  bool has_image = false;
  Image image;                 ///< with all units
  std::vector<Record> outbox;  ///< committed, perhaps not published, in n order (ledgers)
};

/// The database. Every write is fenced: `aborted` where a higher epoch has been claimed, and the
/// owner dies. `unavailable` means surely not written: try again. Any other error is ambiguous: the
/// owner dies.
class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual Result<Claim> claim(MachineId machine) = 0;
  /// Replaces the image of a derived machine.
  [[nodiscard]] virtual Result<void> checkpoint(MachineId machine, std::uint32_t epoch,
                                                const Image& image) = 0;
  /// One transaction: changed units, shared state and new outbox rows of a ledger; adapters write
  /// the service's tables from `outbox` in the same transaction.
  [[nodiscard]] virtual Result<void> commit(MachineId machine, std::uint32_t epoch,
                                            const Image& changed,
                                            const std::vector<Record>& outbox) = 0;
  /// Forgets outbox rows up to and with `n`.
  [[nodiscard]] virtual Result<void> trim(MachineId machine, std::uint32_t epoch,
                                          std::uint64_t n) = 0;
};

}  // namespace bw::runtime
