#pragma once
// Runner: the life of one machine over a log and a store. Recovery and start-up are the same code:
// claim an epoch, open the log, restore, settle the tail, then work. The same Runner runs over
// Kafka and PostgreSQL in production and over FaultHost's simulated world in tests.
#include <deque>
#include <optional>

#include "bellwether/runtime/engine.hpp"

namespace bw::runtime {

struct RunnerOptions {
  std::string build;  ///< code and configuration; a checkpoint of another build must be clean
  std::size_t poll_limit = 4'096;     ///< records an input and turn
  std::size_t buffer_limit = 16'384;  ///< records held of an input that others are waited for
  std::size_t fold_limit = 16'384;    ///< events a turn
  DurationNs image_interval =
      500 * kMillisecond;            ///< between checkpoints, or ledger commits without output
  DurationNs announce_interval = 0;  ///< between progress records; 0: after every turn that moved
  bool live = false;                 ///< no source: the clock moves a machine that has no inputs
  Planted planted;
};

/// Outside input waiting for admission.
struct Outside {
  Unit unit = 0;
  Event event;
  std::uint64_t token = 0;  ///< handed back by accepted() once it is safe; 0: nobody asks
};

struct RunnerStats {
  std::uint64_t events_in = 0;
  std::uint64_t events_out = 0;
  std::uint64_t duplicates = 0;
  TimeNs position = 0;
  TimeNs frontier = 0;
  std::uint64_t unacked = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t commits = 0;
  DurationNs commit_ns = 0;            ///< spent in store writes, all together
  bool working = false;                ///< recovered and settled
  std::vector<MachineId> waiting_for;  ///< inputs whose progress holds the position back
  std::string trouble;                 ///< why it stands still; empty where it does not
};

class Runner {
 public:
  Runner(const MachineSpec& spec, Ownership ownership, const Counts& counts, Log& log, Store& store,
         Clock& clock, RunnerOptions options);

  /// One turn: read, settle or fold, admit, commit, publish, announce, checkpoint. `aborted`: a
  /// newer owner is there. Any error is final: destroy the runner; whoever owns the machine makes a
  /// new one.
  [[nodiscard]] Result<void> turn();
  /// Queues outside input; admitted in order in a later turn. False: the queue is full.
  bool offer(Outside input);
  /// Tokens of outside input that is safe: committed (ledgers), or stored and covered by a
  /// checkpoint.
  [[nodiscard]] std::vector<std::uint64_t> accepted();

  [[nodiscard]] MachineId id() const noexcept { return id_; }
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] bool working() const noexcept { return stage_ == Stage::working; }
  [[nodiscard]] TimeNs announced() const noexcept { return announced_; }
  /// True once progress up to `t` is in the log.
  [[nodiscard]] bool finished(TimeNs t) const noexcept { return acked_progress_ >= t; }
  [[nodiscard]] const RunnerStats& stats();
  [[nodiscard]] Engine* engine() noexcept { return engine_ ? &*engine_ : nullptr; }
  [[nodiscard]] std::size_t moved() const noexcept {
    return moved_;
  }  ///< work done in the last turn
  static constexpr std::size_t kOutsideLimit = 65'536;

 private:
  enum class Stage : std::uint8_t { claiming, opening, settling, working };
  struct OwnLog {  // where to scan one's own log from, after a restart
    std::uint64_t offset = 0;
    std::uint64_t n = 0;
    std::uint32_t epoch = 0;
    TimeNs announced = 0;
  };

  [[nodiscard]] Result<void> claim();
  [[nodiscard]] Result<void> scan_tail();
  [[nodiscard]] Result<void> scan_entry(const LogEntry& entry);
  [[nodiscard]] Result<void> take_over();
  [[nodiscard]] Result<void> poll_inputs();
  [[nodiscard]] Result<bool> settle();
  void work();
  void admit();
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] Result<bool> commit();
  [[nodiscard]] Result<void> publish(const Record& record);
  [[nodiscard]] Result<void> send(const Record& record);
  [[nodiscard]] Result<void> take_acks();
  [[nodiscard]] Result<void> announce();
  [[nodiscard]] Result<void> checkpoint();
  [[nodiscard]] Image image(bool changed_only);
  [[nodiscard]] Result<void> restore(const Image& image);
  [[nodiscard]] bool outputs_acked(std::uint64_t n) const noexcept { return own_.n >= n; }

  MachineSpec spec_;
  Ownership ownership_;
  Counts counts_;
  MachineId id_;
  Log& log_;
  Store& store_;
  Clock& clock_;
  RunnerOptions options_;

  Stage stage_ = Stage::claiming;
  std::uint32_t epoch_ = 0;
  std::optional<Engine> engine_;
  Claim claim_;
  Tail tail_;
  std::uint32_t scan_epoch_ = 0;
  std::uint64_t scan_offset_ = 0;
  std::deque<Record> script_;     // journal records and progress of the tail, to follow
  std::deque<Record> published_;  // the tail's records behind the image, to compare with

  OwnLog own_;                // up to what is acked
  std::uint64_t sent_n_ = 0;  // last n handed to the log
  TimeNs announced_ = 0;
  TimeNs acked_progress_ = 0;
  TimeNs announced_at_ = 0;  // clock
  TimeNs imaged_at_ = 0;     // clock
  std::uint64_t events_imaged_ = 0;
  std::optional<Image> pending_image_;
  std::uint64_t trimmed_ = 0;

  std::deque<Outside> outside_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> waiting_;  // n, token
  std::vector<std::uint64_t> accepted_;
  std::vector<Ack> acks_;
  std::vector<LogEntry> batch_;
  std::size_t moved_ = 0;
  RunnerStats stats_;
};

}  // namespace bw::runtime
