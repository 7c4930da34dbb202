#include <cstdio>
#include <map>
#include <memory>

#include "bellwether/domain/names.hpp"
#include "bellwether/postgres/reader.hpp"
#include "broker/shell/broker_queries.hpp"
#include "commands.hpp"
#include "portfolio/shell/portfolio_queries.hpp"
#include "query.hpp"
#include "table.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

/// The newest close of each instrument.
Result<std::map<InstrumentId, Price>> last_prices(const std::string& uri) {
  postgres::Reader reader(uri);
  std::map<InstrumentId, Price> prices;
  auto done = reader.read(
      "SELECT p.instrument, (SELECT b.close FROM market.bar b WHERE b.instrument = p.instrument "
      "ORDER BY b.close_time DESC LIMIT 1) FROM (SELECT DISTINCT instrument FROM broker.position "
      "WHERE quantity <> 0) p",
      {}, [&prices](const pqxx::row& r) {
        prices[InstrumentId(postgres::integer_of<std::uint32_t>(r[0]))] =
            postgres::decimal_of<Price>(r[1]);
      });
  if (!done) return tl::unexpected(done.error());
  return prices;
}

Table positions_table(const std::vector<Position>& positions,
                      const std::map<InstrumentId, Price>& prices, const Suite& suite) {
  Table table({{"account", "account", true},
               {"symbol", "symbol"},
               {"quantity", "quantity", true},
               {"cost", "average_cost", true},
               {"last", "last", true},
               {"value", "value", true},
               {"unrealised", "unrealised", true},
               {"realised", "realised", true}});
  for (const Position& p : positions) {
    const auto known = prices.find(p.instrument);
    const Price last = known == prices.end() ? Price{} : known->second;
    const Money value = notional(last, p.quantity);
    const Money gain = last.is_zero() ? Money{} : value - notional(p.average_cost, p.quantity);
    table.add({count_cell(p.account.value), word(suite.symbol(p.instrument)),
               quantity_cell(p.quantity), price_cell(p.average_cost), price_cell(last),
               money_cell(value), money_cell(gain), money_cell(p.realised)});
  }
  return table;
}

Table accounts_table(const std::vector<Cash>& cash, const std::vector<portfolio::PnlRow>& books,
                     const std::vector<RiskMode>& modes) {
  Table table({{"account", "account", true},
               {"equity", "equity", true},
               {"cash", "cash", true},
               {"reserved", "reserved", true},
               {"realised", "realised", true},
               {"unrealised", "unrealised", true},
               {"fees", "fees", true},
               {"drawdown", "drawdown", true},
               {"worst", "max_drawdown", true},
               {"risk mode", "risk_mode"},
               {"as of (UTC)", "time"}});
  for (const Cash& c : cash) {
    portfolio::PnlRow row;
    for (const auto& b : books) row = b.pnl.account == c.account ? b : row;
    std::string mode = "normal";
    for (const auto& m : modes) {
      if (m.account == c.account) mode = std::string(name_of(m.mode));
    }
    const Pnl& p = row.pnl;
    table.add({count_cell(c.account.value), money_cell(row.at == 0 ? c.equity : p.equity),
               money_cell(c.cash), money_cell(c.reserved), money_cell(p.realised),
               money_cell(p.unrealised), money_cell(p.fees), money_cell(p.drawdown),
               money_cell(p.max_drawdown), word(mode), time_cell(row.at)});
  }
  return table;
}

Result<void> show_portfolio(const QueryFlags& flags, const Context& context) {
  auto query = open_query(flags, context);
  if (!query) return tl::unexpected(query.error());
  const std::string& uri = query->ledger.uri();
  const AccountId account(flags.account);
  broker::BrokerQueries broker(uri);
  portfolio::PortfolioQueries portfolio(uri);
  auto cash = broker.cash(account);
  if (!cash) return tl::unexpected(cash.error());
  auto positions = broker.positions(account);
  if (!positions) return tl::unexpected(positions.error());
  auto modes = broker.risk_modes(account);
  if (!modes) return tl::unexpected(modes.error());
  auto books = portfolio.latest(account);
  if (!books) return tl::unexpected(books.error());
  auto differences = portfolio.differences(account, 10);
  if (!differences) return tl::unexpected(differences.error());
  auto prices = last_prices(uri);
  if (!prices) return tl::unexpected(prices.error());
  const Table accounts = accounts_table(*cash, *books, *modes);
  const Table held = positions_table(*positions, *prices, *query->suite);
  if (context.output == OutputFormat::json) {
    std::printf("{\"accounts\":%s,\n\"positions\":%s,\n\"differences\":%zu}\n",
                accounts.json().c_str(), held.json().c_str(), differences->size());
    return {};
  }
  std::printf("%s\n%s",
              accounts.text("no account has traded yet: let `bellwether run` go on").c_str(),
              held.text("no positions").c_str());
  if (!differences->empty()) {
    std::printf("\nALERT: broker and books differ in %zu cases; see docs/runbooks\n",
                differences->size());
  }
  return {};
}

}  // namespace

void add_portfolio(CLI::App& app, Context& context) {
  auto flags = std::make_shared<QueryFlags>();
  auto* c =
      app.add_subcommand("portfolio",
                         "Accounts and positions: equity, cash, profit and loss, fees, drawdown.\n"
                         "Example: bellwether portfolio\n"
                         "         bellwether --output json portfolio --account 1");
  c->add_option("--account", flags->account, "this account only");
  add_query_flags(*c, *flags, context);
  c->callback([flags, &context] {
    if (auto r = show_portfolio(*flags, context); !r) context.complain(r.error());
  });
}

}  // namespace bw::app
