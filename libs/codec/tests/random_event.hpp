#pragma once
// Random events, every field of them, from a seed.
#include <array>
#include <string>

#include "../src/fields.hpp"
#include "bellwether/base/rng.hpp"
#include "bellwether/domain/names.hpp"
#include "bellwether/runtime/record.hpp"

namespace bw::codec {

/// Fills every field with a value of its whole range; small, zero and extreme values come often.
class RandomFields {
 public:
  explicit RandomFields(Rng& rng) : rng_(rng) {}

  template <As, class V>
  void field(const char*, V& v) {
    fill(v);
  }

  template <class V>
  void fill(V& v) {
    if constexpr (kIsFixed<V>) {
      v = V::from_raw(static_cast<std::int64_t>(integer()));
    } else if constexpr (kIsId<V>) {
      v = V(static_cast<typename V::rep>(integer()));
    } else if constexpr (std::is_enum_v<V>) {
      int values = 0;
      while (!name_of(static_cast<V>(values)).empty()) ++values;
      v = static_cast<V>(rng_.below(static_cast<std::uint64_t>(values)));
    } else if constexpr (std::is_same_v<V, bool>) {
      v = rng_.chance(0.5);
    } else if constexpr (std::is_same_v<V, double>) {
      v = number();
    } else if constexpr (std::is_integral_v<V>) {
      v = static_cast<V>(integer());
    } else if constexpr (kIsText<V>) {
      text(v);
    } else if constexpr (kIsDoubles<V>) {
      for (auto& e : v) e = rng_.chance(0.3) ? 0.0 : number();
    } else if constexpr (kIsVector<V>) {
      for (auto left = rng_.below(V::capacity() + 1); left > 0; --left) {
        typename V::value_type e;
        fill(e);
        v.push_back(e);
      }
    } else {
      Fields<V>::visit(v, *this);
    }
  }

 private:
  std::uint64_t integer() {
    switch (rng_.below(5)) {
      case 0:
        return 0;
      case 1:
        return rng_.below(300);
      case 2:
        return ~std::uint64_t{0} - rng_.below(3);
      case 3:
        return std::uint64_t{1} << rng_.below(64);
      default:
        return rng_.next();
    }
  }
  double number() {
    switch (rng_.below(6)) {
      case 0:
        return 0.0;
      case 1:
        return -0.0;
      case 2:
        return 5e-324;
      case 3:
        return -1.7976931348623157e308;
      default:
        return rng_.normal() * 1e3;
    }
  }
  template <std::size_t N>
  void text(FixedText<N>& v) {
    std::string s(rng_.below(N + 1), ' ');
    for (auto& c : s)
      c = static_cast<char>(rng_.chance(0.9) ? rng_.between(32, 126) : rng_.below(256));
    v.assign(s);
  }

  Rng& rng_;
};

template <std::size_t I = 0>
Event random_event(std::size_t alternative, Rng& rng) {
  if constexpr (I < std::variant_size_v<Event>) {
    if (alternative != I) return random_event<I + 1>(alternative, rng);
    Event event{std::in_place_index<I>};
    if constexpr (I > 0) RandomFields(rng).fill(std::get<I>(event));
    return event;
  } else {
    return {};
  }
}

/// The kinds whose topics hold an event: the contract that the tests hold the codec to.
inline std::vector<Kind> kinds_of(const Event& event) {
  static constexpr std::array<std::pair<Kind, std::string_view>, 10> kHolds{{
      {Kind::market_ticks,
       " quote trade depth_level gap quality session raw_trade raw_quote raw_depth "
       "raw_reject raw_feed_state "},
      {Kind::market_bars,
       " bar mark gap quality corporate_action session raw_bar raw_trade raw_quote "
       "raw_depth raw_corporate_action raw_reject raw_feed_state "},
      {Kind::news_articles, " article gap quality raw_article raw_reject raw_feed_state "},
      {Kind::analytics_features, " feature "},
      {Kind::inference_predictions, " prediction sentiment "},
      {Kind::confluence_signals, " signal hold_back "},
      {Kind::confluence_spanning, " signal hold_back "},
      {Kind::broker_orders,
       " order_intent order_event fill refusal risk_mode position cash submit_order "
       "cancel_order set_kill_switch venue_reply "},
      {Kind::portfolio_books, " ledger_entry pnl book_position reconciliation_difference "},
      {Kind::alert_events, " alert_triggered "},
  }};
  const std::string wanted = " " + std::string(event_name(event)) + " ";
  std::vector<Kind> kinds;
  for (const auto& [kind, names] : kHolds) {
    if (names.find(wanted) != std::string_view::npos) kinds.push_back(kind);
  }
  return kinds;
}

inline runtime::Record random_record(std::size_t alternative, Rng& rng) {
  runtime::Record r;
  r.event = random_event(alternative, rng);
  const auto kinds = kinds_of(r.event);
  if (!kinds.empty()) r.kind = kinds[rng.below(kinds.size())];
  r.what = rng.chance(0.8) ? runtime::What::out : runtime::What::admit;
  r.epoch = static_cast<std::uint32_t>(rng.next());
  r.n = rng.next();
  r.t = static_cast<TimeNs>(rng.next());
  r.unit = static_cast<Unit>(rng.below(kUnitLimit));
  r.seq = rng.next();
  return r;
}

}  // namespace bw::codec
