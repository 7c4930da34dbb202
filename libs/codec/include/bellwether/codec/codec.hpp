#pragma once
// Records to protobuf and back: the only place where generated protobuf code and domain values
// meet. The messages are those of proto/bellwether/<context>/v1/topics.proto; a record's kind says
// which. Thread-safe: no state.
#include <string>
#include <string_view>

#include "bellwether/base/result.hpp"
#include "bellwether/runtime/record.hpp"

namespace bw::codec {

/// The longest record in bytes that is written or read. The largest event of the domain takes half
/// of it.
inline constexpr std::size_t kMaxRecordBytes = 4096;

/// Replaces `out` by the record's bytes. Errors (`invalid_argument`, `out` empty): an event that
/// the kind's topic does not hold, Kind::source, a double that is not finite, an enum out of range,
/// a unit beyond the limit.
[[nodiscard]] Result<void> encode(const runtime::Record& record, std::string& out);

/// Errors: `data_loss` for what is no valid record (cut short, too long, an enum value or a text
/// beyond its range, no event where one is due), naming the field; `unimplemented` for an event of
/// a newer schema.
[[nodiscard]] Result<runtime::Record> decode(Kind kind, std::string_view bytes);

/// What stands in front of a record, read without decoding the event.
struct Head {
  runtime::What what = runtime::What::out;
  std::uint32_t epoch = 0;
  std::uint64_t n = 0;
  TimeNs t = 0;
  Unit unit = 0;
  std::uint64_t seq = 0;
  std::uint32_t event_field =
      0;  ///< field number of the event in the topic's message, 0 where there is none
};

/// Reads the head of any topic's record. The event is not looked at, but its length must fit.
/// `data_loss` as for decode.
[[nodiscard]] Result<Head> peek(std::string_view bytes);

/// The name that event_name() gives to the event behind `event_field`; empty where this build knows
/// none.
[[nodiscard]] std::string_view event_field_name(Kind kind, std::uint32_t event_field);

/// What a person asked for, as it stands in topic gateway.requests: outside input, no machine's
/// record.
struct Request {
  UserId user;          ///< as the gateway authenticated them
  TimeNs received = 0;  ///< when the gateway took it in; informative
  Event event;          ///< SubmitOrder, CancelOrder or SetKillSwitch
};
[[nodiscard]] Result<void> encode(const Request& request, std::string& out);
[[nodiscard]] Result<Request> decode_request(std::string_view bytes);

}  // namespace bw::codec
