// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are bytes written as hexadecimal digits, and read?
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "text/character.hpp"

namespace mortise::sql_functions {

inline int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

inline void append_hex(std::string_view bytes, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
}

// The failure of a text that has no digit where it begins.
inline Status bad_hex_digit(std::string_view text) {
  const std::string_view shown = text.substr(0, character_bytes(text));
  return {Code::invalid, "22023", "invalid hexadecimal digit: \"" + std::string(shown) + "\""};
}

// Blanks between bytes are passed over.
inline Result<std::string> decode_hex(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
      ++i;
      continue;
    }
    const int high = hex_value(text[i]);
    if (high < 0) return bad_hex_digit(text.substr(i));
    if (i + 1 >= text.size()) {
      return Status(Code::invalid, "22023", "invalid hexadecimal data: odd number of digits");
    }
    const int low = hex_value(text[i + 1]);
    if (low < 0) return bad_hex_digit(text.substr(i + 1));
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return out;
}

}  // namespace mortise::sql_functions
