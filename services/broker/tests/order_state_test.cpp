#include "broker/core/order_state.hpp"

#include <catch2/catch.hpp>
#include <string_view>

#include "bellwether/domain/names.hpp"

using namespace bw;

TEST_CASE("every pair of states: which may follow which") {
  // Rows: from; columns: to; both in the order of OrderState. x: may follow.
  // none new acc tri par fil cpe can rej exp unk
  constexpr std::string_view kAllowed[] = {
      ".x.........",  // none
      ".xxxxxxxxxx",  // new
      "..xxxxxx.xx",  // accepted
      "...xxxxx.xx",  // triggered
      "....xxxx.xx",  // partially_filled
      "...........",  // filled
      "..xxxxxx.xx",  // cancel_pending
      "...........",  // cancelled
      "...........",  // rejected
      "...........",  // expired
      "..xxxxxxxxx",  // unknown
  };
  for (unsigned from = 0; from <= 10; ++from) {
    for (unsigned to = 0; to <= 10; ++to) {
      const auto f = static_cast<OrderState>(from);
      const auto t = static_cast<OrderState>(to);
      INFO(name_of(f) << " to " << name_of(t));
      CHECK(broker::may_follow(f, t) == (kAllowed[from][to] == 'x'));
      if (is_end(f)) CHECK_FALSE(broker::may_follow(f, t));
    }
  }
  CHECK_FALSE(broker::may_follow(static_cast<OrderState>(11), OrderState::new_));
  CHECK_FALSE(broker::may_follow(OrderState::new_, static_cast<OrderState>(200)));
}
