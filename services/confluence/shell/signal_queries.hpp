#pragma once
// Questions to the history of signals: what `bellwether signals` and `bellwether explain` show.
#include <optional>
#include <string>
#include <vector>

#include "bellwether/domain/event.hpp"
#include "bellwether/postgres/reader.hpp"

namespace bw::confluence {

struct SignalFilter {
  StrategyId strategy{};      ///< none: all
  InstrumentId instrument{};  ///< none: all
  std::optional<Direction> direction{};
  TimeNs from = 0;  ///< event time in [from, to)
  TimeNs to = kTimeMax;
  double min_score = 0;  ///< of |score|
  int limit = 100;       ///< at most this many, 1 … 10,000
};

struct SignalRow {
  Signal signal;  ///< whole, with contributions
  TimeNs at = 0;
};
struct HoldBackRow {
  HoldBack hold_back;
  TimeNs at = 0;
};

/// One connection. One thread. Errors as Reader::read.
class SignalQueries {
 public:
  explicit SignalQueries(std::string uri) : reader_(std::move(uri)) {}

  /// Newest first.
  [[nodiscard]] Result<std::vector<SignalRow>> signals(const SignalFilter& filter);
  /// `not_found` where there is none of that id.
  [[nodiscard]] Result<SignalRow> signal(SignalId id);
  /// Newest first; of the filter strategy, instrument, direction, times, score and limit count.
  [[nodiscard]] Result<std::vector<HoldBackRow>> hold_backs(const SignalFilter& filter);

 private:
  postgres::Reader reader_;
};

}  // namespace bw::confluence
