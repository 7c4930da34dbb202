#pragma once
// History: bars, signals and hold-backs into tables that are partitioned by month, by binary COPY,
// exactly once. Used by a process that follows logs (HistoryFollower) and by the all-in-one
// process, which hands its batches over.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bellwether/runtime/stream_reader.hpp"

namespace bw::postgres {

/// One row of a table as binary COPY wants it: put every column in order.
class CopyRow {
 public:
  explicit CopyRow(std::string& out) : out_(out) {}
  void integer(std::int64_t v);  ///< bigint
  void real(double v);           ///< double precision
  void text(std::string_view v);
  void json(std::string_view v);  ///< jsonb
  void time(TimeNs t);            ///< timestamptz, microseconds
  template <class Tag>
  void decimal(Fixed<Tag> v) {
    numeric(v.raw());
  }

 private:
  void numeric(std::int64_t raw);
  std::string& out_;
};

/// A table of history: which events it takes, and how a record becomes a row.
struct HistoryTable {
  std::string name;     ///< "market.bar"
  std::string columns;  ///< comma-separated, in the order that `write` puts them
  int column_count = 0;
  bool (*takes)(const Event& event) = nullptr;
  TimeNs (*time_of)(const runtime::Record& record) = nullptr;  ///< what the table is partitioned by
  void (*write)(const runtime::Record& record, CopyRow& row) = nullptr;
};

/// One connection, made when needed and made again after a loss. One thread. Rows and the place in
/// the log change in one transaction, so after any error the same batch may be handed over again:
/// what was stored is passed over.
class HistoryWriter {
 public:
  using Position = runtime::StreamReader::Position;

  /// `writer` names the place in the logs: two processes with one name share the work's record, not
  /// the work.
  HistoryWriter(std::string uri, std::string writer, std::vector<HistoryTable> tables);
  ~HistoryWriter();

  /// Where to read on.
  [[nodiscard]] Result<Position> stored(runtime::MachineId stream);
  /// Stores the rows of `records` (all of one stream, in its order; events that no table takes are
  /// passed over) and `at`, the place behind them. Records that were stored before are passed over:
  /// by n, or, where a record has no n (the all-in-one process), by its time, so batches must then
  /// be cut between two times. Returns the rows written. `unavailable`: hand the same batch over
  /// again.
  [[nodiscard]] Result<std::size_t> write(runtime::MachineId stream,
                                          std::span<const runtime::Record> records,
                                          const Position& at);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Follows logs into a HistoryWriter. One thread.
class HistoryFollower {
 public:
  HistoryFollower(HistoryWriter& writer, runtime::Log& log,
                  std::vector<runtime::MachineId> streams);
  /// Reads on in every stream and stores what came, at most `limit` records a stream; returns the
  /// records read. `unavailable`: call again later.
  [[nodiscard]] Result<std::size_t> turn(std::size_t limit = 20'000);

 private:
  [[nodiscard]] Result<std::size_t> turn(runtime::MachineId stream, std::size_t limit);

  HistoryWriter& writer_;
  runtime::Log& log_;
  std::vector<runtime::MachineId> streams_;
  std::map<runtime::MachineId, runtime::StreamReader> readers_;
  std::map<runtime::MachineId, std::vector<runtime::Record>> pending_;  // read, not stored yet
};

}  // namespace bw::postgres
