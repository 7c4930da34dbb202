#include "bellwether/codec/codec.hpp"

#include <array>

#include "topic.hpp"
#include "wire.hpp"

namespace bw::codec {

namespace {

using runtime::What;

// By rank of kind; Kind::source has no topic.
constexpr std::array<const Topic*, kKindCount> kTopics{nullptr,
                                                       &kMarketTicks,
                                                       &kMarketBars,
                                                       &kNewsArticles,
                                                       &kAnalyticsFeatures,
                                                       &kInferencePredictions,
                                                       &kConfluenceSignals,
                                                       &kConfluenceSpanning,
                                                       &kBrokerOrders,
                                                       &kPortfolioBooks,
                                                       &kAlertEvents};

const Topic* topic_of(Kind kind) noexcept {
  const auto i = static_cast<std::size_t>(kind);
  return i < kTopics.size() ? kTopics[i] : nullptr;
}

tl::unexpected<Error> no_topic(Kind kind) {
  return fail(ErrorCode::invalid_argument,
              "kind '" + std::string(kind_name(kind)) + "' has no topic of its own", "kind");
}

Result<void> check_head(std::uint64_t what, std::uint64_t unit) {
  if (what < 1 || what > 4) return fail(ErrorCode::data_loss, "is no kind of record", "meta.what");
  if (unit >= kUnitLimit) return fail(ErrorCode::data_loss, "is beyond the limit", "meta.unit");
  return {};
}

}  // namespace

Result<void> encode(const runtime::Record& record, std::string& out) {
  out.clear();
  const Topic* topic = topic_of(record.kind);
  if (topic == nullptr) return no_topic(record.kind);
  return topic->encode(record, out);
}

Result<runtime::Record> decode(Kind kind, std::string_view bytes) {
  const Topic* topic = topic_of(kind);
  if (topic == nullptr) return no_topic(kind);
  if (bytes.size() > kMaxRecordBytes) return not_parsed(kind_name(kind));
  return topic->decode(kind, bytes);
}

std::string_view event_field_name(Kind kind, std::uint32_t event_field) {
  const Topic* topic = topic_of(kind);
  return topic == nullptr ? std::string_view{} : topic->field_name(event_field);
}

Result<void> put_meta(const runtime::Record& record, bellwether::runtime::v1::Meta& to) {
  if (record.what > What::admit || record.unit >= kUnitLimit) {
    return fail(ErrorCode::invalid_argument, "is out of range", "meta.what or meta.unit");
  }
  to.set_what(static_cast<bellwether::runtime::v1::What>(static_cast<int>(record.what) + 1));
  to.set_epoch(record.epoch);
  to.set_n(record.n);
  to.set_t(record.t);
  to.set_unit(record.unit);
  to.set_seq(record.seq);
  return {};
}

Result<void> take_meta(const bellwether::runtime::v1::Meta& from, runtime::Record& record) {
  const auto what = static_cast<std::uint64_t>(static_cast<int>(from.what()));
  if (auto r = check_head(what, from.unit()); !r) return r;
  record.what = static_cast<What>(what - 1);
  record.epoch = from.epoch();
  record.n = from.n();
  record.t = from.t();
  record.unit = from.unit();
  record.seq = from.seq();
  return {};
}

tl::unexpected<Error> cannot_encode(const Event& event, const Fault& fault) {
  return fail(ErrorCode::invalid_argument, fault.what,
              std::string(event_name(event)) + "." + fault.path);
}

tl::unexpected<Error> not_of_topic(const Event& event, Kind kind) {
  return fail(
      ErrorCode::invalid_argument,
      "topic " + std::string(kind_name(kind)) + " holds no " + std::string(event_name(event)),
      "event", "add it to the topic's message and to libs/codec");
}

tl::unexpected<Error> cannot_decode(std::string_view event, const Fault& fault) {
  return fail(ErrorCode::data_loss, fault.what, std::string(event) + "." + fault.path);
}

tl::unexpected<Error> no_known_event(Kind kind) {
  return fail(
      ErrorCode::unimplemented,
      "a record of topic " + std::string(kind_name(kind)) + " holds no event that this build knows",
      "event", "run a build at least as new as the writer's");
}

tl::unexpected<Error> not_parsed(std::string_view topic) {
  return fail(ErrorCode::data_loss, "bytes are no record of topic " + std::string(topic) +
                                        ", cut short, or longer than " +
                                        std::to_string(kMaxRecordBytes));
}

Result<void> write_message(const google::protobuf::MessageLite& message, std::string& out) {
  const std::size_t size = message.ByteSizeLong();
  if (size > kMaxRecordBytes) {
    return fail(ErrorCode::invalid_argument,
                "record is longer than " + std::to_string(kMaxRecordBytes));
  }
  out.resize(size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data()));
  return {};
}

namespace {

/// Reads Meta's fields; unknown ones of a newer schema are passed over.
Result<Head> read_meta(std::string_view bytes) {
  Head head;
  WireReader in(bytes);
  std::uint64_t what = 0;
  std::uint64_t unit = 0;
  while (!in.at_end()) {
    const WireReader::Field f = in.next();
    if (!in.ok()) break;
    switch (f.number) {
      case 1:
        what = f.value;
        break;
      case 2:
        head.epoch = static_cast<std::uint32_t>(f.value);
        break;
      case 3:
        head.n = f.value;
        break;
      case 4:
        head.t = static_cast<TimeNs>(f.value);
        break;
      case 5:
        unit = f.value;
        break;
      case 6:
        head.seq = f.value;
        break;
      default:
        break;
    }
  }
  if (!in.ok()) return fail(ErrorCode::data_loss, "is cut short or malformed", "meta");
  if (auto r = check_head(what, unit); !r) return tl::unexpected(r.error());
  head.what = static_cast<What>(what - 1);
  head.unit = static_cast<Unit>(unit);
  return head;
}

}  // namespace

Result<Head> peek(std::string_view bytes) {
  if (bytes.size() > kMaxRecordBytes) return not_parsed("any kind");
  WireReader in(bytes);
  Result<Head> head = fail(ErrorCode::data_loss, "is absent", "meta");
  std::uint32_t event_field = 0;
  while (!in.at_end()) {
    const WireReader::Field f = in.next();
    if (!in.ok()) return not_parsed("any kind");
    if (f.number == 1) {
      head = read_meta(f.bytes);
      if (!head) return head;
    } else {
      event_field = f.number;
    }
  }
  if (head) head->event_field = event_field;
  return head;
}

}  // namespace bw::codec
