// SPDX-License-Identifier: Apache-2.0

// array_position, array_positions, and width_bucket over thresholds.
//
// Null is found where the array has a null.

#include "array/element.hpp"
#include "array/lists.hpp"

namespace mortise::sql_functions {
namespace {

// Opens an array to search in; nothing when there is nothing to find.
Result<std::optional<ArrayView>> searched(const ArrayArgument& arrays, uint32_t row) {
  if (!arrays.is_valid(row)) return std::optional<ArrayView>();
  MORTISE_TRY_ASSIGN(const ArrayView array, arrays[row]);
  if (array.dimensions().size() > 1) {
    return unsupported("searching for elements in multidimensional arrays is not supported");
  }
  return std::optional<ArrayView>(array);
}

// Calls found(subscript) for every match until it says false.
template <typename Found>
void find_all(const ArrayView& array, std::string_view bytes, const ElementArgument& wanted,
              uint32_t row, Found&& found) {
  const bool is_null = !wanted.is_valid(row);
  std::string key;
  if (!is_null) wanted.append_key(row, key);
  KeyElements keys(bytes, array);
  int32_t at = array.count() == 0 ? 0 : array.dimensions()[0].lower;
  for (; keys.has_next(); ++at) {
    const std::optional<std::string_view> element = keys.next();
    if (element ? !is_null && *element == key : is_null) {
      if (!found(at)) return;
    }
  }
}

Status position(Call& call) {
  const ArrayArgument arrays(call, 0);
  const ElementArgument wanted(call, 1);
  const bool has_start = call.arguments().columns_count > 2;
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(const std::optional<ArrayView> array, searched(arrays, row));
    call.set_null(row);
    if (!array || array->count() == 0) return {};
    if (!wanted.is_valid(row) && !array->has_nulls()) return {};
    int32_t start = std::numeric_limits<int32_t>::min();
    if (has_start) {
      const Values<int32_t> starts(call.column(2));
      if (!starts.is_valid(row)) return null_not_allowed("initial position must not be null");
      start = starts[row];
    }
    find_all(*array, arrays.bytes(row), wanted, row, [&](int32_t at) {
      if (at < start) return true;
      set_bit(call.out().validity, row);
      call.data<int32_t>()[row] = at;
      return false;
    });
    return {};
  });
}

Status positions(Call& call) {
  const ArrayArgument arrays(call, 0);
  const ElementArgument wanted(call, 1);
  ArrayBuilder builder(MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32);
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(const std::optional<ArrayView> array, searched(arrays, row));
    if (!array) {
      call.set_null(row);
      return {};
    }
    find_all(*array, arrays.bytes(row), wanted, row, [&](int32_t at) {
      const int32_t place[4] = {at};
      builder.add({nullptr, place, 0, 0}, 0);
      return true;
    });
    return call.set_copy(row, builder.finish());
  });
}

// How many thresholds, which ascend, are not above the value.
Status bucket(Call& call) {
  const ElementArgument values(call, 0);
  const ArrayArgument arrays(call, 1);
  std::string key;
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(const ArrayView array, arrays[row]);
    if (array.dimensions().size() > 1) {
      return wrong_subscripts("thresholds must be one-dimensional array");
    }
    if (array.has_nulls()) return null_not_allowed("thresholds array must not contain NULLs");
    key.clear();
    values.append_key(row, key);
    const auto thresholds = key_elements(arrays.bytes(row), array);
    const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), std::string_view(key),
                                        [](std::string_view a, const auto& b) { return a < *b; });
    call.data<int32_t>()[row] = static_cast<int32_t>(above - thresholds.begin());
    return {};
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"anycompatiblearray,anycompatible:int4">(3277, "array_position", batch<&position>,
                                                    {.is_strict = false}),
    scalar<"anycompatiblearray,anycompatible,int4:int4">(3278, "array_position", batch<&position>,
                                                         {.is_strict = false}),
    scalar<"anycompatiblearray,anycompatible:_int4">(3279, "array_positions", batch<&positions>,
                                                     {.is_strict = false}),
    scalar<"anycompatible,anycompatiblearray:int4">(3218, "width_bucket", batch<&bucket>),
};

}  // namespace

const FunctionList kArraySearches = kTable;

}  // namespace mortise::sql_functions
