// SPDX-License-Identifier: Apache-2.0

// array_append, array_prepend, array_cat and the operator ||.
//
// A null array counts as an empty one.  What is added to an array of one more dimension becomes a
// new element of the outer dimension.

#include "array/element.hpp"
#include "array/lists.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

void add_all(const ArrayView& array, ArrayBuilder& builder) {
  for (uint32_t i = 0; i < array.count(); ++i) builder.add(array, i);
}

// Adds the element of argument `1 - array_index`, before or behind the array's.
template <uint32_t kArrayIndex>
Status add_element(Call& call) {
  constexpr bool kAppends = kArrayIndex == 0;
  const ArrayArgument arrays(call, kArrayIndex);
  const ElementArgument elements(call, 1 - kArrayIndex);
  ArrayBuilder builder(elements.type().sql_type, elements.type().physical);
  return call.each([&](uint32_t row) -> Status {
    std::optional<ArrayView> array;
    ArrayDimension dimension{0, 1};
    if (arrays.is_valid(row)) {
      MORTISE_TRY_ASSIGN(array, arrays[row]);
      if (array->dimensions().size() > 1) {
        return {Code::invalid, "22000", "argument must be empty or one-dimensional array"};
      }
      if (array->count() > 0) dimension = array->dimensions()[0];
    }
    constexpr int32_t kLowest = std::numeric_limits<int32_t>::min();
    if (!kAppends && dimension.length > 0 && dimension.lower == kLowest) {
      return out_of_range("integer");
    }
    if (!kAppends) elements.add(row, builder);
    if (array) add_all(*array, builder);
    if (kAppends) elements.add(row, builder);
    ++dimension.length;
    MORTISE_TRY(count_array_elements({&dimension, 1}));
    return call.set_copy(row, builder.finish({&dimension, 1}));
  });
}

Status do_not_fit(std::string detail) {
  return wrong_subscripts("cannot concatenate incompatible arrays", std::move(detail));
}

// Dimensions of one array behind the other, neither of them empty.
Result<ArrayShape> joined_shape(const ArrayView& a, const ArrayView& b) {
  const auto left = a.dimensions();
  const auto right = b.dimensions();
  const bool is_left_outer = left.size() >= right.size();
  const auto outer = is_left_outer ? left : right;
  const auto inner = is_left_outer ? right : left;
  if (outer.size() - inner.size() > 1) {
    return do_not_fit("Arrays of " + std::to_string(left.size()) + " and " +
                      std::to_string(right.size()) +
                      " dimensions are not compatible for concatenation.");
  }
  const bool is_same_depth = outer.size() == inner.size();
  ArrayShape shape;
  shape.dimensions_count = static_cast<uint8_t>(outer.size());
  std::copy(outer.begin(), outer.end(), shape.dimensions);
  const bool fits = std::equal(outer.begin() + 1, outer.end(),
                               inner.begin() + (is_same_depth ? 1 : 0), inner.end());
  if (!fits) {
    return do_not_fit(std::string("Arrays with differing ") + (is_same_depth ? "element " : "") +
                      "dimensions are not compatible for concatenation.");
  }
  shape.dimensions[0].length += is_same_depth ? inner[0].length : 1;
  MORTISE_TRY(count_array_elements(shape.span()));
  return shape;
}

Status concatenate(Call& call) {
  const ArrayArgument left(call, 0);
  const ArrayArgument right(call, 1);
  return call.each([&](uint32_t row) -> Status {
    if (!left.is_valid(row) && !right.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    if (!left.is_valid(row)) return call.set_copy(row, right.bytes(row));
    if (!right.is_valid(row)) return call.set_copy(row, left.bytes(row));
    MORTISE_TRY_ASSIGN(const ArrayView a, left[row]);
    MORTISE_TRY_ASSIGN(const ArrayView b, right[row]);
    if (b.count() == 0) return call.set_copy(row, left.bytes(row));
    if (a.count() == 0) return call.set_copy(row, right.bytes(row));
    MORTISE_TRY_ASSIGN(const ArrayShape shape, joined_shape(a, b));
    ArrayBuilder builder(a.element_sql_type(), a.element_physical());
    add_all(a, builder);
    add_all(b, builder);
    return call.set_copy(row, builder.finish(shape.span()));
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"anycompatiblearray,anycompatible:anycompatiblearray">(
        378, "array_append", batch<&add_element<0>>, {.symbol = "||", .is_strict = false}),
    scalar<"anycompatible,anycompatiblearray:anycompatiblearray">(
        379, "array_prepend", batch<&add_element<1>>, {.symbol = "||", .is_strict = false}),
    scalar<"anycompatiblearray,anycompatiblearray:anycompatiblearray">(
        383, "array_cat", batch<&concatenate>, {.symbol = "||", .is_strict = false}),
};

}  // namespace

const FunctionList kArrayConcatenation = kTable;

}  // namespace mortise::sql_functions
