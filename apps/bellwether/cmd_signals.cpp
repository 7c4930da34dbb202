// signals and explain: what was suggested, and why.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "bellwether/domain/names.hpp"
#include "broker/shell/broker_queries.hpp"
#include "commands.hpp"
#include "confluence/shell/signal_queries.hpp"
#include "query.hpp"
#include "table.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

constexpr int kMostRows = 10'000;

struct SignalFlags : QueryFlags {
  std::string direction;
  double min_score = 0;
  std::uint64_t id = 0;
};

Result<confluence::SignalFilter> filter_of(const SignalFlags& flags, const Query& query) {
  confluence::SignalFilter filter;
  auto instrument = query.instrument(flags.symbol);
  if (!instrument) return tl::unexpected(instrument.error());
  auto strategy = query.strategy(flags.strategy);
  if (!strategy) return tl::unexpected(strategy.error());
  filter.instrument = *instrument;
  filter.strategy = *strategy;
  if (!flags.direction.empty()) filter.direction = from_name<Direction>(flags.direction);
  filter.min_score = flags.min_score;
  filter.limit = flags.limit;
  return filter;
}

Result<void> list_signals(const SignalFlags& flags, const Context& context) {
  auto query = open_query(flags, context);
  if (!query) return tl::unexpected(query.error());
  auto filter = filter_of(flags, *query);
  if (!filter) return tl::unexpected(filter.error());
  confluence::SignalQueries queries(query->ledger.uri());
  auto rows = queries.signals(*filter);
  if (!rows) return tl::unexpected(rows.error());
  const Suite& suite = *query->suite;
  Table table({{"time (UTC)", "time"},
               {"id", "id", true},
               {"strategy", "strategy"},
               {"symbol", "symbol"},
               {"direction", "direction"},
               {"price", "reference_price", true},
               {"score", "score", true},
               {"confidence", "confidence", true},
               {"most of it from", "reasons"}});
  for (const auto& r : *rows) {
    const Signal& s = r.signal;
    table.add({time_cell(r.at), id_cell(s.id.value), word(suite.strategy_name(s.strategy)),
               word(suite.symbol(s.instrument)), word(name_of(s.direction)),
               price_cell(s.reference_price), number_cell(s.score, 2), number_cell(s.confidence, 2),
               word(suite.reasons(s))});
  }
  table.print(context.output,
              "no signals match: indicators need some hours of bars first; leave filters out, or "
              "let `bellwether run` go on");
  return {};
}

/// What the broker did with the signal: its orders, their fills, its refusals.
struct Consequences {
  std::vector<broker::OrderRow> orders;
  std::vector<broker::RefusalRow> refusals;
};

Result<Consequences> consequences_of(const std::string& uri, SignalId id) {
  broker::BrokerQueries queries(uri);
  broker::OrderFilter filter;
  filter.signal = id;
  auto orders = queries.orders(filter);
  if (!orders) return tl::unexpected(orders.error());
  auto refusals = queries.refusals({}, kMostRows);
  if (!refusals) return tl::unexpected(refusals.error());
  Consequences all{std::move(*orders), {}};
  std::reverse(all.orders.begin(), all.orders.end());
  for (auto& r : *refusals) {
    if (r.refusal.signal == id) all.refusals.push_back(r);
  }
  return all;
}

void print_consequences(const Consequences& all, const Suite& suite) {
  std::printf("\nwhat became of it\n");
  for (const auto& o : all.orders) {
    std::printf("  %s  order %llu: %s: %s\n", time_text(o.created).c_str(),
                static_cast<unsigned long long>(o.intent.order.value), say(suite, o.intent).c_str(),
                state_text(o.event).c_str());
  }
  for (const auto& r : all.refusals) {
    std::printf("  %s  refused: account %u, %s\n", time_text(r.at).c_str(), r.refusal.account.value,
                say(suite, r.refusal).c_str());
  }
  if (all.orders.empty() && all.refusals.empty()) {
    std::printf("  no order: no account follows the strategy, or the position was as it asks\n");
  }
}

std::string json_of(const Consequences& all) {
  Table orders({{"", "time"},
                {"", "order"},
                {"", "side"},
                {"", "quantity"},
                {"", "type"},
                {"", "state"},
                {"", "reason"},
                {"", "filled"},
                {"", "average_price"}});
  for (const auto& o : all.orders) {
    orders.add({time_cell(o.created), id_cell(o.intent.order.value), word(name_of(o.intent.side)),
                quantity_cell(o.intent.quantity), word(name_of(o.intent.type)),
                word(name_of(o.event.state)), word(name_of(o.event.reason)),
                quantity_cell(o.event.filled), price_cell(o.event.average_price)});
  }
  Table refusals({{"", "time"}, {"", "account"}, {"", "reason"}, {"", "limit"}, {"", "actual"}});
  for (const auto& r : all.refusals) {
    refusals.add({time_cell(r.at), count_cell(r.refusal.account.value),
                  word(name_of(r.refusal.reason)), money_cell(r.refusal.limit),
                  money_cell(r.refusal.actual)});
  }
  return "\"orders\":" + orders.json() + ",\"refusals\":" + refusals.json();
}

Result<void> explain_signal(const SignalFlags& flags, const Context& context) {
  auto query = open_query(flags, context);
  if (!query) return tl::unexpected(query.error());
  confluence::SignalQueries queries(query->ledger.uri());
  auto row = queries.signal(SignalId(flags.id));
  if (!row) {
    if (row.error().code != ErrorCode::not_found) return tl::unexpected(row.error());
    return fail(ErrorCode::not_found, "there is no signal " + std::to_string(flags.id), "SIGNAL_ID",
                "`bellwether signals` lists the newest with their ids");
  }
  confluence::SignalFilter before;
  before.strategy = row->signal.strategy;
  before.instrument = row->signal.instrument;
  before.from = row->at - kDay;
  before.to = row->at;
  before.limit = 5;
  auto held = queries.hold_backs(before);
  if (!held) return tl::unexpected(held.error());
  std::vector<HoldBack> held_back;
  for (auto it = held->rbegin(); it != held->rend(); ++it) held_back.push_back(it->hold_back);
  auto all = consequences_of(query->ledger.uri(), row->signal.id);
  if (!all) return tl::unexpected(all.error());
  const bool json = context.output == OutputFormat::json;
  std::string text = query->suite->explain(row->signal, held_back, json);
  if (!json) {
    std::fputs(text.c_str(), stdout);
    print_consequences(*all, *query->suite);
    return {};
  }
  text.insert(text.rfind('}'), "," + json_of(*all));
  std::printf("%s\n", text.c_str());
  return {};
}

}  // namespace

void add_signals(CLI::App& app, Context& context) {
  auto flags = std::make_shared<SignalFlags>();
  auto* c = app.add_subcommand("signals",
                               "The newest signals, with their ids and what spoke for them most.\n"
                               "Example: bellwether signals --symbol SIM-ACORN --limit 5\n"
                               "         bellwether --output json signals --strategy trend");
  c->add_option("--symbol", flags->symbol, "of this instrument only");
  c->add_option("--strategy", flags->strategy, "of the strategy of this name only");
  c->add_option("--direction", flags->direction, "long, short or flat only")
      ->check(CLI::IsMember({"long", "short", "flat"}));
  c->add_option("--min-score", flags->min_score, "only where |score| is at least this")
      ->check(CLI::Range(0.0, 1.0));
  c->add_option("--limit", flags->limit, "at most so many")
      ->check(CLI::Range(1, kMostRows))
      ->capture_default_str();
  add_query_flags(*c, *flags, context);
  c->callback([flags, &context] {
    if (auto r = list_signals(*flags, context); !r) context.complain(r.error());
  });
}

void add_explain(CLI::App& app, Context& context) {
  auto flags = std::make_shared<SignalFlags>();
  auto* c = app.add_subcommand(
      "explain",
      "Why a signal was given: each component with its value, weight and share of the score, the\n"
      "data it rests on, its stops, and what the broker did with it.\n"
      "Example: bellwether explain $(bellwether --output json signals --limit 1 | jq -r .[0].id)");
  c->add_option("SIGNAL_ID", flags->id, "as `bellwether signals` shows it")->required();
  add_query_flags(*c, *flags, context);
  c->callback([flags, &context] {
    if (auto r = explain_signal(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
