// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does text become a numeric, and how is a numeric fitted to numeric(p,s)?
//
// Failures: 22P02 for what is no number, 22003 past the format or the declared precision.
//
// Threads: pure functions; [worker].

#include "numeric/value_column.hpp"

namespace mortise::sql_functions {

struct NumericModifier {
  int32_t precision;
  int32_t scale;  // may be negative
};
constexpr NumericModifier numeric_modifier_of(int32_t modifier) {
  return {((modifier - 4) >> 16) & 0xFFFF, (((modifier - 4) & 0x7FF) ^ 1024) - 1024};
}
// The physical form of numeric with that modifier (-1: none).
constexpr mortise_type_t numeric_type_of(int32_t modifier) {
  mortise_type_t type{MORTISE_SQL_NUMERIC, modifier, MORTISE_PHYSICAL_NUMERIC, 0, 0, 0};
  if (modifier < 0) return type;
  const NumericModifier m = numeric_modifier_of(modifier);
  if (m.scale < 0 || m.scale > m.precision ||
      m.precision > static_cast<int32_t>(kDecimal128DigitsMax)) {
    return type;
  }
  type = decimal_type(static_cast<uint32_t>(m.precision), static_cast<uint32_t>(m.scale));
  type.modifier = modifier;
  return type;
}

Result<Decimal> parse_numeric(std::string_view text);
// Rounds to the type's scale, checks its precision and writes in its form.
Status emit_fitted(Call& call, uint32_t row, const mortise_type_t& type, const Decimal& value);
// Reads text and does the same, without a Decimal where the digits are few.
Status store_numeric_text(Call& call, uint32_t row, const mortise_type_t& type,
                          std::string_view text);

}  // namespace mortise::sql_functions
