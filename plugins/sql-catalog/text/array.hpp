// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do arrays and vectors look as text, and which elements does such a text hold?
//
// One dimension.  Vectors (int2vector, oidvector) are numbers with blanks between them.
//
// Threads: pure functions; [any].

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_catalog {

class ArrayText {
 public:
  void add(int64_t value) { separate() += std::to_string(value); }
  void add(std::string_view text);
  std::string take() { return std::move(text_) + "}"; }
  bool is_empty() const { return text_.size() == 1; }

 private:
  std::string& separate() {
    if (text_.size() > 1) text_ += ',';
    return text_;
  }
  std::string text_ = "{";
};

inline void ArrayText::add(std::string_view text) {
  std::string& out = separate();
  const bool is_null_word = text.size() == 4 && (text[0] | 32) == 'n' && (text[1] | 32) == 'u' &&
                            (text[2] | 32) == 'l' && (text[3] | 32) == 'l';
  const bool needs_quotes = text.empty() || is_null_word ||
                            text.find_first_of("{},\"\\ \t\n\r\v\f") != std::string_view::npos;
  if (!needs_quotes) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

template <typename Values>
std::string array_text(const Values& values) {
  ArrayText out;
  for (const auto& value : values) out.add(value);
  return out.take();
}

template <typename Values>
std::string vector_text(const Values& values) {
  std::string out;
  for (const auto& value : values) {
    if (!out.empty()) out += ' ';
    out += std::to_string(value);
  }
  return out;
}

// The elements of '{a,"b c",NULL}' or of a vector '1 2'; nothing for NULL.  22P02 if malformed.
Result<std::vector<std::optional<std::string>>> array_elements(std::string_view text);

}  // namespace mortise::sql_catalog
