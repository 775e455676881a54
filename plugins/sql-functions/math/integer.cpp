// SPDX-License-Identifier: Apache-2.0

// Arithmetic and bit operations on int2, int4 and int8 and their mixtures.
//
// Results have the width of the wider argument; what does not fit fails with 22003.  Sums of up to
// 32 bits are made in 64 and compared with their truncation, those of 64 bits by the signs: both
// forms vectorise, where __builtin_add_overflow would not.

#include <limits>

#include "entry.hpp"
#include "failures.hpp"
#include "math/lists.hpp"
#include "vector_loop.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
Status integer_out_of_range() {
  if constexpr (sizeof(T) == 2) return out_of_range("smallint");
  if constexpr (sizeof(T) == 4) return out_of_range("integer");
  return out_of_range("bigint");
}

template <typename A, typename B>
using Wider = std::conditional_t<(sizeof(A) >= sizeof(B)), A, B>;

struct Add {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    if constexpr (sizeof(T) < 8) {
      const auto exact = static_cast<int64_t>(a) + b;
      const auto cut = static_cast<T>(exact);
      fault |= static_cast<uint64_t>(exact ^ cut);
      return cut;
    } else {
      const auto sum = static_cast<uint64_t>(a) + static_cast<uint64_t>(b);
      fault |= ((static_cast<uint64_t>(a) ^ sum) & (static_cast<uint64_t>(b) ^ sum)) >> 63;
      return static_cast<T>(sum);
    }
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    if constexpr (sizeof(T) < 8) {
      const auto exact = static_cast<int64_t>(a) - b;
      const auto cut = static_cast<T>(exact);
      fault |= static_cast<uint64_t>(exact ^ cut);
      return cut;
    } else {
      const auto ua = static_cast<uint64_t>(a);
      const auto ub = static_cast<uint64_t>(b);
      const uint64_t difference = ua - ub;
      fault |= ((ua ^ ub) & (ua ^ difference)) >> 63;
      return static_cast<T>(difference);
    }
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b, uint64_t& fault) {
    if constexpr (sizeof(T) < 8) {
      const auto exact = static_cast<int64_t>(a) * b;
      const auto cut = static_cast<T>(exact);
      fault |= static_cast<uint64_t>(exact ^ cut);
      return cut;
    } else {
      T product;
      fault |= __builtin_mul_overflow(a, b, &product) ? 1 : 0;
      return product;
    }
  }
};

template <typename How, typename A, typename B>
struct Arithmetic {
  using Left = A;
  using Right = B;
  using Out = Wider<A, B>;
  static Out apply(Left a, Right b, uint64_t& fault) {
    return How::template apply<Out>(static_cast<Out>(a), static_cast<Out>(b), fault);
  }
  static Status failure() { return integer_out_of_range<Out>(); }
};
template <typename How, typename A, typename B>
constexpr mortise_function_evaluate_t arithmetic = &batch<&map_binary<Arithmetic<How, A, B>>>;

template <typename A, typename B>
Result<Wider<A, B>> divide(A left, B right) {
  using T = Wider<A, B>;
  const auto a = static_cast<T>(left);
  const auto b = static_cast<T>(right);
  if (b == 0) return division_by_zero();
  if (b == -1) {
    if (a == std::numeric_limits<T>::min()) return integer_out_of_range<T>();
    return static_cast<T>(-a);
  }
  return static_cast<T>(a / b);
}

template <typename T>
Result<T> modulo(T a, T b) {
  if (b == 0) return division_by_zero();
  if (b == -1) return T{0};  // the machine would trap on the smallest value
  return static_cast<T>(a % b);
}

template <typename T>
struct Negate {
  using In = T;
  using Out = T;
  static T apply(T a, uint64_t& fault) {
    fault |= a == std::numeric_limits<T>::min() ? 1 : 0;
    return static_cast<T>(-static_cast<std::make_unsigned_t<T>>(a));
  }
  static Status failure() { return integer_out_of_range<T>(); }
};
template <typename T>
struct Absolute {
  using In = T;
  using Out = T;
  static T apply(T a, uint64_t& fault) {
    fault |= a == std::numeric_limits<T>::min() ? 1 : 0;
    return static_cast<T>(a < 0 ? -static_cast<std::make_unsigned_t<T>>(a)
                                : static_cast<std::make_unsigned_t<T>>(a));
  }
  static Status failure() { return integer_out_of_range<T>(); }
};

template <typename T>
T plus(T a) {
  return a;
}
template <typename T>
T bit_and(T a, T b) {
  return static_cast<T>(a & b);
}
template <typename T>
T bit_or(T a, T b) {
  return static_cast<T>(a | b);
}
template <typename T>
T bit_xor(T a, T b) {
  return static_cast<T>(a ^ b);
}
template <typename T>
T bit_not(T a) {
  return static_cast<T>(~a);
}
// The machine takes the low bits of the distance; int2 is shifted as an int4, as PostgreSQL does.
template <typename T>
T shift_left(T a, int32_t distance) {
  if constexpr (sizeof(T) == 8) {
    return static_cast<T>(static_cast<uint64_t>(a) << (distance & 63));
  } else {
    return static_cast<T>(static_cast<uint32_t>(static_cast<int32_t>(a)) << (distance & 31));
  }
}
template <typename T>
T shift_right(T a, int32_t distance) {
  if constexpr (sizeof(T) == 8) {
    return static_cast<T>(a >> (distance & 63));
  } else {
    return static_cast<T>(static_cast<int32_t>(a) >> (distance & 31));
  }
}

template <typename T>
Result<T> greatest_divisor(T a, T b) {
  auto x =
      a < 0 ? -static_cast<std::make_unsigned_t<T>>(a) : static_cast<std::make_unsigned_t<T>>(a);
  auto y =
      b < 0 ? -static_cast<std::make_unsigned_t<T>>(b) : static_cast<std::make_unsigned_t<T>>(b);
  while (y != 0) {
    const auto rest = x % y;
    x = y;
    y = rest;
  }
  if (x > static_cast<std::make_unsigned_t<T>>(std::numeric_limits<T>::max())) {
    return integer_out_of_range<T>();
  }
  return static_cast<T>(x);
}
template <typename T>
Result<T> least_multiple(T a, T b) {
  if (a == 0 || b == 0) return T{0};
  MORTISE_TRY_ASSIGN(const T divisor, greatest_divisor(a, b));
  T product;
  if (__builtin_mul_overflow(static_cast<T>(a / divisor), b, &product) ||
      product == std::numeric_limits<T>::min()) {
    return integer_out_of_range<T>();
  }
  return static_cast<T>(product < 0 ? -product : product);
}

constexpr mortise_function_t kTable[] = {
    scalar<"int2,int2:int2">(176, "int2pl", arithmetic<Add, int16_t, int16_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int2,int4:int4">(178, "int24pl", arithmetic<Add, int16_t, int32_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int2,int8:int8">(841, "int28pl", arithmetic<Add, int16_t, int64_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int4,int2:int4">(179, "int42pl", arithmetic<Add, int32_t, int16_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int4,int4:int4">(177, "int4pl", arithmetic<Add, int32_t, int32_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int4,int8:int8">(1278, "int48pl", arithmetic<Add, int32_t, int64_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int8,int2:int8">(837, "int82pl", arithmetic<Add, int64_t, int16_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int8,int4:int8">(1274, "int84pl", arithmetic<Add, int64_t, int32_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int8,int8:int8">(463, "int8pl", arithmetic<Add, int64_t, int64_t>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int2,int2:int2">(180, "int2mi", arithmetic<Subtract, int16_t, int16_t>,
                             {.symbol = "-"}),
    scalar<"int2,int4:int4">(182, "int24mi", arithmetic<Subtract, int16_t, int32_t>,
                             {.symbol = "-"}),
    scalar<"int2,int8:int8">(942, "int28mi", arithmetic<Subtract, int16_t, int64_t>,
                             {.symbol = "-"}),
    scalar<"int4,int2:int4">(183, "int42mi", arithmetic<Subtract, int32_t, int16_t>,
                             {.symbol = "-"}),
    scalar<"int4,int4:int4">(181, "int4mi", arithmetic<Subtract, int32_t, int32_t>,
                             {.symbol = "-"}),
    scalar<"int4,int8:int8">(1279, "int48mi", arithmetic<Subtract, int32_t, int64_t>,
                             {.symbol = "-"}),
    scalar<"int8,int2:int8">(838, "int82mi", arithmetic<Subtract, int64_t, int16_t>,
                             {.symbol = "-"}),
    scalar<"int8,int4:int8">(1275, "int84mi", arithmetic<Subtract, int64_t, int32_t>,
                             {.symbol = "-"}),
    scalar<"int8,int8:int8">(464, "int8mi", arithmetic<Subtract, int64_t, int64_t>,
                             {.symbol = "-"}),
    scalar<"int2,int2:int2">(152, "int2mul", arithmetic<Multiply, int16_t, int16_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int2,int4:int4">(170, "int24mul", arithmetic<Multiply, int16_t, int32_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int2,int8:int8">(943, "int28mul", arithmetic<Multiply, int16_t, int64_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int4,int2:int4">(171, "int42mul", arithmetic<Multiply, int32_t, int16_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int4,int4:int4">(141, "int4mul", arithmetic<Multiply, int32_t, int32_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int4,int8:int8">(1280, "int48mul", arithmetic<Multiply, int32_t, int64_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int8,int2:int8">(839, "int82mul", arithmetic<Multiply, int64_t, int16_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int8,int4:int8">(1276, "int84mul", arithmetic<Multiply, int64_t, int32_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int8,int8:int8">(465, "int8mul", arithmetic<Multiply, int64_t, int64_t>,
                             {.symbol = "*", .commutator = "*"}),
    scalar<"int2,int2:int2">(153, "int2div", row<&divide<int16_t, int16_t>>, {.symbol = "/"}),
    scalar<"int2,int4:int4">(172, "int24div", row<&divide<int16_t, int32_t>>, {.symbol = "/"}),
    scalar<"int2,int8:int8">(948, "int28div", row<&divide<int16_t, int64_t>>, {.symbol = "/"}),
    scalar<"int4,int2:int4">(173, "int42div", row<&divide<int32_t, int16_t>>, {.symbol = "/"}),
    scalar<"int4,int4:int4">(154, "int4div", row<&divide<int32_t, int32_t>>, {.symbol = "/"}),
    scalar<"int4,int8:int8">(1281, "int48div", row<&divide<int32_t, int64_t>>, {.symbol = "/"}),
    scalar<"int8,int2:int8">(840, "int82div", row<&divide<int64_t, int16_t>>, {.symbol = "/"}),
    scalar<"int8,int4:int8">(1277, "int84div", row<&divide<int64_t, int32_t>>, {.symbol = "/"}),
    scalar<"int8,int8:int8">(466, "int8div", row<&divide<int64_t, int64_t>>, {.symbol = "/"}),
    scalar<"int2,int2:int2">(155, "int2mod", row<&modulo<int16_t>>, {.symbol = "%"}),
    scalar<"int4,int4:int4">(156, "int4mod", row<&modulo<int32_t>>, {.symbol = "%"}),
    scalar<"int8,int8:int8">(945, "int8mod", row<&modulo<int64_t>>, {.symbol = "%"}),
    scalar<"int2,int2:int2">(940, "mod", row<&modulo<int16_t>>),
    scalar<"int4,int4:int4">(941, "mod", row<&modulo<int32_t>>),
    scalar<"int8,int8:int8">(947, "mod", row<&modulo<int64_t>>),
    scalar<"int2:int2">(213, "int2um", &batch<&map_unary<Negate<int16_t>>>, {.symbol = "-"}),
    scalar<"int4:int4">(212, "int4um", &batch<&map_unary<Negate<int32_t>>>, {.symbol = "-"}),
    scalar<"int8:int8">(462, "int8um", &batch<&map_unary<Negate<int64_t>>>, {.symbol = "-"}),
    scalar<"int2:int2">(1911, "int2up", row<&plus<int16_t>>, {.symbol = "+", .cannot_fail = true}),
    scalar<"int4:int4">(1912, "int4up", row<&plus<int32_t>>, {.symbol = "+", .cannot_fail = true}),
    scalar<"int8:int8">(1910, "int8up", row<&plus<int64_t>>, {.symbol = "+", .cannot_fail = true}),
    scalar<"int2:int2">(1253, "int2abs", &batch<&map_unary<Absolute<int16_t>>>, {.symbol = "@"}),
    scalar<"int4:int4">(1251, "int4abs", &batch<&map_unary<Absolute<int32_t>>>, {.symbol = "@"}),
    scalar<"int8:int8">(1230, "int8abs", &batch<&map_unary<Absolute<int64_t>>>, {.symbol = "@"}),
    scalar<"int2:int2">(1398, "abs", &batch<&map_unary<Absolute<int16_t>>>),
    scalar<"int4:int4">(1397, "abs", &batch<&map_unary<Absolute<int32_t>>>),
    scalar<"int8:int8">(1396, "abs", &batch<&map_unary<Absolute<int64_t>>>),
    scalar<"int2,int2:int2">(1892, "int2and", row<&bit_and<int16_t>>,
                             {.symbol = "&", .commutator = "&", .cannot_fail = true}),
    scalar<"int4,int4:int4">(1898, "int4and", row<&bit_and<int32_t>>,
                             {.symbol = "&", .commutator = "&", .cannot_fail = true}),
    scalar<"int8,int8:int8">(1904, "int8and", row<&bit_and<int64_t>>,
                             {.symbol = "&", .commutator = "&", .cannot_fail = true}),
    scalar<"int2,int2:int2">(1893, "int2or", row<&bit_or<int16_t>>,
                             {.symbol = "|", .commutator = "|", .cannot_fail = true}),
    scalar<"int4,int4:int4">(1899, "int4or", row<&bit_or<int32_t>>,
                             {.symbol = "|", .commutator = "|", .cannot_fail = true}),
    scalar<"int8,int8:int8">(1905, "int8or", row<&bit_or<int64_t>>,
                             {.symbol = "|", .commutator = "|", .cannot_fail = true}),
    scalar<"int2,int2:int2">(1894, "int2xor", row<&bit_xor<int16_t>>,
                             {.symbol = "#", .commutator = "#", .cannot_fail = true}),
    scalar<"int4,int4:int4">(1900, "int4xor", row<&bit_xor<int32_t>>,
                             {.symbol = "#", .commutator = "#", .cannot_fail = true}),
    scalar<"int8,int8:int8">(1906, "int8xor", row<&bit_xor<int64_t>>,
                             {.symbol = "#", .commutator = "#", .cannot_fail = true}),
    scalar<"int2:int2">(1895, "int2not", row<&bit_not<int16_t>>,
                        {.symbol = "~", .cannot_fail = true}),
    scalar<"int4:int4">(1901, "int4not", row<&bit_not<int32_t>>,
                        {.symbol = "~", .cannot_fail = true}),
    scalar<"int8:int8">(1907, "int8not", row<&bit_not<int64_t>>,
                        {.symbol = "~", .cannot_fail = true}),
    scalar<"int2,int4:int2">(1896, "int2shl", row<&shift_left<int16_t>>,
                             {.symbol = "<<", .cannot_fail = true}),
    scalar<"int4,int4:int4">(1902, "int4shl", row<&shift_left<int32_t>>,
                             {.symbol = "<<", .cannot_fail = true}),
    scalar<"int8,int4:int8">(1908, "int8shl", row<&shift_left<int64_t>>,
                             {.symbol = "<<", .cannot_fail = true}),
    scalar<"int2,int4:int2">(1897, "int2shr", row<&shift_right<int16_t>>,
                             {.symbol = ">>", .cannot_fail = true}),
    scalar<"int4,int4:int4">(1903, "int4shr", row<&shift_right<int32_t>>,
                             {.symbol = ">>", .cannot_fail = true}),
    scalar<"int8,int4:int8">(1909, "int8shr", row<&shift_right<int64_t>>,
                             {.symbol = ">>", .cannot_fail = true}),
    scalar<"int4,int4:int4">(5044, "gcd", row<&greatest_divisor<int32_t>>),
    scalar<"int8,int8:int8">(5045, "gcd", row<&greatest_divisor<int64_t>>),
    scalar<"int4,int4:int4">(5046, "lcm", row<&least_multiple<int32_t>>),
    scalar<"int8,int8:int8">(5047, "lcm", row<&least_multiple<int64_t>>),
};

}  // namespace

const FunctionList kIntegerFunctions = kTable;

}  // namespace mortise::sql_functions
