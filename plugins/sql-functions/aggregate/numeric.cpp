// SPDX-License-Identifier: Apache-2.0

// sum, avg, stddev and variance over numeric and integers, with numeric results.
//
// sum over decimals of a known scale stays a DECIMAL128 while that cannot overflow (19 more digits
// than the argument's); averages divide at the scale that PostgreSQL's numeric division chooses.

#include <algorithm>

#include "aggregate/lists.hpp"
#include "aggregate/numeric_sum.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kSumDigits = 19;  // more rows than 10^19 do not exist

Status add_row(Scope& scope, NumericSum& sum, const NumericColumn& column, uint32_t row) {
  ++sum.count;
  if (const std::optional<SmallDecimal> value = column.small(row)) return sum.add(scope, *value);
  return sum.add(scope, column.big(row));
}

// Reads the argument in whatever form it stands.  Finish: Status f(Call&, row, const NumericSum&).
template <auto Finish>
struct NumericReducer {
  static NumericSum& at(void* place) { return *static_cast<NumericSum*>(place); }

  static mortise_status_t MORTISE_CALL update(const mortise_evaluation_t* evaluation,
                                              const void* bound,
                                              const mortise_arguments_t* arguments,
                                              void* const* states, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, arguments);
      Call call(evaluation, bound, arguments, nullptr);
      const NumericColumn column(call, 0);
      if (column.physical() == MORTISE_PHYSICAL_DECIMAL64) {
        const Values<int64_t> values(call.column(0));
        return call.each([&](uint32_t row) {
          if (values.is_valid(row)) add_narrow(at(states[row]), values[row], column.scale());
        });
      }
      return call.each([&](uint32_t row) -> Status {
        return column.is_valid(row) ? add_row(scope, at(states[row]), column, row) : Status();
      });
    });
  }
  static void add_narrow(NumericSum& sum, int64_t value, uint32_t scale) {
    ++sum.count;
    sum.scale = scale;
    if (value == kDecimal64Nan) {
      sum.has_nan = 1;
    } else {
      sum.add_integer(value);
    }
  }
  static mortise_status_t MORTISE_CALL update_one(const mortise_evaluation_t* evaluation,
                                                  const void* bound,
                                                  const mortise_arguments_t* arguments, void* state,
                                                  mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, arguments);
      Call call(evaluation, bound, arguments, nullptr);
      const NumericColumn column(call, 0);
      NumericSum& sum = at(state);
      if (column.physical() != MORTISE_PHYSICAL_DECIMAL64) {
        return call.each([&](uint32_t row) -> Status {
          return column.is_valid(row) ? add_row(scope, sum, column, row) : Status();
        });
      }
      const Values<int64_t> values(call.column(0));
      Int128 total = 0;
      MORTISE_TRY(call.each([&](uint32_t row) {
        if (!values.is_valid(row)) return;
        ++sum.count;
        const int64_t value = values[row];
        sum.has_nan |= value == kDecimal64Nan ? 1 : 0;
        total += value;
      }));
      sum.scale = column.scale();
      sum.add_integer(total);
      return {};
    });
  }
  static mortise_status_t MORTISE_CALL merge(const mortise_evaluation_t* evaluation,
                                             const void* bound, void* const* into,
                                             void* const* from, uint32_t count,
                                             mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, nullptr);
      for (uint32_t i = 0; i < count; ++i) MORTISE_TRY(at(into[i]).merge(scope, at(from[i])));
      return {};
    });
  }
  static mortise_status_t MORTISE_CALL finish(const mortise_evaluation_t* evaluation,
                                              const void* bound, void* const* states,
                                              uint32_t count, mortise_column_out_t* result,
                                              mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      mortise_arguments_t none{};
      Call call(evaluation, bound, &none, result);
      for (uint32_t i = 0; i < count; ++i) {
        if (at(states[i]).count == 0) {
          call.set_null(i);
        } else {
          MORTISE_TRY(Finish(call, i, at(states[i])));
        }
      }
      return {};
    });
  }
  static constexpr mortise_aggregate_t kTable = {sizeof(mortise_aggregate_t),
                                                 (sizeof(NumericSum) + 15) / 16 * 16,
                                                 &update,
                                                 &update_one,
                                                 &merge,
                                                 &finish};
};

Status finish_sum(Call& call, uint32_t row, const NumericSum& sum) {
  return emit_as(call, row, form_of(call.state()), sum.total());
}
Status finish_average(Call& call, uint32_t row, const NumericSum& sum) {
  MORTISE_TRY_ASSIGN(const Decimal value, divide(sum.total(), Decimal::of(sum.count)));
  return emit_numeric(call, row, value);
}

mortise_status_t MORTISE_CALL bind_sum(const mortise_bind_argument_t* arguments, uint32_t,
                                       mortise_type_t* result, void** state, mortise_error_t*) {
  const mortise_type_t& type = arguments[0].type;
  const bool is_decimal =
      type.physical == MORTISE_PHYSICAL_DECIMAL64 || type.physical == MORTISE_PHYSICAL_DECIMAL128;
  const bool fits = is_decimal && type.precision + kSumDigits <= kDecimal128DigitsMax;
  *result = decimal_type(fits ? kDecimal128DigitsMax : kDecimal128DigitsMax + 1, type.scale);
  *state = pack_form(*result);
  return MORTISE_OK;
}

// Integers, added up in 128 bits.
struct WideSum {
  Int128 sum;
  int64_t count;
};
template <typename T, bool kIsAverage>
struct IntegerReducer {
  using Inputs = sql_functions::Inputs<T>;
  using State = WideSum;
  static void add(Scope&, State& state, T value) {
    state.sum += value;
    ++state.count;
  }
  static void merge(Scope&, State& into, const State& from) {
    into.sum += from.sum;
    into.count += from.count;
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.count == 0) {
      call.set_null(row);
      return {};
    }
    if (!kIsAverage) return emit_numeric(call, row, state.sum, 0);
    MORTISE_TRY_ASSIGN(const Decimal value,
                       divide(Decimal::of(state.sum), Decimal::of(state.count)));
    return emit_numeric(call, row, value);
  }
};

// sum and sum of squares.
struct Moments {
  NumericSum sum;
  NumericSum squares;
};
enum class Spread { var_pop, var_samp, stddev_pop, stddev_samp };

template <typename T, Spread kSpread>
struct SpreadReducer {
  using Inputs = sql_functions::Inputs<T>;
  using State = Moments;
  static constexpr bool kIsSample = kSpread == Spread::var_samp || kSpread == Spread::stddev_samp;
  static constexpr bool kIsRoot = kSpread == Spread::stddev_pop || kSpread == Spread::stddev_samp;

  static Status add(Scope& scope, State& state, const T& value) {
    ++state.sum.count;
    if constexpr (std::is_same_v<T, Decimal>) {
      MORTISE_TRY(add_value(scope, state.sum, value));
      return value.is_finite() ? add_value(scope, state.squares, multiply(value, value)) : Status();
    } else {
      MORTISE_TRY(state.sum.add(scope, SmallDecimal{value, 0}));
      return state.squares.add(scope, SmallDecimal{Int128{value} * value, 0});
    }
  }
  static Status add_value(Scope& scope, NumericSum& sum, const Decimal& value) {
    if (value.is_finite() && value.scale <= kDecimal128DigitsMax) {
      if (const std::optional<Int128> small = value.to_int128_at(value.scale)) {
        return sum.add(scope, SmallDecimal{*small, value.scale});
      }
    }
    return sum.add(scope, value);
  }
  static Status merge(Scope& scope, State& into, const State& from) {
    MORTISE_TRY(into.sum.merge(scope, from.sum));
    return into.squares.merge(scope, from.squares);
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    const int64_t count = state.sum.count;
    if (count == 0 || (kIsSample && count == 1)) {
      call.set_null(row);
      return {};
    }
    const Decimal sum = state.sum.total();
    if (!sum.is_finite()) return emit_numeric(call, row, Decimal::of_kind(Decimal::Kind::nan));
    // count * sum(x^2) - sum(x)^2, over count * (count or count - 1).
    const Decimal n = Decimal::of(count);
    const Decimal numerator = subtract(multiply(n, state.squares.total()), multiply(sum, sum));
    if (numerator.sign() <= 0) return emit_numeric(call, row, Decimal());
    const Decimal denominator = multiply(n, Decimal::of(kIsSample ? count - 1 : count));
    const int32_t scale = division_scale(numerator, denominator);
    const Decimal variance = divide_at(numerator, denominator, scale);
    return emit_numeric(call, row, kIsRoot ? square_root_at(variance, scale) : variance);
  }
};
template <typename T, Spread kSpread>
constexpr const mortise_aggregate_t* spread = reduce<SpreadReducer<T, kSpread>>;

constexpr mortise_function_t kTable[] = {
    aggregate<"numeric:numeric">(2114, "sum", &NumericReducer<&finish_sum>::kTable,
                                 {.bind = &bind_sum}),
    aggregate<"numeric:numeric">(2103, "avg", &NumericReducer<&finish_average>::kTable),
    aggregate<"int8:numeric">(2107, "sum", reduce<IntegerReducer<int64_t, false>>),
    aggregate<"int2:numeric">(2102, "avg", reduce<IntegerReducer<int16_t, true>>),
    aggregate<"int4:numeric">(2101, "avg", reduce<IntegerReducer<int32_t, true>>),
    aggregate<"int8:numeric">(2100, "avg", reduce<IntegerReducer<int64_t, true>>),
    aggregate<"int2:numeric">(2720, "var_pop", spread<int16_t, Spread::var_pop>),
    aggregate<"int4:numeric">(2719, "var_pop", spread<int32_t, Spread::var_pop>),
    aggregate<"int8:numeric">(2718, "var_pop", spread<int64_t, Spread::var_pop>),
    aggregate<"numeric:numeric">(2723, "var_pop", spread<Decimal, Spread::var_pop>),
    aggregate<"int2:numeric">(2643, "var_samp", spread<int16_t, Spread::var_samp>),
    aggregate<"int4:numeric">(2642, "var_samp", spread<int32_t, Spread::var_samp>),
    aggregate<"int8:numeric">(2641, "var_samp", spread<int64_t, Spread::var_samp>),
    aggregate<"numeric:numeric">(2646, "var_samp", spread<Decimal, Spread::var_samp>),
    aggregate<"int2:numeric">(2150, "variance", spread<int16_t, Spread::var_samp>),
    aggregate<"int4:numeric">(2149, "variance", spread<int32_t, Spread::var_samp>),
    aggregate<"int8:numeric">(2148, "variance", spread<int64_t, Spread::var_samp>),
    aggregate<"numeric:numeric">(2153, "variance", spread<Decimal, Spread::var_samp>),
    aggregate<"int2:numeric">(2726, "stddev_pop", spread<int16_t, Spread::stddev_pop>),
    aggregate<"int4:numeric">(2725, "stddev_pop", spread<int32_t, Spread::stddev_pop>),
    aggregate<"int8:numeric">(2724, "stddev_pop", spread<int64_t, Spread::stddev_pop>),
    aggregate<"numeric:numeric">(2729, "stddev_pop", spread<Decimal, Spread::stddev_pop>),
    aggregate<"int2:numeric">(2714, "stddev_samp", spread<int16_t, Spread::stddev_samp>),
    aggregate<"int4:numeric">(2713, "stddev_samp", spread<int32_t, Spread::stddev_samp>),
    aggregate<"int8:numeric">(2712, "stddev_samp", spread<int64_t, Spread::stddev_samp>),
    aggregate<"numeric:numeric">(2717, "stddev_samp", spread<Decimal, Spread::stddev_samp>),
    aggregate<"int2:numeric">(2156, "stddev", spread<int16_t, Spread::stddev_samp>),
    aggregate<"int4:numeric">(2155, "stddev", spread<int32_t, Spread::stddev_samp>),
    aggregate<"int8:numeric">(2154, "stddev", spread<int64_t, Spread::stddev_samp>),
    aggregate<"numeric:numeric">(2159, "stddev", spread<Decimal, Spread::stddev_samp>),
};

}  // namespace

const FunctionList kNumericAggregates = kTable;

}  // namespace mortise::sql_functions
