#pragma once
// The fields of every event, once: protobuf, JSON and digest go through these lists. A list names
// every member of its struct (checked here), in the struct's order, and as the protobuf field is
// named (the compiler checks that).
#include <cstddef>
#include <type_traits>
#include <utility>

#include "bellwether/domain/event.hpp"

namespace bw::codec {

/// How JSON shows a number.
enum class As {
  plain,
  time,  ///< nanoseconds since 1970: RFC 3339, null where 0
  day,   ///< days since 1970: a date, null where 0
  hash,  ///< 16 hex digits
  bits,  ///< 8 hex digits
};

// clang-format off
#define BW_FIELDS_Timer(X) X(id, plain) X(tag, plain)
#define BW_FIELDS_Origin(X) X(line, plain) X(file, plain)
#define BW_FIELDS_RawBar(X) X(bar, plain) X(origin, plain)
#define BW_FIELDS_RawTrade(X) X(trade, plain) X(origin, plain) X(suspicious, plain)
#define BW_FIELDS_RawQuote(X) \
  X(quote, plain) X(origin, plain) X(bid_given, plain) X(ask_given, plain) X(suspicious, plain)
#define BW_FIELDS_RawDepth(X) \
  X(level, plain) X(first_update_id, plain) X(previous_update_id, plain) X(origin, plain)
#define BW_FIELDS_RawArticle(X) X(article, plain) X(origin, plain)
#define BW_FIELDS_RawCorporateAction(X) X(action, plain) X(origin, plain)
#define BW_FIELDS_RawReject(X) X(quality, plain)
#define BW_FIELDS_RawFeedState(X) X(instrument, plain) X(state, plain) X(cause, plain) X(at, time)
#define BW_FIELDS_SubmitOrder(X) \
  X(request_id, plain) X(account, plain) X(instrument, plain) X(side, plain) X(type, plain) \
  X(time_in_force, plain) X(quantity, plain) X(limit_price, plain) X(stop_price, plain)
#define BW_FIELDS_CancelOrder(X) X(request_id, plain) X(account, plain) X(order, plain)
#define BW_FIELDS_SetKillSwitch(X) \
  X(request_id, plain) X(account, plain) X(engaged, plain) X(reason, plain)
#define BW_FIELDS_VenueReply(X) \
  X(account, plain) X(order, plain) X(state, plain) X(filled, plain) X(price, plain) X(fee, plain) \
  X(source_time, time) X(execution_id, plain) X(text, plain)

#define BW_FIELDS_Quote(X) \
  X(instrument, plain) X(bid, plain) X(ask, plain) X(bid_size, plain) X(ask_size, plain) \
  X(source_time, time) X(bid_venue, plain) X(ask_venue, plain)
#define BW_FIELDS_Trade(X) \
  X(instrument, plain) X(price, plain) X(size, plain) X(source_time, time) X(trade_id, plain) \
  X(conditions, bits) X(aggressor, plain) X(venue, plain)
#define BW_FIELDS_DepthLevel(X) \
  X(instrument, plain) X(price, plain) X(size, plain) X(source_time, time) X(update_id, plain) \
  X(side, plain) X(snapshot, plain) X(begin, plain) X(last, plain)
#define BW_FIELDS_Bar(X) \
  X(instrument, plain) X(timeframe, plain) X(origin, plain) X(open_time, time) X(close_time, time) \
  X(open, plain) X(high, plain) X(low, plain) X(close, plain) X(volume, plain) X(vwap, plain) \
  X(trades, plain)
#define BW_FIELDS_Mark(X) X(instrument, plain) X(price, plain) X(source_time, time)
#define BW_FIELDS_Gap(X) \
  X(instrument, plain) X(state, plain) X(cause, plain) X(timeframe, plain) X(from, time) \
  X(to, time) X(missing, plain)
#define BW_FIELDS_Quality(X) \
  X(instrument, plain) X(reason, plain) X(source_time, time) X(line, plain) X(file, plain) \
  X(detail, plain)
#define BW_FIELDS_CorporateAction(X) \
  X(instrument, plain) X(kind, plain) X(ex_date, day) X(ratio, plain) X(amount, plain)
#define BW_FIELDS_Session(X) X(instrument, plain) X(state, plain) X(date, day) X(at, time)
#define BW_FIELDS_Article(X) \
  X(instrument, plain) X(kind, plain) X(article_id, plain) X(published, time) X(source, plain) \
  X(headline, plain)

#define BW_FIELDS_Feature(X) \
  X(instrument, plain) X(timeframe, plain) X(count, plain) X(over_gap, plain) X(valid, bits) \
  X(gapped, bits) X(feature_set, hash) X(bar_open, time) X(bar_close, time) \
  X(data_from, time) X(gap_from, time) X(gap_to, time) X(close, plain) X(values, plain)
#define BW_FIELDS_Prediction(X) \
  X(instrument, plain) X(timeframe, plain) X(model, plain) X(model_version, hash) \
  X(bar_close, time) X(horizon, plain) X(value, plain) X(confidence, plain)
#define BW_FIELDS_Sentiment(X) \
  X(instrument, plain) X(as_of, time) X(score, plain) X(mentions, plain) X(window, plain)
#define BW_FIELDS_Sizing(X) \
  X(method, plain) X(fraction, plain) X(target_volatility, plain) X(volatility, plain)
#define BW_FIELDS_Contribution(X) \
  X(component, plain) X(timeframe, plain) X(valid, plain) X(raw, plain) X(normalised, plain) \
  X(contribution, plain)
#define BW_FIELDS_Signal(X) \
  X(id, plain) X(strategy, plain) X(instrument, plain) X(timeframe, plain) X(direction, plain) \
  X(strategy_version, hash) X(score, plain) X(confidence, plain) X(reference_price, plain) \
  X(stop_loss, plain) X(take_profit, plain) X(data_from, time) X(data_to, time) X(sizing, plain) \
  X(contributions, plain)
#define BW_FIELDS_HoldBack(X) \
  X(strategy, plain) X(instrument, plain) X(timeframe, plain) X(reason, plain) X(direction, plain) \
  X(strategy_version, hash) X(score, plain) X(from, time) X(to, time)

#define BW_FIELDS_OrderIntent(X) \
  X(order, plain) X(account, plain) X(instrument, plain) X(side, plain) X(type, plain) \
  X(time_in_force, plain) X(purpose, plain) X(quantity, plain) X(limit_price, plain) \
  X(stop_price, plain) X(signal, plain) X(request_id, plain)
#define BW_FIELDS_OrderEvent(X) \
  X(order, plain) X(account, plain) X(instrument, plain) X(state, plain) X(reason, plain) \
  X(quantity, plain) X(filled, plain) X(average_price, plain) X(limit, plain) X(seen, plain)
#define BW_FIELDS_Fill(X) \
  X(fill, plain) X(order, plain) X(account, plain) X(instrument, plain) X(side, plain) \
  X(quantity, plain) X(price, plain) X(fee, plain) X(slippage, plain) X(source_time, time)
#define BW_FIELDS_Refusal(X) \
  X(account, plain) X(instrument, plain) X(reason, plain) X(signal, plain) X(request_id, plain) \
  X(limit, plain) X(actual, plain) X(text, plain)
#define BW_FIELDS_RiskMode(X) \
  X(account, plain) X(mode, plain) X(reason, plain) X(limit, plain) X(actual, plain)
#define BW_FIELDS_Position(X) \
  X(account, plain) X(instrument, plain) X(quantity, plain) X(average_cost, plain) \
  X(realised, plain)
#define BW_FIELDS_Cash(X) X(account, plain) X(cash, plain) X(reserved, plain) X(equity, plain)
#define BW_FIELDS_LedgerEntry(X) \
  X(account, plain) X(entry, plain) X(debit, plain) X(credit, plain) X(instrument, plain) \
  X(amount, plain) X(fill, plain)
#define BW_FIELDS_Pnl(X) \
  X(account, plain) X(realised, plain) X(unrealised, plain) X(fees, plain) X(equity, plain) \
  X(peak_equity, plain) X(drawdown, plain) X(max_drawdown, plain)
#define BW_FIELDS_BookPosition(X) \
  X(account, plain) X(instrument, plain) X(quantity, plain) X(average_cost, plain) \
  X(realised, plain)
#define BW_FIELDS_ReconciliationDifference(X) \
  X(account, plain) X(instrument, plain) X(broker_quantity, plain) X(book_quantity, plain) \
  X(broker_cash, plain) X(book_cash, plain)
#define BW_FIELDS_AlertTriggered(X) \
  X(user, plain) X(rule, plain) X(instrument, plain) X(text, plain)

#define BW_STRUCTS(X) \
  X(Timer) X(Origin) X(Quote) X(Trade) X(DepthLevel) X(Bar) X(Mark) X(Gap) X(Quality) \
  X(CorporateAction) X(Session) X(Article) X(RawBar) X(RawTrade) X(RawQuote) X(RawDepth) \
  X(RawArticle) X(RawCorporateAction) X(RawReject) X(RawFeedState) X(SubmitOrder) X(CancelOrder) \
  X(SetKillSwitch) X(VenueReply) X(Feature) X(Prediction) X(Sentiment) X(Sizing) X(Contribution) \
  X(Signal) X(HoldBack) X(OrderIntent) X(OrderEvent) X(Fill) X(Refusal) X(RiskMode) X(Position) \
  X(Cash) X(LedgerEntry) X(Pnl) X(BookPosition) X(ReconciliationDifference) X(AlertTriggered)
// clang-format on

template <class T>
inline constexpr bool kIsFixed = false;
template <class Tag>
inline constexpr bool kIsFixed<Fixed<Tag>> = true;
template <class T>
inline constexpr bool kIsId = false;
template <class Tag, class Rep>
inline constexpr bool kIsId<Id<Tag, Rep>> = true;
template <class T>
inline constexpr bool kIsText = false;
template <std::size_t N>
inline constexpr bool kIsText<FixedText<N>> = true;
template <class T>
inline constexpr bool kIsDoubles = false;
template <std::size_t N>
inline constexpr bool kIsDoubles<std::array<double, N>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T, std::size_t N>
inline constexpr bool kIsVector<FixedVector<T, N>> = true;
/// Fields<T>::visit(v, f) calls f.template field<As>(name, member) for each member.
template <class T>
struct Fields;

#define BW_VISIT(name, as) visitor.template field<As::as>(#name, value.name);
#define BW_COUNT(name, as) +1
#define BW_DESCRIBE(T)                                               \
  template <>                                                        \
  struct Fields<T> {                                                 \
    static constexpr std::size_t kCount = 0 BW_FIELDS_##T(BW_COUNT); \
    template <class Value, class Visitor>                            \
    static void visit(Value& value, Visitor& visitor) {              \
      BW_FIELDS_##T(BW_VISIT)                                        \
    }                                                                \
  };
BW_STRUCTS(BW_DESCRIBE)
#undef BW_DESCRIBE
#undef BW_COUNT
#undef BW_VISIT

template <class T>
inline constexpr bool kIsDescribed = requires { Fields<T>::kCount; };

namespace detail {

// Counts an aggregate's members: the most initialisers that it takes.
struct Anything {
  template <class T>
  operator T() const;
};
template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything{})...}; };
}
template <class T, std::size_t N = 0>
constexpr std::size_t member_count() {
  if constexpr (takes<T>(std::make_index_sequence<N + 1>{})) {
    return member_count<T, N + 1>();
  } else {
    return N;
  }
}

template <class E>
struct AllDescribed;
template <class... T>
struct AllDescribed<std::variant<std::monostate, T...>> {
  static constexpr bool kValue = (... && (Fields<T>::kCount > 0));
};

}  // namespace detail

#define BW_CHECK(T)                                             \
  static_assert(detail::member_count<T>() == Fields<T>::kCount, \
                #T " has a member that its list lacks");
BW_STRUCTS(BW_CHECK)
#undef BW_CHECK
static_assert(detail::AllDescribed<Event>::kValue, "an event type has no list");

}  // namespace bw::codec
