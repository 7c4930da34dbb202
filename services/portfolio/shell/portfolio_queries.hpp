#pragma once
// Questions to the books: what `bellwether portfolio` and the gateway show.
#include <string>
#include <vector>

#include "bellwether/domain/event.hpp"
#include "bellwether/postgres/reader.hpp"

namespace bw::portfolio {

struct PnlRow {
  Pnl pnl;
  TimeNs at = 0;
};
struct EntryRow {
  LedgerEntry entry;
  TimeNs at = 0;
};
struct DifferenceRow {
  ReconciliationDifference difference;
  TimeNs at = 0;
};

/// One connection. One thread. Errors as Reader::read. `account` none: all accounts.
class PortfolioQueries {
 public:
  explicit PortfolioQueries(std::string uri) : reader_(std::move(uri)) {}

  /// Where each account stands now.
  [[nodiscard]] Result<std::vector<PnlRow>> latest(AccountId account);
  /// The equity curve of one account in [from, to), ascending, thinned evenly to about `points`;
  /// the last point is always there.
  [[nodiscard]] Result<std::vector<PnlRow>> curve(AccountId account, TimeNs from, TimeNs to,
                                                  int points);
  /// By instrument, with those that are flat now left out.
  [[nodiscard]] Result<std::vector<BookPosition>> positions(AccountId account);
  /// Newest first.
  [[nodiscard]] Result<std::vector<EntryRow>> entries(AccountId account, int limit);
  [[nodiscard]] Result<std::vector<DifferenceRow>> differences(AccountId account, int limit);

 private:
  postgres::Reader reader_;
};

}  // namespace bw::portfolio
