// SPDX-License-Identifier: Apache-2.0

// Functions of one or two numerics: rounding, roots, logarithms, powers, scales.

#include <algorithm>

#include "entry.hpp"
#include "failures.hpp"
#include "numeric/lists.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {
namespace {

// PostgreSQL looks at no more digits than these, to either side.
int32_t clamp_digits(int32_t digits) {
  return std::clamp(digits, -kNumericIntegerDigitsMax, kNumericScaleMax);
}

Decimal round_digits(const Decimal& a, int32_t digits) {
  if (clamp_digits(digits) < -kDisplayScaleMax * 2) return a.is_finite() ? Decimal() : a;
  return round_at(a, std::clamp(digits, -2000, 2000));
}
Decimal cut_digits(const Decimal& a, int32_t digits) {
  if (digits < -kDisplayScaleMax * 2) return a.is_finite() ? Decimal() : a;
  return cut_at(a, std::clamp(digits, -2000, 2000));
}
Decimal round_whole(const Decimal& a) {
  return round_at(a, 0);
}
Decimal cut_whole(const Decimal& a) {
  return cut_at(a, 0);
}

Decimal sign_of(const Decimal& a) {
  return a.is_nan() ? a : Decimal::of(a.sign());
}

Result<Decimal> logarithm_ten(const Decimal& a) {
  return logarithm(Decimal::of(10), a);
}

std::optional<int32_t> scale_of(const Decimal& a) {
  if (!a.is_finite()) return std::nullopt;
  return static_cast<int32_t>(a.scale);
}
Decimal trim_scale(Decimal a) {
  while (a.is_finite() && a.scale > 0 && a.mantissa % 10 == 0) {
    a.mantissa /= 10;
    --a.scale;
  }
  return a;
}
std::optional<int32_t> min_scale(const Decimal& a) {
  return scale_of(trim_scale(a));
}

Decimal greatest_divisor(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) {
    if (a.is_nan() || b.is_nan()) return Decimal::of_kind(Decimal::Kind::nan);
    return Decimal::of_kind(Decimal::Kind::nan);
  }
  const uint32_t scale = std::max(a.scale, b.scale);
  Decimal result;
  result.mantissa =
      boost::multiprecision::gcd(BigInt(a.mantissa * big_power_of_ten(scale - a.scale)),
                                 BigInt(b.mantissa * big_power_of_ten(scale - b.scale)));
  result.scale = scale;
  return result;
}
Decimal least_multiple(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) return Decimal::of_kind(Decimal::Kind::nan);
  const uint32_t scale = std::max(a.scale, b.scale);
  Decimal result;
  result.mantissa =
      boost::multiprecision::lcm(BigInt(a.mantissa * big_power_of_ten(scale - a.scale)),
                                 BigInt(b.mantissa * big_power_of_ten(scale - b.scale)));
  result.scale = scale;
  return result;
}

Result<Decimal> factorial(int64_t n) {
  if (n < 0) return Status(Code::invalid, "22003", "factorial of a negative number is undefined");
  if (n > 32177) return numeric_overflow();
  Decimal result = Decimal::of(1);
  for (int64_t i = 2; i <= n; ++i) result.mantissa *= i;
  return result;
}

Result<int32_t> width_bucket(const Decimal& operand, const Decimal& low, const Decimal& high,
                             int32_t count) {
  const auto bad = [](const char* text) { return Status(Code::invalid, "2201G", text); };
  if (count <= 0) return bad("count must be greater than zero");
  if (operand.is_nan() || low.is_nan() || high.is_nan()) {
    return bad("operand, lower bound, and upper bound cannot be NaN");
  }
  if (!low.is_finite() || !high.is_finite()) return bad("lower and upper bounds must be finite");
  const int order = compare(low, high);
  if (order == 0) return bad("lower bound cannot equal upper bound");
  const bool is_ascending = order < 0;
  const int to_low = compare(operand, low);
  const int to_high = compare(operand, high);
  if (is_ascending ? to_low < 0 : to_low > 0) return 0;
  if (is_ascending ? to_high >= 0 : to_high <= 0) {
    if (count == std::numeric_limits<int32_t>::max()) return out_of_range("integer");
    return count + 1;
  }
  const Decimal part = is_ascending ? subtract(operand, low) : subtract(low, operand);
  const Decimal whole = is_ascending ? subtract(high, low) : subtract(low, high);
  MORTISE_TRY_ASSIGN(const Decimal bucket, divide_whole(multiply(part, Decimal::of(count)), whole));
  return static_cast<int32_t>(bucket.to_int64().value_or(0)) + 1;
}

Decimal increment(const Decimal& a) {
  return add(a, Decimal::of(1));
}

constexpr mortise_function_t kTable[] = {
    scalar<"numeric,int4:numeric">(1707, "round", row<&round_digits>),
    scalar<"numeric:numeric">(1708, "round", row<&round_whole>),
    scalar<"numeric,int4:numeric">(1709, "trunc", row<&cut_digits>),
    scalar<"numeric:numeric">(1710, "trunc", row<&cut_whole>),
    scalar<"numeric:numeric">(1711, "ceil", row<&ceiling>),
    scalar<"numeric:numeric">(2167, "ceiling", row<&ceiling>),
    scalar<"numeric:numeric">(1712, "floor", row<&floor>),
    scalar<"numeric:numeric">(1706, "sign", row<&sign_of>),
    scalar<"numeric:numeric">(1730, "sqrt", row<&square_root>),
    scalar<"numeric:numeric">(1731, "numeric_sqrt", row<&square_root>),
    scalar<"numeric:numeric">(1732, "exp", row<&exponential>),
    scalar<"numeric:numeric">(1733, "numeric_exp", row<&exponential>),
    scalar<"numeric:numeric">(1734, "ln", row<&natural_logarithm>),
    scalar<"numeric:numeric">(1735, "numeric_ln", row<&natural_logarithm>),
    scalar<"numeric:numeric">(1741, "log", row<&logarithm_ten>),
    scalar<"numeric:numeric">(1481, "log10", row<&logarithm_ten>),
    scalar<"numeric,numeric:numeric">(1736, "log", row<&logarithm>),
    scalar<"numeric,numeric:numeric">(1737, "numeric_log", row<&logarithm>),
    scalar<"numeric,numeric:numeric">(1738, "pow", row<&power>),
    scalar<"numeric,numeric:numeric">(2169, "power", row<&power>),
    scalar<"numeric,numeric:numeric">(1739, "numeric_power", row<&power>, {.symbol = "^"}),
    scalar<"numeric:int4">(3281, "scale", row<&scale_of>),
    scalar<"numeric:int4">(5042, "min_scale", row<&min_scale>),
    scalar<"numeric:numeric">(5043, "trim_scale", row<&trim_scale>),
    scalar<"numeric,numeric:numeric">(5048, "gcd", row<&greatest_divisor>),
    scalar<"numeric,numeric:numeric">(5049, "lcm", row<&least_multiple>),
    scalar<"int8:numeric">(1376, "factorial", row<&factorial>),
    scalar<"numeric,numeric,numeric,int4:int4">(2170, "width_bucket", row<&width_bucket>),
    scalar<"numeric:numeric">(1764, "numeric_inc", row<&increment>),
};

}  // namespace

const FunctionList kNumericFunctions = kTable;

}  // namespace mortise::sql_functions
