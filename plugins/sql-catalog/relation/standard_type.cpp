// SPDX-License-Identifier: Apache-2.0
#include "relation/standard_type.hpp"

#include "definition/type_name.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr int32_t kModifierHeader = 4;  // a length n is stored as n + 4
constexpr int32_t kBytesPerCharacterMax = 4;
constexpr int32_t kTextOctetsMax = 1 << 30;

void describe_characters(StandardType& out, int32_t modifier) {
  if (modifier < kModifierHeader) {
    out.character_octet_length = kTextOctetsMax;
    return;
  }
  out.character_maximum_length = modifier - kModifierHeader;
  out.character_octet_length = (modifier - kModifierHeader) * kBytesPerCharacterMax;
}

void describe_integer(StandardType& out, int32_t bits) {
  out.numeric_precision = bits;
  out.numeric_precision_radix = 2;
  out.numeric_scale = 0;
}

void describe_float(StandardType& out, int32_t bits) {
  out.numeric_precision = bits;
  out.numeric_precision_radix = 2;
}

void describe_numeric(StandardType& out, int32_t modifier) {
  out.numeric_precision_radix = 10;
  if (modifier < kModifierHeader) return;
  out.numeric_precision = (modifier - kModifierHeader) >> 16 & 0xFFFF;
  out.numeric_scale = (modifier - kModifierHeader) & 0xFFFF;
}

}  // namespace

StandardType describe_standard(const Providers& providers, const mortise_type_t& type) {
  StandardType out;
  const Type* t = providers.type(type.sql_type);
  out.data_type = t != nullptr && t->is_array()
                      ? std::string("ARRAY")
                      : format_type(providers, type.sql_type, std::nullopt);
  if (t != nullptr) out.udt_name = t->name;
  const uint32_t collation = type.collation != 0 ? type.collation : t == nullptr ? 0 : t->collation;
  if (collation == 950) out.collation = "C";
  if (collation == 951) out.collation = "POSIX";
  switch (type.sql_type) {
    case MORTISE_SQL_TEXT:
      out.character_octet_length = kTextOctetsMax;
      break;
    case MORTISE_SQL_VARCHAR:
    case MORTISE_SQL_BPCHAR:
      describe_characters(out, type.modifier);
      break;
    case MORTISE_SQL_INT2:
      describe_integer(out, 16);
      break;
    case MORTISE_SQL_INT4:
      describe_integer(out, 32);
      break;
    case MORTISE_SQL_INT8:
      describe_integer(out, 64);
      break;
    case MORTISE_SQL_FLOAT4:
      describe_float(out, 24);
      break;
    case MORTISE_SQL_FLOAT8:
      describe_float(out, 53);
      break;
    case MORTISE_SQL_NUMERIC:
      describe_numeric(out, type.modifier);
      break;
    case MORTISE_SQL_DATE:
      out.datetime_precision = 0;
      break;
    case MORTISE_SQL_TIME:
    case MORTISE_SQL_TIMETZ:
    case MORTISE_SQL_TIMESTAMP:
    case MORTISE_SQL_TIMESTAMPTZ:
      out.datetime_precision = type.modifier < 0 ? 6 : type.modifier;
      break;
    case MORTISE_SQL_INTERVAL:
      // The lower half of the modifier; all ones where no precision was given.
      out.datetime_precision =
          type.modifier < 0 || (type.modifier & 0xFFFF) == 0xFFFF ? 6 : type.modifier & 0xFFFF;
      break;
    default:
      break;
  }
  return out;
}

}  // namespace mortise::sql_catalog
