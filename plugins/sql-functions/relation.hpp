// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do =, <>, <, <=, > and >= mean for values of two C++ types?
//
// `Relation` names the six; `holds<R>(a, b)` decides.  Integers of different widths meet in the
// wider one; floats follow PostgreSQL: NaN equals NaN and is greater than every other value.
//
// Threads: pure functions; [any].

#include <cmath>
#include <type_traits>

#include "vector_loop.hpp"

namespace mortise::sql_functions {

enum class Relation { equal, not_equal, less, less_equal, greater, greater_equal };

template <Relation R>
constexpr bool holds_of_order(int order) {
  switch (R) {
    case Relation::equal:
      return order == 0;
    case Relation::not_equal:
      return order != 0;
    case Relation::less:
      return order < 0;
    case Relation::less_equal:
      return order <= 0;
    case Relation::greater:
      return order > 0;
    case Relation::greater_equal:
      return order >= 0;
  }
  MORTISE_UNREACHABLE();
}

template <typename T>
bool is_float_less(T a, T b) {
  return (a < b) | ((b != b) & (a == a));
}

template <Relation R, typename A, typename B>
bool holds(A left, B right) {
  using T = std::common_type_t<A, B>;
  const auto a = static_cast<T>(left);
  const auto b = static_cast<T>(right);
  if constexpr (std::is_floating_point_v<T>) {
    if constexpr (R == Relation::equal) return (a == b) | ((a != a) & (b != b));
    if constexpr (R == Relation::not_equal) return !((a == b) | ((a != a) & (b != b)));
    if constexpr (R == Relation::less) return is_float_less(a, b);
    if constexpr (R == Relation::less_equal) return !is_float_less(b, a);
    if constexpr (R == Relation::greater) return is_float_less(b, a);
    if constexpr (R == Relation::greater_equal) return !is_float_less(a, b);
  } else {
    if constexpr (R == Relation::equal) return a == b;
    if constexpr (R == Relation::not_equal) return a != b;
    if constexpr (R == Relation::less) return a < b;
    if constexpr (R == Relation::less_equal) return a <= b;
    if constexpr (R == Relation::greater) return a > b;
    if constexpr (R == Relation::greater_equal) return a >= b;
  }
}

template <Relation R, typename A, typename B>
struct Comparison {
  using Left = A;
  using Right = B;
  static bool test(Left a, Right b) { return holds<R>(a, b); }
};

// Compares two columns of numbers.
template <Relation R, typename A, typename B = A>
constexpr mortise_function_evaluate_t comparison = &batch<&map_predicate<Comparison<R, A, B>>>;

// Compares by a three-way function: int order(const A&, const B&).
template <Relation R, auto Order, typename A, typename B>
Status compare_rows(Call& call) {
  const Reader<A> left(call, 0);
  const Reader<B> right(call, 1);
  auto* words = call.data<uint64_t>();
  return call.each(
      [&](uint32_t i) { assign_bit(words, i, holds_of_order<R>(Order(left[i], right[i]))); });
}
template <Relation R, auto Order, typename A, typename B = A>
constexpr mortise_function_evaluate_t compare_by = &batch<&compare_rows<R, Order, A, B>>;

}  // namespace mortise::sql_functions
