// SPDX-License-Identifier: Apache-2.0
#include "nesting.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace mortise::dialect_postgres {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// Each function takes the offset of the first byte and answers the offset after the last.

size_t after_quoted(std::string_view text, size_t at, char quote, bool has_escapes) {
  for (++at; at < text.size(); ++at) {
    if (has_escapes && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;  // a doubled quote begins the next part of the same string
    }
  }
  return text.size();
}

size_t after_block_comment(std::string_view text, size_t at) {
  size_t depth = 1;
  for (at += 2; at < text.size() && depth > 0; ++at) {
    const std::string_view pair = text.substr(at, 2);
    if (pair == "/*") {
      ++depth;
      ++at;
    } else if (pair == "*/") {
      --depth;
      ++at;
    }
  }
  return std::min(at, text.size());
}

// $tag$ ... $tag$; the same offset when it is not one.
size_t after_dollar_quoted(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && text[end] != '$' && is_word(text[end])) ++end;
  if (end >= text.size() || text[end] != '$') return at;
  if (end > at + 1 && text[at + 1] >= '0' && text[at + 1] <= '9') return at;
  const std::string_view tag = text.substr(at, end + 1 - at);
  const size_t close = text.find(tag, end + 1);
  return close == std::string_view::npos ? text.size() : close + tag.size();
}

}  // namespace

uint64_t nesting_levels_max(std::string_view text) {
  std::vector<uint64_t> open = {0};  // tokens since the last comma, per open parenthesis
  uint64_t sum = 0;                  // of `open`
  uint64_t most = 0;
  const auto add = [&] {
    ++open.back();
    most = std::max(most, ++sum);
  };
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++at;
    } else if (c == '(' || c == '[') {
      add();
      open.push_back(0);
      ++at;
    } else if (c == ')' || c == ']') {
      if (open.size() > 1) {
        sum -= open.back();
        open.pop_back();
      }
      ++at;
    } else if (c == ',') {
      sum -= open.back();
      open.back() = 0;
      ++at;
    } else if (c == '\'' || c == '"') {
      const bool has_escapes = c == '\'' && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E');
      add();
      at = after_quoted(text, at, c, has_escapes);
    } else if (text.substr(at, 2) == "--") {
      const size_t line_end = text.find_first_of("\n\r", at);
      at = line_end == std::string_view::npos ? text.size() : line_end;
    } else if (text.substr(at, 2) == "/*") {
      at = after_block_comment(text, at);
    } else if (c == '$' && after_dollar_quoted(text, at) != at) {
      add();
      at = after_dollar_quoted(text, at);
    } else if (is_word(c)) {
      add();
      while (at < text.size() && is_word(text[at])) ++at;
    } else {
      add();
      ++at;
    }
  }
  return most;
}

}  // namespace mortise::dialect_postgres
