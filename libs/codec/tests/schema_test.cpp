// The protos and the domain say the same words.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "../src/fields.hpp"
#include "bellwether/alert/v1/topics.pb.h"
#include "bellwether/analytics/v1/topics.pb.h"
#include "bellwether/broker/v1/topics.pb.h"
#include "bellwether/codec/codec.hpp"
#include "bellwether/confluence/v1/topics.pb.h"
#include "bellwether/domain/names.hpp"
#include "bellwether/inference/v1/topics.pb.h"
#include "bellwether/market/v1/topics.pb.h"
#include "bellwether/news/v1/topics.pb.h"
#include "bellwether/portfolio/v1/topics.pb.h"

using namespace bw;

namespace {

std::string upper(std::string_view s) {
  std::string out;
  for (const char c : s) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// "TimeInForce" -> "TIME_IN_FORCE_"
std::string prefix_of(const std::string& type) {
  std::string out;
  for (const char c : type) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += '_';
    out += upper(std::string_view(&c, 1));
  }
  return out + '_';
}

template <class E>
void check_enum(const google::protobuf::EnumDescriptor& d) {
  INFO(d.full_name());
  const std::string prefix = prefix_of(d.name());
  const int offset = name_of(E{}) == "none" ? 0 : 1;
  REQUIRE(d.FindValueByNumber(0)->name() == prefix + "UNSPECIFIED");
  int i = 0;
  for (; !name_of(static_cast<E>(i)).empty(); ++i) {
    if (i + offset == 0) continue;
    const auto* value = d.FindValueByNumber(i + offset);
    REQUIRE(value != nullptr);
    CHECK(value->name() == prefix + upper(name_of(static_cast<E>(i))));
  }
  CHECK(d.value_count() == i + offset);
}

}  // namespace

TEST_CASE("every enum value of the domain has its proto value, and no other") {
  using namespace bellwether;
  check_enum<Side>(*market::v1::Side_descriptor());
  check_enum<Timeframe>(*market::v1::Timeframe_descriptor());
  check_enum<BarOrigin>(*market::v1::BarOrigin_descriptor());
  check_enum<GapState>(*market::v1::GapState_descriptor());
  check_enum<GapCause>(*market::v1::GapCause_descriptor());
  check_enum<QualityReason>(*market::v1::QualityReason_descriptor());
  check_enum<CorporateActionKind>(*market::v1::CorporateActionKind_descriptor());
  check_enum<SessionState>(*market::v1::SessionState_descriptor());
  check_enum<ArticleKind>(*news::v1::ArticleKind_descriptor());
  check_enum<Direction>(*confluence::v1::Direction_descriptor());
  check_enum<SizingMethod>(*confluence::v1::SizingMethod_descriptor());
  check_enum<HoldBackReason>(*confluence::v1::HoldBackReason_descriptor());
  check_enum<OrderType>(*broker::v1::OrderType_descriptor());
  check_enum<TimeInForce>(*broker::v1::TimeInForce_descriptor());
  check_enum<OrderState>(*broker::v1::OrderState_descriptor());
  check_enum<OrderReason>(*broker::v1::OrderReason_descriptor());
  check_enum<RiskModeState>(*broker::v1::RiskModeState_descriptor());
  check_enum<LedgerAccount>(*portfolio::v1::LedgerAccount_descriptor());
}

TEST_CASE("a message has the fields of its struct, and no other") {
  using namespace bellwether;
  const auto fields = [](const google::protobuf::Descriptor* d) {
    return static_cast<std::size_t>(d->field_count());
  };
  using namespace bw::codec;
#define BW_SAME(package, T) \
  CHECK(fields(bellwether::package::v1::T::descriptor()) == Fields<T>::kCount);
  BW_SAME(market, Quote)
  BW_SAME(market, Trade)
  BW_SAME(market, DepthLevel) BW_SAME(market, Bar) BW_SAME(market, Mark) BW_SAME(market, Gap)
      BW_SAME(market, Quality) BW_SAME(market, CorporateAction) BW_SAME(market, Session) BW_SAME(
          market, Origin) BW_SAME(market, RawBar) BW_SAME(market, RawTrade)
          BW_SAME(market, RawQuote) BW_SAME(market, RawDepth) BW_SAME(
              market, RawCorporateAction) BW_SAME(market, RawReject) BW_SAME(market, RawFeedState)
              BW_SAME(news, Article) BW_SAME(news, RawArticle) BW_SAME(analytics, Feature) BW_SAME(
                  inference, Prediction) BW_SAME(inference, Sentiment) BW_SAME(confluence, Sizing)
                  BW_SAME(confluence, Contribution) BW_SAME(confluence, Signal) BW_SAME(
                      confluence, HoldBack) BW_SAME(broker, OrderIntent) BW_SAME(broker, OrderEvent)
                      BW_SAME(broker, Fill) BW_SAME(broker, Refusal) BW_SAME(broker, RiskMode)
                          BW_SAME(broker, Position) BW_SAME(broker, Cash)
                              BW_SAME(broker, SubmitOrder) BW_SAME(broker, CancelOrder)
                                  BW_SAME(broker, SetKillSwitch) BW_SAME(broker, VenueReply)
                                      BW_SAME(portfolio, LedgerEntry) BW_SAME(portfolio, Pnl)
                                          BW_SAME(portfolio, BookPosition)
                                              BW_SAME(portfolio, ReconciliationDifference)
                                                  BW_SAME(alert, AlertTriggered)
#undef BW_SAME
}

TEST_CASE("an event that only a newer build knows is passed by peek and refused by decode") {
  bellwether::analytics::v1::AnalyticsFeaturesRecord message;
  message.mutable_meta()->set_what(bellwether::runtime::v1::WHAT_OUT);
  message.mutable_meta()->set_unit(17);
  message.mutable_regime()->set_instrument(17);
  const std::string bytes = message.SerializeAsString();
  const auto head = bw::codec::peek(bytes);
  REQUIRE(head.has_value());
  CHECK(head->unit == 17);
  CHECK(bw::codec::event_field_name(Kind::analytics_features, head->event_field) == "regime");
  const auto record = bw::codec::decode(Kind::analytics_features, bytes);
  REQUIRE_FALSE(record.has_value());
  CHECK(record.error().code == ErrorCode::unimplemented);
  CHECK_FALSE(record.error().mend.empty());
}
