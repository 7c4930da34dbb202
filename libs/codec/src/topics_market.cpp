#include "bellwether/market/v1/topics.pb.h"
#include "bellwether/news/v1/topics.pb.h"
#include "topic.hpp"

namespace bw::codec {

// clang-format off
#define BW_MARKET_TICKS(X) \
  X(Quote, quote) X(Trade, trade) X(DepthLevel, depth_level) X(Gap, gap) X(Quality, quality) \
  X(Session, session) X(RawTrade, raw_trade) X(RawQuote, raw_quote) X(RawDepth, raw_depth) \
  X(RawReject, raw_reject) X(RawFeedState, raw_feed_state)
#define BW_MARKET_BARS(X) \
  X(Bar, bar) X(Mark, mark) X(Gap, gap) X(Quality, quality) X(CorporateAction, corporate_action) \
  X(Session, session) X(RawBar, raw_bar) X(RawTrade, raw_trade) X(RawQuote, raw_quote) \
  X(RawDepth, raw_depth) X(RawCorporateAction, raw_corporate_action) X(RawReject, raw_reject) \
  X(RawFeedState, raw_feed_state)
#define BW_NEWS_ARTICLES(X) \
  X(Article, article) X(Gap, gap) X(Quality, quality) X(RawArticle, raw_article) \
  X(RawReject, raw_reject) X(RawFeedState, raw_feed_state)
// clang-format on

BW_TOPIC(kMarketTicks, bellwether::market::v1::MarketTicksRecord, BW_MARKET_TICKS)
BW_TOPIC(kMarketBars, bellwether::market::v1::MarketBarsRecord, BW_MARKET_BARS)
BW_TOPIC(kNewsArticles, bellwether::news::v1::NewsArticlesRecord, BW_NEWS_ARTICLES)

}  // namespace bw::codec
