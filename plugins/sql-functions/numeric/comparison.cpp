// SPDX-License-Identifier: Apache-2.0

// The comparisons of numeric, across its three forms.
//
// Two DECIMAL64 columns of one scale compare as integers, NaN being the greatest; a constant is
// brought to the other column's scale once when that is exact.  NUMERIC bytes compare by memcmp.

#include "entry.hpp"
#include "numeric/lists.hpp"
#include "numeric/value_column.hpp"
#include "relation.hpp"

namespace mortise::sql_functions {
namespace {

// The constant argument `index` at `scale` as a 64-bit integer, when it is one.
std::optional<int64_t> constant_at(const Call& call, uint32_t index, uint32_t scale) {
  if (!is_constant(call.column(index))) return std::nullopt;
  const std::optional<SmallDecimal> value = NumericColumn(call, index).small(0);
  if (!value) return std::nullopt;
  Int128 scaled = value->value;
  if (value->scale <= scale) {
    if (__builtin_mul_overflow(scaled, kPowersOfTen[scale - value->scale], &scaled)) {
      return std::nullopt;
    }
  } else {
    const Int128 power = kPowersOfTen[value->scale - scale];
    if (scaled % power != 0) return std::nullopt;
    scaled /= power;
  }
  if (scaled >= kDecimal64Nan || scaled <= -kDecimal64Nan) return std::nullopt;
  return static_cast<int64_t>(scaled);
}

bool is_decimal64(const Call& call, uint32_t index) {
  return call.type(index).physical == MORTISE_PHYSICAL_DECIMAL64;
}

template <Relation R>
Status compare_general(Call& call) {
  const NumericColumn a(call, 0);
  const NumericColumn b(call, 1);
  auto* words = call.data<uint64_t>();
  if (!a.is_bytes() && !b.is_bytes()) {
    return call.each([&](uint32_t row) {
      const std::optional<SmallDecimal> x = a.small(row);
      const std::optional<SmallDecimal> y = b.small(row);
      const int order = compare_decimal(x ? x->value : kDecimal128Nan, a.scale(),
                                        y ? y->value : kDecimal128Nan, b.scale());
      assign_bit(words, row, holds_of_order<R>(order));
    });
  }
  return call.each([&](uint32_t row) {
    char a_buffer[kNumericOfInt128SizeBytesMax];
    char b_buffer[kNumericOfInt128SizeBytesMax];
    const int order = compare_numeric(a.bytes_of(row, a_buffer), b.bytes_of(row, b_buffer));
    assign_bit(words, row, holds_of_order<R>(order));
  });
}

template <Relation R>
Status compare_numerics(Call& call) {
  const auto* a = static_cast<const int64_t*>(call.column(0).data);
  const auto* b = static_cast<const int64_t*>(call.column(1).data);
  if (is_decimal64(call, 0) && !is_constant(call.column(0))) {
    if (const std::optional<int64_t> value = constant_at(call, 1, call.type(0).scale)) {
      return fill_predicate(call, [&](uint32_t i) { return holds<R>(a[i], *value); });
    }
    if (is_decimal64(call, 1) && !is_constant(call.column(1)) &&
        call.type(0).scale == call.type(1).scale) {
      return fill_predicate(call, [&](uint32_t i) { return holds<R>(a[i], b[i]); });
    }
  }
  if (is_decimal64(call, 1) && !is_constant(call.column(1))) {
    if (const std::optional<int64_t> value = constant_at(call, 0, call.type(1).scale)) {
      return fill_predicate(call, [&](uint32_t i) { return holds<R>(*value, b[i]); });
    }
  }
  return compare_general<R>(call);
}

constexpr mortise_function_t kTable[] = {
    scalar<"numeric,numeric:bool">(
        1718, "numeric_eq", &batch<&compare_numerics<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"numeric,numeric:bool">(
        1719, "numeric_ne", &batch<&compare_numerics<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"numeric,numeric:bool">(
        1722, "numeric_lt", &batch<&compare_numerics<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"numeric,numeric:bool">(
        1723, "numeric_le", &batch<&compare_numerics<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"numeric,numeric:bool">(
        1720, "numeric_gt", &batch<&compare_numerics<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"numeric,numeric:bool">(
        1721, "numeric_ge", &batch<&compare_numerics<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
};

}  // namespace

const FunctionList kNumericComparisons = kTable;

}  // namespace mortise::sql_functions
