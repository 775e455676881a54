// SPDX-License-Identifier: Apache-2.0

// text, varchar, bpchar, name, "char", unknown, void and record.
//
// A char(n) column stands without trailing blanks, which no comparison of the type sees, and gets
// them back when it is written as text.  Without a modifier the blanks stay.

#include <algorithm>

#include "mortise/cpp/utf8.hpp"
#include "text/padding.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

constexpr int32_t kLengthMax = 10485760;
constexpr uint32_t kNameBytesMax = 63;

Result<std::string_view> text_receive(std::string_view bytes) {
  MORTISE_TRY(check_utf8(bytes));
  return bytes;
}
std::string_view same(std::string_view text) {
  return text;
}

Result<std::string_view> varchar_in(Call& call, std::string_view text) {
  return fit_varchar(text, modifier_of(call), false);
}
Result<std::string_view> varchar_receive(Call& call, std::string_view bytes) {
  MORTISE_TRY(check_utf8(bytes));
  return fit_varchar(bytes, modifier_of(call), false);
}
Result<std::string_view> bpchar_in(Call& call, std::string_view text) {
  return fit_bpchar(text, modifier_of(call), false);
}
Result<std::string_view> bpchar_receive(Call& call, std::string_view bytes) {
  MORTISE_TRY(check_utf8(bytes));
  return fit_bpchar(bytes, modifier_of(call), false);
}
Result<std::string_view> bpchar_out(Call& call, std::string_view text) {
  return padded(call, text, modifier_of(call));
}

// Cut at a character, never within one.
std::string_view name_in(std::string_view text) {
  if (text.size() <= kNameBytesMax) return text;
  size_t size = kNameBytesMax;
  while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}
Result<std::string_view> name_receive(std::string_view bytes) {
  MORTISE_TRY(check_utf8(bytes));
  return name_in(bytes);
}

// One byte; \ooo writes one that is no ASCII character.
bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
std::string char_in(std::string_view text) {
  if (text.size() == 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
      is_octal(text[3])) {
    const int byte = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
    return byte == 0 ? std::string() : std::string(1, static_cast<char>(byte));
  }
  return std::string(text.substr(0, 1));
}
std::string char_send(std::string_view text) {
  return text.empty() ? std::string(1, '\0') : std::string(text.substr(0, 1));
}
Result<std::string_view> char_receive(std::string_view bytes) {
  if (bytes.size() != 1) return bad_binary("bind parameter");
  return bytes[0] == '\0' ? std::string_view() : bytes;
}

std::string_view void_any(std::string_view) {
  return {};
}
Result<std::string_view> record_in(std::string_view) {
  return unsupported("input of anonymous composite types is not implemented");
}

Status check_length(const int64_t* values, uint32_t count, const char* name) {
  if (count != 1) return invalid("invalid type modifier");
  if (values[0] < 1) return invalid(std::string("length for type ") + name + " must be at least 1");
  if (values[0] > kLengthMax) {
    return invalid(std::string("length for type ") + name + " cannot exceed " +
                   std::to_string(kLengthMax));
  }
  return {};
}
mortise_status_t MORTISE_CALL varchar_modifier_in(const int64_t* values, uint32_t count,
                                                  int32_t* modifier, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY(check_length(values, count, "varchar"));
    *modifier = static_cast<int32_t>(values[0]) + 4;
    return {};
  });
}
mortise_status_t MORTISE_CALL bpchar_modifier_in(const int64_t* values, uint32_t count,
                                                 int32_t* modifier, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY(check_length(values, count, "char"));
    *modifier = static_cast<int32_t>(values[0]) + 4;
    return {};
  });
}
uint32_t MORTISE_CALL length_modifier_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  if (modifier < 4) return 0;
  const std::string text = "(" + std::to_string(modifier - 4) + ")";
  std::memcpy(buffer, text.data(), std::min<size_t>(capacity_bytes, text.size()));
  return static_cast<uint32_t>(text.size());
}

template <uint32_t kSqlType>
constexpr mortise_type_info_t string_type(const TypeNames& names, Conversion in,
                                          Conversion receive) {
  return describe_type(names, &resolve_fixed<kSqlType, MORTISE_PHYSICAL_TEXT>, in, convert<&same>,
                       receive, convert<&same>);
}

constexpr mortise_type_info_t kTable[] = {
    string_type<MORTISE_SQL_TEXT>({MORTISE_SQL_TEXT, 1009, "text", "text", -1, 'S', true},
                                  convert<&same>, convert<&text_receive>),
    with_modifier(string_type<MORTISE_SQL_VARCHAR>(
                      {MORTISE_SQL_VARCHAR, 1015, "varchar", "character varying", -1, 'S', false},
                      convert<&varchar_in>, convert<&varchar_receive>),
                  &varchar_modifier_in, &length_modifier_out),
    with_modifier(describe_type({MORTISE_SQL_BPCHAR, 1014, "bpchar", "character", -1, 'S', false},
                                &resolve_fixed<MORTISE_SQL_BPCHAR, MORTISE_PHYSICAL_TEXT>,
                                convert<&bpchar_in>, convert<&bpchar_out>, convert<&bpchar_receive>,
                                convert<&bpchar_out>),
                  &bpchar_modifier_in, &length_modifier_out),
    string_type<MORTISE_SQL_NAME>({MORTISE_SQL_NAME, 1003, "name", "name", 64, 'S', false},
                                  convert<&name_in>, convert<&name_receive>),
    describe_type({MORTISE_SQL_CHAR, 1002, "char", "\"char\"", 1, 'Z', false},
                  &resolve_fixed<MORTISE_SQL_CHAR, MORTISE_PHYSICAL_TEXT>, convert<&char_in>,
                  convert<&char_text>, convert<&char_receive>, convert<&char_send>),
    string_type<MORTISE_SQL_UNKNOWN>({MORTISE_SQL_UNKNOWN, 0, "unknown", "unknown", -2, 'X', false},
                                     convert<&same>, convert<&text_receive>),
    describe_type({MORTISE_SQL_VOID, 0, "void", "void", 4, 'P', false},
                  &resolve_fixed<MORTISE_SQL_VOID, MORTISE_PHYSICAL_TEXT>, convert<&void_any>,
                  convert<&void_any>, convert<&void_any>, convert<&void_any>),
    describe_type({MORTISE_SQL_RECORD, 2287, "record", "record", -1, 'P', false},
                  &resolve_fixed<MORTISE_SQL_RECORD, MORTISE_PHYSICAL_TEXT>, convert<&record_in>,
                  convert<&same>, convert<&record_in>, convert<&same>),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

std::string char_text(std::string_view text) {
  const auto byte = text.empty() ? uint8_t{0} : static_cast<uint8_t>(text[0]);
  if (byte < 0x80) return std::string(text);
  std::string out("\\");
  out.push_back(static_cast<char>('0' + (byte >> 6)));
  out.push_back(static_cast<char>('0' + (byte >> 3 & 7)));
  out.push_back(static_cast<char>('0' + (byte & 7)));
  return out;
}

uint64_t count_characters(std::string_view text) {
  uint64_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

uint64_t bytes_of_characters(std::string_view text, uint64_t count) {
  if (count >= text.size()) return text.size();
  uint64_t seen = 0;
  for (uint64_t i = 0; i < text.size(); ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80 && seen++ == count) return i;
  }
  return text.size();
}

const TypeList kTextTypes = kAll;

}  // namespace mortise::sql_functions
