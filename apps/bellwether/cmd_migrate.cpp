#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "ledger.hpp"
#include "migrations.hpp"
#include "table.hpp"

namespace bw::app {

namespace {

struct MigrateFlags {
  std::filesystem::path data = ".run";
  std::string database;
};

Result<void> run_migrations(const MigrateFlags& flags, const Context& context) {
  auto ledger = Ledger::open(flags.data, flags.database);
  if (!ledger) return tl::unexpected(ledger.error());
  auto applied = migrate_all(ledger->uri());
  if (!applied) return tl::unexpected(applied.error());
  Table table({Table::Column{"applied", "applied"}});
  for (const std::string& name : *applied) table.add({word(name)});
  table.print(context.output, "nothing to do: all " + std::to_string(all_migrations().size()) +
                                  " migrations were applied before");
  return {};
}

}  // namespace

void add_migrate(CLI::App& app, Context& context) {
  auto flags = std::make_shared<MigrateFlags>();
  auto* c = app.add_subcommand(
      "migrate",
      "Brings a database to this build's tables; forward only, each step once. `run` does it "
      "itself.\n"
      "Example: bellwether migrate --database postgresql://user@host/bellwether");
  c->add_option("--data", flags->data, "folder of a run, where no --database is named")
      ->capture_default_str();
  c->add_option("--database", flags->database, "PostgreSQL URI");
  c->callback([flags, &context] {
    if (auto r = run_migrations(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
