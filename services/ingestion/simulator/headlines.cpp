#include "ingestion/simulator/headlines.hpp"

namespace bw::ingestion::simulator {
namespace {

using Texts = std::array<std::string_view, 6>;

constexpr Texts kGood{"raises full-year guidance after strong demand",
                      "beats quarterly profit estimates",
                      "wins multi-year contract",
                      "announces larger share buyback",
                      "upgraded by analysts on improving margins",
                      "surges on takeover interest"};
constexpr Texts kBad{
    "cuts outlook after weak orders",           "misses quarterly profit estimates",
    "faces regulatory investigation",           "recalls product after failures",
    "downgraded by analysts on slowing growth", "drops as chief financial officer resigns"};
constexpr Texts kNeutral{"to present at industry conference",
                         "names new board member",
                         "opens office in Lisbon",
                         "publishes annual sustainability report",
                         "schedules quarterly results",
                         "updates its product range"};
constexpr Texts kCoinGood{"network upgrade activated without incident",
                          "listed by large exchange",
                          "fund inflows reach record",
                          "transaction fees fall after upgrade",
                          "accepted by payment provider",
                          "rallies as short positions are closed"};
constexpr Texts kCoinBad{
    "slides after exchange reports theft", "network outage lasts an hour",
    "under scrutiny of regulators",        "fund outflows accelerate",
    "delisted by large exchange",          "falls as leveraged positions are liquidated"};
constexpr Texts kCoinNeutral{"developers meet for annual conference",
                             "foundation publishes its accounts",
                             "wallet software updated",
                             "testnet restarted on schedule",
                             "community votes on fee rules",
                             "research paper proposes new signature scheme"};
constexpr Texts kMacroGood{
    "central bank signals lower rates", "inflation slows more than expected",
    "factory orders beat forecasts",    "trade agreement reached",
    "consumer confidence climbs",       "payrolls grow faster than forecast"};
constexpr Texts kMacroBad{"central bank raises rates unexpectedly",
                          "inflation faster than expected",
                          "factory orders fall short of forecasts",
                          "trade talks break down",
                          "consumer confidence slumps",
                          "payrolls shrink against forecasts"};

const Texts& texts_for(const Headline& h, bool coin) noexcept {
  const bool good = h.tone == Tone::good;
  if (h.market_wide) return good ? kMacroGood : kMacroBad;
  if (h.tone == Tone::neutral) return coin ? kCoinNeutral : kNeutral;
  if (coin) return good ? kCoinGood : kCoinBad;
  return good ? kGood : kBad;
}

/// Appends to a buffer of fixed size; what does not fit is cut.
struct Line {
  std::array<char, 280> data{};
  std::size_t size = 0;
  void add(std::string_view text) noexcept {
    for (const char c : text) {
      if (size < data.size()) data[size++] = c;
    }
  }
};

}  // namespace

FixedText<280> headline_text(const Headline& headline, const Profile& about) noexcept {
  const Texts& texts = texts_for(headline, is_crypto(about));
  Line line;
  line.add("[simulated] ");
  if (!headline.market_wide) {
    line.add(about.name);
    line.add(" (");
    line.add(about.symbol);
    line.add(") ");
  }
  line.add(texts[headline.variant % texts.size()]);
  return FixedText<280>(std::string_view(line.data.data(), line.size));
}

}  // namespace bw::ingestion::simulator
