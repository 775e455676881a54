// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: are these bytes text that a TEXT column may hold?
//
// Well-formed UTF-8 by the table of the Unicode standard (section 3.9): shortest forms only, no
// surrogates, nothing past U+10FFFF, and no byte 0, which PostgreSQL does not store either.
//
// Threads: pure functions.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise {

// How many bytes at the front are 0x01..0x7F: all, or at least up to the first word that has
// others.
inline size_t ascii_prefix_bytes(std::string_view bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if (((word | (word - kOnes)) & kHighs) != 0) return at;
  }
  while (at < bytes.size() && bytes[at] > 0) ++at;
  return at;
}

inline bool is_ascii_text(std::string_view bytes) {
  return ascii_prefix_bytes(bytes) == bytes.size();
}

// The length of the character that `bytes` (not empty) begin with; 0 when they begin with none, and
// then `*bad_bytes` is how many of them to blame.
inline size_t utf8_character_bytes(std::string_view bytes, size_t* bad_bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = byte(0);
  *bad_bytes = 1;
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead < 0xC0 || lead >= 0xF8) return 0;
  const size_t length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  *bad_bytes = length < bytes.size() ? length : bytes.size();
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char next = byte(1);
  const bool is_overlong = (lead == 0xE0 && next < 0xA0) || (lead == 0xF0 && next < 0x90);
  const bool is_outside = (lead == 0xED && next > 0x9F) || (lead == 0xF4 && next > 0x8F);
  return is_overlong || is_outside ? 0 : length;
}

// 22021, naming the first bytes that are wrong, in PostgreSQL's words.
inline Status check_utf8(std::string_view bytes) {
  bytes.remove_prefix(ascii_prefix_bytes(bytes));
  while (!bytes.empty()) {
    size_t bad_bytes = 0;
    const size_t length = utf8_character_bytes(bytes, &bad_bytes);
    if (length != 0) {
      bytes.remove_prefix(length);
      continue;
    }
    constexpr char kHex[] = "0123456789abcdef";
    std::string message("invalid byte sequence for encoding \"UTF8\":");
    for (size_t i = 0; i < bad_bytes; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      message.append(" 0x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
    return Status(Code::invalid, "22021", std::move(message));
  }
  return {};
}

}  // namespace mortise
