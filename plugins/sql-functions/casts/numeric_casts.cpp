// SPDX-License-Identifier: Apache-2.0

// Casts to and from numeric, and from one of its forms to another.
//
// An integer becomes a decimal with the digits that its type, or the constant, can have; a cast to
// numeric(p,s) rounds and checks.  Floats give the digits that they print with (15 or 6), as in
// PostgreSQL.

#include <cmath>
#include <cstdio>
#include <limits>

#include "casts/lists.hpp"
#include "failures.hpp"
#include "numeric/text.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
constexpr const char* kName = sizeof(T) == 2 ? "smallint" : (sizeof(T) == 4 ? "integer" : "bigint");

template <typename T>
mortise_status_t MORTISE_CALL bind_from_integer(const mortise_bind_argument_t* arguments, uint32_t,
                                                mortise_type_t* result, void** state,
                                                mortise_error_t*) {
  if (result->modifier >= 0) {
    *result = numeric_type_of(result->modifier);
  } else {
    uint32_t digits = std::numeric_limits<T>::digits10 + 1;
    if (arguments[0].constant != nullptr) {
      const Int128 value = *static_cast<const T*>(arguments[0].constant);
      const Int128 magnitude = value < 0 ? -value : value;
      for (digits = 1; magnitude >= kPowersOfTen[digits];) ++digits;
    }
    *result = decimal_type(digits, 0);
  }
  *state = pack_form(*result);
  return MORTISE_OK;
}

template <typename T>
Status from_integer(Call& call) {
  const mortise_type_t form = form_of(call.state());
  const Values<T> in(call.column(0));
  if (form.physical == MORTISE_PHYSICAL_DECIMAL64 && form.modifier < 0) {
    auto* out = call.data<int64_t>();
    return call.each([&](uint32_t row) { out[row] = in[row]; });
  }
  return call.each([&](uint32_t row) -> Status {
    const SmallDecimal value{in[row], 0};
    if (form.physical != MORTISE_PHYSICAL_NUMERIC) return emit_as(call, row, form, value);
    return emit_fitted(call, row, form, Decimal::of(value.value));
  });
}

mortise_status_t MORTISE_CALL bind_fitted(const mortise_bind_argument_t*, uint32_t,
                                          mortise_type_t* result, void** state, mortise_error_t*) {
  // Whoever asks for a form without a modifier gets that form (one numeric form to another).
  if (result->modifier >= 0 || result->physical == MORTISE_PHYSICAL_NONE) {
    *result = numeric_type_of(result->modifier);
  }
  *state = pack_form(*result);
  return MORTISE_OK;
}

Status from_numeric(Call& call) {
  const mortise_type_t form = form_of(call.state());
  const NumericColumn in(call, 0);
  const bool is_free = form.physical == MORTISE_PHYSICAL_NUMERIC && form.modifier < 0;
  return call.each([&](uint32_t row) -> Status {
    if (is_free) {
      char buffer[kNumericOfInt128SizeBytesMax];
      return call.set_copy(row, in.bytes_of(row, buffer));
    }
    if (form.physical != MORTISE_PHYSICAL_NUMERIC) {
      if (const std::optional<SmallDecimal> value = in.small(row)) {
        return emit_as(call, row, form, *value);
      }
    }
    return emit_fitted(call, row, form, in.big(row));
  });
}

template <typename T>
Status from_float(Call& call) {
  const mortise_type_t form = form_of(call.state());
  const Values<T> in(call.column(0));
  return call.each([&](uint32_t row) -> Status {
    const T value = in[row];
    if (std::isnan(value)) {
      return emit_fitted(call, row, form, Decimal::of_kind(Decimal::Kind::nan));
    }
    if (std::isinf(value)) {
      return emit_fitted(call, row, form,
                         Decimal::of_kind(value > 0 ? Decimal::Kind::positive_infinity
                                                    : Decimal::Kind::negative_infinity));
    }
    char text[64];
    const int size = std::snprintf(text, sizeof(text), "%.*g", std::numeric_limits<T>::digits10,
                                   static_cast<double>(value));
    MORTISE_TRY_ASSIGN(const Decimal decimal, parse_numeric({text, static_cast<size_t>(size)}));
    return emit_fitted(call, row, form, decimal);
  });
}

template <typename T>
Result<T> to_integer(const Decimal& v) {
  if (!v.is_finite()) {
    return unsupported(std::string("cannot convert ") + (v.is_nan() ? "NaN" : "infinity") + " to " +
                       kName<T>);
  }
  const std::optional<int64_t> value = v.to_int64();
  if (!value || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) {
    return out_of_range(kName<T>);
  }
  return static_cast<T>(*value);
}

Result<double> to_double(const Decimal& v) {
  const double value = v.to_double();
  if (v.is_finite() && std::isinf(value)) {
    return Status(Code::invalid, "22003",
                  "\"" + v.text() + "\" is out of range for type double precision");
  }
  return value;
}
Result<float> to_float(const Decimal& v) {
  const double wide = v.to_double();
  const auto value = static_cast<float>(wide);
  if (v.is_finite() && (std::isinf(value) || (value == 0 && v.sign() != 0))) {
    return Status(Code::invalid, "22003", "\"" + v.text() + "\" is out of range for type real");
  }
  return value;
}

constexpr mortise_cast_t kTable[] = {
    cast<"int2:numeric">(MORTISE_CAST_IMPLICIT, &batch<&from_integer<int16_t>>,
                         &bind_from_integer<int16_t>),
    cast<"int4:numeric">(MORTISE_CAST_IMPLICIT, &batch<&from_integer<int32_t>>,
                         &bind_from_integer<int32_t>),
    cast<"int8:numeric">(MORTISE_CAST_IMPLICIT, &batch<&from_integer<int64_t>>,
                         &bind_from_integer<int64_t>),
    cast<"float4:numeric">(MORTISE_CAST_ASSIGNMENT, &batch<&from_float<float>>, &bind_fitted),
    cast<"float8:numeric">(MORTISE_CAST_ASSIGNMENT, &batch<&from_float<double>>, &bind_fitted),
    cast<"numeric:numeric">(MORTISE_CAST_IMPLICIT, &batch<&from_numeric>, &bind_fitted),
    cast<"numeric:int2">(MORTISE_CAST_ASSIGNMENT, row<&to_integer<int16_t>>),
    cast<"numeric:int4">(MORTISE_CAST_ASSIGNMENT, row<&to_integer<int32_t>>),
    cast<"numeric:int8">(MORTISE_CAST_ASSIGNMENT, row<&to_integer<int64_t>>),
    cast<"numeric:float4">(MORTISE_CAST_IMPLICIT, row<&to_float>),
    cast<"numeric:float8">(MORTISE_CAST_IMPLICIT, row<&to_double>),
};

}  // namespace

const CastList kNumericCasts = kTable;

}  // namespace mortise::sql_functions
