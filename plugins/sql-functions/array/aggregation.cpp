// SPDX-License-Identifier: Apache-2.0

// array_agg, and min and max of arrays.
//
// A state keeps the values one behind the other in the arena; the array is made at the end.

#include "aggregate/aggregate.hpp"
#include "array/element.hpp"
#include "array/lists.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kNullSize = ~uint32_t{0};

struct Gathered {
  ArenaBytes bytes;  // size:u32 and the bytes of each value, kNullSize for null
  uint64_t count;
  uint32_t sql_type;
  uint16_t physical;
};

Status gather(Scope& scope, Gathered& state, std::optional<std::string_view> value) {
  const uint32_t size = value ? static_cast<uint32_t>(value->size()) : kNullSize;
  ++state.count;
  MORTISE_TRY(state.bytes.append(scope, {reinterpret_cast<const char*>(&size), sizeof(size)}));
  return value ? state.bytes.append(scope, *value) : Status();
}

// Calls use(value) for every value of a state.
template <typename Use>
Status each_gathered(const Gathered& state, Use&& use) {
  std::string_view rest = state.bytes.view();
  while (!rest.empty()) {
    uint32_t size = 0;
    std::memcpy(&size, rest.data(), sizeof(size));
    rest.remove_prefix(sizeof(size));
    if (size == kNullSize) {
      MORTISE_TRY(use(std::optional<std::string_view>()));
      continue;
    }
    MORTISE_TRY(use(std::optional<std::string_view>(rest.substr(0, size))));
    rest.remove_prefix(size);
  }
  return {};
}

Status merge_gathered(Scope& scope, Gathered& into, const Gathered& from) {
  if (from.count == 0) return {};
  into.sql_type = from.sql_type;
  into.physical = from.physical;
  into.count += from.count;
  return into.bytes.append(scope, from.bytes.view());
}

// The bytes of a row as an array would store them.
std::string_view stored_bytes(const mortise_column_t& column, uint16_t physical, uint32_t row,
                              char* place) {
  if (is_view(physical)) return Strings(column)[row];
  if (physical == MORTISE_PHYSICAL_BOOL) {
    *place = Booleans(column)[row] ? 1 : 0;
    return {place, 1};
  }
  const size_t width = width_bytes(physical);
  return {static_cast<const char*>(column.data) + (is_constant(column) ? 0 : row) * width, width};
}

void add_stored(std::optional<std::string_view> value, uint16_t physical, ArrayBuilder& builder) {
  if (!value) return builder.add_null();
  alignas(16) char place[16] = {};
  if (is_view(physical)) {
    const mortise_view_t view = view_to(*value);
    std::memcpy(place, &view, sizeof(view));
  } else {
    std::memcpy(place, value->data(), std::min(value->size(), sizeof(place)));
  }
  builder.add({nullptr, place, 0, 0}, 0);
}

// array_agg of values that are no arrays.
struct ValuesReducer {
  using State = Gathered;

  template <typename Place>
  static Status walk(Call& call, Scope& scope, Place&& place) {
    const ElementArgument values(call, 0);
    const NumericColumn numbers(call, 0);
    const uint16_t physical = values.type().physical;
    const bool is_decimal = physical != call.type(0).physical;
    return call.each([&](uint32_t row) -> Status {
      Gathered& state = place(row);
      state.sql_type = values.type().sql_type;
      state.physical = physical;
      if (!values.is_valid(row)) return gather(scope, state, std::nullopt);
      char buffer[kNumericOfInt128SizeBytesMax];
      return gather(scope, state,
                    is_decimal ? numbers.bytes_of(row, buffer)
                               : stored_bytes(call.column(0), physical, row, buffer));
    });
  }
  static Status finish(Call& call, uint32_t row, const Gathered& state) {
    ArrayBuilder builder(state.sql_type, state.physical);
    MORTISE_TRY(each_gathered(state, [&](std::optional<std::string_view> value) -> Status {
      add_stored(value, state.physical, builder);
      return {};
    }));
    const ArrayDimension dimension{static_cast<int32_t>(state.count), 1};
    MORTISE_TRY(count_array_elements({&dimension, 1}));
    return call.set_copy(row, builder.finish());
  }
};

// array_agg of arrays: all of the same bounds, below a new outer dimension.  What does not fit is
// found at the end, when it is known which array was the first.
struct ArraysReducer {
  using State = Gathered;

  template <typename Place>
  static Status walk(Call& call, Scope& scope, Place&& place) {
    const ArrayArgument arrays(call, 0);
    return call.each([&](uint32_t row) -> Status {
      if (!arrays.is_valid(row)) return gather(scope, place(row), std::nullopt);
      return gather(scope, place(row), arrays.bytes(row));
    });
  }
  static Status finish(Call& call, uint32_t row, const Gathered& state) {
    std::optional<ArrayBuilder> builder;
    ArrayShape shape;
    MORTISE_TRY(each_gathered(state, [&](std::optional<std::string_view> value) -> Status {
      if (!value) return null_not_allowed("cannot accumulate null arrays");
      MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(*value));
      const auto inner = array.dimensions();
      if (!builder) {
        if (array.count() == 0) return wrong_subscripts("cannot accumulate empty arrays");
        builder.emplace(array.element_sql_type(), array.element_physical());
        if (inner.size() == kArrayDimensionsMax) return too_many_dimensions(inner.size() + 1);
        shape.dimensions_count = static_cast<uint8_t>(inner.size() + 1);
        std::copy(inner.begin(), inner.end(), shape.dimensions + 1);
      }
      const auto known = shape.span().subspan(1);
      if (!std::equal(inner.begin(), inner.end(), known.begin(), known.end())) {
        return wrong_subscripts("cannot accumulate arrays of different dimensionality");
      }
      for (uint32_t i = 0; i < array.count(); ++i) builder->add(array, i);
      return {};
    }));
    shape.dimensions[0] = {static_cast<int32_t>(state.count), 1};
    MORTISE_TRY(count_array_elements(shape.span()));
    return call.set_copy(row, builder->finish(shape.span()));
  }
};

// The entries of mortise_aggregate_t for a reducer that sees nulls.
template <typename Reducer>
struct GatherLoop {
  static Gathered& at(void* place) { return *static_cast<Gathered*>(place); }

  static mortise_status_t MORTISE_CALL update(const mortise_evaluation_t* evaluation,
                                              const void* bound,
                                              const mortise_arguments_t* arguments,
                                              void* const* states, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Call call(evaluation, bound, arguments, nullptr);
      Scope scope(evaluation, bound, arguments);
      return Reducer::walk(call, scope, [&](uint32_t row) -> Gathered& { return at(states[row]); });
    });
  }
  static mortise_status_t MORTISE_CALL merge(const mortise_evaluation_t* evaluation,
                                             const void* bound, void* const* into,
                                             void* const* from, uint32_t count,
                                             mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, nullptr);
      for (uint32_t i = 0; i < count; ++i) {
        MORTISE_TRY(merge_gathered(scope, at(into[i]), at(from[i])));
      }
      return {};
    });
  }
  static mortise_status_t MORTISE_CALL finish(const mortise_evaluation_t* evaluation,
                                              const void* bound, void* const* states,
                                              uint32_t count, mortise_column_out_t* result,
                                              mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      const mortise_arguments_t none{};
      Call call(evaluation, bound, &none, result);
      for (uint32_t i = 0; i < count; ++i) {
        if (at(states[i]).count == 0) {
          call.set_null(i);
        } else {
          MORTISE_TRY(Reducer::finish(call, i, at(states[i])));
        }
      }
      return {};
    });
  }
  static constexpr mortise_aggregate_t kTable = {sizeof(mortise_aggregate_t),
                                                 (sizeof(Gathered) + 15) / 16 * 16,
                                                 &update,
                                                 nullptr,
                                                 &merge,
                                                 &finish};
};

template <bool kIsMax>
struct ArrayExtreme {
  using Inputs = sql_functions::Inputs<std::string_view>;
  struct State {
    ArenaBytes bytes;
    uint64_t has_value;
  };
  static std::string_view key_of(std::string_view value) {
    return value.substr(0, ordered_key_bytes(value));
  }
  static Status add(Scope& scope, State& state, std::string_view value) {
    if (state.has_value != 0) {
      const int order = key_of(value).compare(key_of(state.bytes.view()));
      if (kIsMax ? order <= 0 : order >= 0) return {};
    }
    state.has_value = 1;
    return state.bytes.assign(scope, value);
  }
  static Status merge(Scope& scope, State& into, const State& from) {
    return from.has_value == 0 ? Status() : add(scope, into, from.bytes.view());
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value != 0) return call.set_copy(row, state.bytes.view());
    call.set_null(row);
    return {};
  }
};

constexpr mortise_function_t kTable[] = {
    aggregate<"anynonarray:anyarray">(2335, "array_agg", &GatherLoop<ValuesReducer>::kTable,
                                      {.is_strict = false}),
    aggregate<"anyarray:anyarray">(4053, "array_agg", &GatherLoop<ArraysReducer>::kTable,
                                   {.is_strict = false}),
    aggregate<"anyarray:anyarray">(2050, "max", reduce<ArrayExtreme<true>>),
    aggregate<"anyarray:anyarray">(2051, "min", reduce<ArrayExtreme<false>>),
};

}  // namespace

const FunctionList kArrayAggregates = kTable;

}  // namespace mortise::sql_functions
