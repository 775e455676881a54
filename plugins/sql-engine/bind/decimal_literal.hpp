// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: is a number in the text short enough for a DECIMAL64?
//
// "0.05" becomes the value 5 with scale 2; its type is numeric without modifier, so that what is
// shown later has the digits that were written.

#include <optional>
#include <string_view>

#include "mortise/iface/draft/type.h"
#include "plan/datum.hpp"

namespace mortise::sql_engine {

inline constexpr uint32_t kDecimal64DigitsMax = 18;
inline constexpr uint32_t kDecimal128DigitsMax = 38;

inline mortise_type_t decimal_type(uint32_t precision, uint32_t scale) {
  mortise_type_t type{};
  type.sql_type = MORTISE_SQL_NUMERIC;
  type.modifier = -1;
  type.physical =
      precision <= kDecimal64DigitsMax ? MORTISE_PHYSICAL_DECIMAL64 : MORTISE_PHYSICAL_DECIMAL128;
  type.precision = static_cast<uint8_t>(precision);
  type.scale = static_cast<uint8_t>(scale);
  return type;
}

inline Datum decimal_datum(int64_t value, uint32_t precision, uint32_t scale) {
  return Datum::fixed(decimal_type(precision, scale), &value);
}

// Nothing for exponents, more digits than fit, or other text.
inline std::optional<Datum> decimal_literal(std::string_view text) {
  int64_t value = 0;
  uint32_t digits = 0;
  uint32_t scale = 0;
  bool is_negative = false;
  bool has_point = false;
  bool has_digit = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-' && i == 0) {
      is_negative = true;
    } else if (c == '.' && !has_point) {
      has_point = true;
    } else if (c >= '0' && c <= '9') {
      has_digit = true;
      if (value != 0 || c != '0' || has_point) ++digits;
      if (digits > kDecimal64DigitsMax) return std::nullopt;
      value = value * 10 + (c - '0');
      scale += has_point ? 1 : 0;
    } else {
      return std::nullopt;
    }
  }
  if (!has_digit) return std::nullopt;
  return decimal_datum(is_negative ? -value : value, digits == 0 ? 1 : digits, scale);
}

}  // namespace mortise::sql_engine
