#include "bellwether/domain/names.hpp"

#include <array>
#include <cstddef>

namespace bw {

namespace {

// Empty beyond the last value: from_name stops there.
template <std::size_t N, class E>
std::string_view at(const std::array<std::string_view, N>& names, E v) noexcept {
  const auto i = static_cast<std::size_t>(v);
  return i < N ? names[i] : std::string_view{};
}

}  // namespace

std::string_view name_of(Side v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "none", "buy", "sell"};
  return at(kNames, v);
}

std::string_view name_of(Timeframe v) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{
      "none", "1m", "5m", "15m", "1h", "1d"};
  return at(kNames, v);
}

std::string_view name_of(BarOrigin v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "provider", "trades", "simulator"};
  return at(kNames, v);
}

std::string_view name_of(GapState v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "opened", "closed", "backfilled"};
  return at(kNames, v);
}

std::string_view name_of(GapCause v) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{
      "missing_bars", "sequence_break", "silence", "feed_down"};
  return at(kNames, v);
}

std::string_view name_of(QualityReason v) noexcept {
  static constexpr std::array<std::string_view, 16> kNames{
      "none", "malformed_row", "unknown_instrument", "negative_price", "zero_price",
      "high_below_low", "negative_volume", "crossed_quote", "price_spike", "duplicate",
      "out_of_order", "off_session", "time_backwards", "sequence_break", "flagged_by_source",
      "off_tick"};
  return at(kNames, v);
}

std::string_view name_of(CorporateActionKind v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "none", "split", "dividend"};
  return at(kNames, v);
}

std::string_view name_of(SessionState v) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{
      "opened", "closed", "halted", "resumed"};
  return at(kNames, v);
}

std::string_view name_of(ArticleKind v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "article", "post", "filing"};
  return at(kNames, v);
}

std::string_view name_of(Direction v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "flat", "long", "short"};
  return at(kNames, v);
}

std::string_view name_of(SizingMethod v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "none", "fixed_fraction", "volatility_target"};
  return at(kNames, v);
}

std::string_view name_of(HoldBackReason v) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{
      "none", "gap", "warming_up", "cool_down", "confirming", "stale_input"};
  return at(kNames, v);
}

std::string_view name_of(OrderType v) noexcept {
  static constexpr std::array<std::string_view, 5> kNames{
      "none", "market", "limit", "stop", "stop_limit"};
  return at(kNames, v);
}

std::string_view name_of(TimeInForce v) noexcept {
  static constexpr std::array<std::string_view, 5> kNames{
      "none", "day", "gtc", "ioc", "fok"};
  return at(kNames, v);
}

std::string_view name_of(OrderState v) noexcept {
  static constexpr std::array<std::string_view, 11> kNames{
      "none", "new", "accepted", "triggered", "partially_filled", "filled", "cancel_pending",
      "cancelled", "rejected", "expired", "unknown"};
  return at(kNames, v);
}

std::string_view name_of(OrderReason v) noexcept {
  static constexpr std::array<std::string_view, 27> kNames{
      "none", "buying_power", "position_limit", "daily_loss_limit", "order_rate", "kill_switch",
      "size_zero", "no_price", "stale_signal", "unknown_instrument", "unknown_account",
      "unknown_order", "duplicate_request", "bad_request", "not_marketable", "stop_not_reached",
      "no_liquidity", "session_closed", "time_in_force", "user_cancel", "replaced_by_signal",
      "protective_stop", "take_profit", "venue_refused", "already_in_position",
      "shorting_not_allowed", "open_order_limit"};
  return at(kNames, v);
}

std::string_view name_of(RiskModeState v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "normal", "reduce_only", "halted"};
  return at(kNames, v);
}

std::string_view name_of(LedgerAccount v) noexcept {
  static constexpr std::array<std::string_view, 7> kNames{
      "none", "cash", "securities", "realised_pnl", "fees", "dividends", "capital"};
  return at(kNames, v);
}

std::string_view name_of(AssetClass v) noexcept {
  static constexpr std::array<std::string_view, 7> kNames{
      "none", "equity", "etf", "crypto", "crypto_perpetual", "fx", "index"};
  return at(kNames, v);
}

std::string_view name_of(CalendarId v) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{
      "always_open", "nyse", "us_extended"};
  return at(kNames, v);
}

std::string_view event_name(const Event& event) noexcept {
  static constexpr std::array<std::string_view, 41> kNames{
      "none", "timer", "raw_bar", "raw_trade", "raw_quote", "raw_depth", "raw_article",
      "raw_corporate_action", "raw_reject", "raw_feed_state", "submit_order", "cancel_order",
      "set_kill_switch", "venue_reply", "quote", "trade", "depth_level", "bar", "mark", "gap",
      "quality", "corporate_action", "session", "article", "feature", "prediction", "sentiment",
      "signal", "hold_back", "order_intent", "order_event", "fill", "refusal", "risk_mode",
      "position", "cash", "ledger_entry", "pnl", "book_position", "reconciliation_difference",
      "alert_triggered"};
  static_assert(kNames.size() == std::variant_size_v<Event>);
  return kNames[event.index()];
}

namespace {
constexpr std::array<std::string_view, kKindCount> kKindNames{
      "source", "market.ticks", "market.bars", "news.articles", "analytics.features",
      "inference.predictions", "confluence.signals", "confluence.spanning", "broker.orders",
      "portfolio.books", "alert.events"};
}

std::string_view kind_name(Kind kind) noexcept { return at(kKindNames, kind); }

std::optional<Kind> kind_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace bw
