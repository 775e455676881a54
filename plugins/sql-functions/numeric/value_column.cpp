// SPDX-License-Identifier: Apache-2.0

#include "numeric/value_column.hpp"

#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

Status field_overflow(const mortise_type_t& form) {
  const int digits = form.precision - form.scale;
  std::string detail("A field with precision ");
  detail.append(std::to_string(form.precision)).append(", scale ");
  detail.append(std::to_string(form.scale)).append(" must round to an absolute value less than ");
  detail.append(digits == 0 ? "1" : "10^" + std::to_string(digits)).append(".");
  return Status(Code::invalid, "22003", "numeric field overflow")
      .with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail));
}

Status store_decimal(Call& call, uint32_t row, const mortise_type_t& form, Int128 value) {
  const Int128 limit = kPowersOfTen[form.precision];
  if (value >= limit || value <= -limit) return field_overflow(form);
  if (form.physical == MORTISE_PHYSICAL_DECIMAL64) {
    call.data<int64_t>()[row] = static_cast<int64_t>(value);
  } else {
    call.data<Int128>()[row] = value;
  }
  return {};
}

}  // namespace

Status emit_as(Call& call, uint32_t row, const mortise_type_t& form, const Decimal& value) {
  if (form.physical == MORTISE_PHYSICAL_NUMERIC) return emit_numeric(call, row, value);
  if (value.is_nan()) {
    if (form.physical == MORTISE_PHYSICAL_DECIMAL64) {
      call.data<int64_t>()[row] = kDecimal64Nan;
    } else {
      call.data<Int128>()[row] = kDecimal128Nan;
    }
    return {};
  }
  if (value.is_infinite()) {
    return Status(Code::invalid, "22003", "numeric field overflow")
        .with(MORTISE_ERROR_FIELD_DETAIL,
              "A field with precision " + std::to_string(form.precision) + ", scale " +
                  std::to_string(form.scale) + " cannot hold an infinite value.");
  }
  const std::optional<Int128> scaled = value.to_int128_at(form.scale);
  if (!scaled) return field_overflow(form);
  return store_decimal(call, row, form, *scaled);
}

Status emit_as(Call& call, uint32_t row, const mortise_type_t& form, SmallDecimal value) {
  if (form.physical == MORTISE_PHYSICAL_NUMERIC) {
    return emit_numeric(call, row, value.value, value.scale);
  }
  Int128 scaled = value.value;
  if (value.scale > form.scale) {
    const Int128 power = kPowersOfTen[value.scale - form.scale];
    const Int128 rest = scaled % power;
    scaled /= power;
    if (rest >= power - rest) ++scaled;
    if (-rest >= power + rest) --scaled;
  } else if (value.scale < form.scale) {
    if (__builtin_mul_overflow(scaled, kPowersOfTen[form.scale - value.scale], &scaled)) {
      return field_overflow(form);
    }
  }
  return store_decimal(call, row, form, scaled);
}

}  // namespace mortise::sql_functions
