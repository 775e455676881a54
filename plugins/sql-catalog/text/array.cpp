// SPDX-License-Identifier: Apache-2.0
#include "text/array.hpp"

#include "text/words.hpp"

namespace mortise::sql_catalog {
namespace {

bool is_null_word(std::string_view text) {
  return text.size() == 4 && (text[0] | 32) == 'n' && (text[1] | 32) == 'u' &&
         (text[2] | 32) == 'l' && (text[3] | 32) == 'l';
}

// Reads one element from `at`, up to the comma or brace behind it; false if it is malformed.
bool read_element(std::string_view text, size_t& at, std::optional<std::string>& element) {
  std::string value;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
      if (at >= text.size()) return false;
      value += text[at];
    }
    if (at >= text.size()) return false;
    ++at;
    element = std::move(value);
    return true;
  }
  for (; at < text.size() && text[at] != ',' && text[at] != '}'; ++at) {
    if (text[at] == '{' || text[at] == '"') return false;
    if (text[at] == '\\') ++at;
    if (at >= text.size()) return false;
    value += text[at];
  }
  while (value.ends_with(' ')) value.pop_back();
  if (value.empty()) return false;
  if (!is_null_word(value)) element = std::move(value);
  return true;
}

}  // namespace

Result<std::vector<std::optional<std::string>>> array_elements(std::string_view text) {
  std::vector<std::optional<std::string>> elements;
  if (!text.starts_with('{')) {
    for (const std::string_view word : words(text, " ")) elements.emplace_back(word);
    return elements;
  }
  const auto malformed = [&] {
    return Status(Code::invalid, "22P02", "malformed array literal: \"" + std::string(text) + "\"");
  };
  size_t at = 1;
  if (text == "{}") return elements;
  for (;;) {
    while (at < text.size() && text[at] == ' ') ++at;
    std::optional<std::string> element;
    if (!read_element(text, at, element)) return malformed();
    elements.push_back(std::move(element));
    while (at < text.size() && text[at] == ' ') ++at;
    if (at >= text.size()) return malformed();
    if (text[at] == '}' && at + 1 == text.size()) return elements;
    if (text[at] != ',') return malformed();
    ++at;
  }
}

}  // namespace mortise::sql_catalog
