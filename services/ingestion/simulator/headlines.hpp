#pragma once
// What the simulated news says. Every headline begins with "[simulated]".
#include "bellwether/domain/market.hpp"
#include "ingestion/simulator/market_model.hpp"

namespace bw::ingestion::simulator {

inline constexpr std::string_view kNewsSource = "SIM-NEWS";

/// The text for `headline` about `about`.
[[nodiscard]] FixedText<280> headline_text(const Headline& headline, const Profile& about) noexcept;

}  // namespace bw::ingestion::simulator
