#pragma once
// The broker's tables (migrations/), written from what its machine publishes in the transaction
// that commits it.
#include <vector>

#include "bellwether/postgres/migrate.hpp"
#include "bellwether/postgres/pg_store.hpp"

namespace bw::broker {

/// Idempotent: a record that was written before changes nothing. Events of other kinds are passed
/// over.
class BrokerProjection final : public postgres::Projection {
 public:
  void write(pqxx::transaction_base& tx, std::span<const runtime::Record> records) override;
};

[[nodiscard]] std::vector<postgres::Migration> migrations();

}  // namespace bw::broker
