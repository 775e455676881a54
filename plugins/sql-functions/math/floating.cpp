// SPDX-License-Identifier: Apache-2.0

// Arithmetic on float4 and float8.
//
// As PostgreSQL: an infinite result of finite arguments is an overflow, a zero product or quotient
// of arguments that are not zero an underflow.  The checks are gathered in one word per column.

#include <cmath>
#include <limits>

#include "entry.hpp"
#include "failures.hpp"
#include "math/lists.hpp"
#include "vector_loop.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint64_t kOverflow = 1;
constexpr uint64_t kUnderflow = 2;
constexpr uint64_t kZeroDivisor = 4;

template <typename T>
uint64_t is_infinite(T v) {
  return (v == std::numeric_limits<T>::infinity()) | (v == -std::numeric_limits<T>::infinity());
}

struct Add {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    const T result = a + b;
    fault |= is_infinite(result) & ~(is_infinite(a) | is_infinite(b));
    return result;
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    const T result = a - b;
    fault |= is_infinite(result) & ~(is_infinite(a) | is_infinite(b));
    return result;
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    const T result = a * b;
    fault |= is_infinite(result) & ~(is_infinite(a) | is_infinite(b));
    fault |= static_cast<uint64_t>((result == 0) & (a != 0) & (b != 0)) << 1;
    return result;
  }
};
struct Divide {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    const T result = a / b;
    fault |= static_cast<uint64_t>((b == 0) & (a == a)) << 2;
    fault |= is_infinite(result) & ~is_infinite(a) & static_cast<uint64_t>(b != 0);
    fault |= static_cast<uint64_t>((result == 0) & (a != 0) & !is_infinite(b)) << 1;
    return result;
  }
};

template <typename How, typename A, typename B>
struct Arithmetic {
  using Left = A;
  using Right = B;
  using Out = std::common_type_t<A, B>;
  static Out apply(Left a, Right b, uint64_t& fault) {
    return How::template apply<Out>(static_cast<Out>(a), static_cast<Out>(b), fault);
  }
};

// map_binary reports one failure; here the word decides which.
template <typename Op>
Status map_float(Call& call) {
  const Values<typename Op::Left> left(call.column(0));
  const Values<typename Op::Right> right(call.column(1));
  auto* out = call.data<typename Op::Out>();
  uint64_t fault = 0;
  const uint32_t count = call.rows_count();
  const bool is_plain = call.is_dense() && !is_constant(call.column(0));
  const auto* a = static_cast<const typename Op::Left*>(call.column(0).data);
  const auto* b = static_cast<const typename Op::Right*>(call.column(1).data);
  if (is_plain && is_constant(call.column(1))) {
    const auto value = b[0];
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(a[i], value, fault);
  } else if (is_plain) {
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(a[i], b[i], fault);
  } else {
    MORTISE_TRY(call.each([&](uint32_t i) { out[i] = Op::apply(left[i], right[i], fault); }));
  }
  if ((fault & kZeroDivisor) != 0) return division_by_zero();
  if ((fault & kOverflow) != 0) return float_overflow();
  if ((fault & kUnderflow) != 0) return float_underflow();
  return {};
}
template <typename How, typename A, typename B>
constexpr mortise_function_evaluate_t arithmetic = &batch<&map_float<Arithmetic<How, A, B>>>;

template <typename T>
T negate(T a) {
  return -a;
}
template <typename T>
T plus(T a) {
  return a;
}
template <typename T>
T absolute(T a) {
  return std::fabs(a);
}

constexpr mortise_function_t kTable[] = {
    scalar<"float4,float4:float4">(204, "float4pl", arithmetic<Add, float, float>,
                                   {.symbol = "+", .commutator = "+"}),
    scalar<"float4,float8:float8">(281, "float48pl", arithmetic<Add, float, double>,
                                   {.symbol = "+", .commutator = "+"}),
    scalar<"float8,float4:float8">(285, "float84pl", arithmetic<Add, double, float>,
                                   {.symbol = "+", .commutator = "+"}),
    scalar<"float8,float8:float8">(218, "float8pl", arithmetic<Add, double, double>,
                                   {.symbol = "+", .commutator = "+"}),
    scalar<"float4,float4:float4">(205, "float4mi", arithmetic<Subtract, float, float>,
                                   {.symbol = "-"}),
    scalar<"float4,float8:float8">(282, "float48mi", arithmetic<Subtract, float, double>,
                                   {.symbol = "-"}),
    scalar<"float8,float4:float8">(286, "float84mi", arithmetic<Subtract, double, float>,
                                   {.symbol = "-"}),
    scalar<"float8,float8:float8">(219, "float8mi", arithmetic<Subtract, double, double>,
                                   {.symbol = "-"}),
    scalar<"float4,float4:float4">(202, "float4mul", arithmetic<Multiply, float, float>,
                                   {.symbol = "*", .commutator = "*"}),
    scalar<"float4,float8:float8">(279, "float48mul", arithmetic<Multiply, float, double>,
                                   {.symbol = "*", .commutator = "*"}),
    scalar<"float8,float4:float8">(283, "float84mul", arithmetic<Multiply, double, float>,
                                   {.symbol = "*", .commutator = "*"}),
    scalar<"float8,float8:float8">(216, "float8mul", arithmetic<Multiply, double, double>,
                                   {.symbol = "*", .commutator = "*"}),
    scalar<"float4,float4:float4">(203, "float4div", arithmetic<Divide, float, float>,
                                   {.symbol = "/"}),
    scalar<"float4,float8:float8">(280, "float48div", arithmetic<Divide, float, double>,
                                   {.symbol = "/"}),
    scalar<"float8,float4:float8">(284, "float84div", arithmetic<Divide, double, float>,
                                   {.symbol = "/"}),
    scalar<"float8,float8:float8">(217, "float8div", arithmetic<Divide, double, double>,
                                   {.symbol = "/"}),
    scalar<"float4:float4">(206, "float4um", row<&negate<float>>,
                            {.symbol = "-", .cannot_fail = true}),
    scalar<"float8:float8">(220, "float8um", row<&negate<double>>,
                            {.symbol = "-", .cannot_fail = true}),
    scalar<"float4:float4">(1913, "float4up", row<&plus<float>>,
                            {.symbol = "+", .cannot_fail = true}),
    scalar<"float8:float8">(1914, "float8up", row<&plus<double>>,
                            {.symbol = "+", .cannot_fail = true}),
    scalar<"float4:float4">(207, "float4abs", row<&absolute<float>>,
                            {.symbol = "@", .cannot_fail = true}),
    scalar<"float8:float8">(221, "float8abs", row<&absolute<double>>,
                            {.symbol = "@", .cannot_fail = true}),
    scalar<"float4:float4">(1394, "abs", row<&absolute<float>>, {.cannot_fail = true}),
    scalar<"float8:float8">(1395, "abs", row<&absolute<double>>, {.cannot_fail = true}),
};

}  // namespace

const FunctionList kFloatFunctions = kTable;

}  // namespace mortise::sql_functions
