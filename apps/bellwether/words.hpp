#pragma once
// Numbers, times and events in the words that people read on a screen or in a table.
#include <string>

#include "bellwether/domain/trading.hpp"
#include "suite.hpp"

namespace bw::app {

/// "100,123.45", with as many decimals as asked for, rounded half away from zero.
[[nodiscard]] std::string money_text(Money v, int decimals = 2);
/// "+123.45", "-5.00", "0.00".
[[nodiscard]] std::string signed_money_text(Money v);
/// At least two decimals, up to the ones that it has.
[[nodiscard]] std::string price_text(Price v);
/// "12.3M"
[[nodiscard]] std::string short_count(double v);
/// "+1.23 %"
[[nodiscard]] std::string percent_text(double share, int decimals = 2);
/// "2024-01-05 14:42:10"
[[nodiscard]] std::string time_text(TimeNs t);

/// "trend: LONG SIM-ACORN at 182.10, score +0.62: momentum +0.25, …"
[[nodiscard]] std::string say(const Suite& suite, const Signal& signal);
/// "buy 54 SIM-ACORN at market, day"
[[nodiscard]] std::string say(const Suite& suite, const OrderIntent& intent);
/// "filled 54 at 182.12"; "cancelled, time_in_force"
[[nodiscard]] std::string state_text(const OrderEvent& event);
[[nodiscard]] std::string say(const Suite& suite, const Fill& fill);
[[nodiscard]] std::string say(const Suite& suite, const Refusal& refusal);
/// Empty for what is not worth a line of its own.
[[nodiscard]] std::string say(const Suite& suite, const Event& event);

}  // namespace bw::app
