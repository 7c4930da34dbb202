#include "bellwether/base/serial.hpp"

#include <catch2/catch.hpp>

#include "bellwether/base/fixed.hpp"
#include "bellwether/base/rng.hpp"

using namespace bw;

TEST_CASE("what a writer wrote a reader reads") {
  Writer w;
  w.put(std::int32_t{-7});
  w.put(Price::from_int(3));
  w.put_bytes("abc");
  w.put(OrderId{42});
  Reader r(w.bytes());
  CHECK(r.get<std::int32_t>() == -7);
  CHECK(r.get<Price>() == Price::from_int(3));
  CHECK(r.get_bytes() == "abc");
  CHECK(r.get<OrderId>() == OrderId{42});
  CHECK(r.finish("test").has_value());
}

TEST_CASE("a short or long buffer is an error, not a crash") {
  Writer w;
  w.put(std::uint32_t{1'000'000});
  Reader lies(w.bytes());
  CHECK(lies.get_bytes().empty());
  CHECK_FALSE(lies.finish("test").has_value());
  Reader unread(w.bytes());
  CHECK_FALSE(unread.finish("test").has_value());
}

TEST_CASE("text is cut at a character's boundary") {
  CHECK(FixedText<4>("abc€").view() == "abc");
  CHECK(FixedText<6>("abc€").view() == "abc€");
}

TEST_CASE("random numbers do not change between builds") {
  Rng rng(42);
  CHECK(rng.next() == Rng(42).next());
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    REQUIRE(rng.below(7) < 7);
  }
  CHECK(std::abs(sum / 100'000) < 0.02);
  CHECK(std::abs(squares / 100'000 - 1) < 0.02);
}
