// SPDX-License-Identifier: Apache-2.0

// bool, int2, int4, int8, oid and the object-identifier types as numbers.
//
// oid is unsigned in PostgreSQL; it stands as INT64 so that its order is right.

#include <charconv>
#include <limits>

#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
constexpr const char* kIntegerName = sizeof(T) == 2   ? "smallint"
                                     : sizeof(T) == 4 ? "integer"
                                                      : "bigint";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_prefix(std::string_view text, std::string_view word) {
  if (text.empty() || text.size() > word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

std::string_view bool_out(bool value) {
  return value ? "t" : "f";
}
Result<bool> bool_receive(std::string_view bytes) {
  if (bytes.size() != 1) return bad_binary("bind parameter");
  return bytes[0] != 0;
}
std::string bool_send(bool value) {
  return std::string(1, value ? '\1' : '\0');
}

template <typename T>
std::string integer_out(T value) {
  char digits[24];
  return {digits, std::to_chars(digits, digits + sizeof(digits), value).ptr};
}

// Accepts -1 for 4294967295, as strtoul does.
Result<int64_t> oid_in(std::string_view text) {
  const std::string_view digits = without_spaces(text);
  int64_t value = 0;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (digits.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  const auto [rest, failure] = std::from_chars(begin, end, value);
  if (failure == std::errc::result_out_of_range) return value_out_of_range(text, "oid");
  if (failure != std::errc() || rest != end) return bad_syntax("oid", text);
  if (value > std::numeric_limits<uint32_t>::max() ||
      value < -int64_t{std::numeric_limits<int32_t>::max()} - 1) {
    return value_out_of_range(text, "oid");
  }
  return static_cast<int64_t>(static_cast<uint32_t>(value));
}
Result<int64_t> oid_receive(std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const uint32_t value, read_fixed<uint32_t>(bytes));
  return static_cast<int64_t>(value);
}
std::string oid_send(int64_t value) {
  return write_fixed(static_cast<uint32_t>(value));
}

// Names need the catalog, which answers them before they come here.
Result<int64_t> object_in(std::string_view text) {
  if (text == "-") return int64_t{0};
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return oid_in(text);
  }
  return unsupported("names of objects are not resolved here: \"" + std::string(text) + "\"");
}
std::string object_out(int64_t value) {
  return value == 0 ? std::string("-") : integer_out(value);
}

std::string unquoted_lower(std::string_view text) {
  std::string out;
  for (const char c : without_spaces(text)) out.push_back(lower(c));
  constexpr std::string_view kSchema = "pg_catalog.";
  if (out.starts_with(kSchema)) out.erase(0, kSchema.size());
  return out;
}
Result<int64_t> type_in(std::string_view text) {
  if (text == "-") return int64_t{0};
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return oid_in(text);
  }
  const std::string name = unquoted_lower(text);
  for (const TypeList list :
       {kIntegerTypes, kFloatTypes, kNumericTypes, kTextTypes, kBytesTypes, kTimeTypes}) {
    for (const mortise_type_info_t& info : list) {
      if (view_of(info.name) == name || view_of(info.display) == name) {
        return static_cast<int64_t>(info.sql_type);
      }
    }
  }
  return Status(Code::not_found, "42704", "type \"" + std::string(text) + "\" does not exist");
}
std::string type_out(int64_t value) {
  const mortise_type_info_t* info = find_type(static_cast<uint32_t>(value));
  return info == nullptr ? object_out(value) : std::string(view_of(info->display));
}

template <typename T, uint32_t kSqlType, uint16_t kPhysical>
constexpr mortise_type_info_t integer_type(const TypeNames& names) {
  return describe_type(names, &resolve_fixed<kSqlType, kPhysical>, convert<&parse_integer<T>>,
                       convert<&integer_out<T>>, convert<&read_fixed<T>>, convert<&write_fixed<T>>);
}
template <uint32_t kSqlType>
constexpr mortise_type_info_t object_type(const TypeNames& names, Conversion in, Conversion out) {
  return describe_type(names, &resolve_fixed<kSqlType, MORTISE_PHYSICAL_INT64>, in, out,
                       convert<&oid_receive>, convert<&oid_send>);
}

constexpr mortise_type_info_t kTable[] = {
    describe_type({MORTISE_SQL_BOOL, 1000, "bool", "boolean", 1, 'B', true},
                  &resolve_fixed<MORTISE_SQL_BOOL, MORTISE_PHYSICAL_BOOL>, convert<&parse_bool>,
                  convert<&bool_out>, convert<&bool_receive>, convert<&bool_send>),
    integer_type<int16_t, MORTISE_SQL_INT2, MORTISE_PHYSICAL_INT16>(
        {MORTISE_SQL_INT2, 1005, "int2", "smallint", 2, 'N', false}),
    integer_type<int32_t, MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32>(
        {MORTISE_SQL_INT4, 1007, "int4", "integer", 4, 'N', false}),
    integer_type<int64_t, MORTISE_SQL_INT8, MORTISE_PHYSICAL_INT64>(
        {MORTISE_SQL_INT8, 1016, "int8", "bigint", 8, 'N', false}),
    object_type<MORTISE_SQL_OID>({MORTISE_SQL_OID, 1028, "oid", "oid", 4, 'N', true},
                                 convert<&oid_in>, convert<&integer_out<int64_t>>),
    object_type<MORTISE_SQL_REGPROC>(
        {MORTISE_SQL_REGPROC, 1008, "regproc", "regproc", 4, 'N', false}, convert<&object_in>,
        convert<&object_out>),
    object_type<MORTISE_SQL_REGCLASS>(
        {MORTISE_SQL_REGCLASS, 2210, "regclass", "regclass", 4, 'N', false}, convert<&object_in>,
        convert<&object_out>),
    object_type<MORTISE_SQL_REGTYPE>(
        {MORTISE_SQL_REGTYPE, 2211, "regtype", "regtype", 4, 'N', false}, convert<&type_in>,
        convert<&type_out>),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

Result<bool> parse_bool(std::string_view text) {
  const std::string_view word = without_spaces(text);
  if (is_prefix(word, "true") || is_prefix(word, "yes") || word == "1") return true;
  if (is_prefix(word, "false") || is_prefix(word, "no") || word == "0") return false;
  if (word.size() >= 2 && is_prefix(word, "on")) return true;
  if (word.size() >= 2 && is_prefix(word, "off")) return false;
  return bad_syntax("boolean", text);
}

template <typename T>
Result<T> parse_integer(std::string_view text) {
  const std::string_view digits = without_spaces(text);
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (digits.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  T value = 0;
  const auto [rest, failure] = std::from_chars(begin, end, value);
  if (rest != end || failure == std::errc::invalid_argument) {
    return bad_syntax(kIntegerName<T>, text);
  }
  if (failure != std::errc()) return value_out_of_range(text, kIntegerName<T>);
  return value;
}
template Result<int16_t> parse_integer<int16_t>(std::string_view);
template Result<int32_t> parse_integer<int32_t>(std::string_view);
template Result<int64_t> parse_integer<int64_t>(std::string_view);

const TypeList kIntegerTypes = kAll;

}  // namespace mortise::sql_functions
