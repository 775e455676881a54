// SPDX-License-Identifier: Apache-2.0

// min and max over every ordered type.
//
// The order is that of the comparison operators; of equal values the first stays, which shows only
// in the scale of a numeric.

#include "aggregate/aggregate.hpp"
#include "aggregate/lists.hpp"
#include "datetime/interval_span.hpp"
#include "numeric/value_column.hpp"
#include "relation.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T, bool kIsMax>
struct FixedReducer {
  using Inputs = sql_functions::Inputs<T>;
  struct State {
    T value;
    uint8_t has_value;
  };
  static bool is_better(const T& a, const T& b) {
    if constexpr (std::is_same_v<T, Interval>) {
      return kIsMax ? interval_span(a) > interval_span(b) : interval_span(a) < interval_span(b);
    } else {
      return kIsMax ? holds<Relation::greater>(a, b) : holds<Relation::less>(a, b);
    }
  }
  static void add(Scope&, State& state, const T& value) {
    if (state.has_value == 0 || is_better(value, state.value)) {
      state.value = value;
      state.has_value = 1;
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

struct BytesState {
  ArenaBytes bytes;
  uint8_t has_value;
};
Status finish_bytes(Call& call, uint32_t row, const BytesState& state) {
  if (state.has_value == 0) {
    call.set_null(row);
    return {};
  }
  return call.set_copy(row, state.bytes.view());
}
Status replace(Scope& scope, BytesState& state, std::string_view bytes) {
  state.has_value = 1;
  return state.bytes.assign(scope, bytes);
}

template <bool kIsMax>
struct TextReducer {
  using Inputs = sql_functions::Inputs<std::string_view>;
  using State = BytesState;
  static Status add(Scope& scope, State& state, std::string_view value) {
    if (state.has_value != 0) {
      const int order = value.compare(state.bytes.view());
      if (kIsMax ? order <= 0 : order >= 0) return {};
    }
    return replace(scope, state, value);
  }
  static Status merge(Scope& scope, State& into, const State& from) {
    return from.has_value == 0 ? Status() : add(scope, into, from.bytes.view());
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    return finish_bytes(call, row, state);
  }
};

// Numerics of one column have one form; decimals compare as integers, NaN being the greatest.
struct NumericState {
  Int128 value;
  ArenaBytes bytes;
  uint64_t has_value;
};
template <bool kIsMax>
struct NumericExtreme {
  using State = NumericState;

  static bool is_better(int order) { return kIsMax ? order > 0 : order < 0; }
  static Status add_bytes(Scope& scope, State& state, std::string_view value) {
    if (state.has_value != 0 && !is_better(compare_numeric(value, state.bytes.view()))) return {};
    state.has_value = 1;
    return state.bytes.assign(scope, value);
  }
  static void add_integer(State& state, Int128 value) {
    if (state.has_value == 0 || (kIsMax ? value > state.value : value < state.value)) {
      state.value = value;
      state.has_value = 1;
    }
  }
  template <typename Place>
  static Status walk(const mortise_evaluation_t* evaluation, const void* bound,
                     const mortise_arguments_t* arguments, Place&& place) {
    Scope scope(evaluation, bound, arguments);
    const mortise_column_t& column = arguments->columns[0];
    Call call(evaluation, bound, arguments, nullptr);
    const Values<int64_t> narrow(column);
    const Values<Int128> wide(column);
    const Strings strings(column);
    const uint16_t physical = arguments->types[0].physical;
    return call.each([&](uint32_t row) -> Status {
      if (!narrow.is_valid(row)) return {};
      State& state = place(row);
      if (physical == MORTISE_PHYSICAL_DECIMAL64) {
        const int64_t value = narrow[row];
        add_integer(state, value == kDecimal64Nan ? kDecimal128Nan : Int128{value});
      } else if (physical == MORTISE_PHYSICAL_DECIMAL128) {
        add_integer(state, wide[row]);
      } else {
        return add_bytes(scope, state, strings[row]);
      }
      return {};
    });
  }
  static State& at(void* place) { return *static_cast<State*>(place); }

  static mortise_status_t MORTISE_CALL update(const mortise_evaluation_t* evaluation,
                                              const void* bound,
                                              const mortise_arguments_t* arguments,
                                              void* const* states, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      return walk(evaluation, bound, arguments,
                  [&](uint32_t row) -> State& { return at(states[row]); });
    });
  }
  static mortise_status_t MORTISE_CALL merge(const mortise_evaluation_t* evaluation,
                                             const void* bound, void* const* into,
                                             void* const* from, uint32_t count,
                                             mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, nullptr);
      for (uint32_t i = 0; i < count; ++i) {
        const State& source = at(from[i]);
        if (source.has_value == 0) continue;
        if (form_of(bound).physical == MORTISE_PHYSICAL_NUMERIC) {
          MORTISE_TRY(add_bytes(scope, at(into[i]), source.bytes.view()));
        } else {
          add_integer(at(into[i]), source.value);
        }
      }
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
      const uint16_t physical = form_of(bound).physical;
      for (uint32_t i = 0; i < count; ++i) {
        const State& state = at(states[i]);
        if (state.has_value == 0) {
          call.set_null(i);
        } else if (physical == MORTISE_PHYSICAL_NUMERIC) {
          MORTISE_TRY(call.set_copy(i, state.bytes.view()));
        } else if (physical == MORTISE_PHYSICAL_DECIMAL128) {
          call.data<Int128>()[i] = state.value;
        } else {
          call.data<int64_t>()[i] =
              state.value == kDecimal128Nan ? kDecimal64Nan : static_cast<int64_t>(state.value);
        }
      }
      return {};
    });
  }
  static constexpr mortise_aggregate_t kTable = {sizeof(mortise_aggregate_t),
                                                 (sizeof(State) + 15) / 16 * 16,
                                                 &update,
                                                 nullptr,
                                                 &merge,
                                                 &finish};
};

mortise_status_t MORTISE_CALL bind_same(const mortise_bind_argument_t* arguments, uint32_t,
                                        mortise_type_t* result, void** state, mortise_error_t*) {
  *result = arguments[0].type;
  if (result->sql_type == MORTISE_SQL_NUMERIC) {
    result->modifier = -1;
    *state = pack_form(*result);
  }
  return MORTISE_OK;
}

template <typename T>
constexpr const mortise_aggregate_t* least = reduce<FixedReducer<T, false>>;
template <typename T>
constexpr const mortise_aggregate_t* greatest = reduce<FixedReducer<T, true>>;

constexpr mortise_function_t kTable[] = {
    aggregate<"int2:int2">(2133, "min", least<int16_t>),
    aggregate<"int4:int4">(2132, "min", least<int32_t>),
    aggregate<"int8:int8">(2131, "min", least<int64_t>),
    aggregate<"oid:oid">(2134, "min", least<int64_t>),
    aggregate<"float4:float4">(2135, "min", least<float>),
    aggregate<"float8:float8">(2136, "min", least<double>),
    aggregate<"date:date">(2138, "min", least<int32_t>),
    aggregate<"time:time">(2139, "min", least<int64_t>),
    aggregate<"timestamp:timestamp">(2142, "min", least<int64_t>),
    aggregate<"timestamptz:timestamptz">(2143, "min", least<int64_t>),
    aggregate<"interval:interval">(2144, "min", least<Interval>),
    aggregate<"text:text">(2145, "min", reduce<TextReducer<false>>),
    aggregate<"bpchar:bpchar">(2245, "min", reduce<TextReducer<false>>, {.bind = &bind_same}),
    aggregate<"numeric:numeric">(2146, "min", &NumericExtreme<false>::kTable, {.bind = &bind_same}),
    aggregate<"int2:int2">(2117, "max", greatest<int16_t>),
    aggregate<"int4:int4">(2116, "max", greatest<int32_t>),
    aggregate<"int8:int8">(2115, "max", greatest<int64_t>),
    aggregate<"oid:oid">(2118, "max", greatest<int64_t>),
    aggregate<"float4:float4">(2119, "max", greatest<float>),
    aggregate<"float8:float8">(2120, "max", greatest<double>),
    aggregate<"date:date">(2122, "max", greatest<int32_t>),
    aggregate<"time:time">(2123, "max", greatest<int64_t>),
    aggregate<"timestamp:timestamp">(2126, "max", greatest<int64_t>),
    aggregate<"timestamptz:timestamptz">(2127, "max", greatest<int64_t>),
    aggregate<"interval:interval">(2128, "max", greatest<Interval>),
    aggregate<"text:text">(2129, "max", reduce<TextReducer<true>>),
    aggregate<"bpchar:bpchar">(2244, "max", reduce<TextReducer<true>>, {.bind = &bind_same}),
    aggregate<"numeric:numeric">(2130, "max", &NumericExtreme<true>::kTable, {.bind = &bind_same}),
};

}  // namespace

const FunctionList kExtremeAggregates = kTable;

}  // namespace mortise::sql_functions
