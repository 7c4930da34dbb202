#pragma once
// One topic's message: which events it holds, and the two directions of the whole record.
#include <google/protobuf/arena.h>
#include <google/protobuf/descriptor.h>

#include "bellwether/codec/codec.hpp"
#include "bellwether/runtime/v1/record.pb.h"
#include "convert.hpp"

namespace bw::codec {

/// A topic as codec.cpp calls it; one object a kind, defined in topics_*.cpp.
struct Topic {
  Result<void> (*encode)(const runtime::Record&, std::string&);
  Result<runtime::Record> (*decode)(Kind, std::string_view);
  std::string_view (*field_name)(std::uint32_t);
};
extern const Topic kMarketTicks;
extern const Topic kMarketBars;
extern const Topic kNewsArticles;
extern const Topic kAnalyticsFeatures;
extern const Topic kInferencePredictions;
extern const Topic kConfluenceSignals;
extern const Topic kConfluenceSpanning;
extern const Topic kBrokerOrders;
extern const Topic kPortfolioBooks;
extern const Topic kAlertEvents;

/// A protobuf arena whose first block is on the stack: an ordinary record allocates nothing.
class StackArena {
 public:
  StackArena() : arena_(options()) {}
  template <class M>
  M* make() {
    return google::protobuf::Arena::CreateMessage<M>(&arena_);
  }

 private:
  google::protobuf::ArenaOptions options() {
    google::protobuf::ArenaOptions o;
    o.initial_block = block_;
    o.initial_block_size = sizeof block_;
    return o;
  }
  alignas(16) char block_[3072];
  google::protobuf::Arena arena_;
};

[[nodiscard]] Result<void> put_meta(const runtime::Record& record,
                                    bellwether::runtime::v1::Meta& to);
[[nodiscard]] Result<void> take_meta(const bellwether::runtime::v1::Meta& from,
                                     runtime::Record& record);
[[nodiscard]] tl::unexpected<Error> cannot_encode(const Event& event, const Fault& fault);
[[nodiscard]] tl::unexpected<Error> not_of_topic(const Event& event, Kind kind);
[[nodiscard]] tl::unexpected<Error> cannot_decode(std::string_view event, const Fault& fault);
[[nodiscard]] tl::unexpected<Error> no_known_event(Kind kind);
[[nodiscard]] tl::unexpected<Error> not_parsed(std::string_view topic);
[[nodiscard]] Result<void> write_message(const google::protobuf::MessageLite& message,
                                         std::string& out);

[[nodiscard]] inline bool carries_event(runtime::What what) noexcept {
  return what == runtime::What::out || what == runtime::What::admit;
}

// BW_TOPIC(kName, Message, EVENTS): EVENTS(X) lists X(DomainType, oneof_field).
#define BW_TOPIC_PUT(T, field)                                                                  \
  if (const auto* e = std::get_if<T>(&event)) {                                                 \
    if (!to_message(*e, *message.mutable_##field(), fault)) return cannot_encode(event, fault); \
    return {};                                                                                  \
  }
#define BW_TOPIC_TAKE(T, field)                                               \
  if (message.has_##field()) {                                                \
    if (!from_message(message.field(), event.template emplace<T>(), fault)) { \
      return cannot_decode(#field, fault);                                    \
    }                                                                         \
    return {};                                                                \
  }
#define BW_TOPIC(NAME, Message, EVENTS)                                      \
  namespace {                                                                \
  struct NAME##Events {                                                      \
    using M = Message;                                                       \
    static Result<void> put(const Event& event, Kind kind, M& message) {     \
      Fault fault;                                                           \
      EVENTS(BW_TOPIC_PUT) return not_of_topic(event, kind);                 \
    }                                                                        \
    static Result<void> take(const M& message, Kind kind, Event& event) {    \
      Fault fault;                                                           \
      EVENTS(BW_TOPIC_TAKE) return no_known_event(kind);                     \
    }                                                                        \
  };                                                                         \
  }                                                                          \
  const Topic NAME{&encode_topic<NAME##Events>, &decode_topic<NAME##Events>, \
                   &field_name_of<NAME##Events::M>};

template <class Events>
Result<void> encode_topic(const runtime::Record& record, std::string& out) {
  StackArena arena;
  auto& message = *arena.make<typename Events::M>();
  if (auto r = put_meta(record, *message.mutable_meta()); !r) return r;
  if (carries_event(record.what)) {
    if (auto r = Events::put(record.event, record.kind, message); !r) return r;
  }
  return write_message(message, out);
}

template <class Events>
Result<runtime::Record> decode_topic(Kind kind, std::string_view bytes) {
  StackArena arena;
  auto& message = *arena.make<typename Events::M>();
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return not_parsed(kind_name(kind));
  }
  Result<runtime::Record> result{tl::in_place};
  result->kind = kind;
  if (auto r = take_meta(message.meta(), *result); !r) return tl::unexpected(r.error());
  if (carries_event(result->what)) {
    if (auto r = Events::take(message, kind, result->event); !r) return tl::unexpected(r.error());
  } else if (message.event_case() != 0) {
    return fail(ErrorCode::data_loss, "an open or progress record holds an event", "event");
  }
  return result;
}

template <class Message>
std::string_view field_name_of(std::uint32_t number) {
  if (number < 2 || number > 10'000) return {};
  const auto* field = Message::descriptor()->FindFieldByNumber(static_cast<int>(number));
  return field == nullptr ? std::string_view{} : std::string_view(field->name());
}

}  // namespace bw::codec
