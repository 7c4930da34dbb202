#pragma once
// Enum values as the words that documents, JSON, the command line and people use, and back.
#include <optional>
#include <string_view>

#include "bellwether/domain/event.hpp"
#include "bellwether/domain/instrument.hpp"

namespace bw {

[[nodiscard]] std::string_view name_of(Side v) noexcept;
[[nodiscard]] std::string_view name_of(Timeframe v) noexcept;  ///< "1m", "5m", "15m", "1h", "1d"
[[nodiscard]] std::string_view name_of(BarOrigin v) noexcept;
[[nodiscard]] std::string_view name_of(GapState v) noexcept;
[[nodiscard]] std::string_view name_of(GapCause v) noexcept;
[[nodiscard]] std::string_view name_of(QualityReason v) noexcept;
[[nodiscard]] std::string_view name_of(CorporateActionKind v) noexcept;
[[nodiscard]] std::string_view name_of(SessionState v) noexcept;
[[nodiscard]] std::string_view name_of(ArticleKind v) noexcept;
[[nodiscard]] std::string_view name_of(Direction v) noexcept;  ///< "flat", "long", "short"
[[nodiscard]] std::string_view name_of(SizingMethod v) noexcept;
[[nodiscard]] std::string_view name_of(HoldBackReason v) noexcept;
[[nodiscard]] std::string_view name_of(OrderType v) noexcept;
[[nodiscard]] std::string_view name_of(TimeInForce v) noexcept;
[[nodiscard]] std::string_view name_of(OrderState v) noexcept;
[[nodiscard]] std::string_view name_of(OrderReason v) noexcept;
[[nodiscard]] std::string_view name_of(RiskModeState v) noexcept;
[[nodiscard]] std::string_view name_of(LedgerAccount v) noexcept;
[[nodiscard]] std::string_view name_of(AssetClass v) noexcept;
[[nodiscard]] std::string_view name_of(CalendarId v) noexcept;

/// The value whose name is `text`; nothing where there is none. `E` is one of the enums above.
template <class E>
[[nodiscard]] std::optional<E> from_name(std::string_view text) noexcept {
  for (int i = 0; i < 64; ++i) {
    const auto v = static_cast<E>(i);
    const std::string_view name = name_of(v);
    if (name.empty()) return std::nullopt;
    if (name == text) return v;
  }
  return std::nullopt;
}

}  // namespace bw
