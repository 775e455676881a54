// SPDX-License-Identifier: Apache-2.0

// How large an array is, and where it begins and ends.

#include "array/element.hpp"
#include "array/lists.hpp"

namespace mortise::sql_functions {
namespace {

using Number = Result<std::optional<int32_t>>;

template <typename Measure>
Number of_dimension(std::string_view value, int32_t dimension, Measure measure) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  const auto dimensions = array.dimensions();
  if (dimension < 1 || static_cast<size_t>(dimension) > dimensions.size()) {
    return std::optional<int32_t>();
  }
  return std::optional<int32_t>(measure(dimensions[static_cast<size_t>(dimension) - 1]));
}

Number length(std::string_view value, int32_t dimension) {
  return of_dimension(value, dimension, [](const ArrayDimension& d) { return d.length; });
}
Number lower(std::string_view value, int32_t dimension) {
  return of_dimension(value, dimension, [](const ArrayDimension& d) { return d.lower; });
}
Number upper(std::string_view value, int32_t dimension) {
  return of_dimension(value, dimension,
                      [](const ArrayDimension& d) { return d.lower + d.length - 1; });
}

Number dimensions_count(std::string_view value) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  if (array.count() == 0) return std::optional<int32_t>();
  return std::optional<int32_t>(static_cast<int32_t>(array.dimensions().size()));
}

Result<std::optional<std::string>> dimensions_text(std::string_view value) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  if (array.count() == 0) return std::optional<std::string>();
  std::string out;
  append_array_bounds(array.dimensions(), out);
  return std::optional<std::string>(std::move(out));
}

Result<int32_t> cardinality(std::string_view value) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  return static_cast<int32_t>(array.count());
}

constexpr mortise_function_t kTable[] = {
    scalar<"anyarray,int4:int4">(2176, "array_length", row<&length>),
    scalar<"anyarray,int4:int4">(2091, "array_lower", row<&lower>),
    scalar<"anyarray,int4:int4">(2092, "array_upper", row<&upper>),
    scalar<"anyarray:int4">(748, "array_ndims", row<&dimensions_count>),
    scalar<"anyarray:text">(747, "array_dims", row<&dimensions_text>),
    scalar<"anyarray:int4">(3179, "cardinality", row<&cardinality>),
};

}  // namespace

const FunctionList kArrayMeasures = kTable;

}  // namespace mortise::sql_functions
