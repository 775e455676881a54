// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a function read and write numeric columns of any physical form?
//
// A numeric argument may stand as DECIMAL64, DECIMAL128 or NUMERIC bytes.  `NumericColumn` reads a
// row as a small number (an Int128 with a scale) where it is one, else as a Decimal.  The result's
// form is settled by bind and travels in the state's pointer itself (`pack_form`), so that there is
// nothing to free; no state means NUMERIC bytes.
//
// Threads: [worker, concurrent].

#include "evaluate.hpp"
#include "mortise/iface/draft/type.h"
#include "numeric/decimal.hpp"

namespace mortise::sql_functions {

// A finite value below 10^38 in magnitude: value * 10^-scale.
struct SmallDecimal {
  Int128 value;
  uint32_t scale;
};

class NumericColumn {
 public:
  NumericColumn(const mortise_column_t& column, const mortise_type_t& type)
      : column_(column), scale_(type.scale), physical_(type.physical) {}
  NumericColumn(const Call& call, uint32_t index)
      : NumericColumn(call.column(index), call.type(index)) {}

  std::optional<SmallDecimal> small(uint32_t row) const {
    switch (physical_) {
      case MORTISE_PHYSICAL_DECIMAL64: {
        const int64_t value = Values<int64_t>(column_)[row];
        if (value == kDecimal64Nan) return std::nullopt;
        return SmallDecimal{value, scale_};
      }
      case MORTISE_PHYSICAL_DECIMAL128: {
        const Int128 value = Values<Int128>(column_)[row];
        if (value == kDecimal128Nan) return std::nullopt;
        return SmallDecimal{value, scale_};
      }
      default: {
        const std::optional<NumericParts> parts = read_numeric(bytes(row));
        if (!parts || parts->scale > kDecimal128DigitsMax) return std::nullopt;
        const std::optional<Int128> value = to_int128(*parts, parts->scale);
        if (!value) return std::nullopt;
        return SmallDecimal{*value, parts->scale};
      }
    }
  }
  Decimal big(uint32_t row) const {
    if (is_bytes()) return Decimal::read(bytes(row));
    const std::optional<SmallDecimal> value = small(row);
    return value ? Decimal::of(value->value, value->scale) : Decimal::of_kind(Decimal::Kind::nan);
  }
  bool is_bytes() const { return physical_ == MORTISE_PHYSICAL_NUMERIC; }
  std::string_view bytes(uint32_t row) const { return Strings(column_)[row]; }
  // NUMERIC bytes of the row; `buffer` (kNumericOfInt128SizeBytesMax) holds those of a decimal.
  std::string_view bytes_of(uint32_t row, char* buffer) const {
    if (is_bytes()) return bytes(row);
    const std::optional<SmallDecimal> value = small(row);
    const uint32_t size = value ? write_numeric(value->value, value->scale, buffer)
                                : write_numeric_special(NumericClass::nan, 0, buffer);
    return {buffer, size};
  }
  bool is_valid(uint32_t row) const { return Values<int64_t>(column_).is_valid(row); }
  uint16_t physical() const { return physical_; }
  uint32_t scale() const { return scale_; }
  const mortise_column_t& column() const { return column_; }

 private:
  const mortise_column_t& column_;
  uint32_t scale_;
  uint16_t physical_;
};

// The type of a numeric with so many digits: the narrowest form, NUMERIC beyond 38.
constexpr mortise_type_t decimal_type(uint32_t precision, uint32_t scale) {
  mortise_type_t type{MORTISE_SQL_NUMERIC, -1, MORTISE_PHYSICAL_NUMERIC, 0, 0, 0};
  if (precision > kDecimal128DigitsMax || scale > precision) return type;
  type.physical =
      precision <= kDecimal64DigitsMax ? MORTISE_PHYSICAL_DECIMAL64 : MORTISE_PHYSICAL_DECIMAL128;
  type.precision = static_cast<uint8_t>(precision);
  type.scale = static_cast<uint8_t>(scale);
  return type;
}

inline void* pack_form(const mortise_type_t& type) {
  if (type.physical == MORTISE_PHYSICAL_NUMERIC && type.modifier < 0) return nullptr;
  const uint64_t bits = type.physical | uint64_t{type.precision} << 16 |
                        uint64_t{type.scale} << 24 |
                        uint64_t{static_cast<uint32_t>(type.modifier)} << 32;
  return reinterpret_cast<void*>(bits);
}
inline mortise_type_t form_of(const void* state) {
  mortise_type_t type{MORTISE_SQL_NUMERIC, -1, MORTISE_PHYSICAL_NUMERIC, 0, 0, 0};
  const auto bits = reinterpret_cast<uint64_t>(state);
  if (bits == 0) return type;
  type.physical = static_cast<uint16_t>(bits & 0xFFFF);
  type.precision = static_cast<uint8_t>(bits >> 16 & 0xFF);
  type.scale = static_cast<uint8_t>(bits >> 24 & 0xFF);
  type.modifier = static_cast<int32_t>(bits >> 32);
  return type;
}

// Writes value * 10^-scale as NUMERIC bytes.
inline Status emit_numeric(Call& call, uint32_t row, Int128 value, uint32_t scale) {
  char buffer[kNumericOfInt128SizeBytesMax];
  return call.set_copy(row, {buffer, write_numeric(value, scale, buffer)});
}
inline Status emit_numeric(Call& call, uint32_t row, const Decimal& value) {
  MORTISE_TRY_ASSIGN(const std::string bytes, value.bytes());
  return call.set_copy(row, bytes);
}
// Writes a value into a column of any form; rounds to a decimal form's scale.  22003 if too large.
Status emit_as(Call& call, uint32_t row, const mortise_type_t& form, const Decimal& value);
Status emit_as(Call& call, uint32_t row, const mortise_type_t& form, SmallDecimal value);

template <>
class Reader<Decimal> {
 public:
  Reader(const Call& call, uint32_t index) : column_(call, index) {}
  Decimal operator[](uint32_t row) const { return column_.big(row); }
  bool is_valid(uint32_t row) const { return column_.is_valid(row); }

 private:
  NumericColumn column_;
};
template <>
struct Writer<Decimal> {
  static Status write(Call& call, uint32_t row, const Decimal& value) {
    return emit_as(call, row, form_of(call.state()), value);
  }
};

}  // namespace mortise::sql_functions
