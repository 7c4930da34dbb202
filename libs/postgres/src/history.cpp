#include "bellwether/postgres/history.hpp"

#include <libpq-fe.h>

#include <bit>
#include <cstdio>
#include <optional>
#include <set>

#include "bellwether/postgres/columns.hpp"
#include "connection.hpp"

namespace bw::postgres {

using runtime::MachineId;
using runtime::Record;

namespace {

constexpr std::size_t kCopyChunk = 1U << 20;  // bytes handed to libpq at a time
constexpr int kLock = 7'012'015;              // any number that is ours alone
constexpr DurationNs kEpoch2000 = 946'684'800 * kSecond;

template <class U>
void big_endian(std::string& out, U v) {
  char bytes[sizeof v];
  for (std::size_t i = 0; i < sizeof v; ++i) {
    bytes[i] = static_cast<char>(v >> (8 * (sizeof v - 1 - i)));
  }
  out.append(bytes, sizeof bytes);
}

struct Month {
  int year;
  int month;
  auto operator<=>(const Month&) const = default;
};
Month month_of(TimeNs t) {
  const CivilDate d = to_civil(utc_day(t));
  return {d.year, d.month};
}
Month after(Month m) { return m.month == 12 ? Month{m.year + 1, 1} : Month{m.year, m.month + 1}; }

std::string format(const char* pattern, Month m) {
  char text[32];
  std::snprintf(text, sizeof text, pattern, m.year, m.month);
  return text;
}

}  // namespace

void CopyRow::integer(std::int64_t v) {
  big_endian(out_, std::uint32_t{8});
  big_endian(out_, static_cast<std::uint64_t>(v));
}

void CopyRow::real(double v) { integer(std::bit_cast<std::int64_t>(v)); }

void CopyRow::text(std::string_view v) {
  big_endian(out_, static_cast<std::uint32_t>(v.size()));
  out_.append(v);
}

void CopyRow::json(std::string_view v) {
  big_endian(out_, static_cast<std::uint32_t>(v.size() + 1));
  out_ += '\1';  // version of jsonb's binary form
  out_.append(v);
}

void CopyRow::time(TimeNs t) {
  std::int64_t us = (t - kEpoch2000) / kMicrosecond;
  if ((t - kEpoch2000) % kMicrosecond < 0) --us;
  integer(us);
}

// numeric_send in PostgreSQL's numeric.c: digits of base 10,000, and the weight of the first one.
// Eight decimals are two such digits, so the raw value's own base-10,000 digits are the numeric's.
void CopyRow::numeric(std::int64_t raw) {
  std::uint16_t digits[6];
  int count = 0;
  auto rest = raw < 0 ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
  for (; rest != 0; rest /= 10'000) digits[count++] = static_cast<std::uint16_t>(rest % 10'000);
  big_endian(out_, static_cast<std::uint32_t>(8 + 2 * count));
  big_endian(out_, static_cast<std::uint16_t>(count));
  big_endian(out_, static_cast<std::uint16_t>(count - 3));
  big_endian(out_, static_cast<std::uint16_t>(raw < 0 ? 0x4000 : 0));
  big_endian(out_, std::uint16_t{8});
  while (count > 0) big_endian(out_, digits[--count]);
}

struct HistoryWriter::Impl {
  struct Close {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
    void operator()(PGresult* r) const noexcept { PQclear(r); }
  };
  using Answer = std::unique_ptr<PGresult, Close>;

  std::string uri;
  std::string writer;
  std::vector<HistoryTable> tables;
  std::unique_ptr<PGconn, Close> connection;
  std::map<MachineId, Position> stored;
  std::set<std::pair<std::string, Month>> partitions;

  Result<void> connect();
  tl::unexpected<Error> failed(const PGresult* answer);
  Result<Answer> run(const std::string& sql, const std::vector<std::string>& parameters = {});
  Result<Position> load(MachineId stream, bool lock);
  Result<void> make_partition(const HistoryTable& table, Month month);
  Result<void> make_partitions(const HistoryTable& table, std::span<const Record> records);
  Result<void> copy(const std::string& target, const HistoryTable& table,
                    const std::vector<const Record*>& rows);
  Result<std::size_t> store(MachineId stream, std::span<const Record> records, const Position& at,
                            bool merge);
};

Result<void> HistoryWriter::Impl::connect() {
  if (connection && PQstatus(connection.get()) == CONNECTION_OK) return {};
  connection.reset(PQconnectdb(with_timeouts(uri).c_str()));
  if (PQstatus(connection.get()) == CONNECTION_OK) {
    auto quiet = run("SET client_min_messages = warning");  // partitions that are there already
    if (!quiet) return tl::unexpected(quiet.error());
    return {};
  }
  const std::string why = PQerrorMessage(connection.get());
  connection.reset();
  return fail(ErrorCode::unavailable, why, "PostgreSQL",
              "check that it runs and that the address is right");
}

tl::unexpected<Error> HistoryWriter::Impl::failed(const PGresult* answer) {
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const std::string code = state == nullptr ? "" : state;
  const std::string why =
      answer == nullptr ? PQerrorMessage(connection.get()) : PQresultErrorMessage(answer);
  const bool lost = PQstatus(connection.get()) != CONNECTION_OK;
  if (code == "23505") return fail(ErrorCode::already_exists, why, "PostgreSQL");
  if (code == "42P01")
    return fail(ErrorCode::failed_precondition, why, "PostgreSQL", "run `bellwether migrate`");
  const std::string group = code.substr(0, 2);
  const bool passes = lost || group == "53" || group == "57" || group == "08" || group == "40";
  return fail(passes ? ErrorCode::unavailable : ErrorCode::internal, why, "PostgreSQL");
}

Result<HistoryWriter::Impl::Answer> HistoryWriter::Impl::run(
    const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& p : parameters) values.push_back(p.c_str());
  Answer answer(PQexecParams(connection.get(), sql.c_str(), static_cast<int>(values.size()),
                             nullptr, values.data(), nullptr, nullptr, 0));
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failed(answer.get());
  return answer;
}

Result<HistoryWriter::Position> HistoryWriter::Impl::load(MachineId stream, bool lock) {
  const std::vector<std::string> key = {writer, std::string(kind_name(stream.kind)),
                                        std::to_string(stream.index)};
  if (lock) {
    auto made =
        run("INSERT INTO runtime.history (writer, kind, idx) VALUES ($1, $2, $3) ON CONFLICT DO "
            "NOTHING",
            key);
    if (!made) return tl::unexpected(made.error());
  }
  auto found = run(
      std::string("SELECT log_offset, n, epoch, progress FROM runtime.history WHERE writer = $1 "
                  "AND kind = $2 AND idx = $3") +
          (lock ? " FOR UPDATE" : ""),
      key);
  if (!found) return tl::unexpected(found.error());
  Position at;
  if (PQntuples(found->get()) == 0) return at;
  const auto number = [&](int column) {
    return std::strtoull(PQgetvalue(found->get(), 0, column), nullptr, 10);
  };
  at.offset = number(0);
  at.n = number(1);
  at.epoch = static_cast<std::uint32_t>(number(2));
  at.progress = static_cast<TimeNs>(number(3));
  return at;
}

Result<void> HistoryWriter::Impl::make_partition(const HistoryTable& table, Month month) {
  if (partitions.contains({table.name, month})) return {};
  // One at a time: IF NOT EXISTS alone fails where two processes make the same one.
  const std::string sql = "SELECT pg_advisory_lock(" + std::to_string(kLock) + ")";
  if (auto r = run(sql); !r) return tl::unexpected(r.error());
  auto made = run("CREATE TABLE IF NOT EXISTS " + table.name + format("_%04d_%02d", month) +
                  " PARTITION OF " + table.name + " FOR VALUES FROM ('" +
                  format("%04d-%02d-01 00:00:00+00", month) + "') TO ('" +
                  format("%04d-%02d-01 00:00:00+00", after(month)) + "')");
  auto unlocked = run("SELECT pg_advisory_unlock(" + std::to_string(kLock) + ")");
  if (!made) return tl::unexpected(made.error());
  if (!unlocked) return tl::unexpected(unlocked.error());
  partitions.insert({table.name, month});
  return {};
}

Result<void> HistoryWriter::Impl::make_partitions(const HistoryTable& table,
                                                  std::span<const Record> records) {
  std::optional<Month> last;
  for (const Record& r : records) {
    if (r.what != runtime::What::out || !table.takes(r.event)) continue;
    const Month month = month_of(table.time_of(r));
    if (last == month) continue;
    last = month;
    if (auto made = make_partition(table, month); !made) return made;
  }
  return {};
}

Result<void> HistoryWriter::Impl::copy(const std::string& target, const HistoryTable& table,
                                       const std::vector<const Record*>& rows) {
  PGconn* c = connection.get();
  const std::string sql = "COPY " + target + " (" + table.columns + ") FROM STDIN (FORMAT binary)";
  Answer began(PQexec(c, sql.c_str()));
  if (PQresultStatus(began.get()) != PGRES_COPY_IN) return failed(began.get());
  std::string buffer("PGCOPY\n\377\r\n\0", 11);
  big_endian(buffer, std::uint64_t{0});  // flags, and no header extension
  bool broken = false;
  CopyRow row(buffer);
  for (const Record* r : rows) {
    big_endian(buffer, static_cast<std::uint16_t>(table.column_count));
    table.write(*r, row);
    if (buffer.size() < kCopyChunk) continue;
    broken = broken || PQputCopyData(c, buffer.data(), static_cast<int>(buffer.size())) != 1;
    buffer.clear();
  }
  big_endian(buffer, std::uint16_t{0xffff});
  broken = broken || PQputCopyData(c, buffer.data(), static_cast<int>(buffer.size())) != 1;
  if (!broken) broken = PQputCopyEnd(c, nullptr) != 1;
  if (broken) return failed(nullptr);
  Result<void> result{};
  while (Answer answer{PQgetResult(c)}) {
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) result = failed(answer.get());
  }
  return result;
}

/// `merge`: by way of a temporary table, leaving out rows that are there already (a second run over
/// the same data).
Result<std::size_t> HistoryWriter::Impl::store(MachineId stream, std::span<const Record> records,
                                               const Position& at, bool merge) {
  if (auto r = run("BEGIN"); !r) return tl::unexpected(r.error());
  auto have = load(stream, true);
  if (!have) return tl::unexpected(have.error());
  std::size_t written = 0;
  for (const HistoryTable& table : tables) {
    std::vector<const Record*> rows;
    for (const Record& r : records) {
      const bool before = r.n != 0 ? r.n <= have->n : r.t <= have->progress;
      if (r.what == runtime::What::out && !before && table.takes(r.event)) rows.push_back(&r);
    }
    if (rows.empty()) continue;
    written += rows.size();
    if (!merge) {
      if (auto done = copy(table.name, table, rows); !done) return tl::unexpected(done.error());
      continue;
    }
    if (auto r = run("CREATE TEMP TABLE staged (LIKE " + table.name + ") ON COMMIT DROP"); !r) {
      return tl::unexpected(r.error());
    }
    if (auto done = copy("staged", table, rows); !done) return tl::unexpected(done.error());
    if (auto r = run("INSERT INTO " + table.name + " SELECT * FROM staged ON CONFLICT DO NOTHING");
        !r) {
      return tl::unexpected(r.error());
    }
    if (auto r = run("DROP TABLE staged"); !r) return tl::unexpected(r.error());
  }
  auto moved =
      run("UPDATE runtime.history SET log_offset = $4, n = greatest(n, $5), epoch = $6, progress = "
          "greatest(progress, $7) WHERE writer = $1 AND kind = $2 AND idx = $3",
          {writer, std::string(kind_name(stream.kind)), std::to_string(stream.index),
           std::to_string(at.offset), std::to_string(at.n), std::to_string(at.epoch),
           std::to_string(at.progress)});
  if (!moved) return tl::unexpected(moved.error());
  if (auto r = run("COMMIT"); !r) return tl::unexpected(r.error());
  return written;
}

HistoryWriter::HistoryWriter(std::string uri, std::string writer, std::vector<HistoryTable> tables)
    : impl_(std::make_unique<Impl>()) {
  impl_->uri = std::move(uri);
  impl_->writer = std::move(writer);
  impl_->tables = std::move(tables);
}

HistoryWriter::~HistoryWriter() = default;

Result<HistoryWriter::Position> HistoryWriter::stored(MachineId stream) {
  if (auto r = impl_->connect(); !r) return tl::unexpected(r.error());
  auto at = impl_->load(stream, false);
  if (!at) impl_->connection.reset();
  return at;
}

Result<std::size_t> HistoryWriter::write(MachineId stream, std::span<const Record> records,
                                         const Position& at) {
  if (auto r = impl_->connect(); !r) return tl::unexpected(r.error());
  for (const HistoryTable& table : impl_->tables) {
    if (auto r = impl_->make_partitions(table, records); !r) {
      impl_->connection.reset();
      return tl::unexpected(r.error());
    }
  }
  auto written = impl_->store(stream, records, at, false);
  if (!written && written.error().code == ErrorCode::already_exists) {
    if (auto r = impl_->run("ROLLBACK"); r) written = impl_->store(stream, records, at, true);
  }
  if (!written) impl_->connection.reset();  // whatever was begun is undone by the server
  return written;
}

HistoryFollower::HistoryFollower(HistoryWriter& writer, runtime::Log& log,
                                 std::vector<MachineId> streams)
    : writer_(writer), log_(log), streams_(std::move(streams)) {}

Result<std::size_t> HistoryFollower::turn(std::size_t limit) {
  std::size_t read = 0;
  for (const MachineId stream : streams_) {
    auto got = turn(stream, limit);
    if (!got) return got;
    read += *got;
  }
  return read;
}

Result<std::size_t> HistoryFollower::turn(MachineId stream, std::size_t limit) {
  auto it = readers_.find(stream);
  if (it == readers_.end()) {
    auto at = writer_.stored(stream);
    if (!at) return tl::unexpected(at.error());
    it = readers_.emplace(stream, runtime::StreamReader(stream, *at)).first;
  }
  runtime::StreamReader& reader = it->second;
  auto& pending = pending_[stream];
  if (pending.empty()) {
    auto got = reader.poll(log_, limit);
    if (!got) return got;
    for (; !reader.empty(); reader.pop()) pending.push_back(reader.front());
  }
  if (pending.empty()) return 0;
  if (auto r = writer_.write(stream, pending, reader.position()); !r)
    return tl::unexpected(r.error());
  const std::size_t count = pending.size();
  pending.clear();
  return count;
}

}  // namespace bw::postgres
