// SPDX-License-Identifier: Apache-2.0

#include "plan/datum.hpp"

#include "mortise/cpp/assert.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_engine {
namespace {

// Where a null constant's validity points: all bits zero.
alignas(64) const uint64_t kNullValidity[8] = {};

mortise_type_t plain(uint32_t sql_type, uint16_t physical) {
  mortise_type_t type{};
  type.sql_type = sql_type;
  type.modifier = -1;
  type.physical = physical;
  return type;
}

}  // namespace

Datum Datum::null(const mortise_type_t& type) {
  Datum d;
  d.type_ = type;
  return d;
}

Datum Datum::unknown(std::string_view value) {
  mortise_type_t type{};
  type.sql_type = MORTISE_SQL_UNKNOWN;
  type.modifier = -1;
  type.physical = MORTISE_PHYSICAL_TEXT;
  return text(type, value);
}

Datum Datum::fixed(const mortise_type_t& type, const void* value) {
  MORTISE_ASSERT(!is_view(type.physical));
  Datum d;
  d.type_ = type;
  d.is_null_ = false;
  const uint32_t width = type.physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(type.physical);
  std::memcpy(d.bytes_, value, width);
  return d;
}

Datum Datum::boolean(bool value) {
  const auto byte = static_cast<uint8_t>(value ? 1 : 0);
  return fixed(plain(MORTISE_SQL_BOOL, MORTISE_PHYSICAL_BOOL), &byte);
}

Datum Datum::int16(int16_t value) {
  return fixed(plain(MORTISE_SQL_INT2, MORTISE_PHYSICAL_INT16), &value);
}

Datum Datum::int32(int32_t value) {
  return fixed(plain(MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32), &value);
}

Datum Datum::int64(int64_t value) {
  return fixed(plain(MORTISE_SQL_INT8, MORTISE_PHYSICAL_INT64), &value);
}

Datum Datum::float64(double value) {
  return fixed(plain(MORTISE_SQL_FLOAT8, MORTISE_PHYSICAL_FLOAT64), &value);
}

Datum Datum::text(const mortise_type_t& type, std::string_view value) {
  MORTISE_ASSERT(is_view(type.physical));
  Datum d;
  d.type_ = type;
  d.is_null_ = false;
  d.text_.assign(value);
  d.repoint();
  return d;
}

Datum Datum::of(const mortise_type_t& type, const mortise_column_t& column, uint64_t row) {
  const uint64_t at = is_constant(column) ? 0 : row;
  if (column.validity != nullptr && !get_bit(column.validity, at)) return null(type);
  if (type.physical == MORTISE_PHYSICAL_NONE) return null(type);
  if (type.physical == MORTISE_PHYSICAL_BOOL) {
    Datum d = boolean(get_bit(static_cast<const uint64_t*>(column.data), at));
    d.type_ = type;
    return d;
  }
  const uint32_t width = width_bytes(type.physical);
  const auto* value = static_cast<const uint8_t*>(column.data) + at * width;
  if (!is_view(type.physical)) return fixed(type, value);
  mortise_view_t v;
  std::memcpy(&v, value, sizeof v);
  return text(type, text_of(v));
}

int64_t Datum::as_integer() const {
  MORTISE_ASSERT(!is_null_);
  switch (type_.physical) {
    case MORTISE_PHYSICAL_INT16: {
      int16_t value = 0;
      std::memcpy(&value, bytes_, sizeof value);
      return value;
    }
    case MORTISE_PHYSICAL_INT32: {
      int32_t value = 0;
      std::memcpy(&value, bytes_, sizeof value);
      return value;
    }
    case MORTISE_PHYSICAL_BOOL:
      return as_bool() ? 1 : 0;
    default: {
      int64_t value = 0;
      std::memcpy(&value, bytes_, sizeof value);
      return value;
    }
  }
}

double Datum::as_double() const {
  MORTISE_ASSERT(!is_null_);
  if (type_.physical == MORTISE_PHYSICAL_FLOAT32) {
    float value = 0;
    std::memcpy(&value, bytes_, sizeof value);
    return value;
  }
  double value = 0;
  std::memcpy(&value, bytes_, sizeof value);
  return value;
}

std::string_view Datum::as_text() const {
  MORTISE_ASSERT(!is_null_);
  MORTISE_ASSERT(is_view(type_.physical));
  return text_;
}

mortise_column_t Datum::column() const {
  mortise_column_t c{};
  c.validity = is_null_ ? kNullValidity : nullptr;
  c.data = bytes_;
  c.flags = MORTISE_COLUMN_CONSTANT;
  return c;
}

}  // namespace mortise::sql_engine
