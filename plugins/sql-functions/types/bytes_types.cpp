// SPDX-License-Identifier: Apache-2.0

// bytea (hex and escape forms) and uuid.

#include "text/hex.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

Result<std::string> escape_in(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out.push_back(text[i++]);
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back('\\');
      i += 2;
    } else if (i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3' &&
               is_octal(text[i + 2]) && is_octal(text[i + 3])) {
      out.push_back(static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
                                      (text[i + 3] - '0')));
      i += 4;
    } else {
      return Status(Code::invalid, "22P02", "invalid input syntax for type bytea");
    }
  }
  return out;
}

Result<std::string> bytea_in(std::string_view text) {
  if (text.starts_with("\\x")) return decode_hex(text.substr(2));
  return escape_in(text);
}

std::string escape_out(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '\\') {
      out.append("\\\\");
    } else if (byte < 0x20 || byte > 0x7E) {
      out.push_back('\\');
      out.push_back(static_cast<char>('0' + (byte >> 6)));
      out.push_back(static_cast<char>('0' + (byte >> 3 & 7)));
      out.push_back(static_cast<char>('0' + (byte & 7)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string bytea_out(Call& call, std::string_view bytes) {
  if (call.session() != nullptr && view_of(call.session()->bytea_output) == "escape") {
    return escape_out(bytes);
  }
  std::string out("\\x");
  append_hex(bytes, out);
  return out;
}

std::string_view same(std::string_view bytes) {
  return bytes;
}

// 32 hex digits, a hyphen after any group of four, braces around if you like.
Result<Uuid> uuid_in(std::string_view text) {
  Uuid value{};
  std::string_view rest = text;
  const bool has_brace = !rest.empty() && rest[0] == '{';
  if (has_brace) rest.remove_prefix(1);
  for (size_t i = 0; i < 16; ++i) {
    if (rest.size() < 2) return bad_syntax("uuid", text);
    const int high = hex_value(rest[0]);
    const int low = hex_value(rest[1]);
    if (high < 0 || low < 0) return bad_syntax("uuid", text);
    value.bytes[i] = static_cast<uint8_t>(high << 4 | low);
    rest.remove_prefix(2);
    if (!rest.empty() && rest[0] == '-' && i % 2 == 1 && i < 15) rest.remove_prefix(1);
  }
  if (has_brace) {
    if (rest != "}") return bad_syntax("uuid", text);
    rest = {};
  }
  if (!rest.empty()) return bad_syntax("uuid", text);
  return value;
}
std::string uuid_out(Uuid value) {
  std::string out;
  const std::string_view bytes(reinterpret_cast<const char*>(value.bytes), sizeof(value.bytes));
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    append_hex(bytes.substr(i, 1), out);
  }
  return out;
}
Result<Uuid> uuid_receive(std::string_view bytes) {
  Uuid value{};
  if (bytes.size() != sizeof(value.bytes)) return bad_binary("bind parameter");
  std::memcpy(value.bytes, bytes.data(), sizeof(value.bytes));
  return value;
}
std::string uuid_send(Uuid value) {
  return {reinterpret_cast<const char*>(value.bytes), sizeof(value.bytes)};
}

constexpr mortise_type_info_t kTable[] = {
    describe_type({MORTISE_SQL_BYTEA, 1001, "bytea", "bytea", -1, 'U', false},
                  &resolve_fixed<MORTISE_SQL_BYTEA, MORTISE_PHYSICAL_BYTES>, convert<&bytea_in>,
                  convert<&bytea_out>, convert<&same>, convert<&same>),
    describe_type({MORTISE_SQL_UUID, 2951, "uuid", "uuid", 16, 'U', false},
                  &resolve_fixed<MORTISE_SQL_UUID, MORTISE_PHYSICAL_UUID>, convert<&uuid_in>,
                  convert<&uuid_out>, convert<&uuid_receive>, convert<&uuid_send>),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

const TypeList kBytesTypes = kAll;

}  // namespace mortise::sql_functions
