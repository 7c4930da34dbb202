#pragma once
// What comes from outside, before any judgement: a provider's rows, and what people ask for. In
// history they are an input stream (Kind::source); live they are admitted and journaled by the
// machine that owns the unit.
#include "bellwether/domain/market.hpp"
#include "bellwether/domain/trading.hpp"

namespace bw {

/// Where a row came from: kept so that a quarantined row can be found.
struct Origin {
  std::uint64_t line = 0;
  FixedText<80> file;
  bool operator==(const Origin&) const = default;
};

/// A provider's bar as given; prices not yet judged.
struct RawBar {
  Bar bar;
  Origin origin;
  bool operator==(const RawBar&) const = default;
};

struct RawTrade {
  Trade trade;
  Origin origin;
  bool suspicious = false;  ///< the provider's own flag
  bool operator==(const RawTrade&) const = default;
};

/// One venue's quote, perhaps only one side of it (size of the other side < 0 means "not given").
struct RawQuote {
  Quote quote;
  Origin origin;
  bool bid_given = true;
  bool ask_given = true;
  bool suspicious = false;
  bool operator==(const RawQuote&) const = default;
};

/// One level of a venue's depth message, with the update ids that its protocol checks continuity by
/// (Binance: U first, u last, pu previous last; zero where absent).
/// Side::none: the message had no level, only its ids.
struct RawDepth {
  DepthLevel level;
  std::uint64_t first_update_id = 0;
  std::uint64_t previous_update_id = 0;
  Origin origin;
  bool operator==(const RawDepth&) const = default;
};

struct RawArticle {
  Article article;
  Origin origin;
  bool operator==(const RawArticle&) const = default;
};

struct RawCorporateAction {
  CorporateAction action;
  Origin origin;
  bool operator==(const RawCorporateAction&) const = default;
};

/// A row that the reader could not make sense of; becomes a quality event.
struct RawReject {
  Quality quality;
  bool operator==(const RawReject&) const = default;
};

/// The provider says that its connection, or the venue, stopped or came back.
struct RawFeedState {
  InstrumentId instrument;
  SessionState state = SessionState::opened;
  GapCause cause = GapCause::feed_down;
  TimeNs at = 0;
  bool operator==(const RawFeedState&) const = default;
};

/// A command's idempotency key, as the client gave it.
using RequestId = FixedText<40>;

struct SubmitOrder {
  RequestId request_id;
  AccountId account;
  InstrumentId instrument;
  Side side = Side::none;
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::day;
  Quantity quantity;
  Price limit_price;  ///< zero where the type has none
  Price stop_price;
  bool operator==(const SubmitOrder&) const = default;
};

struct CancelOrder {
  RequestId request_id;
  AccountId account;
  OrderId order;
  bool operator==(const CancelOrder&) const = default;
};

/// Stops new orders of an account (and cancels the open ones), or allows them again.
struct SetKillSwitch {
  RequestId request_id;
  AccountId account;
  bool engaged = true;
  FixedText<80> reason;
  bool operator==(const SetKillSwitch&) const = default;
};

/// A venue's answer to an order (live venues; the paper venue answers inside the machine).
struct VenueReply {
  AccountId account;
  OrderId order;
  OrderState state = OrderState::none;
  Quantity filled;  ///< of this reply
  Price price;
  Money fee;
  TimeNs source_time = 0;
  std::uint64_t execution_id = 0;  ///< the venue's, for deduplication
  FixedText<80> text;
  bool operator==(const VenueReply&) const = default;
};

}  // namespace bw
