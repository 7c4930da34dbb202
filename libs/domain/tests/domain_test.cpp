#include <catch2/catch.hpp>

#include "bellwether/base/hash.hpp"
#include "bellwether/domain/names.hpp"

using namespace bw;

TEST_CASE("every name leads back to its value") {
  for (const auto tf : kTimeframes) CHECK(from_name<Timeframe>(name_of(tf)) == tf);
  CHECK(name_of(Timeframe::m15) == "15m");
  CHECK(from_name<Direction>("long") == Direction::long_);
  CHECK(from_name<OrderState>("new") == OrderState::new_);
  CHECK(name_of(OrderReason::open_order_limit) == "open_order_limit");
  CHECK_FALSE(from_name<Side>("up").has_value());
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    CHECK(kind_from_name(kind_name(kind)) == kind);
  }
  CHECK(event_name(Event{AlertTriggered{}}) == "alert_triggered");
}

TEST_CASE("ids derive from identity and lead back to it") {
  const auto id = derive_id(Kind::broker_orders, 77, 123'456'789);
  CHECK(unit_of_id(id) == 77);
  CHECK(seq_of_id(id) == 123'456'789);
  CHECK(id != derive_id(Kind::portfolio_books, 77, 123'456'789));
}

TEST_CASE("units spread over machines evenly and stably") {
  std::array<int, 4> count{};
  for (Unit u = 1; u <= 4'000; ++u) ++count[machine_index(u, 4)];
  for (const int c : count) CHECK((c > 850 && c < 1'150));
  CHECK(machine_index(1, 1) == 0);
}
