// SPDX-License-Identifier: Apache-2.0

// array_remove, array_replace, trim_array and array_fill.

#include "array/element.hpp"
#include "array/lists.hpp"

namespace mortise::sql_functions {
namespace {

// Compares elements of an array with one value; null is equal to null.
class Search {
 public:
  Search(const ElementArgument& wanted, uint32_t row) : is_null_(!wanted.is_valid(row)) {
    if (!is_null_) wanted.append_key(row, key_);
  }
  bool finds(const std::optional<std::string_view>& element) const {
    return element ? !is_null_ && *element == key_ : is_null_;
  }

 private:
  bool is_null_;
  std::string key_;
};

Status remove(Call& call) {
  const ArrayArgument arrays(call, 0);
  const ElementArgument wanted(call, 1);
  return call.each([&](uint32_t row) -> Status {
    if (!arrays.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    MORTISE_TRY_ASSIGN(const ArrayView array, arrays[row]);
    if (array.dimensions().size() > 1) {
      return unsupported("removing elements from multidimensional arrays is not supported");
    }
    const Search search(wanted, row);
    ArrayBuilder builder(array.element_sql_type(), array.element_physical());
    KeyElements keys(arrays.bytes(row), array);
    for (uint32_t i = 0; keys.has_next(); ++i) {
      if (!search.finds(keys.next())) builder.add(array, i);
    }
    ArrayDimension dimension = array.count() == 0 ? ArrayDimension{} : array.dimensions()[0];
    dimension.length = static_cast<int32_t>(builder.count());
    return call.set_copy(row, builder.finish({&dimension, 1}));
  });
}

Status replace(Call& call) {
  const ArrayArgument arrays(call, 0);
  const ElementArgument wanted(call, 1);
  const ElementArgument fresh(call, 2);
  return call.each([&](uint32_t row) -> Status {
    if (!arrays.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    MORTISE_TRY_ASSIGN(const ArrayView array, arrays[row]);
    const Search search(wanted, row);
    ArrayBuilder builder(array.element_sql_type(), array.element_physical());
    KeyElements keys(arrays.bytes(row), array);
    for (uint32_t i = 0; keys.has_next(); ++i) {
      if (search.finds(keys.next())) {
        fresh.add(row, builder);
      } else {
        builder.add(array, i);
      }
    }
    return call.set_copy(row, builder.finish(array.dimensions()));
  });
}

// Takes elements off the end of the first dimension; bounds begin at 1 again, as in a slice.
Result<std::string> trim(std::string_view value, int32_t count) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  const int32_t length = array.count() == 0 ? 0 : array.dimensions()[0].length;
  if (count < 0 || count > length) {
    return wrong_subscripts("number of elements to trim must be between 0 and " +
                            std::to_string(length));
  }
  ArrayShape shape;
  shape.dimensions_count = static_cast<uint8_t>(array.dimensions().size());
  for (uint8_t i = 0; i < shape.dimensions_count; ++i) {
    shape.dimensions[i] = {array.dimensions()[i].length, 1};
  }
  uint32_t kept = 0;
  if (length > 0) {
    shape.dimensions[0].length -= count;
    kept = array.count() / static_cast<uint32_t>(length) * static_cast<uint32_t>(length - count);
  }
  ArrayBuilder builder(array.element_sql_type(), array.element_physical());
  for (uint32_t i = 0; i < kept; ++i) builder.add(array, i);
  return builder.finish(shape.span());
}

// The integers of an array of one dimension.
Result<std::vector<int32_t>> bounds_of(const ArrayView& array, const char* detail) {
  if (array.dimensions().size() > 1) {
    return wrong_subscripts("wrong number of array subscripts", detail);
  }
  if (array.has_nulls()) return null_not_allowed("dimension values cannot be null");
  std::vector<int32_t> values(array.count());
  for (uint32_t i = 0; i < array.count(); ++i) {
    std::memcpy(&values[i], array.bytes(i).data(), sizeof(int32_t));
  }
  return values;
}

Result<ArrayShape> fill_shape(const ArrayView& lengths, const ArrayView* lowers) {
  MORTISE_TRY_ASSIGN(const std::vector<int32_t> length,
                     bounds_of(lengths, "Dimension array must be one dimensional."));
  ArrayShape shape;
  if (length.size() > kArrayDimensionsMax) return too_many_dimensions(length.size());
  std::vector<int32_t> lower(length.size(), 1);
  if (lowers != nullptr) {
    MORTISE_TRY_ASSIGN(lower, bounds_of(*lowers, "Dimension array must be one dimensional."));
    if (lower.size() != length.size()) {
      return wrong_subscripts("wrong number of array subscripts",
                              "Low bound array has different size than dimensions array.");
    }
  }
  shape.dimensions_count = static_cast<uint8_t>(length.size());
  for (size_t i = 0; i < length.size(); ++i) shape.dimensions[i] = {length[i], lower[i]};
  return shape;
}

Status fill(Call& call) {
  const ElementArgument values(call, 0);
  const ArrayArgument lengths(call, 1);
  const bool has_lowers = call.arguments().columns_count > 2;
  const ArrayArgument lowers(call, has_lowers ? 2 : 1);
  ArrayBuilder builder(values.type().sql_type, values.type().physical);
  return call.each([&](uint32_t row) -> Status {
    if (!lengths.is_valid(row) || !lowers.is_valid(row)) {
      return null_not_allowed("dimension array or low bound array cannot be null");
    }
    MORTISE_TRY_ASSIGN(const ArrayView length, lengths[row]);
    MORTISE_TRY_ASSIGN(const ArrayView lower, lowers[row]);
    MORTISE_TRY_ASSIGN(const ArrayShape shape, fill_shape(length, has_lowers ? &lower : nullptr));
    MORTISE_TRY_ASSIGN(const uint32_t count, count_array_elements(shape.span()));
    for (uint32_t i = 0; i < count; ++i) values.add(row, builder);
    return call.set_copy(row, builder.finish(shape.span()));
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"anycompatiblearray,anycompatible:anycompatiblearray">(
        3167, "array_remove", batch<&remove>, {.is_strict = false}),
    scalar<"anycompatiblearray,anycompatible,anycompatible:anycompatiblearray">(
        3168, "array_replace", batch<&replace>, {.is_strict = false}),
    scalar<"anyarray,int4:anyarray">(6172, "trim_array", row<&trim>),
    scalar<"anyelement,_int4:anyarray">(1193, "array_fill", batch<&fill>, {.is_strict = false}),
    scalar<"anyelement,_int4,_int4:anyarray">(1286, "array_fill", batch<&fill>,
                                              {.is_strict = false}),
};

}  // namespace

const FunctionList kArrayEdits = kTable;

}  // namespace mortise::sql_functions
