#include "commands.hpp"

#include <cstdio>

namespace bw::app {

void Context::complain(const Error& error) {
  std::fprintf(stderr, "bellwether: %s\n", error.text().c_str());
  exit_code = error.code == ErrorCode::cancelled ? 130 : 1;
}

void add_input_flags(CLI::App& command, Context& context) {
  command.add_option("--instruments", context.inputs.instruments, "instrument reference (YAML)");
  command.add_option("--strategy", context.inputs.strategies,
                     "strategy documents (YAML or JSON files, or folders); default: the shipped ones");
  command.add_option("--accounts", context.inputs.accounts, "the broker's settings with its accounts");
  command.add_option("--set", context.inputs.settings, "a setting on top of all files: broker.key=value");
}

}  // namespace bw::app
