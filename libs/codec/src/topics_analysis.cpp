#include "bellwether/analytics/v1/topics.pb.h"
#include "bellwether/confluence/v1/topics.pb.h"
#include "bellwether/inference/v1/topics.pb.h"
#include "topic.hpp"

namespace bw::codec {

#define BW_ANALYTICS_FEATURES(X) X(Feature, feature)
#define BW_INFERENCE_PREDICTIONS(X) X(Prediction, prediction) X(Sentiment, sentiment)
#define BW_CONFLUENCE(X) X(Signal, signal) X(HoldBack, hold_back)

BW_TOPIC(kAnalyticsFeatures, bellwether::analytics::v1::AnalyticsFeaturesRecord,
         BW_ANALYTICS_FEATURES)
BW_TOPIC(kInferencePredictions, bellwether::inference::v1::InferencePredictionsRecord,
         BW_INFERENCE_PREDICTIONS)
BW_TOPIC(kConfluenceSignals, bellwether::confluence::v1::ConfluenceSignalsRecord, BW_CONFLUENCE)
BW_TOPIC(kConfluenceSpanning, bellwether::confluence::v1::ConfluenceSpanningRecord, BW_CONFLUENCE)

}  // namespace bw::codec
