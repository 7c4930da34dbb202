#pragma once
// Each command of the program: adds itself to the command line and runs when it is chosen.
#include <CLI/CLI.hpp>

#include "bellwether/service/inputs.hpp"

namespace bw::app {

enum class OutputFormat : std::uint8_t { table, json };

/// What every command shares; `exit_code` is set by the command that ran.
struct Context {
  service::Inputs inputs;
  OutputFormat output = OutputFormat::table;
  int exit_code = 0;

  /// Says what is wrong on stderr and remembers the exit code.
  void complain(const Error& error);
};

/// --instruments, --strategy, --accounts, --set
void add_input_flags(CLI::App& command, Context& context);

void add_run(CLI::App& app, Context& context);
void add_replay(CLI::App& app, Context& context);
void add_backtest(CLI::App& app, Context& context);
void add_signals(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_orders(CLI::App& app, Context& context);
void add_kill_switch(CLI::App& app, Context& context);
void add_portfolio(CLI::App& app, Context& context);
void add_features(CLI::App& app, Context& context);
void add_topics(CLI::App& app, Context& context);
void add_migrate(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);

}  // namespace bw::app
