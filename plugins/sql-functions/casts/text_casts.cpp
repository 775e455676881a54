// SPDX-License-Identifier: Apache-2.0

// Casts among the text types and from bool and "char".

#include "casts/lists.hpp"
#include "text/padding.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Result<std::string_view> to_varchar(Call& call, std::string_view text) {
  return fit_varchar(text, bound_modifier(call.state()), is_bound_explicit(call.state()));
}
Result<std::string_view> to_bpchar(Call& call, std::string_view text) {
  return fit_bpchar(text, bound_modifier(call.state()), is_bound_explicit(call.state()));
}
std::string_view without_padding(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}
Result<std::string_view> bpchar_to_varchar(Call& call, std::string_view text) {
  return to_varchar(call, without_padding(text));
}
std::string_view to_name(std::string_view text) {
  constexpr size_t kNameBytesMax = 63;
  if (text.size() <= kNameBytesMax) return text;
  size_t size = kNameBytesMax;
  while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}
std::string_view bpchar_to_name(std::string_view text) {
  return to_name(without_padding(text));
}
std::string_view to_char(std::string_view text) {
  return text.substr(0, 1);
}
// The first blank of a char(n) that is all blanks.
std::string_view bpchar_to_char(Call& call, std::string_view text) {
  return text.empty() && call.type(0).modifier > 4 ? std::string_view(" ") : to_char(text);
}
Result<std::string> char_to_varchar(Call& call, std::string_view text) {
  const std::string shown = char_text(text);
  MORTISE_TRY_ASSIGN(const std::string_view kept, to_varchar(call, shown));
  return std::string(kept);
}
Result<std::string> char_to_bpchar(Call& call, std::string_view text) {
  const std::string shown = char_text(text);
  MORTISE_TRY_ASSIGN(const std::string_view kept, to_bpchar(call, shown));
  return std::string(kept);
}
std::string_view same(std::string_view text) {
  return text;
}

std::string_view bool_text(bool value) {
  return value ? "true" : "false";
}
Result<std::string_view> bool_to_varchar(Call& call, bool value) {
  return to_varchar(call, bool_text(value));
}
Result<std::string_view> bool_to_bpchar(Call& call, bool value) {
  return to_bpchar(call, bool_text(value));
}

int32_t char_to_int(std::string_view text) {
  return text.empty() ? 0 : static_cast<int8_t>(text[0]);
}
Result<std::string> int_to_char(int32_t value) {
  if (value < -128 || value > 127) {
    return Status(Code::invalid, "22003", "\"char\" out of range");
  }
  if (value == 0) return std::string();
  return std::string(1, static_cast<char>(value));
}

constexpr mortise_cast_t kTable[] = {
    relabel<"text:varchar">(MORTISE_CAST_IMPLICIT),
    relabel<"text:bpchar">(MORTISE_CAST_IMPLICIT),
    relabel<"varchar:text">(MORTISE_CAST_IMPLICIT),
    relabel<"varchar:bpchar">(MORTISE_CAST_IMPLICIT),
    cast<"varchar:varchar">(MORTISE_CAST_IMPLICIT, row<&to_varchar>, &bind_modifier),
    cast<"bpchar:bpchar">(MORTISE_CAST_IMPLICIT, row<&to_bpchar>, &bind_modifier),
    cast<"bpchar:text">(MORTISE_CAST_IMPLICIT, row<&without_padding>),
    cast<"bpchar:varchar">(MORTISE_CAST_IMPLICIT, row<&bpchar_to_varchar>, &bind_modifier),
    cast<"char:text">(MORTISE_CAST_IMPLICIT, row<&char_text>),
    cast<"char:bpchar">(MORTISE_CAST_ASSIGNMENT, row<&char_to_bpchar>, &bind_modifier),
    cast<"char:varchar">(MORTISE_CAST_ASSIGNMENT, row<&char_to_varchar>, &bind_modifier),
    cast<"name:text">(MORTISE_CAST_IMPLICIT, row<&same>),
    cast<"name:bpchar">(MORTISE_CAST_ASSIGNMENT, row<&to_bpchar>, &bind_modifier),
    cast<"name:varchar">(MORTISE_CAST_ASSIGNMENT, row<&to_varchar>, &bind_modifier),
    cast<"text:char">(MORTISE_CAST_ASSIGNMENT, row<&to_char>),
    cast<"bpchar:char">(MORTISE_CAST_ASSIGNMENT, row<&bpchar_to_char>),
    cast<"varchar:char">(MORTISE_CAST_ASSIGNMENT, row<&to_char>),
    cast<"text:name">(MORTISE_CAST_IMPLICIT, row<&to_name>),
    cast<"bpchar:name">(MORTISE_CAST_IMPLICIT, row<&bpchar_to_name>),
    cast<"varchar:name">(MORTISE_CAST_IMPLICIT, row<&to_name>),
    cast<"char:int4">(MORTISE_CAST_EXPLICIT, row<&char_to_int>),
    cast<"int4:char">(MORTISE_CAST_EXPLICIT, row<&int_to_char>),
    cast<"bool:text">(MORTISE_CAST_ASSIGNMENT, row<&bool_text>),
    cast<"bool:varchar">(MORTISE_CAST_ASSIGNMENT, row<&bool_to_varchar>, &bind_modifier),
    cast<"bool:bpchar">(MORTISE_CAST_ASSIGNMENT, row<&bool_to_bpchar>, &bind_modifier),
};

}  // namespace

const CastList kTextCasts = kTable;

}  // namespace mortise::sql_functions
