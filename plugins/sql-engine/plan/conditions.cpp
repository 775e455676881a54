// SPDX-License-Identifier: Apache-2.0
//
// Conditions in the form of filter.h: which ones have it, and constants in their column's form.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "execute/vector/value_order.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

bool is_integer(uint16_t physical) {
  return physical >= MORTISE_PHYSICAL_INT16 && physical <= MORTISE_PHYSICAL_INT64;
}
bool is_decimal(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_DECIMAL64 || physical == MORTISE_PHYSICAL_DECIMAL128 ||
         physical == MORTISE_PHYSICAL_NUMERIC;
}

// Numeric bytes (iface/draft/type.h) as value * 10^scale; nothing if it does not fit exactly.
std::optional<Int128> decimal_of(std::string_view bytes, int scale) {
  if (bytes.size() < 3) return std::nullopt;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  const uint32_t kind = byte(0);
  if (kind == 0x30) return Int128{0};
  if (kind != 0x20 && kind != 0x40) return std::nullopt;
  const uint32_t flip = kind == 0x20 ? 0xFFFF : 0;
  const int weight = static_cast<int>(((byte(1) << 8 | byte(2)) ^ flip) & 0xFFFF) - 0x8000;
  const size_t end = bytes.size() - 2 - (kind == 0x20 ? 2 : 0);
  Int128 value = 0;
  int exponent = weight;  // of the digit at hand, base 10,000
  for (size_t i = 3; i + 1 < end + 1 && i + 2 <= end; i += 2) {
    const uint32_t digit = ((byte(i) << 8 | byte(i + 1)) ^ flip) & 0xFFFF;
    if (digit > 9999) return std::nullopt;
    Int128 part = static_cast<Int128>(digit);
    int power = exponent * 4 + scale;
    if (power > 36) return std::nullopt;
    for (; power > 0; --power) {
      if (part > kDecimal128Nan / 10) return std::nullopt;
      part *= 10;
    }
    for (; power < 0; ++power) {
      if (part % 10 != 0) return std::nullopt;
      part /= 10;
    }
    if (value > kDecimal128Nan - 1 - part) return std::nullopt;
    value += part;
    exponent -= 1;
  }
  return kind == 0x20 ? -value : value;
}

std::optional<Int128> decimal_value(const Datum& constant, int scale) {
  const mortise_type_t& type = constant.type();
  if (type.physical == MORTISE_PHYSICAL_NUMERIC) return decimal_of(constant.as_text(), scale);
  Int128 value = 0;
  if (type.physical == MORTISE_PHYSICAL_DECIMAL128) {
    std::memcpy(&value, constant.data(), sizeof(value));
    if (value == kDecimal128Nan) return std::nullopt;
  } else {
    value = constant.as_integer();
    if (type.physical == MORTISE_PHYSICAL_DECIMAL64 && value == kDecimal64Nan) return std::nullopt;
  }
  int from = is_decimal(type.physical) ? type.scale : 0;
  for (; from < scale; ++from) {
    if (value > kDecimal128Nan / 10 || value < -(kDecimal128Nan / 10)) return std::nullopt;
    value *= 10;
  }
  for (; from > scale; --from) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

// The constant in another physical form, exactly, or nothing.
std::optional<Datum> convert(const Datum& constant, const mortise_type_t& to) {
  const mortise_type_t& from = constant.type();
  if (constant.is_null()) return Datum::null(to);
  if (to.sql_type == MORTISE_SQL_BPCHAR) {
    std::string_view text = constant.as_text();
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return Datum::text(to, text);
  }
  if (from.physical == to.physical && from.scale == to.scale) {
    Datum same = constant;
    same.set_type(to);
    return same;
  }
  if (is_integer(from.physical) && is_integer(to.physical)) {
    const int64_t value = constant.as_integer();
    const auto as16 = static_cast<int16_t>(value);
    const auto as32 = static_cast<int32_t>(value);
    if (to.physical == MORTISE_PHYSICAL_INT64) return Datum::fixed(to, &value);
    if (to.physical == MORTISE_PHYSICAL_INT32 && as32 == value) return Datum::fixed(to, &as32);
    if (to.physical == MORTISE_PHYSICAL_INT16 && as16 == value) return Datum::fixed(to, &as16);
    return std::nullopt;
  }
  if (from.physical == MORTISE_PHYSICAL_FLOAT32 && to.physical == MORTISE_PHYSICAL_FLOAT64) {
    const double value = constant.as_double();
    return Datum::fixed(to, &value);
  }
  if (is_decimal(from.physical) && is_decimal(to.physical) &&
      to.physical != MORTISE_PHYSICAL_NUMERIC) {
    const std::optional<Int128> value = decimal_value(constant, to.scale);
    if (!value) return std::nullopt;
    if (to.physical == MORTISE_PHYSICAL_DECIMAL128) return Datum::fixed(to, &*value);
    const auto narrow = static_cast<int64_t>(*value);
    if (narrow != *value || narrow == kDecimal64Nan) return std::nullopt;
    return Datum::fixed(to, &narrow);
  }
  return std::nullopt;
}

// `value` in the column's form: a converted constant, or as it is where the form is the same
// already.
ExpressionPtr fit(const Expression& value, const mortise_type_t& column) {
  if (value.kind == ExpressionKind::constant) {
    std::optional<Datum> converted = convert(value.constant, column);
    return converted ? make_constant(std::move(*converted)) : nullptr;
  }
  const bool is_same = value.type.physical == column.physical && value.type.scale == column.scale;
  if (!is_same || column.sql_type == MORTISE_SQL_BPCHAR) return nullptr;
  return clone(value);
}

// Comparisons whose meaning is the physical order: the families of common_form, and numeric against
// any numeric form.
bool compares_physically(const Expression& call) {
  mortise_type_t form{};
  const mortise_type_t& left = call.child(0).type;
  const mortise_type_t& right = call.child(1).type;
  if (common_form(*call.function, left, right, &form)) return true;
  return left.sql_type == MORTISE_SQL_NUMERIC && right.sql_type == MORTISE_SQL_NUMERIC &&
         call.function->return_type == MORTISE_SQL_BOOL;
}

uint32_t operation_of(std::string_view symbol, bool is_swapped) {
  if (symbol == "=") return MORTISE_FILTER_EQ;
  if (symbol == "<>") return MORTISE_FILTER_NE;
  if (symbol == "<") return is_swapped ? MORTISE_FILTER_GT : MORTISE_FILTER_LT;
  if (symbol == "<=") return is_swapped ? MORTISE_FILTER_GE : MORTISE_FILTER_LE;
  if (symbol == ">") return is_swapped ? MORTISE_FILTER_LT : MORTISE_FILTER_GT;
  if (symbol == ">=") return is_swapped ? MORTISE_FILTER_LE : MORTISE_FILTER_GE;
  return 0;
}

// x LIKE 'abc%': a prefix; with more behind it, a prefix to begin with.
bool simplify_like(const Expression& call, const mortise_type_t& column, SimpleCondition* simple) {
  const Expression& pattern = call.child(1);
  const bool is_text =
      column.sql_type == MORTISE_SQL_TEXT || column.sql_type == MORTISE_SQL_VARCHAR;
  if (!is_text || pattern.kind != ExpressionKind::constant || pattern.constant.is_null()) {
    return false;
  }
  const std::string_view text = pattern.constant.as_text();
  const size_t end = text.find_first_of("%_\\");
  if (end == 0) return false;
  const std::string_view prefix = text.substr(0, end);
  simple->values.push_back(make_constant(Datum::text(column, prefix)));
  simple->operation = end == std::string_view::npos ? MORTISE_FILTER_EQ : MORTISE_FILTER_PREFIX;
  simple->is_exact = end == std::string_view::npos || (end + 1 == text.size() && text[end] == '%');
  return true;
}

// date against a timestamp: the same said with a date.  False where no date says it.
bool simplify_date(const Expression& value, const mortise_type_t& column, SimpleCondition* simple) {
  if (value.kind != ExpressionKind::constant || value.constant.is_null()) return false;
  const int64_t time = value.constant.as_integer();
  int64_t day = time >= 0 ? time / kMicrosecondsPerDay : -((-(time + 1)) / kMicrosecondsPerDay) - 1;
  bool is_midnight = day * kMicrosecondsPerDay == time;
  if (time == INT64_MIN || time == INT64_MAX) {  // infinities
    day = time < 0 ? INT32_MIN : INT32_MAX;
    is_midnight = true;
  } else if (day <= INT32_MIN || day >= INT32_MAX) {
    return false;
  }
  if (!is_midnight) {
    switch (simple->operation) {
      case MORTISE_FILTER_LT:
        simple->operation = MORTISE_FILTER_LE;
        break;
      case MORTISE_FILTER_GE:
        simple->operation = MORTISE_FILTER_GT;
        break;
      case MORTISE_FILTER_LE:
      case MORTISE_FILTER_GT:
        break;
      default:
        return false;
    }
  }
  const auto narrow = static_cast<int32_t>(day);
  simple->values.push_back(make_constant(Datum::fixed(column, &narrow)));
  return true;
}

}  // namespace

bool simplify(const Expression& e, const IdSet& made, const ColumnTable& table,
              SimpleCondition* simple) {
  const auto is_own = [&](const Expression& c) {
    return c.kind == ExpressionKind::column && made.has(c.column);
  };
  if (e.kind == ExpressionKind::is_null && is_own(e.child(0))) {
    simple->column = e.child(0).column;
    simple->operation = e.is_negated ? MORTISE_FILTER_NOT_NULL : MORTISE_FILTER_IS_NULL;
    return true;
  }
  const auto is_fixed = [&](const Expression& c) {
    return !reads_any(c, made) && volatility(c) != MORTISE_VOLATILITY_VOLATILE && !has_subquery(c);
  };
  if (e.kind == ExpressionKind::in_list && is_own(e.child(0)) && !e.is_negated) {
    simple->column = e.child(0).column;
    simple->operation = MORTISE_FILTER_IN;
    for (size_t i = 1; i < e.children.size(); ++i) {
      mortise_type_t form{};
      if (!is_fixed(e.child(i)) ||
          !common_form(*e.function, e.child(0).type, e.child(i).type, &form)) {
        return false;
      }
      ExpressionPtr value = fit(e.child(i), table[simple->column].type);
      if (value == nullptr) return false;
      simple->values.push_back(std::move(value));
    }
    return true;
  }
  if (e.kind == ExpressionKind::column && is_own(e) && e.type.physical == MORTISE_PHYSICAL_BOOL) {
    simple->column = e.column;
    simple->operation = MORTISE_FILTER_EQ;
    simple->values.push_back(make_constant(Datum::boolean(true)));
    return true;
  }
  if (e.kind != ExpressionKind::call || e.children.size() != 2) return false;
  const std::string_view symbol = view_of(e.function->operator_symbol);
  if (symbol == "~~" && is_own(e.child(0))) {
    simple->column = e.child(0).column;
    return simplify_like(e, table[simple->column].type, simple);
  }
  const bool is_swapped = !is_own(e.child(0));
  const Expression& column = e.child(is_swapped ? 1 : 0);
  const Expression& value = e.child(is_swapped ? 0 : 1);
  simple->operation = operation_of(symbol, is_swapped);
  if (simple->operation == 0 || !is_own(column) || !is_fixed(value)) return false;
  simple->column = column.column;
  if (column.type.sql_type == MORTISE_SQL_DATE && value.type.sql_type == MORTISE_SQL_TIMESTAMP) {
    return simplify_date(value, table[simple->column].type, simple);
  }
  if (!compares_physically(e)) return false;
  ExpressionPtr fitted = fit(value, table[simple->column].type);
  if (fitted == nullptr) return false;
  simple->values.push_back(std::move(fitted));
  return true;
}

}  // namespace mortise::sql_engine
