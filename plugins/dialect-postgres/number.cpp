// SPDX-License-Identifier: Apache-2.0
#include "number.hpp"

#include <algorithm>
#include <charconv>

namespace mortise::dialect_postgres {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<uint8_t>(c) >= 0x80;
}

// Comments of this kind nest.
size_t block_comment_bytes(std::string_view text) {
  size_t at = 2;
  for (int depth = 1; depth > 0 && at < text.size();) {
    const std::string_view two = text.substr(at, 2);
    depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
    at += two == "/*" || two == "*/" ? 2 : 1;
  }
  return at;
}

// Of what stands at the beginning and is no number.
size_t token_bytes(std::string_view text) {
  if (text.starts_with("--")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) return block_comment_bytes(text);
  if (text[0] == '"') return std::min(text.find('"', 1), text.size() - 1) + 1;
  size_t at = 0;
  while (at < text.size() && is_in_word(text[at])) ++at;
  return at == 0 ? 1 : at;
}

}  // namespace

int64_t first_digits(std::string_view text) {
  while (!text.empty() && !is_digit(text[0])) text.remove_prefix(token_bytes(text));
  int32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? value : 0;
}

}  // namespace mortise::dialect_postgres
