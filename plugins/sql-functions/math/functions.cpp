// SPDX-License-Identifier: Apache-2.0

// Functions of float8: roots, powers, logarithms, angles, rounding, random numbers.
//
// A result out of the range of float8 is an overflow, one that should not be zero an underflow, as
// in PostgreSQL; the values are the C library's.

#include <cmath>
#include <limits>
#include <numbers>

#include "entry.hpp"
#include "evaluate.hpp"
#include "failures.hpp"
#include "instance.hpp"
#include "math/lists.hpp"

namespace mortise::sql_functions {
namespace {

Status input_out_of_range() {
  return {Code::invalid, "22003", "input is out of range"};
}

// A finite argument may give neither infinity nor, unless `may_be_zero`, zero.
Result<double> checked(double result, bool is_argument_infinite, bool may_be_zero) {
  if (std::isinf(result) && !is_argument_infinite) return float_overflow();
  if (result == 0 && !may_be_zero) return float_underflow();
  return result;
}

Result<double> square_root(double v) {
  if (v < 0) {
    return Status(Code::invalid, "2201F", "cannot take square root of a negative number");
  }
  return checked(std::sqrt(v), std::isinf(v), v == 0);
}
Result<double> cube_root(double v) {
  return checked(std::cbrt(v), std::isinf(v), v == 0);
}

Result<double> power(double base, double exponent) {
  if (std::isnan(base)) {
    if (exponent == 0) return 1.0;
    return base;
  }
  if (std::isnan(exponent)) {
    if (base == 1) return 1.0;
    return exponent;
  }
  if (base == 0 && exponent < 0) {
    return Status(Code::invalid, "2201F", "zero raised to a negative power is undefined");
  }
  if (base < 0 && std::floor(exponent) != exponent) {
    return Status(Code::invalid, "2201F",
                  "a negative number raised to a non-integer power yields a complex result");
  }
  const double result = std::pow(base, exponent);
  const bool is_special = std::isinf(base) || std::isinf(exponent);
  if (!is_special && std::isinf(result)) return float_overflow();
  if (!is_special && result == 0 && base != 0) return float_underflow();
  return result;
}

Result<double> exponential(double v) {
  if (std::isnan(v)) return v;
  if (std::isinf(v)) return v > 0 ? v : 0.0;
  const double result = std::exp(v);
  if (std::isinf(result)) return float_overflow();
  if (result == 0) return float_underflow();
  return result;
}
Status bad_logarithm(double v) {
  return {Code::invalid, "2201E",
          v == 0 ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number"};
}
Result<double> natural_logarithm(double v) {
  if (v <= 0) return bad_logarithm(v);
  return checked(std::log(v), std::isinf(v), v == 1);
}
Result<double> common_logarithm(double v) {
  if (v <= 0) return bad_logarithm(v);
  return checked(std::log10(v), std::isinf(v), v == 1);
}

double ceiling(double v) {
  return std::ceil(v);
}
double floor_of(double v) {
  return std::floor(v);
}
double round_half_even(double v) {
  return std::rint(v);
}
double truncated(double v) {
  return std::trunc(v);
}
double sign_of(double v) {
  return v > 0 ? 1.0 : (v < 0 ? -1.0 : 0.0);
}

// Sine and its relatives have no value at infinity.
template <double (*Function)(double)>
Result<double> angle_function(double v) {
  if (std::isnan(v)) return v;
  if (std::isinf(v)) return input_out_of_range();
  return Function(v);
}
double cotangent(double v) {
  return 1.0 / std::tan(v);
}
// Inverses are defined between -1 and 1.
template <double (*Function)(double)>
Result<double> inverse_function(double v) {
  if (std::isnan(v)) return v;
  if (v < -1 || v > 1) return input_out_of_range();
  return Function(v);
}
double arc_tangent(double v) {
  return std::atan(v);
}
double arc_tangent_2(double y, double x) {
  return std::atan2(y, x);
}
double hyperbolic_tangent(double v) {
  return std::tanh(v);
}
double inverse_hyperbolic_sine(double v) {
  return std::asinh(v);
}
Result<double> inverse_hyperbolic_cosine(double v) {
  if (v < 1) return input_out_of_range();
  return std::acosh(v);
}
Result<double> inverse_hyperbolic_tangent(double v) {
  if (v < -1 || v > 1) return input_out_of_range();
  if (v == -1) return -HUGE_VAL;
  if (v == 1) return HUGE_VAL;
  return std::atanh(v);
}
double hyperbolic_sine(double v) {
  return std::sinh(v);
}
Result<double> hyperbolic_cosine(double v) {
  const double result = std::cosh(v);
  if (result == 0) return float_underflow();
  return result;
}

constexpr double kRadiansPerDegree = 0.0174532925199432957692;
Result<double> degrees(double v) {
  return checked(v / kRadiansPerDegree, std::isinf(v), true);
}
Result<double> radians(double v) {
  return checked(v * kRadiansPerDegree, std::isinf(v), true);
}

double pi() {
  return std::numbers::pi;
}
Result<double> random_fraction() {
  uint64_t bits = 0;
  if (instance().sync == nullptr) return unsupported("no random numbers without a host");
  instance().sync->random(&bits, sizeof(bits));
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

Result<int32_t> width_bucket(double operand, double low, double high, int32_t count) {
  const auto bad = [](const char* text) { return Status(Code::invalid, "2201G", text); };
  if (count <= 0) return bad("count must be greater than zero");
  if (std::isnan(operand) || std::isnan(low) || std::isnan(high)) {
    return bad("operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(low) || std::isinf(high)) return bad("lower and upper bounds must be finite");
  if (low == high) return bad("lower bound cannot equal upper bound");
  const bool is_ascending = low < high;
  if (is_ascending ? operand < low : operand > low) return 0;
  if (is_ascending ? operand >= high : operand <= high) {
    if (count == std::numeric_limits<int32_t>::max()) return out_of_range("integer");
    return count + 1;
  }
  const double part = is_ascending ? operand - low : low - operand;
  const double whole = is_ascending ? high - low : low - high;
  return static_cast<int32_t>(count * (part / whole)) + 1;
}

constexpr mortise_function_t kTable[] = {
    scalar<"float8:float8">(1344, "sqrt", row<&square_root>),
    scalar<"float8:float8">(230, "dsqrt", row<&square_root>, {.symbol = "|/"}),
    scalar<"float8:float8">(1345, "cbrt", row<&cube_root>),
    scalar<"float8:float8">(231, "dcbrt", row<&cube_root>, {.symbol = "||/"}),
    scalar<"float8,float8:float8">(1346, "pow", row<&power>),
    scalar<"float8,float8:float8">(1368, "power", row<&power>),
    scalar<"float8,float8:float8">(232, "dpow", row<&power>, {.symbol = "^"}),
    scalar<"float8:float8">(1347, "exp", row<&exponential>),
    scalar<"float8:float8">(1341, "ln", row<&natural_logarithm>),
    scalar<"float8:float8">(1340, "log", row<&common_logarithm>),
    scalar<"float8:float8">(1194, "log10", row<&common_logarithm>),
    scalar<"float8:float8">(2308, "ceil", row<&ceiling>, {.cannot_fail = true}),
    scalar<"float8:float8">(2320, "ceiling", row<&ceiling>, {.cannot_fail = true}),
    scalar<"float8:float8">(2309, "floor", row<&floor_of>, {.cannot_fail = true}),
    scalar<"float8:float8">(1342, "round", row<&round_half_even>, {.cannot_fail = true}),
    scalar<"float8:float8">(1343, "trunc", row<&truncated>, {.cannot_fail = true}),
    scalar<"float8:float8">(2310, "sign", row<&sign_of>, {.cannot_fail = true}),
    scalar<"float8:float8">(1604, "sin", row<&angle_function<&std::sin>>),
    scalar<"float8:float8">(1605, "cos", row<&angle_function<&std::cos>>),
    scalar<"float8:float8">(1606, "tan", row<&angle_function<&std::tan>>),
    scalar<"float8:float8">(1607, "cot", row<&angle_function<&cotangent>>),
    scalar<"float8:float8">(1600, "asin", row<&inverse_function<&std::asin>>),
    scalar<"float8:float8">(1601, "acos", row<&inverse_function<&std::acos>>),
    scalar<"float8:float8">(1602, "atan", row<&arc_tangent>, {.cannot_fail = true}),
    scalar<"float8,float8:float8">(1603, "atan2", row<&arc_tangent_2>, {.cannot_fail = true}),
    scalar<"float8:float8">(2462, "sinh", row<&hyperbolic_sine>),
    scalar<"float8:float8">(2463, "cosh", row<&hyperbolic_cosine>),
    scalar<"float8:float8">(2464, "tanh", row<&hyperbolic_tangent>, {.cannot_fail = true}),
    scalar<"float8:float8">(2465, "asinh", row<&inverse_hyperbolic_sine>, {.cannot_fail = true}),
    scalar<"float8:float8">(2466, "acosh", row<&inverse_hyperbolic_cosine>),
    scalar<"float8:float8">(2467, "atanh", row<&inverse_hyperbolic_tangent>),
    scalar<"float8:float8">(1608, "degrees", row<&degrees>),
    scalar<"float8:float8">(1609, "radians", row<&radians>),
    scalar<":float8">(1610, "pi", row<&pi>, {.cannot_fail = true}),
    scalar<":float8">(1598, "random", row<&random_fraction>,
                      {.volatility = MORTISE_VOLATILITY_VOLATILE}),
    scalar<"float8,float8,float8,int4:int4">(320, "width_bucket", row<&width_bucket>),
};

}  // namespace

const FunctionList kFloatMathFunctions = kTable;

}  // namespace mortise::sql_functions
