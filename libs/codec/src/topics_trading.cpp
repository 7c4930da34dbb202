#include "bellwether/alert/v1/topics.pb.h"
#include "bellwether/broker/v1/topics.pb.h"
#include "bellwether/gateway/v1/topics.pb.h"
#include "bellwether/portfolio/v1/topics.pb.h"
#include "topic.hpp"

namespace bw::codec {

// clang-format off
#define BW_REQUESTS(X) \
  X(SubmitOrder, submit_order) X(CancelOrder, cancel_order) X(SetKillSwitch, set_kill_switch)
#define BW_BROKER_ORDERS(X) \
  X(OrderIntent, order_intent) X(OrderEvent, order_event) X(Fill, fill) X(Refusal, refusal) \
  X(RiskMode, risk_mode) X(Position, position) X(Cash, cash) X(VenueReply, venue_reply) \
  BW_REQUESTS(X)
#define BW_PORTFOLIO_BOOKS(X) \
  X(LedgerEntry, ledger_entry) X(Pnl, pnl) X(BookPosition, book_position) \
  X(ReconciliationDifference, reconciliation_difference)
#define BW_ALERT_EVENTS(X) X(AlertTriggered, alert_triggered)
// clang-format on

BW_TOPIC(kBrokerOrders, bellwether::broker::v1::BrokerOrdersRecord, BW_BROKER_ORDERS)
BW_TOPIC(kPortfolioBooks, bellwether::portfolio::v1::PortfolioBooksRecord, BW_PORTFOLIO_BOOKS)
BW_TOPIC(kAlertEvents, bellwether::alert::v1::AlertEventsRecord, BW_ALERT_EVENTS)

namespace {

Result<void> put_request(const Event& event,
                         bellwether::gateway::v1::GatewayRequestsRecord& message) {
  Fault fault;
  BW_REQUESTS(BW_TOPIC_PUT)
  return fail(ErrorCode::invalid_argument,
              "topic gateway.requests holds no " + std::string(event_name(event)), "event");
}

Result<void> take_request(const bellwether::gateway::v1::GatewayRequestsRecord& message,
                          Event& event) {
  Fault fault;
  BW_REQUESTS(BW_TOPIC_TAKE)
  return fail(ErrorCode::unimplemented, "a request that this build does not know", "event");
}

}  // namespace

Result<void> encode(const Request& request, std::string& out) {
  out.clear();
  StackArena arena;
  auto& message = *arena.make<bellwether::gateway::v1::GatewayRequestsRecord>();
  message.mutable_meta()->set_user(request.user.value);
  message.mutable_meta()->set_received(request.received);
  if (auto r = put_request(request.event, message); !r) return r;
  return write_message(message, out);
}

Result<Request> decode_request(std::string_view bytes) {
  StackArena arena;
  auto& message = *arena.make<bellwether::gateway::v1::GatewayRequestsRecord>();
  if (bytes.size() > kMaxRecordBytes ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return not_parsed("gateway.requests");
  }
  Result<Request> result{tl::in_place};
  result->user = UserId(message.meta().user());
  result->received = message.meta().received();
  if (auto r = take_request(message, result->event); !r) return tl::unexpected(r.error());
  return result;
}

}  // namespace bw::codec
