#pragma once
// Event: everything that a machine may read or say. Trivially copyable; hosts construct it in
// place.
#include <type_traits>
#include <variant>

#include "bellwether/domain/analysis.hpp"
#include "bellwether/domain/kind.hpp"
#include "bellwether/domain/source.hpp"
#include "bellwether/domain/trading.hpp"

namespace bw {

/// A timer that a machine set for one of its units, come due.
struct Timer {
  std::uint64_t id = 0;   ///< as set_timer returned it
  std::uint32_t tag = 0;  ///< the machine's own word for what it is about
  bool operator==(const Timer&) const = default;
};

/// The outbox of alerts; filled by the alert service's own work.
struct AlertTriggered {
  UserId user;
  std::uint64_t rule = 0;
  InstrumentId instrument;
  FixedText<120> text;
  bool operator==(const AlertTriggered&) const = default;
};

using Event =
    std::variant<std::monostate, Timer,
                 // source
                 RawBar, RawTrade, RawQuote, RawDepth, RawArticle, RawCorporateAction, RawReject,
                 RawFeedState, SubmitOrder, CancelOrder, SetKillSwitch, VenueReply,
                 // market
                 Quote, Trade, DepthLevel, Bar, Mark, Gap, Quality, CorporateAction, Session,
                 Article,
                 // analysis
                 Feature, Prediction, Sentiment, Signal, HoldBack,
                 // trading
                 OrderIntent, OrderEvent, Fill, Refusal, RiskMode, Position, Cash, LedgerEntry, Pnl,
                 BookPosition, ReconciliationDifference, AlertTriggered>;

static_assert(std::is_trivially_copyable_v<Event>);
static_assert(sizeof(Event) <= 640, "keep events small: they are written in place on the hot path");

/// The event type's name in snake case: "order_event".
[[nodiscard]] std::string_view event_name(const Event& event) noexcept;

}  // namespace bw
