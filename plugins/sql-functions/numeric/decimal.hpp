// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is an unbounded decimal number, and how is it computed with?
//
// A Decimal is mantissa * 10^-scale with a big integer as mantissa, or NaN, or an infinity.
// `scale` is what PostgreSQL calls the display scale: the digits shown after the point, zeros
// included. Exact operations follow the rules for scales of PostgreSQL's numeric; the inexact ones
// (division, roots, logarithms, powers) take or choose the scale that PostgreSQL would and round
// half away from zero there, so that results agree to the last digit.
//
// The fast paths for values below 10^38 stand in numeric/operators.cpp; this class is for the rest.
//
// Threads: a value type; [any] on distinct objects.

#include <boost/multiprecision/cpp_int.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/numeric.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

using BigInt = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>,
                                             boost::multiprecision::et_off>;

inline constexpr int32_t kNumericScaleMax = 16383;
inline constexpr int32_t kNumericIntegerDigitsMax = 131072;
inline constexpr int32_t kDisplayScaleMax = 1000;
inline constexpr int32_t kSignificantDigitsMin = 16;

BigInt to_big(Int128 value);
// 10^exponent; small powers from a table.
BigInt big_power_of_ten(uint32_t exponent);

struct Decimal {
  enum class Kind : uint8_t { finite, negative_infinity, positive_infinity, nan };

  Kind kind = Kind::finite;
  uint32_t scale = 0;
  BigInt mantissa = 0;

  static Decimal of(Int128 value, uint32_t value_scale = 0);
  static Decimal of_kind(Kind kind);
  // From NUMERIC bytes; zero when they are malformed.
  static Decimal read(std::string_view bytes);

  bool is_finite() const { return kind == Kind::finite; }
  bool is_nan() const { return kind == Kind::nan; }
  bool is_infinite() const { return !is_finite() && !is_nan(); }
  // -1, 0 or 1; NaN has none and answers 0.
  int sign() const;
  bool is_integer() const;

  // NUMERIC bytes; fails with 22003 past the format's bounds.
  Result<std::string> bytes() const;
  std::string text() const;
  // The nearest double (an infinity when too large).
  double to_double() const;
  // The nearest integer, half away from zero; nothing when it does not fit or is not finite.
  std::optional<int64_t> to_int64() const;
  // value * 10^at_scale as an integer of at most 38 digits, rounded; nothing when it does not fit.
  std::optional<Int128> to_int128_at(uint32_t at_scale) const;

  // Digits before the point that are not leading zeros; 0 below one, negative when zeros follow
  // the point.  Of zero: INT32_MIN / 2.
  int32_t integer_digits() const;
};

// The text form of NUMERIC bytes, without building a Decimal.
void append_numeric_text(std::string_view bytes, std::string& out);
// The text form of value * 10^-scale.
void append_decimal_text(Int128 value, uint32_t scale, std::string& out);

int compare(const Decimal& a, const Decimal& b);
Decimal negate(Decimal a);
Decimal absolute(Decimal a);
Decimal add(const Decimal& a, const Decimal& b);
Decimal subtract(const Decimal& a, const Decimal& b);
Decimal multiply(const Decimal& a, const Decimal& b);
// a / b at the scale that PostgreSQL chooses.  22012 for a zero divisor.
Result<Decimal> divide(const Decimal& a, const Decimal& b);
// a / b at `scale`, both finite, b not zero.
Decimal divide_at(const Decimal& a, const Decimal& b, int32_t scale);
Result<Decimal> divide_whole(const Decimal& a, const Decimal& b);
Result<Decimal> modulo(const Decimal& a, const Decimal& b);
int32_t division_scale(const Decimal& a, const Decimal& b);

// Rounds half away from zero, or cuts, at `scale` digits after the point (before it if negative).
Decimal round_at(Decimal a, int32_t scale);
Decimal cut_at(Decimal a, int32_t scale);
Decimal ceiling(Decimal a);
Decimal floor(Decimal a);

// numeric/transcendental.cpp.  Failures: 2201E logarithm, 2201F power, 22003 overflow.
Result<Decimal> square_root(const Decimal& a);
Decimal square_root_at(const Decimal& a, int32_t scale);
Result<Decimal> natural_logarithm(const Decimal& a);
Result<Decimal> logarithm(const Decimal& base, const Decimal& a);
Result<Decimal> exponential(const Decimal& a);
Result<Decimal> power(const Decimal& base, const Decimal& exponent);

}  // namespace mortise::sql_functions
