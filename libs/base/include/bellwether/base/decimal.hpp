#pragma once
// Fixed-point decimals: int64 in units of 1e-8, for prices, quantities and money. Range
// ±92,233,720,368.54775807. Overflow is checked: the operators assert, the checked_ functions
// return nothing. Rounding is half to even.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bellwether/base/assert.hpp"
#include "bellwether/base/result.hpp"

namespace bw {

inline constexpr std::int64_t kDecimalOne = 100'000'000;  ///< raw value of 1

/// a * b / c with a 128-bit middle, rounded half to even; nothing on overflow or c == 0.
[[nodiscard]] std::optional<std::int64_t> mul_div(std::int64_t a, std::int64_t b,
                                                  std::int64_t c) noexcept;

/// Parses "-12.345", ".5", "1e-3", "1E5" to units of 1e-8. More than 8 decimals are rounded half to
/// even where `round` is set and refused otherwise. Empty, NaN, infinities and out-of-range are
/// refused.
[[nodiscard]] Result<std::int64_t> parse_decimal(std::string_view text, bool round = true);

/// Shortest exact form: "0", "-1.5", "123.00000001".
[[nodiscard]] std::string format_decimal(std::int64_t raw);

template <class Tag>
class Fixed {
 public:
  constexpr Fixed() = default;
  [[nodiscard]] static constexpr Fixed from_raw(std::int64_t raw) noexcept { return Fixed(raw); }
  [[nodiscard]] static constexpr Fixed from_int(std::int64_t whole) {
    BW_ASSERT(whole <= INT64_MAX / kDecimalOne && whole >= INT64_MIN / kDecimalOne,
              "decimal out of range");
    return Fixed(whole * kDecimalOne);
  }
  /// From a double of the model world, rounded half to even at 1e-8; asserts on NaN and
  /// out-of-range.
  [[nodiscard]] static Fixed from_double(double v) {
    BW_ASSERT(v > -9.2e10 && v < 9.2e10, "decimal from a double out of range or NaN");
    return Fixed(round_even(v * static_cast<double>(kDecimalOne)));
  }
  /// The same for what comes from outside; nothing on NaN and out-of-range.
  [[nodiscard]] static std::optional<Fixed> checked_from_double(double v) noexcept {
    if (!(v > -9.2e10 && v < 9.2e10)) return std::nullopt;
    return Fixed(round_even(v * static_cast<double>(kDecimalOne)));
  }
  [[nodiscard]] static Result<Fixed> parse(std::string_view text) {
    return parse_decimal(text).map([](std::int64_t r) { return Fixed(r); });
  }

  [[nodiscard]] constexpr std::int64_t raw() const noexcept { return raw_; }
  [[nodiscard]] constexpr double to_double() const noexcept {
    return static_cast<double>(raw_) / static_cast<double>(kDecimalOne);
  }
  [[nodiscard]] std::string to_string() const { return format_decimal(raw_); }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return raw_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const noexcept { return raw_ > 0; }
  [[nodiscard]] constexpr bool is_negative() const noexcept { return raw_ < 0; }
  [[nodiscard]] constexpr Fixed abs() const { return raw_ < 0 ? -*this : *this; }

  constexpr auto operator<=>(const Fixed&) const noexcept = default;

  constexpr Fixed operator-() const {
    BW_ASSERT(raw_ != INT64_MIN, "decimal overflow in negation");
    return Fixed(-raw_);
  }
  constexpr Fixed operator+(Fixed o) const {
    std::int64_t r = 0;
    BW_ASSERT(!__builtin_add_overflow(raw_, o.raw_, &r), "decimal overflow in addition");
    return Fixed(r);
  }
  constexpr Fixed operator-(Fixed o) const {
    std::int64_t r = 0;
    BW_ASSERT(!__builtin_sub_overflow(raw_, o.raw_, &r), "decimal overflow in subtraction");
    return Fixed(r);
  }
  constexpr Fixed operator*(std::int64_t k) const {
    std::int64_t r = 0;
    BW_ASSERT(!__builtin_mul_overflow(raw_, k, &r), "decimal overflow in multiplication");
    return Fixed(r);
  }
  constexpr Fixed& operator+=(Fixed o) { return *this = *this + o; }
  constexpr Fixed& operator-=(Fixed o) { return *this = *this - o; }
  [[nodiscard]] constexpr std::optional<Fixed> checked_add(Fixed o) const noexcept {
    std::int64_t r = 0;
    if (__builtin_add_overflow(raw_, o.raw_, &r)) return std::nullopt;
    return Fixed(r);
  }

 private:
  constexpr explicit Fixed(std::int64_t raw) noexcept : raw_(raw) {}
  static std::int64_t round_even(double v) noexcept { return __builtin_llrint(v); }
  std::int64_t raw_ = 0;
};

struct PriceTag;
struct QuantityTag;
struct MoneyTag;
using Price = Fixed<PriceTag>;        ///< quote currency for one unit of the instrument
using Quantity = Fixed<QuantityTag>;  ///< shares, coins, contracts; signed where a side is meant
using Money = Fixed<MoneyTag>;        ///< an amount of the account's currency

/// price × quantity; nothing on overflow.
[[nodiscard]] inline std::optional<Money> checked_notional(Price p, Quantity q) noexcept {
  auto r = mul_div(p.raw(), q.raw(), kDecimalOne);
  if (!r) return std::nullopt;
  return Money::from_raw(*r);
}
/// price × quantity; asserts on overflow (limits upstream keep orders far below it).
[[nodiscard]] inline Money notional(Price p, Quantity q) {
  auto r = checked_notional(p, q);
  BW_ASSERT(r.has_value(), "notional overflow");
  return *r;
}
/// The price at which `q` units cost `m`; asserts on q == 0 or overflow.
[[nodiscard]] inline Price unit_price(Money m, Quantity q) {
  auto r = mul_div(m.raw(), kDecimalOne, q.raw());
  BW_ASSERT(r.has_value(), "unit price of zero quantity or overflow");
  return Price::from_raw(*r);
}
/// m × num / den, for fees in basis points and the like; asserts on overflow.
template <class Tag>
[[nodiscard]] Fixed<Tag> scale(Fixed<Tag> v, std::int64_t num, std::int64_t den) {
  auto r = mul_div(v.raw(), num, den);
  BW_ASSERT(r.has_value(), "decimal overflow in scale");
  return Fixed<Tag>::from_raw(*r);
}
/// The largest multiple of `step` not above |v|, with v's sign (lots, ticks). step <= 0 leaves v as
/// it is.
template <class Tag>
[[nodiscard]] constexpr Fixed<Tag> round_down_to(Fixed<Tag> v, Fixed<Tag> step) {
  if (step.raw() <= 0) return v;
  return Fixed<Tag>::from_raw(v.raw() / step.raw() * step.raw());
}

}  // namespace bw
