// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: are these bytes text?
//
// Values of MORTISE_PHYSICAL_TEXT are UTF-8 (types.h); whoever takes bytes from outside checks them
// with this before they become such a value.
//
// Threads: pure functions; [any].

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise {

// The bytes before the first that are no well-formed character; all of them if there is none.  As
// the table of the Unicode standard has it: shortest forms only, no surrogates, nothing past
// U+10FFFF; and no zero byte, which no text of SQL may hold.
inline size_t utf8_prefix_bytes(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto is_between = [&](size_t at, uint8_t low, uint8_t high) {
    return at < text.size() && bytes[at] >= low && bytes[at] <= high;
  };
  size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8) {
      constexpr uint64_t kOnes = 0x0101010101010101u;
      constexpr uint64_t kHighs = 0x8080808080808080u;
      uint64_t word = 0;
      std::memcpy(&word, bytes + at, 8);
      // No byte is 0 or above 127.
      if (((word | (word - kOnes)) & kHighs) == 0) {
        at += 8;
        continue;
      }
    }
    const uint8_t lead = bytes[at];
    size_t size = 0;
    if (lead < 0x80) {
      size = lead == 0 ? 0 : 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
      size = is_between(at + 1, 0x80, 0xBF) ? 2 : 0;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      const bool is_good =
          is_between(at + 1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) &&
          is_between(at + 2, 0x80, 0xBF);
      size = is_good ? 3 : 0;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      const bool is_good =
          is_between(at + 1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) &&
          is_between(at + 2, 0x80, 0xBF) && is_between(at + 3, 0x80, 0xBF);
      size = is_good ? 4 : 0;
    }
    if (size == 0) break;
    at += size;
  }
  return at;
}

// 22021 with the first bytes that are no character, as many as their first one announces.
inline Status check_utf8(std::string_view text) {
  const size_t at = utf8_prefix_bytes(text);
  if (at == text.size()) return {};
  constexpr char kHex[] = "0123456789abcdef";
  const auto lead = static_cast<uint8_t>(text[at]);
  const size_t announced = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::string message("invalid byte sequence for encoding \"UTF8\":");
  for (const char c : text.substr(at, lead >= 0xF8 ? 1 : announced)) {
    message.append(" 0x");
    message.push_back(kHex[static_cast<uint8_t>(c) >> 4]);
    message.push_back(kHex[static_cast<uint8_t>(c) & 15]);
  }
  return {Code::invalid, "22021", std::move(message)};
}

}  // namespace mortise
