#pragma once
// PostgreSQL as the Store of machines: epochs, checkpoints, and ledgers whose tables, state and
// outbox change in one transaction that begins with the fence.
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "bellwether/runtime/inline_host.hpp"
#include "bellwether/runtime/ports.hpp"

namespace pqxx {
class transaction_base;
}

namespace bw::postgres {

/// Writes the rows that a service keeps for queries, from what its machine published, in the
/// transaction that commits it. May throw pqxx exceptions: the transaction is then undone as a
/// whole.
class Projection {
 public:
  virtual ~Projection() = default;
  virtual void write(pqxx::transaction_base& tx, std::span<const runtime::Record> records) = 0;
};

/// One connection, made when needed and made again after a loss. One thread.
class PgStore final : public runtime::Store {
 public:
  /// `uri`: libpq connection string or URI. `projections` outlive the store.
  explicit PgStore(std::string uri, std::map<Kind, Projection*> projections = {});
  ~PgStore() override;

  [[nodiscard]] Result<runtime::Claim> claim(runtime::MachineId machine) override;
  [[nodiscard]] Result<void> checkpoint(runtime::MachineId machine, std::uint32_t epoch,
                                        const runtime::Image& image) override;
  [[nodiscard]] Result<void> commit(runtime::MachineId machine, std::uint32_t epoch,
                                    const runtime::Image& changed,
                                    const std::vector<runtime::Record>& outbox) override;
  [[nodiscard]] Result<void> trim(runtime::MachineId machine, std::uint32_t epoch,
                                  std::uint64_t n) override;

  /// From now on this store alone works on the suite of that name: for as long as its connection
  /// lives, and commit_suite takes it again on a new one. `who` is shown to others. `aborted`, with
  /// who works on it, where another does; a commit then writes nothing.
  [[nodiscard]] Result<void> claim_suite(const std::string& name, const std::string& who);

  /// What else changes in a transaction; may throw pqxx exceptions.
  using Also = std::function<void(pqxx::transaction_base&)>;
  /// The all-in-one process: state of the whole suite and the rows of what it published since, in
  /// one transaction.
  [[nodiscard]] Result<void> commit_suite(const std::string& name, const runtime::SuiteImage& image,
                                          const std::string& build,
                                          const std::vector<runtime::Record>& published,
                                          const Also& also = {});
  struct SavedSuite {
    bool found = false;
    std::string build;
    runtime::SuiteImage image;
  };
  [[nodiscard]] Result<SavedSuite> load_suite(const std::string& name);

  [[nodiscard]] bool connected() const noexcept;
  /// Is the database there? Connects where need be.
  [[nodiscard]] Result<void> ping();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bw::postgres
