// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which elements does an array literal '{a,"b c",NULL}' hold?
//
// One dimension only; there is no array type yet, but `= ANY ('{...}')` needs its elements.

#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_engine {

struct ArrayElement {
  std::string text;
  bool is_null = false;
};

inline Status read_array_text(std::string_view text, std::vector<ArrayElement>& elements) {
  const auto malformed = [&] {
    return Status(Code::invalid, "22P02", "malformed array literal: \"" + std::string(text) + "\"");
  };
  size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n')) ++at;
  };
  skip_blanks();
  if (at >= text.size() || text[at] != '{') return malformed();
  ++at;
  skip_blanks();
  if (at < text.size() && text[at] == '}') return {};
  for (;;) {
    skip_blanks();
    ArrayElement element;
    bool is_quoted = false;
    if (at < text.size() && text[at] == '"') {
      is_quoted = true;
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        element.text.push_back(text[at]);
      }
      if (at >= text.size()) return malformed();
      ++at;
    } else {
      for (; at < text.size() && text[at] != ',' && text[at] != '}'; ++at) {
        if (text[at] == '{' || text[at] == '"') return malformed();
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        element.text.push_back(text[at]);
      }
      while (!element.text.empty() && element.text.back() == ' ') element.text.pop_back();
      if (element.text.empty()) return malformed();
    }
    const std::string& t = element.text;
    element.is_null = !is_quoted && t.size() == 4 && (t[0] | 32) == 'n' && (t[1] | 32) == 'u' &&
                      (t[2] | 32) == 'l' && (t[3] | 32) == 'l';
    elements.push_back(std::move(element));
    skip_blanks();
    if (at >= text.size()) return malformed();
    if (text[at] == '}') return {};
    if (text[at] != ',') return malformed();
    ++at;
  }
}

}  // namespace mortise::sql_engine
