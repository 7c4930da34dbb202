// Random lives of accounts: whatever happens, the books balance, equity is cash plus market value,
// and what is stored equals what the log gives.
#include <catch2/catch.hpp>
#include <map>

#include "bellwether/base/rng.hpp"
#include "portfolio/tests/test_host.hpp"

using namespace bw;
using namespace bw::portfolio;

namespace {

/// An account counted the plain way, by fills and cash alone: no ledger, no cost.
struct Plain {
  Money cash = Money::from_int(100'000);
  std::map<std::uint32_t, Quantity> held;
};

struct Life {
  std::vector<std::pair<Kind, Event>> log;  // with the unit in the event
};

Unit unit_of(Kind kind, const Event& e) {
  if (kind == Kind::broker_orders) {
    if (const auto* f = std::get_if<Fill>(&e)) return f->account.value;
    return std::get<Cash>(e).account.value;
  }
  if (const auto* b = std::get_if<Bar>(&e)) return b->instrument.value;
  return std::get<CorporateAction>(e).instrument.value;
}

Life random_life(std::uint64_t seed) {
  Rng rng(seed);
  Life life;
  std::array<std::int64_t, 4> price{50, 100, 20'000, 3};
  for (Unit account = 1; account <= 3; ++account) {
    Cash c;
    c.account = AccountId{account};
    c.cash = Money::from_int(100'000);
    life.log.emplace_back(Kind::broker_orders, Event{c});
  }
  for (int i = 0; i < 400; ++i) {
    const auto instrument = static_cast<std::uint32_t>(rng.below(4));
    auto& p = price[instrument];
    const auto what = rng.below(20);
    if (what == 0) {
      CorporateAction a;
      a.instrument = InstrumentId{instrument + 1};
      const bool splits = rng.chance(0.3);
      a.kind = splits ? CorporateActionKind::split : CorporateActionKind::dividend;
      a.ratio = Quantity::from_raw(rng.between(1, 3) * kDecimalOne / 2);
      a.amount = Money::from_raw(rng.between(1, 200'000'000));
      life.log.emplace_back(Kind::market_bars, Event{a});
    } else if (what < 8) {
      p = std::max<std::int64_t>(1, p + rng.between(-p / 20 - 1, p / 20 + 1));
      Bar b;
      b.instrument = InstrumentId{instrument + 1};
      b.close_time = (i + 1) * 7 * kMinute;
      b.close = Price::from_raw(p * kDecimalOne + rng.between(0, kDecimalOne - 1));
      life.log.emplace_back(Kind::market_bars, Event{b});
    } else {
      Fill f;
      f.account = AccountId{static_cast<std::uint32_t>(rng.between(1, 3))};
      f.instrument = InstrumentId{instrument + 1};
      f.side = rng.chance(0.5) ? Side::buy : Side::sell;
      f.quantity = Quantity::from_raw(rng.between(1, 300 * kDecimalOne));
      f.price = Price::from_raw(p * kDecimalOne + rng.between(0, kDecimalOne - 1));
      f.fee = Money::from_raw(rng.between(-1'000'000, 100'000'000));
      life.log.emplace_back(Kind::broker_orders, Event{f});
    }
  }
  return life;
}

void count(std::map<Unit, Plain>& plain, const Event& e) {
  if (const auto* f = std::get_if<Fill>(&e)) {
    Plain& a = plain[f->account.value];
    const std::int64_t sign = f->side == Side::buy ? 1 : -1;
    a.cash -= notional(f->price, f->quantity) * sign + f->fee;
    a.held[f->instrument.value] += f->quantity * sign;
  } else if (const auto* c = std::get_if<Cash>(&e)) {
    plain[c->account.value];
  } else if (const auto* action = std::get_if<CorporateAction>(&e)) {
    for (auto& [unit, a] : plain) {
      Quantity& q = a.held[action->instrument.value];
      if (action->kind == CorporateActionKind::split) {
        q = scale(q, action->ratio.raw(), kDecimalOne);
      } else {
        a.cash += Money::from_raw(scale(q, action->amount.raw(), kDecimalOne).raw());
      }
    }
  }
}

void check_account(const TestHost& host, Unit unit, const Plain& plain) {
  const Books& b = *host.machine.books(AccountId{unit});
  REQUIRE(b.trial_balance().is_zero());
  REQUIRE(b.balance(LedgerAccount::cash) == plain.cash);
  Money cost;
  Money realised;
  Money equity = plain.cash;
  for (const Holding& h : b.holdings()) {
    REQUIRE(h.quantity == plain.held.at(h.instrument.value));
    cost += h.cost;
    realised += h.realised;
    const Price mark = host.machine.mark(h.instrument);
    equity += notional(mark.is_positive() ? mark : h.last_price, h.quantity);
  }
  REQUIRE(cost == b.balance(LedgerAccount::securities));
  REQUIRE(realised == -b.balance(LedgerAccount::realised_pnl));
  REQUIRE(b.equity([&](InstrumentId i) { return host.machine.mark(i); }) == equity);
}

/// The ledger entries alone give every balance.
void check_entries(const TestHost& host) {
  std::map<Unit, std::array<Money, kLedgerAccounts>> balances;
  for (const auto& e : host.take<LedgerEntry>()) {
    REQUIRE(e.amount.is_positive());
    balances[e.account.value][static_cast<std::size_t>(e.debit)] += e.amount;
    balances[e.account.value][static_cast<std::size_t>(e.credit)] -= e.amount;
  }
  for (const Unit unit : host.machine.units()) {
    const Books& b = *host.machine.books(AccountId{unit});
    for (std::size_t i = 0; i < kLedgerAccounts; ++i) {
      REQUIRE(balances[unit][i] == b.balance(static_cast<LedgerAccount>(i)));
    }
  }
}

}  // namespace

TEST_CASE("the books balance through random lives") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Life life = random_life(seed);
    const Config config;
    TestHost host(config);
    std::map<Unit, Plain> plain;
    for (const auto& [kind, event] : life.log) {
      const std::size_t before = host.out.size();
      host.step(kind, unit_of(kind, event), event);
      count(plain, event);
      for (const auto& [unit, p] : plain) check_account(host, unit, p);
      for (std::size_t i = before; i < host.out.size(); ++i) {
        const auto* pnl = std::get_if<Pnl>(&host.out[i].event);
        if (pnl == nullptr) continue;
        REQUIRE(pnl->equity ==
                Money::from_int(100'000) + pnl->realised + pnl->unrealised - pnl->fees);
        REQUIRE(pnl->drawdown == pnl->peak_equity - pnl->equity);
        REQUIRE_FALSE(pnl->drawdown.is_negative());
        REQUIRE(pnl->max_drawdown >= pnl->drawdown);
      }
    }
    check_entries(host);
    REQUIRE(host.take<ReconciliationDifference>().empty());
  }
}

TEST_CASE("stored books, restored anywhere, go on as if nothing had been") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const Life life = random_life(seed);
    const Config config;
    TestHost whole(config);
    auto half = std::make_unique<TestHost>(config);
    const std::size_t cut = Rng(seed).below(life.log.size());
    std::map<Unit, Bytes> stored;  // as a ledger does: changed units only
    for (std::size_t i = 0; i < life.log.size(); ++i) {
      const auto& [kind, event] = life.log[i];
      whole.step(kind, unit_of(kind, event), event);
      half->step(kind, unit_of(kind, event), event);
      REQUIRE(whole.out.size() == half->out.size());
      for (const Unit u : half->changed) {
        Writer w;
        half->machine.save_unit(u, w);
        stored[u] = w.take();
      }
      if (i != cut) continue;
      auto fresh = std::make_unique<TestHost>(config);
      Writer shared;
      half->machine.save_shared(shared);
      Reader shared_in(shared.bytes());
      REQUIRE(fresh->machine.load_shared(shared_in).has_value());
      for (const auto& [unit, bytes] : stored) {
        Reader r(bytes);
        REQUIRE(fresh->machine.load_unit(unit, r).has_value());
        REQUIRE(r.finish("books").has_value());
      }
      Writer emit_state;
      half->emit.save(emit_state);
      Reader emit_in(emit_state.bytes());
      REQUIRE(fresh->emit.load(emit_in).has_value());
      fresh->out = half->out;
      fresh->now = half->now;
      fresh->seq = half->seq;
      half = std::move(fresh);
    }
    for (std::size_t i = 0; i < whole.out.size(); ++i) {
      REQUIRE(whole.out[i].event == half->out[i].event);
      REQUIRE(whole.out[i].seq == half->out[i].seq);
    }
    for (const Unit u : whole.machine.units()) {
      REQUIRE(*whole.machine.books(AccountId{u}) == *half->machine.books(AccountId{u}));
    }
  }
}
