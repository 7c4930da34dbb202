#include "bellwether/indicators/feature_table.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "bellwether/domain/analysis.hpp"

using namespace bw;
using namespace bw::indicators;

TEST_CASE("every slot has a name of its own, is found by it, and fits the event") {
  STATIC_REQUIRE(kFeatureCount <= kMaxFeatures);
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const FeatureSlot& s = kFeatureTable[i];
    CHECK(find_feature(s.name) == i);
    CHECK(s.warm_up >= 1);
    CHECK((s.span == 0 || s.span >= s.warm_up));
    CHECK_FALSE(s.meaning.empty());
  }
  CHECK(find_feature("sma_200") == slot_of(FeatureId::sma_200));
  CHECK(find_feature("vwap") == slot_of(FeatureId::vwap));
  CHECK_FALSE(find_feature("close").has_value());
  CHECK_FALSE(find_feature("").has_value());
}

TEST_CASE("spans of exponential averages: the weight left behind is below 0.1 %") {
  const auto left = [](FeatureId id, double keep, int bars) {
    CHECK(std::pow(keep, bars) < 0.001);
    CHECK(std::pow(keep, bars - 1) >= 0.001);
    CHECK(kFeatureTable[slot_of(id)].span >= bars);
  };
  left(FeatureId::ema_12, 11.0 / 13, 42);
  left(FeatureId::ema_26, 25.0 / 27, 90);
  left(FeatureId::ema_50, 49.0 / 51, 173);
  left(FeatureId::rsi_14, 13.0 / 14, 94);  // and the close before the first change
  left(FeatureId::atr_14, 13.0 / 14, 94);
  left(FeatureId::macd_signal, 8.0 / 10,
       31);  // of macd values, behind the slow average's 90 closes
  CHECK(kLongestSpan == 200);
}
