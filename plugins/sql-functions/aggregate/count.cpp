// SPDX-License-Identifier: Apache-2.0

// count, and the aggregates of booleans and bits.

#include "aggregate/aggregate.hpp"
#include "aggregate/lists.hpp"

namespace mortise::sql_functions {
namespace {

struct CountState {
  int64_t count;
};

Status finish_count(Call& call, uint32_t row, const CountState& state) {
  call.data<int64_t>()[row] = state.count;
  return {};
}

uint32_t selected_count(const mortise_arguments_t& arguments) {
  return arguments.selection == nullptr ? arguments.rows_count : arguments.selected_count;
}

// count(*): no column is looked at.
mortise_status_t MORTISE_CALL count_rows(const mortise_evaluation_t*, const void*,
                                         const mortise_arguments_t* arguments, void* const* states,
                                         mortise_error_t*) {
  for_each_selected(arguments->rows_count, arguments->selection, arguments->selected_count,
                    [&](uint32_t row) { ++static_cast<CountState*>(states[row])->count; });
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL count_all(const mortise_evaluation_t*, const void*,
                                        const mortise_arguments_t* arguments, void* state,
                                        mortise_error_t*) {
  static_cast<CountState*>(state)->count += selected_count(*arguments);
  return MORTISE_OK;
}

// count(x): only the validity of the column is looked at, whatever its type.
bool is_present(const mortise_column_t& column, uint32_t row) {
  return column.validity == nullptr || get_bit(column.validity, is_constant(column) ? 0 : row);
}
mortise_status_t MORTISE_CALL count_values(const mortise_evaluation_t*, const void*,
                                           const mortise_arguments_t* arguments,
                                           void* const* states, mortise_error_t*) {
  const mortise_column_t& column = arguments->columns[0];
  for_each_selected(arguments->rows_count, arguments->selection, arguments->selected_count,
                    [&](uint32_t row) {
                      static_cast<CountState*>(states[row])->count += is_present(column, row);
                    });
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL count_present(const mortise_evaluation_t*, const void*,
                                            const mortise_arguments_t* arguments, void* state,
                                            mortise_error_t*) {
  const mortise_column_t& column = arguments->columns[0];
  int64_t& count = static_cast<CountState*>(state)->count;
  if (column.validity == nullptr) {
    count += selected_count(*arguments);
    return MORTISE_OK;
  }
  for_each_selected(arguments->rows_count, arguments->selection, arguments->selected_count,
                    [&](uint32_t row) { count += is_present(column, row); });
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL merge_counts(const mortise_evaluation_t*, const void*,
                                           void* const* into, void* const* from, uint32_t count,
                                           mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    static_cast<CountState*>(into[i])->count += static_cast<const CountState*>(from[i])->count;
  }
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL finish_counts(const mortise_evaluation_t* evaluation,
                                            const void* bound, void* const* states, uint32_t count,
                                            mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    mortise_arguments_t none{};
    Call call(evaluation, bound, &none, result);
    for (uint32_t i = 0; i < count; ++i) {
      MORTISE_TRY(finish_count(call, i, *static_cast<const CountState*>(states[i])));
    }
    return {};
  });
}
constexpr mortise_aggregate_t kCountRows = {
    sizeof(mortise_aggregate_t), 16, &count_rows, &count_all, &merge_counts, &finish_counts};
constexpr mortise_aggregate_t kCountValues = {
    sizeof(mortise_aggregate_t), 16, &count_values, &count_present, &merge_counts, &finish_counts};

template <bool kIsAnd>
struct BoolReducer {
  using Inputs = sql_functions::Inputs<bool>;
  struct State {
    uint8_t has_value;
    uint8_t value;
  };
  static void add(Scope&, State& state, bool value) {
    if (state.has_value == 0) {
      state = {1, static_cast<uint8_t>(value)};
    } else {
      state.value = kIsAnd ? state.value & static_cast<uint8_t>(value)
                           : state.value | static_cast<uint8_t>(value);
    }
  }
  static void merge(Scope& scope, State& into, const State& from) {
    if (from.has_value != 0) add(scope, into, from.value != 0);
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value == 0) {
      call.set_null(row);
    } else {
      assign_bit(call.data<uint64_t>(), row, state.value != 0);
    }
    return {};
  }
};

enum class Bits { conjunction, disjunction, exclusive };
template <typename T, Bits kHow>
struct BitReducer {
  using Inputs = sql_functions::Inputs<T>;
  struct State {
    T value;
    uint8_t has_value;
  };
  static void add(Scope&, State& state, T value) {
    if (state.has_value == 0) {
      state.value = value;
      state.has_value = 1;
    } else if (kHow == Bits::conjunction) {
      state.value = static_cast<T>(state.value & value);
    } else if (kHow == Bits::disjunction) {
      state.value = static_cast<T>(state.value | value);
    } else {
      state.value = static_cast<T>(state.value ^ value);
    }
  }
  static void merge(Scope& scope, State& into, const State& from) {
    if (from.has_value != 0) add(scope, into, from.value);
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value == 0) {
      call.set_null(row);
    } else {
      call.data<T>()[row] = state.value;
    }
    return {};
  }
};
template <typename T>
constexpr const mortise_aggregate_t* bit_and = reduce<BitReducer<T, Bits::conjunction>>;
template <typename T>
constexpr const mortise_aggregate_t* bit_or = reduce<BitReducer<T, Bits::disjunction>>;
template <typename T>
constexpr const mortise_aggregate_t* bit_xor = reduce<BitReducer<T, Bits::exclusive>>;

constexpr mortise_function_t kTable[] = {
    aggregate<":int8">(2803, "count", &kCountRows),
    aggregate<"any:int8">(2147, "count", &kCountValues),
    aggregate<"bool:bool">(2517, "bool_and", reduce<BoolReducer<true>>),
    aggregate<"bool:bool">(2518, "bool_or", reduce<BoolReducer<false>>),
    aggregate<"bool:bool">(2519, "every", reduce<BoolReducer<true>>),
    aggregate<"int2:int2">(2236, "bit_and", bit_and<int16_t>),
    aggregate<"int4:int4">(2238, "bit_and", bit_and<int32_t>),
    aggregate<"int8:int8">(2240, "bit_and", bit_and<int64_t>),
    aggregate<"int2:int2">(2237, "bit_or", bit_or<int16_t>),
    aggregate<"int4:int4">(2239, "bit_or", bit_or<int32_t>),
    aggregate<"int8:int8">(2241, "bit_or", bit_or<int64_t>),
    aggregate<"int2:int2">(6164, "bit_xor", bit_xor<int16_t>),
    aggregate<"int4:int4">(6165, "bit_xor", bit_xor<int32_t>),
    aggregate<"int8:int8">(6166, "bit_xor", bit_xor<int64_t>),
};

}  // namespace

const FunctionList kCountAggregates = kTable;

}  // namespace mortise::sql_functions
