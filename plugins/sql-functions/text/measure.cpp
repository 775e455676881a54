// SPDX-License-Identifier: Apache-2.0

// Functions that answer a number or a truth about text: lengths, positions, codes.

#include <bit>

#include "evaluate.hpp"
#include "failures.hpp"
#include "text/lists.hpp"
#include "text/padding.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

int32_t length(std::string_view text) {
  return static_cast<int32_t>(count_characters(text));
}
std::string_view without_padding(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}
int32_t bpchar_length(std::string_view text) {
  return length(without_padding(text));
}
int32_t byte_length(std::string_view bytes) {
  return static_cast<int32_t>(bytes.size());
}
int32_t bit_length(std::string_view bytes) {
  return static_cast<int32_t>(bytes.size() * 8);
}
// Counts the blanks that the column's length asks for.
Result<int32_t> bpchar_byte_length(Call& call, std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::string_view full, padded(call, text, call.type(0).modifier));
  return static_cast<int32_t>(full.size());
}

// Position of the first occurrence, counted in characters from 1; 0 when there is none.
int32_t position(std::string_view text, std::string_view wanted) {
  const size_t at = text.find(wanted);
  if (at == std::string_view::npos) return 0;
  return static_cast<int32_t>(count_characters(text.substr(0, at))) + 1;
}
int32_t byte_position(std::string_view bytes, std::string_view wanted) {
  const size_t at = bytes.find(wanted);
  return at == std::string_view::npos ? 0 : static_cast<int32_t>(at) + 1;
}
bool starts_with(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix);
}

int32_t ascii(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](size_t i) { return static_cast<int32_t>(static_cast<uint8_t>(text[i])); };
  const int32_t lead = byte(0);
  if (lead < 0x80) return lead;
  if (lead < 0xE0 && text.size() >= 2) return (lead & 0x1F) << 6 | (byte(1) & 0x3F);
  if (lead < 0xF0 && text.size() >= 3) {
    return (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  }
  if (text.size() >= 4) {
    return (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  return lead;
}

Result<int32_t> get_byte(std::string_view bytes, int32_t index) {
  if (index < 0 || static_cast<size_t>(index) >= bytes.size()) {
    return Status(Code::invalid, "2202E",
                  "index " + std::to_string(index) + " out of valid range, 0.." +
                      std::to_string(static_cast<int64_t>(bytes.size()) - 1));
  }
  return static_cast<uint8_t>(bytes[static_cast<size_t>(index)]);
}
Result<std::string> set_byte(std::string_view bytes, int32_t index, int32_t value) {
  MORTISE_TRY(get_byte(bytes, index));
  std::string out(bytes);
  out[static_cast<size_t>(index)] = static_cast<char>(value);
  return out;
}
int64_t bit_count(std::string_view bytes) {
  int64_t count = 0;
  for (const char c : bytes) count += std::popcount(static_cast<uint8_t>(c));
  return count;
}

constexpr mortise_function_t kTable[] = {
    scalar<"text:int4">(1317, "length", row<&length>, {.cannot_fail = true}),
    scalar<"text:int4">(1381, "char_length", row<&length>, {.cannot_fail = true}),
    scalar<"text:int4">(1369, "character_length", row<&length>, {.cannot_fail = true}),
    scalar<"text:int4">(1257, "textlen", row<&length>, {.cannot_fail = true}),
    scalar<"bpchar:int4">(1318, "length", row<&bpchar_length>, {.cannot_fail = true}),
    scalar<"bpchar:int4">(1372, "char_length", row<&bpchar_length>, {.cannot_fail = true}),
    scalar<"bpchar:int4">(1367, "character_length", row<&bpchar_length>, {.cannot_fail = true}),
    scalar<"text:int4">(1374, "octet_length", row<&byte_length>, {.cannot_fail = true}),
    scalar<"bpchar:int4">(1375, "octet_length", row<&bpchar_byte_length>),
    scalar<"bytea:int4">(720, "octet_length", row<&byte_length>, {.cannot_fail = true}),
    scalar<"bytea:int4">(2010, "length", row<&byte_length>, {.cannot_fail = true}),
    scalar<"text:int4">(1811, "bit_length", row<&bit_length>, {.cannot_fail = true}),
    scalar<"bytea:int4">(1810, "bit_length", row<&bit_length>, {.cannot_fail = true}),
    scalar<"text,text:int4">(849, "position", row<&position>, {.cannot_fail = true}),
    scalar<"text,text:int4">(868, "strpos", row<&position>, {.cannot_fail = true}),
    scalar<"bytea,bytea:int4">(2014, "position", row<&byte_position>, {.cannot_fail = true}),
    scalar<"text,text:bool">(3696, "starts_with", row<&starts_with>,
                             {.symbol = "^@", .cannot_fail = true}),
    scalar<"text:int4">(1620, "ascii", row<&ascii>, {.cannot_fail = true}),
    scalar<"bytea,int4:int4">(721, "get_byte", row<&get_byte>),
    scalar<"bytea,int4,int4:bytea">(722, "set_byte", row<&set_byte>),
    scalar<"bytea:int8">(6163, "bit_count", row<&bit_count>, {.cannot_fail = true}),
};

}  // namespace

const FunctionList kMeasureFunctions = kTable;

}  // namespace mortise::sql_functions
