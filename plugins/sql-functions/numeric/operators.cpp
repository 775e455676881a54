// SPDX-License-Identifier: Apache-2.0

// + - * / % and the signs on numeric.
//
// bind settles the result's digits: sums have the larger scale and one integer digit more, products
// add digits and scales, and while that is at most 38 the loops are plain integer arithmetic that
// cannot overflow.  A constant argument in NUMERIC bytes takes part with the digits that it has.
// Beyond 38 digits, and for / and %, the result is NUMERIC bytes: computed in 128 bits where the
// operands allow, else with Decimal.

#include <algorithm>

#include "entry.hpp"
#include "failures.hpp"
#include "numeric/lists.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {
namespace {

struct Digits {
  uint32_t precision;
  uint32_t scale;
};

uint32_t count_digits(Int128 value) {
  const Int128 magnitude = value < 0 ? -value : value;
  const auto* end = std::upper_bound(kPowersOfTen.begin(), kPowersOfTen.end(), magnitude);
  return static_cast<uint32_t>(end - kPowersOfTen.begin());
}

// How many digits an argument can have; nothing when it stands for any number.
std::optional<Digits> digits_of(const mortise_bind_argument_t& argument) {
  if (argument.type.physical == MORTISE_PHYSICAL_DECIMAL64 ||
      argument.type.physical == MORTISE_PHYSICAL_DECIMAL128) {
    return Digits{argument.type.precision, argument.type.scale};
  }
  if (argument.type.physical != MORTISE_PHYSICAL_NUMERIC || argument.constant == nullptr) {
    return std::nullopt;
  }
  const auto* view = static_cast<const mortise_view_t*>(argument.constant);
  const std::optional<NumericParts> parts = read_numeric(text_of(*view));
  if (!parts || parts->scale > kDecimal128DigitsMax) return std::nullopt;
  const std::optional<Int128> value = to_int128(*parts, parts->scale);
  if (!value) return std::nullopt;
  return Digits{std::max({count_digits(*value), uint32_t{parts->scale}, 1U}), parts->scale};
}

template <bool kIsProduct>
mortise_status_t MORTISE_CALL bind_arithmetic(const mortise_bind_argument_t* arguments, uint32_t,
                                              mortise_type_t* result, void** state,
                                              mortise_error_t*) {
  *result = decimal_type(kDecimal128DigitsMax + 1, 0);
  const std::optional<Digits> a = digits_of(arguments[0]);
  const std::optional<Digits> b = digits_of(arguments[1]);
  if (a && b) {
    if (kIsProduct) {
      *result = decimal_type(a->precision + b->precision, a->scale + b->scale);
    } else {
      const uint32_t scale = std::max(a->scale, b->scale);
      const uint32_t whole = std::max(a->precision - a->scale, b->precision - b->scale);
      *result = decimal_type(whole + scale + 1, scale);
    }
  }
  *state = pack_form(*result);
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL bind_same(const mortise_bind_argument_t* arguments, uint32_t,
                                        mortise_type_t* result, void** state, mortise_error_t*) {
  const mortise_type_t& type = arguments[0].type;
  *result = decimal_type(type.physical == MORTISE_PHYSICAL_NUMERIC ? kDecimal128DigitsMax + 1
                                                                   : uint32_t{type.precision},
                         type.scale);
  *state = pack_form(*result);
  return MORTISE_OK;
}

// Operands of the integer loops: a column of decimals, or one value for all rows.
template <typename T>
struct ColumnOperand {
  const T* data;
  Int128 operator[](uint32_t row) const {
    if constexpr (sizeof(T) == 8) {
      return data[row] == kDecimal64Nan ? kDecimal128Nan : Int128{data[row]};
    } else {
      return data[row];
    }
  }
};
struct ConstantOperand {
  Int128 value;
  Int128 operator[](uint32_t) const { return value; }
};

struct AddStep {
  static constexpr bool kIsProduct = false;
  template <typename T>
  static T apply(T a, T b) {
    return a + b;
  }
};
struct SubtractStep {
  static constexpr bool kIsProduct = false;
  template <typename T>
  static T apply(T a, T b) {
    return a - b;
  }
};
struct MultiplyStep {
  static constexpr bool kIsProduct = true;
  template <typename T>
  static T apply(T a, T b) {
    return a * b;
  }
};

// Calls use(operand) with the argument as an operand of the integer loops.
template <typename Use>
Status with_operand(const Call& call, uint32_t index, Use&& use) {
  const NumericColumn column(call, index);
  if (is_constant(call.column(index)) || column.is_bytes()) {
    const std::optional<SmallDecimal> value = column.small(0);
    return use(ConstantOperand{value ? value->value : kDecimal128Nan},
               value ? value->scale : column.scale());
  }
  if (column.physical() == MORTISE_PHYSICAL_DECIMAL64) {
    return use(ColumnOperand<int64_t>{static_cast<const int64_t*>(call.column(index).data)},
               column.scale());
  }
  return use(ColumnOperand<Int128>{static_cast<const Int128*>(call.column(index).data)},
             column.scale());
}

template <typename Step, typename Out>
Status run_decimal(Call& call, uint32_t scale) {
  return with_operand(call, 0, [&](auto a, uint32_t a_scale) {
    return with_operand(call, 1, [&](auto b, uint32_t b_scale) {
      const auto a_power = static_cast<Out>(Step::kIsProduct ? 1 : kPowersOfTen[scale - a_scale]);
      const auto b_power = static_cast<Out>(Step::kIsProduct ? 1 : kPowersOfTen[scale - b_scale]);
      constexpr Out kNan =
          static_cast<Out>(~std::conditional_t<sizeof(Out) == 8, uint64_t, Uint128>{0} >> 1);
      auto* out = call.data<Out>();
      return call.each([&](uint32_t row) {
        const Int128 x = a[row];
        const Int128 y = b[row];
        const bool is_nan = (x == kDecimal128Nan) | (y == kDecimal128Nan);
        const Out value = Step::apply(static_cast<Out>(static_cast<Out>(x) * a_power),
                                      static_cast<Out>(static_cast<Out>(y) * b_power));
        out[row] = is_nan ? kNan : value;
      });
    });
  });
}

// Both columns DECIMAL64 of the result's scale: the loop that vectorises.
template <typename Step>
Status run_aligned(Call& call) {
  const auto* a = static_cast<const int64_t*>(call.column(0).data);
  const auto* b = static_cast<const int64_t*>(call.column(1).data);
  auto* out = call.data<int64_t>();
  const uint32_t count = call.rows_count();
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_nan = (a[i] == kDecimal64Nan) | (b[i] == kDecimal64Nan);
    const auto value =
        static_cast<int64_t>(Step::apply(static_cast<uint64_t>(a[i]), static_cast<uint64_t>(b[i])));
    out[i] = is_nan ? kDecimal64Nan : value;
  }
  return {};
}

bool is_aligned(const Call& call, uint32_t scale) {
  for (uint32_t i = 0; i < 2; ++i) {
    if (is_constant(call.column(i)) || call.type(i).scale != scale ||
        call.type(i).physical != MORTISE_PHYSICAL_DECIMAL64) {
      return false;
    }
  }
  return call.is_dense();
}

// The sum or product in 128 bits; nothing when it might not fit.
template <typename Step>
std::optional<SmallDecimal> small_result(SmallDecimal a, SmallDecimal b) {
  Int128 value;
  if constexpr (Step::kIsProduct) {
    if (__builtin_mul_overflow(a.value, b.value, &value)) return std::nullopt;
    if (value == kDecimal128Nan) return std::nullopt;
    return SmallDecimal{value, a.scale + b.scale};
  } else {
    const uint32_t scale = std::max(a.scale, b.scale);
    if (__builtin_mul_overflow(a.value, kPowersOfTen[scale - a.scale], &a.value)) {
      return std::nullopt;
    }
    if (__builtin_mul_overflow(b.value, kPowersOfTen[scale - b.scale], &b.value)) {
      return std::nullopt;
    }
    constexpr Int128 kHalf = kDecimal128Nan / 2;
    if (a.value > kHalf || a.value < -kHalf || b.value > kHalf || b.value < -kHalf) {
      return std::nullopt;
    }
    return SmallDecimal{Step::apply(a.value, b.value), scale};
  }
}

template <typename Step>
Decimal big_result(const Decimal& a, const Decimal& b) {
  if constexpr (std::is_same_v<Step, AddStep>) return add(a, b);
  if constexpr (std::is_same_v<Step, SubtractStep>) return subtract(a, b);
  if constexpr (std::is_same_v<Step, MultiplyStep>) return multiply(a, b);
}

template <typename Step>
Status arithmetic(Call& call) {
  const mortise_type_t form = form_of(call.state());
  if (form.physical == MORTISE_PHYSICAL_DECIMAL64) {
    if (!Step::kIsProduct && is_aligned(call, form.scale)) return run_aligned<Step>(call);
    return run_decimal<Step, int64_t>(call, form.scale);
  }
  if (form.physical == MORTISE_PHYSICAL_DECIMAL128) {
    return run_decimal<Step, Int128>(call, form.scale);
  }
  const NumericColumn a(call, 0);
  const NumericColumn b(call, 1);
  return call.each([&](uint32_t row) -> Status {
    const std::optional<SmallDecimal> x = a.small(row);
    const std::optional<SmallDecimal> y = b.small(row);
    if (x && y) {
      if (const auto value = small_result<Step>(*x, *y)) {
        return emit_numeric(call, row, value->value, value->scale);
      }
    }
    return emit_numeric(call, row, big_result<Step>(a.big(row), b.big(row)));
  });
}

// Weight and value of the first base-10,000 digit of a small number that is not zero.
void first_group(SmallDecimal a, int32_t* weight, int32_t* digit) {
  *weight = 0;
  *digit = 0;
  if (a.value == 0) return;
  const Int128 magnitude = a.value < 0 ? -a.value : a.value;
  const auto exponent =
      static_cast<int32_t>(count_digits(magnitude)) - 1 - static_cast<int32_t>(a.scale);
  *weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int32_t drop = static_cast<int32_t>(a.scale) + *weight * 4;
  *digit = static_cast<int32_t>(drop >= 0 ? magnitude / kPowersOfTen[static_cast<size_t>(drop)]
                                          : magnitude * kPowersOfTen[static_cast<size_t>(-drop)]);
}

std::optional<SmallDecimal> small_quotient(SmallDecimal a, SmallDecimal b) {
  int32_t weight_a;
  int32_t weight_b;
  int32_t digit_a;
  int32_t digit_b;
  first_group(a, &weight_a, &digit_a);
  first_group(b, &weight_b, &digit_b);
  const int32_t weight = weight_a - weight_b - (digit_a <= digit_b ? 1 : 0);
  const auto a_scale = static_cast<int32_t>(a.scale);
  const auto b_scale = static_cast<int32_t>(b.scale);
  const int32_t scale = std::min(
      std::max({kSignificantDigitsMin - weight * 4, a_scale, b_scale, 0}), kDisplayScaleMax);
  const int32_t shift = scale - a_scale + b_scale;
  if (shift < 0 || shift > 38 || scale > 38) return std::nullopt;
  Int128 dividend;
  if (__builtin_mul_overflow(a.value, kPowersOfTen[static_cast<size_t>(shift)], &dividend)) {
    return std::nullopt;
  }
  Int128 quotient = dividend / b.value;
  const Int128 rest = dividend % b.value;
  const Int128 half_up = (rest < 0 ? -rest : rest);
  const Int128 divisor = b.value < 0 ? -b.value : b.value;
  if (half_up >= divisor - half_up) quotient += (a.value < 0) != (b.value < 0) ? -1 : 1;
  return SmallDecimal{quotient, static_cast<uint32_t>(scale)};
}

Status divide_rows(Call& call) {
  const NumericColumn a(call, 0);
  const NumericColumn b(call, 1);
  return call.each([&](uint32_t row) -> Status {
    const std::optional<SmallDecimal> x = a.small(row);
    const std::optional<SmallDecimal> y = b.small(row);
    if (x && y) {
      if (y->value == 0) return division_by_zero();
      if (const auto value = small_quotient(*x, *y)) {
        return emit_numeric(call, row, value->value, value->scale);
      }
    }
    MORTISE_TRY_ASSIGN(const Decimal value, divide(a.big(row), b.big(row)));
    return emit_numeric(call, row, value);
  });
}

Decimal plus(Decimal a) {
  return a;
}

constexpr mortise_function_t kTable[] = {
    scalar<"numeric,numeric:numeric">(
        1724, "numeric_add", &batch<&arithmetic<AddStep>>,
        {.symbol = "+", .commutator = "+", .bind = &bind_arithmetic<false>}),
    scalar<"numeric,numeric:numeric">(1725, "numeric_sub", &batch<&arithmetic<SubtractStep>>,
                                      {.symbol = "-", .bind = &bind_arithmetic<false>}),
    scalar<"numeric,numeric:numeric">(
        1726, "numeric_mul", &batch<&arithmetic<MultiplyStep>>,
        {.symbol = "*", .commutator = "*", .bind = &bind_arithmetic<true>}),
    scalar<"numeric,numeric:numeric">(1727, "numeric_div", &batch<&divide_rows>, {.symbol = "/"}),
    scalar<"numeric,numeric:numeric">(1729, "numeric_mod", row<&modulo>, {.symbol = "%"}),
    scalar<"numeric,numeric:numeric">(1728, "mod", row<&modulo>),
    scalar<"numeric,numeric:numeric">(1973, "div", row<&divide_whole>),
    scalar<"numeric:numeric">(1771, "numeric_uminus", row<&negate>,
                              {.symbol = "-", .bind = &bind_same}),
    scalar<"numeric:numeric">(1915, "numeric_uplus", row<&plus>,
                              {.symbol = "+", .bind = &bind_same}),
    scalar<"numeric:numeric">(1704, "numeric_abs", row<&absolute>,
                              {.symbol = "@", .bind = &bind_same}),
    scalar<"numeric:numeric">(1705, "abs", row<&absolute>, {.bind = &bind_same}),
};

}  // namespace

const FunctionList kNumericOperators = kTable;

}  // namespace mortise::sql_functions
