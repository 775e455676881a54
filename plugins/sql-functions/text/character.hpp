// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how many bytes has the first character of a text?
//
// Texts are valid UTF-8 as a rule; of others any bytes that continue nothing count as characters.
//
// Threads: pure functions; [any].

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mortise::sql_functions {

// `text` is not empty.
inline size_t character_bytes(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

}  // namespace mortise::sql_functions
