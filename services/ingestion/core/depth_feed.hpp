#pragma once
// DepthFeed: keeps one instrument's book from a venue's snapshots and updates and checks that no
// update is missing, by Binance's rules ("How to manage a local order book correctly", spot and
// USD-M futures):
//   spot     the first update behind a snapshot has U <= lastUpdateId + 1 <= u, each further one U
//   = last u + 1; futures  the first one has U <= lastUpdateId <= u (or follows on), each further
//   one pu = last u.
// Updates that come before their snapshot wait for it. Owned by TicksMachine.
#include <vector>

#include "bellwether/domain/source.hpp"
#include "bellwether/runtime/machine.hpp"
#include "ingestion/core/book.hpp"
#include "ingestion/core/config.hpp"

namespace bw::ingestion {

class DepthFeed {
 public:
  DepthFeed(const Config& config, Unit unit)
      : unit_(unit), max_waiting_(config.depth_buffer), book_(config.book_levels) {}

  /// One level of a message. True where it completed a message that changed the book's top.
  bool on_level(const RawDepth& raw, runtime::Emit& out);
  /// The connection broke: nothing is known until the next snapshot.
  void lose(TimeNs at, runtime::Emit& out) { break_off(at, GapCause::feed_down, out); }

  [[nodiscard]] bool synced() const noexcept { return synced_; }
  [[nodiscard]] const Book& book() const noexcept { return book_; }
  /// Best bid and ask of the whole book; zero while it is not known.
  [[nodiscard]] const Quote& top() const noexcept { return top_; }

  void save(Writer& w) const;
  void load(Reader& r);

 private:
  enum class Mode : std::uint8_t { skip, apply, wait, snapshot };
  struct Waiting {
    DepthLevel level;
    std::uint64_t first = 0;
    std::uint64_t previous = 0;
  };
  [[nodiscard]] Mode judge(const Waiting& w, const Origin& origin, runtime::Emit& out);
  bool handle(const Waiting& w, const Origin& origin, runtime::Emit& out);
  void apply(const DepthLevel& level, const Origin& origin, runtime::Emit& out);
  void wait(const Waiting& w);
  bool finish_message(const DepthLevel& level, runtime::Emit& out);
  void finish_snapshot(const DepthLevel& level, runtime::Emit& out);
  void break_off(TimeNs at, GapCause cause, runtime::Emit& out);
  void say_gap(GapState state, TimeNs to, runtime::Emit& out) const;

  Unit unit_;
  std::size_t max_waiting_;
  Book book_;
  Quote top_;
  std::vector<Waiting> waiting_;
  Mode mode_ = Mode::skip;  // of the message that is coming in
  bool synced_ = false;
  bool after_snapshot_ = false;  // no update has been applied since the snapshot
  bool told_ = false;            // said that updates wait for a first snapshot
  std::uint64_t last_id_ = 0;
  TimeNs gap_from_ = 0;  // of an open gap
  GapCause gap_cause_ = GapCause::sequence_break;
};

}  // namespace bw::ingestion
