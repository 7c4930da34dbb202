#pragma once
// What the broker is told: accounts with their limits, the instruments, the paper venue's rules.
#include <string>
#include <vector>

#include "bellwether/domain/instrument.hpp"
#include "bellwether/domain/kind.hpp"
#include "bellwether/matching/models.hpp"
#include "bellwether/risk/gate.hpp"

namespace bw::broker {

enum class VenueKind : std::uint8_t {
  paper,     ///< matched inside the machine, against market data
  external,  ///< asked by the shell; answers come as VenueReply
};

struct AccountConfig {
  AccountId id;
  std::string name;
  Money opening_cash = Money::from_int(100'000);
  std::vector<StrategyId> strategies;  ///< whose signals it follows; empty: all
  risk::Limits limits;
  VenueKind venue = VenueKind::paper;
};

struct Config {
  std::vector<AccountConfig> accounts;  ///< ascending by id
  std::vector<Instrument> instruments;  ///< ascending by id
  matching::VenueRules venue;           ///< of paper accounts
  TimeInForce entry_time_in_force = TimeInForce::day;  ///< of orders that signals cause
  /// Reserved on top of the price for orders that may fill above it (market, stop), basis points.
  std::int64_t reserve_cushion_bps = 100;
  /// A signal in the direction that is held orders only if the target differs by more than this
  /// share of the target, basis points.
  std::int64_t rebalance_bps = 2'500;
};

/// Errors name the key and its mend.
[[nodiscard]] Result<void> check(const Config& config);

}  // namespace bw::broker
