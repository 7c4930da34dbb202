#pragma once
// The data folder of `bellwether run`: a private PostgreSQL, one database for each feed, and a note
// that says which of them the last run used, so that the other commands find it.
#include <filesystem>
#include <memory>
#include <string>

#include "bellwether/servers/private_postgres.hpp"
#include "bellwether/service/inputs.hpp"

namespace bw::app {

/// What a person reads and what the database is called: each feed has books of its own, since its
/// time is its own.
struct FeedName {
  std::string database;  ///< "simulator_1", "feed_0f3a…"
  std::string text;      ///< "SIMULATED market, seed 1"; "SPY.csv.gz, AAPL.csv.gz"
};
[[nodiscard]] FeedName feed_name(const service::Inputs& inputs);

/// Code and configuration, as a saved run names them: the contents of every document that the
/// inputs name.
[[nodiscard]] std::string run_identity(const service::Inputs& inputs);

/// The note in the data folder.
struct LedgerNote {
  std::string database;
  std::string uri;
  std::string feed;
  long process = 0;  ///< of the run that works on it; 0 where none does
};
[[nodiscard]] Result<LedgerNote> read_note(const std::filesystem::path& folder);
[[nodiscard]] Result<void> write_note(const std::filesystem::path& folder, const LedgerNote& note);
/// True where that process is there.
[[nodiscard]] bool is_running(const LedgerNote& note);

/// Throws the database away and makes an empty one of the same name. `uri` is its own.
[[nodiscard]] Result<void> recreate_database(const std::string& uri, const std::string& database);

/// A database to read: that of a run at work, or else the folder's own server, started for as long
/// as this object lives.
class Ledger {
 public:
  /// `uri` is used where it is not empty. not_found where nothing ever ran in `folder`.
  [[nodiscard]] static Result<Ledger> open(const std::filesystem::path& folder,
                                           const std::string& uri);
  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  [[nodiscard]] const LedgerNote& note() const noexcept { return note_; }

 private:
  std::string uri_;
  LedgerNote note_;
  std::unique_ptr<servers::PrivatePostgres> server_;
};

}  // namespace bw::app
