// SPDX-License-Identifier: Apache-2.0

// unnest and generate_subscripts.

#include "array/element.hpp"
#include "array/lists.hpp"
#include "table/cursor.hpp"

namespace mortise::sql_functions {
namespace {

// Every element, row-major.  The argument lives no longer than `open`, so its bytes are kept.
struct Elements {
  std::unique_ptr<const std::string> value;  // the view points into it
  ArrayView array;
  uint32_t next = 0;

  static Result<Elements> open(Call& call) {
    Elements elements;
    const ArrayArgument arrays(call, 0);
    if (!arrays.is_valid(0)) return elements;
    elements.value = std::make_unique<const std::string>(arrays.bytes(0));
    MORTISE_TRY_ASSIGN(elements.array, ArrayView::open(*elements.value));
    return elements;
  }
  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    uint32_t count = 0;
    for (; count < rows_max && next < array.count(); ++count, ++next) {
      if (array.is_null(next)) {
        out.set_null(count);
      } else if (is_view(array.element_physical())) {
        MORTISE_TRY(out.set_copy(count, array.bytes(next)));
      } else {
        array.read(next, out.out(), count);
      }
    }
    return count;
  }
  mortise_type_t type() const {
    return {array.element_sql_type(), -1, array.element_physical(), 0, 0, 0};
  }
};

struct Subscripts {
  int64_t next = 0;
  int64_t end = 0;  // past the last
  int64_t step = 1;

  static Result<Subscripts> open(Call& call) {
    Subscripts subscripts;
    const ArrayArgument arrays(call, 0);
    const Values<int32_t> numbers(call.column(1));
    const bool has_direction = call.arguments().columns_count > 2;
    if (!arrays.is_valid(0) || !numbers.is_valid(0)) return subscripts;
    if (has_direction && !Booleans(call.column(2)).is_valid(0)) return subscripts;
    MORTISE_TRY_ASSIGN(const ArrayView array, arrays[0]);
    const int32_t number = numbers[0];
    if (number < 1 || static_cast<size_t>(number) > array.dimensions().size()) return subscripts;
    const ArrayDimension& dimension = array.dimensions()[static_cast<size_t>(number) - 1];
    subscripts.next = dimension.lower;
    subscripts.end = int64_t{dimension.lower} + dimension.length;
    if (has_direction && Booleans(call.column(2))[0]) {
      std::swap(subscripts.next, subscripts.end);
      --subscripts.next;
      --subscripts.end;
      subscripts.step = -1;
    }
    return subscripts;
  }
  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    auto* data = out.data<int32_t>();
    uint32_t count = 0;
    for (; count < rows_max && next != end; ++count, next += step) {
      data[count] = static_cast<int32_t>(next);
    }
    return count;
  }
  mortise_type_t type() const { return {MORTISE_SQL_INT4, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0}; }
};

constexpr const auto* kElements = set_of<Elements, "unnest", MORTISE_SQL_ANYELEMENT>;
constexpr const auto* kSubscripts = set_of<Subscripts, "generate_subscripts", MORTISE_SQL_INT4>;

constexpr mortise_function_t kEntries[] = {
    table<"anyarray:anyelement">(2331, "unnest", kElements),
    table<"anyarray,int4:int4">(1192, "generate_subscripts", kSubscripts),
    table<"anyarray,int4,bool:int4">(1191, "generate_subscripts", kSubscripts),
};

}  // namespace

const FunctionList kArraySets = kEntries;

}  // namespace mortise::sql_functions
