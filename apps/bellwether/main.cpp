// bellwether: the whole suite in one process, and the command line.
#include <map>

#include "bellwether/service/process.hpp"
#include "commands.hpp"

int main(int argc, char** argv) {
  using namespace bw::app;
  CLI::App app{"Bellwether: market data to explained signals to risk-checked orders.\n"
               "What you backtest is what you run.\n\n"
               "Begin with `bellwether run` (a simulated market) or `bellwether replay FILE`."};
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "the help of all commands");
  Context context;
  const std::map<std::string, OutputFormat> formats{{"table", OutputFormat::table},
                                                    {"json", OutputFormat::json}};
  app.add_option("--output", context.output, "table or json")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case));
  app.fallthrough();
  add_run(app, context);
  add_replay(app, context);
  add_backtest(app, context);
  add_signals(app, context);
  add_explain(app, context);
  add_orders(app, context);
  add_kill_switch(app, context);
  add_portfolio(app, context);
  add_features(app, context);
  add_topics(app, context);
  add_migrate(app, context);
  add_doctor(app, context);
  auto home = bw::service::find_home();
  if (home) context.inputs.home = *home;
  bw::service::catch_signals();
  CLI11_PARSE(app, argc, argv);
  return context.exit_code;
}
