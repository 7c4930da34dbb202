// orders (list, place, cancel) and kill-switch.
#include <cstdio>
#include <memory>

#include "bellwether/domain/names.hpp"
#include "bellwether/kafka/kafka_log.hpp"
#include "bellwether/telemetry/trace.hpp"
#include "broker/shell/broker_queries.hpp"
#include "commands.hpp"
#include "query.hpp"
#include "requests.hpp"
#include "table.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

constexpr int kAnswerTimeoutMs = 10'000;
constexpr const char* kRequestsTopic = "gateway.requests.v1";

struct OrderFlags : QueryFlags {
  std::string state;
  bool open_only = false;
};

struct CommandFlags : QueryFlags {
  kafka::Options kafka;
  std::string request_id;
  std::string side;
  std::string quantity;
  std::string type = "market";
  std::string limit_price;
  std::string stop_price;
  std::string time_in_force = "day";
  std::uint64_t order = 0;
  std::string engaged;
  std::string reason;
};

/// What stands between the order and its fill, in words.
std::string why_of(const OrderEvent& e) {
  if (e.reason == OrderReason::none) return "";
  std::string text(name_of(e.reason));
  if (!e.limit.is_zero()) text += ": at " + price_text(e.limit);
  if (!e.seen.is_zero()) text += ", market at " + price_text(e.seen);
  return text;
}

Result<void> list_orders(const OrderFlags& flags, const Context& context) {
  auto query = open_query(flags, context);
  if (!query) return tl::unexpected(query.error());
  auto instrument = query->instrument(flags.symbol);
  if (!instrument) return tl::unexpected(instrument.error());
  broker::OrderFilter filter;
  filter.account = AccountId(flags.account);
  filter.instrument = *instrument;
  filter.open_only = flags.open_only;
  filter.limit = flags.limit;
  if (!flags.state.empty())
    filter.state = from_name<OrderState>(flags.state).value_or(OrderState::none);
  broker::BrokerQueries queries(query->ledger.uri());
  auto rows = queries.orders(filter);
  if (!rows) return tl::unexpected(rows.error());
  Table table({{"changed (UTC)", "updated"},
               {"order", "order", true},
               {"account", "account", true},
               {"side", "side"},
               {"quantity", "quantity", true},
               {"symbol", "symbol"},
               {"type", "type"},
               {"limit", "limit_price", true},
               {"stop", "stop_price", true},
               {"tif", "time_in_force"},
               {"for", "purpose"},
               {"state", "state"},
               {"filled", "filled", true},
               {"at", "average_price", true},
               {"why", "why"},
               {"signal", "signal", true}});
  for (const auto& o : *rows) {
    const OrderIntent& i = o.intent;
    table.add({time_cell(o.updated), id_cell(i.order.value), count_cell(i.account.value),
               word(name_of(i.side)), quantity_cell(i.quantity),
               word(query->suite->symbol(i.instrument)), word(name_of(i.type)),
               price_cell(i.limit_price), price_cell(i.stop_price), word(name_of(i.time_in_force)),
               word(i.purpose == OrderReason::none ? (i.signal.is_set() ? "signal" : "request")
                                                   : name_of(i.purpose)),
               word(name_of(o.event.state)), quantity_cell(o.event.filled),
               price_cell(o.event.average_price), word(why_of(o.event)), id_cell(i.signal.value)});
  }
  table.print(context.output,
              "no orders match: leave filters out, let `bellwether run` go on, or place one with "
              "`bellwether orders place buy 10 SYMBOL`");
  return {};
}

RequestId request_id_of(const CommandFlags& flags) {
  // From the system's random numbers, so that two people never ask under one id.
  return RequestId(flags.request_id.empty() ? telemetry::hex(telemetry::new_trace().trace_id)
                                            : flags.request_id);
}

/// Over Kafka the broker's own process admits it; what became of it shows in `orders`.
Result<void> send(const CommandFlags& flags, const Event& command) {
  kafka::Wakeup wakeup;
  auto producer = kafka::Producer::create(flags.kafka, wakeup);
  if (!producer) return tl::unexpected(producer.error());
  auto topics = kafka::list_topics(flags.kafka);
  if (!topics) return tl::unexpected(topics.error());
  const std::string topic = flags.kafka.topic_prefix + kRequestsTopic;
  int partitions = 0;
  for (const auto& t : *topics) partitions = t.name == topic ? t.partitions : partitions;
  if (partitions == 0) {
    return fail(ErrorCode::not_found, "there is no topic " + topic, "--brokers",
                "make the topics with `bellwether topics apply --brokers …`");
  }
  std::string body;
  if (auto r = codec::encode(codec::Request{{}, 0, command}, body); !r) return r;
  const std::uint32_t account = account_of(command).value;
  const auto partition =
      static_cast<std::int32_t>(machine_index(account, static_cast<std::uint32_t>(partitions)));
  if (auto r = (*producer)->send(topic, partition, std::to_string(account), body); !r) return r;
  if (auto r = (*producer)->flush(kAnswerTimeoutMs); !r) return r;
  std::printf("sent as request %s; `bellwether orders --database URI` shows what became of it\n",
              std::string(app::request_id_of(command).view()).c_str());
  return {};
}

void print_answer(const Answer& answer, const std::string& request, OutputFormat format) {
  if (format == OutputFormat::json) {
    Table table({{"", "request_id"}, {"", "state"}, {"", "reason"}, {"", "order"}});
    table.add({word(request), word(answer.state), word(answer.reason), id_cell(answer.order_id)});
    const std::string json = table.json();
    std::printf("%s\n", json.substr(1, json.size() - 2).c_str());
    return;
  }
  if (answer.order_id != 0) {
    std::printf("%s: order %llu; `bellwether orders` shows what becomes of it\n",
                answer.state.c_str(), static_cast<unsigned long long>(answer.order_id));
  } else {
    std::printf("%s%s%s\n", answer.state.c_str(), answer.reason.empty() ? "" : ": ",
                answer.reason.c_str());
  }
}

Result<void> ask_for(const CommandFlags& flags, Context& context, const Event& command) {
  if (!flags.kafka.brokers.empty()) return send(flags, command);
  std::string uri = flags.database;
  if (uri.empty()) {
    auto note = read_note(flags.data);
    if (!note) return tl::unexpected(note.error());
    if (!is_running(*note)) {
      return fail(ErrorCode::failed_precondition, "no run is at work on it", flags.data.string(),
                  "start `bellwether run` in another terminal, then ask again");
    }
    uri = note->uri;
  }
  auto answer = ask(uri, command, kAnswerTimeoutMs);
  if (!answer) return tl::unexpected(answer.error());
  print_answer(*answer, std::string(app::request_id_of(command).view()), context.output);
  if (answer->state != "accepted") context.exit_code = 1;
  return {};
}

template <class D>
Result<D> positive(const std::string& text, const char* field) {
  if (text.empty()) return D{};
  auto v = D::parse(text);
  if (v && v->is_positive()) return *v;
  return fail(ErrorCode::invalid_argument, "'" + text + "' is no number above zero", field,
              "write it like 12.5");
}

Result<void> place(const CommandFlags& flags, Context& context) {
  SubmitOrder order;
  order.request_id = request_id_of(flags);
  order.account = AccountId(flags.account);
  order.side = flags.side == "buy" ? Side::buy : Side::sell;
  order.type = from_name<OrderType>(flags.type).value_or(OrderType::none);
  order.time_in_force = from_name<TimeInForce>(flags.time_in_force).value_or(TimeInForce::none);
  auto quantity = positive<Quantity>(flags.quantity, "QUANTITY");
  if (!quantity) return tl::unexpected(quantity.error());
  auto limit = positive<Price>(flags.limit_price, "--limit");
  if (!limit) return tl::unexpected(limit.error());
  auto stop = positive<Price>(flags.stop_price, "--stop");
  if (!stop) return tl::unexpected(stop.error());
  const bool wants_limit = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  const bool wants_stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  if (wants_limit == limit->is_zero()) {
    return fail(ErrorCode::invalid_argument, wants_limit ? "is missing" : "does not fit the type",
                "--limit", "limit and stop_limit orders need one, others take none");
  }
  if (wants_stop == stop->is_zero()) {
    return fail(ErrorCode::invalid_argument, wants_stop ? "is missing" : "does not fit the type",
                "--stop", "stop and stop_limit orders need one, others take none");
  }
  order.quantity = *quantity;
  order.limit_price = *limit;
  order.stop_price = *stop;
  QueryFlags names = flags;
  if (names.database.empty() && !flags.kafka.brokers.empty()) names.database = "none";
  auto query = open_query(names, context);
  if (!query) return tl::unexpected(query.error());
  auto instrument = query->instrument(flags.symbol);
  if (!instrument) return tl::unexpected(instrument.error());
  order.instrument = *instrument;
  return ask_for(flags, context, Event(order));
}

Result<void> cancel(const CommandFlags& flags, Context& context) {
  CancelOrder order;
  order.request_id = request_id_of(flags);
  order.account = AccountId(flags.account);
  order.order = OrderId(flags.order);
  return ask_for(flags, context, Event(order));
}

Result<void> set_kill_switch(const CommandFlags& flags, Context& context) {
  SetKillSwitch command;
  command.request_id = request_id_of(flags);
  command.account = AccountId(flags.account);
  command.engaged = flags.engaged == "on";
  command.reason.assign(flags.reason);
  return ask_for(flags, context, Event(command));
}

void add_command_flags(CLI::App& c, CommandFlags& flags, Context& context) {
  flags.account = 1;
  c.add_option("--account", flags.account, "account number")->capture_default_str();
  c.add_option("--request-id", flags.request_id,
               "asks once under this id, however often it is sent")
      ->check(CLI::Validator([](std::string& s) { return s.size() > 40 ? "at most 40 bytes" : ""; },
                             ""));
  c.add_option("--brokers", flags.kafka.brokers, "Kafka of a distributed suite, host:port[,…]");
  c.add_option("--topic-prefix", flags.kafka.topic_prefix, "in front of every topic's name");
  add_query_flags(c, flags, context);
}

/// --data and --database may stand in front of the subcommand too.
void inherit(CommandFlags& flags, const OrderFlags& above) {
  if (flags.data == OrderFlags().data) flags.data = above.data;
  if (flags.database.empty()) flags.database = above.database;
}

void add_place(CLI::App& orders, std::shared_ptr<OrderFlags> above, Context& context) {
  auto flags = std::make_shared<CommandFlags>();
  auto* c = orders.add_subcommand(
      "place",
      "Asks the running suite for an order; says whether it was accepted, or why not.\n"
      "Example: bellwether orders place buy 10 SIM-ACORN\n"
      "         bellwether orders place sell 5 SIM-COIN --type limit --limit 45000 --tif gtc");
  c->add_option("SIDE", flags->side, "buy or sell")
      ->required()
      ->check(CLI::IsMember({"buy", "sell"}));
  c->add_option("QUANTITY", flags->quantity, "shares, coins or contracts")->required();
  c->add_option("SYMBOL", flags->symbol, "the instrument")->required();
  c->add_option("--type", flags->type, "market, limit, stop or stop_limit")
      ->check(CLI::IsMember({"market", "limit", "stop", "stop_limit"}))
      ->capture_default_str();
  c->add_option("--limit", flags->limit_price, "of limit and stop_limit orders");
  c->add_option("--stop", flags->stop_price, "of stop and stop_limit orders");
  c->add_option("--tif", flags->time_in_force, "day, gtc, ioc or fok")
      ->check(CLI::IsMember({"day", "gtc", "ioc", "fok"}))
      ->capture_default_str();
  add_command_flags(*c, *flags, context);
  c->callback([flags, above, &context] {
    inherit(*flags, *above);
    if (auto r = place(*flags, context); !r) context.complain(r.error());
  });
}

void add_cancel(CLI::App& orders, std::shared_ptr<OrderFlags> above, Context& context) {
  auto flags = std::make_shared<CommandFlags>();
  auto* c = orders.add_subcommand("cancel",
                                  "Asks the running suite to cancel an order.\n"
                                  "Example: bellwether orders cancel 2305843009213693953");
  c->add_option("ORDER_ID", flags->order, "as `bellwether orders` shows it")->required();
  add_command_flags(*c, *flags, context);
  c->callback([flags, above, &context] {
    inherit(*flags, *above);
    if (auto r = cancel(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace

void add_orders(CLI::App& app, Context& context) {
  auto flags = std::make_shared<OrderFlags>();
  auto* c = app.add_subcommand("orders",
                               "The newest orders, where they stand, and why one did not fill.\n"
                               "Example: bellwether orders --open\n"
                               "         bellwether orders place --help");
  c->add_option("--symbol", flags->symbol, "of this instrument only");
  c->add_option("--account", flags->account, "of this account only");
  c->add_option("--state", flags->state, "in this state only")
      ->check(CLI::IsMember({"new", "accepted", "triggered", "partially_filled", "filled",
                             "cancel_pending", "cancelled", "rejected", "expired", "unknown"}));
  c->add_flag("--open", flags->open_only, "only those that have not ended");
  c->add_option("--limit", flags->limit, "at most so many")
      ->check(CLI::Range(1, broker::kMaxRows))
      ->capture_default_str();
  add_query_flags(*c, *flags, context);
  add_place(*c, flags, context);
  add_cancel(*c, flags, context);
  c->callback([flags, c, &context] {
    if (!c->get_subcommands().empty()) return;
    if (auto r = list_orders(*flags, context); !r) context.complain(r.error());
  });
}

void add_kill_switch(CLI::App& app, Context& context) {
  auto flags = std::make_shared<CommandFlags>();
  auto* c = app.add_subcommand(
      "kill-switch",
      "on: cancels an account's open orders and refuses new ones; off: allows them again.\n"
      "Example: bellwether kill-switch on --reason 'news at noon'");
  c->add_option("STATE", flags->engaged, "on or off")
      ->required()
      ->check(CLI::IsMember({"on", "off"}));
  c->add_option("--reason", flags->reason, "stands in the records");
  add_command_flags(*c, *flags, context);
  c->callback([flags, &context] {
    if (auto r = set_kill_switch(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
