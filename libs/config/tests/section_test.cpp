#include "bellwether/config/section.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "bellwether/config/suggest.hpp"

using namespace bw;
using namespace bw::config;

namespace {

/// The error that `read` meets in `text`, as people see it; "" where there is none.
std::string told(const std::string& text, const std::function<void(Section&)>& read) {
  const auto d = Document::parse(text, "a.yaml");
  REQUIRE(d.has_value());
  Checker check(*d);
  Section s = check.root();
  read(s);
  const auto r = check.finish();
  return r ? "" : r.error().text();
}

enum class Colour { red, green };
constexpr std::pair<std::string_view, Colour> kColours[] = {{"red", Colour::red},
                                                            {"green", Colour::green}};

}  // namespace

TEST_CASE("good values arrive") {
  const auto d = Document::parse(
      "text: hello\nnumber: 1.5\ninteger: -7\nyes: true\nprice: 0.00000001\ncolour: green\n"
      "wait: 250ms\nwords: [a, b]\ntables:\n  - {x: 1}\n  - {x: 2}\n",
      "a.yaml");
  Checker check(*d);
  Section s = check.root();
  s.allow(
      {"text", "number", "integer", "yes", "price", "colour", "wait", "words", "tables", "other"});
  CHECK(s.text("text") == "hello");
  CHECK(s.text_or("other", "x") == "x");
  CHECK(s.number("number", {.above = 0, .max = 2}) == 1.5);
  CHECK(s.number("integer") == -7.0);
  CHECK(s.integer("integer", -10, 10) == -7);
  CHECK(s.boolean("yes"));
  CHECK(s.positive_decimal<Price>("price") == Price::from_raw(1));
  CHECK(s.choice("colour", kColours) == Colour::green);
  CHECK(s.duration_or("wait", 0, 0, kDay) == 250 * kMillisecond);
  CHECK(s.texts("words", {1, 5}) == std::vector<std::string>{"a", "b"});
  auto tables = s.sections("tables", {1, 5});
  REQUIRE(tables.size() == 2);
  CHECK(tables[1].integer("x", 0, 9) == 2);
  CHECK(tables[1].path() == "tables[1]");
  CHECK(check.finish().has_value());
}

TEST_CASE("each wrong value names line, field and mend") {
  CHECK(told("a: 1\nwieght: 2\n", [](Section& s) { s.allow({"a", "weight"}); }) ==
        "a.yaml:2: wieght: is no known field (did you mean 'weight'?)");
  CHECK(told("a: 1\n", [](Section& s) { (void)s.number("b", {.above = 0, .max = 1}); }) ==
        "a.yaml:1: b: is missing (add it: a number in (0, 1])");
  CHECK(told("a: 1\nb: 2\n", [](Section& s) { (void)s.number("b", {.above = 0, .max = 1}); }) ==
        "a.yaml:2: b: must be in (0, 1], is 2 (write a number in (0, 1])");
  CHECK(told("b: .nan\n", [](Section& s) { (void)s.number("b"); }) ==
        "a.yaml:1: b: is '.nan', not a finite number that fits (write a number)");
  CHECK(told("b: -.inf\n", [](Section& s) { (void)s.number("b"); }).find("not a finite") !=
        std::string::npos);
  CHECK(told("b: 1e999\n", [](Section& s) { (void)s.number("b"); }).find("not a finite") !=
        std::string::npos);
  CHECK(told("b: '2'\n", [](Section& s) { (void)s.number("b"); }) ==
        "a.yaml:1: b: must be a number, is a text, '2' (write a number without quotes)");
  CHECK(told("b: 007\n", [](Section& s) { (void)s.text("b"); }) ==
        "a.yaml:1: b: must be a text, is a whole number, '007' (put it in quotes)");
  CHECK(told("b: 2.5\n", [](Section& s) { (void)s.integer("b", 0, 9); }) ==
        "a.yaml:1: b: must be a whole number from 0 to 9, is a number, '2.5' (write a whole number "
        "from 0 to 9)");
  CHECK(told("b: 99999999999999999999\n", [](Section& s) { (void)s.integer("b", 0, 9); }) != "");
  CHECK(
      told("b: yes\n", [](Section& s) { (void)s.boolean("b"); }) ==
      "a.yaml:1: b: must be true or false, is a text, 'yes' (write true or false without quotes)");
  CHECK(told("b: -1\n", [](Section& s) {
          (void)s.positive_decimal<Price>("b");
        }).find("greater than 0") != std::string::npos);
  CHECK(told("b: 0.000000001\n", [](Section& s) { (void)s.positive_decimal<Price>("b"); }) != "");
  CHECK(told("b: gren\n", [](Section& s) { (void)s.choice("b", kColours); }) ==
        "a.yaml:1: b: is 'gren', which is not known here (did you mean 'green'?)");
  CHECK(told("b: violet\n", [](Section& s) { (void)s.choice("b", kColours); }) ==
        "a.yaml:1: b: is 'violet', which is not known here (known: red, green)");
  CHECK(told("b: 5 minutes\n", [](Section& s) {
          (void)s.duration_or("b", 0, 0, kDay);
        }).find("write for example 250ms") != std::string::npos);
  CHECK(told("b: 2d\n", [](Section& s) { (void)s.duration_or("b", 0, 0, kDay); }) != "");
  CHECK(told("b: [1]\n", [](Section& s) { (void)s.section("b"); }) ==
        "a.yaml:1: b: must be a table of keys and values, is a list (write a table of keys and "
        "values)");
  CHECK(told("b:\n  - x\n", [](Section& s) { (void)s.sections("b", {1, 2}); }) ==
        "a.yaml:2: b[0]: must be a table of keys and values, is a text, 'x' (write it as 'key: "
        "value' lines)");
  CHECK(told("b: []\n", [](Section& s) { (void)s.texts("b", {1, 2}); }) ==
        "a.yaml:1: b: has 0 entries (write 1 to 2)");
  CHECK(told("b: [x, 3]\n", [](Section& s) { (void)s.texts("b", {1, 2}); }) ==
        "a.yaml:1: b[1]: must be a text, is a whole number, '3' (put it in quotes)");
  CHECK(told("[1, 2]\n", [](Section&) {}) ==
        "a.yaml:1: must be a table of keys and values, is a list (write it as 'key: value' lines)");
}

TEST_CASE("the first error is the one that is told") {
  CHECK(told("a: x\nb: y\n", [](Section& s) {
          (void)s.number("a");
          (void)s.number("b");
        }).find("a.yaml:1: a:") == 0);
}

TEST_CASE("the nearest name, where it is near") {
  constexpr std::string_view kNames[] = {"weight", "timeframe", "feature"};
  CHECK(nearest("wieght", kNames) == "weight");
  CHECK(nearest("TimeFrame", kNames) == "timeframe");
  CHECK(nearest("featrue", kNames) == "feature");
  CHECK(nearest("colour", kNames).empty());
  CHECK(nearest(std::string(10'000, 'x'), kNames).empty());
}
