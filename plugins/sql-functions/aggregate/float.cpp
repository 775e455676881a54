// SPDX-License-Identifier: Apache-2.0

// sum, avg, stddev and variance over floats, and sums of small integers and intervals.
//
// The spread of floats is gathered by the Youngs-Cramer update, as PostgreSQL does, which keeps its
// precision where a sum of squares would lose it.

#include <cmath>

#include "aggregate/aggregate.hpp"
#include "aggregate/lists.hpp"
#include "datetime/arithmetic.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
struct SumReducer {
  using Inputs = sql_functions::Inputs<T>;
  struct State {
    T sum;
    uint8_t has_value;
  };
  static Status add(Scope&, State& state, T value) {
    const T sum = state.has_value == 0 ? value : state.sum + value;
    if (std::isinf(sum) && !std::isinf(state.sum) && !std::isinf(value)) return float_overflow();
    state.sum = sum;
    state.has_value = 1;
    return {};
  }
  static Status merge(Scope& scope, State& into, const State& from) {
    return from.has_value == 0 ? Status() : add(scope, into, from.sum);
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value == 0) {
      call.set_null(row);
    } else {
      call.data<T>()[row] = state.sum;
    }
    return {};
  }
};

struct FloatMoments {
  double count;
  double sum;
  double squares;  // of the distances from the mean
};
Status accumulate(FloatMoments& m, double value) {
  const double before = m.sum;
  m.count += 1;
  m.sum += value;
  if (m.count > 1) {
    const double distance = value * m.count - m.sum;
    m.squares += distance * distance / (m.count * (m.count - 1));
    if (std::isinf(m.sum) || std::isinf(m.squares)) {
      if (!std::isinf(before) && !std::isinf(value)) return float_overflow();
      m.squares = std::nan("");
    }
  } else if (std::isnan(value) || std::isinf(value)) {
    m.squares = std::nan("");
  }
  return {};
}
Status combine(FloatMoments& into, const FloatMoments& from) {
  if (from.count == 0) return {};
  if (into.count == 0) {
    into = from;
    return {};
  }
  const double count = into.count + from.count;
  const double distance = into.sum / into.count - from.sum / from.count;
  const double sum = into.sum + from.sum;
  if (std::isinf(sum) && !std::isinf(into.sum) && !std::isinf(from.sum)) return float_overflow();
  into.squares += from.squares + into.count * from.count * distance * distance / count;
  into.sum = sum;
  into.count = count;
  return {};
}

enum class Moment { average, var_pop, var_samp, stddev_pop, stddev_samp };
template <typename T, Moment kMoment>
struct MomentReducer {
  using Inputs = sql_functions::Inputs<T>;
  using State = FloatMoments;
  static Status add(Scope&, State& state, T value) { return accumulate(state, value); }
  static Status merge(Scope&, State& into, const State& from) { return combine(into, from); }
  static Status finish(Call& call, uint32_t row, const State& state) {
    constexpr bool kIsSample = kMoment == Moment::var_samp || kMoment == Moment::stddev_samp;
    if (state.count < (kIsSample ? 2 : 1)) {
      call.set_null(row);
      return {};
    }
    double value = 0;
    if (kMoment == Moment::average) {
      value = state.sum / state.count;
    } else {
      value = state.squares / (kIsSample ? state.count - 1 : state.count);
      if (kMoment == Moment::stddev_pop || kMoment == Moment::stddev_samp) value = std::sqrt(value);
    }
    call.data<double>()[row] = value;
    return {};
  }
};
template <typename T, Moment kMoment>
constexpr const mortise_aggregate_t* moment = reduce<MomentReducer<T, kMoment>>;

// int2 and int4 in 64 bits: 2^31 rows of the largest value fit.
template <typename T>
struct SmallSumReducer {
  using Inputs = sql_functions::Inputs<T>;
  struct State {
    int64_t sum;
    int64_t has_value;
  };
  static void add(Scope&, State& state, T value) {
    state.sum += value;
    state.has_value = 1;
  }
  static void merge(Scope&, State& into, const State& from) {
    into.sum += from.sum;
    into.has_value |= from.has_value;
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value == 0) {
      call.set_null(row);
    } else {
      call.data<int64_t>()[row] = state.sum;
    }
    return {};
  }
};

template <bool kIsAverage>
struct IntervalReducer {
  using Inputs = sql_functions::Inputs<Interval>;
  struct State {
    Interval sum;
    int64_t count;
  };
  static Status add(Scope&, State& state, const Interval& value) {
    MORTISE_TRY_ASSIGN(state.sum, interval_plus(state.sum, value));
    ++state.count;
    return {};
  }
  static Status merge(Scope&, State& into, const State& from) {
    MORTISE_TRY_ASSIGN(into.sum, interval_plus(into.sum, from.sum));
    into.count += from.count;
    return {};
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.count == 0) {
      call.set_null(row);
      return {};
    }
    Interval value = state.sum;
    if (kIsAverage) {
      MORTISE_TRY_ASSIGN(value, interval_divide(value, static_cast<double>(state.count)));
    }
    call.data<Interval>()[row] = value;
    return {};
  }
};

constexpr mortise_function_t kTable[] = {
    aggregate<"int2:int8">(2109, "sum", reduce<SmallSumReducer<int16_t>>),
    aggregate<"int4:int8">(2108, "sum", reduce<SmallSumReducer<int32_t>>),
    aggregate<"float4:float4">(2110, "sum", reduce<SumReducer<float>>),
    aggregate<"float8:float8">(2111, "sum", reduce<SumReducer<double>>),
    aggregate<"interval:interval">(2113, "sum", reduce<IntervalReducer<false>>),
    aggregate<"interval:interval">(2106, "avg", reduce<IntervalReducer<true>>),
    aggregate<"float4:float8">(2104, "avg", moment<float, Moment::average>),
    aggregate<"float8:float8">(2105, "avg", moment<double, Moment::average>),
    aggregate<"float4:float8">(2721, "var_pop", moment<float, Moment::var_pop>),
    aggregate<"float8:float8">(2722, "var_pop", moment<double, Moment::var_pop>),
    aggregate<"float4:float8">(2644, "var_samp", moment<float, Moment::var_samp>),
    aggregate<"float8:float8">(2645, "var_samp", moment<double, Moment::var_samp>),
    aggregate<"float4:float8">(2151, "variance", moment<float, Moment::var_samp>),
    aggregate<"float8:float8">(2152, "variance", moment<double, Moment::var_samp>),
    aggregate<"float4:float8">(2727, "stddev_pop", moment<float, Moment::stddev_pop>),
    aggregate<"float8:float8">(2728, "stddev_pop", moment<double, Moment::stddev_pop>),
    aggregate<"float4:float8">(2715, "stddev_samp", moment<float, Moment::stddev_samp>),
    aggregate<"float8:float8">(2716, "stddev_samp", moment<double, Moment::stddev_samp>),
    aggregate<"float4:float8">(2157, "stddev", moment<float, Moment::stddev_samp>),
    aggregate<"float8:float8">(2158, "stddev", moment<double, Moment::stddev_samp>),
};

}  // namespace

const FunctionList kFloatAggregates = kTable;

}  // namespace mortise::sql_functions
