// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: into which pieces do a mark and a regular expression split a text?
//
// Threads: pure functions; [any].

#include <optional>
#include <string_view>
#include <vector>

#include "text/character.hpp"
#include "text/regex.hpp"

namespace mortise::sql_functions {

// Splits at `mark`; without one into characters; an empty one splits nothing.  An empty text has no
// pieces.
inline std::vector<std::string_view> split_text(std::string_view text,
                                                std::optional<std::string_view> mark) {
  std::vector<std::string_view> pieces;
  if (text.empty()) return pieces;
  if (!mark) {
    while (!text.empty()) {
      const size_t size = character_bytes(text);
      pieces.push_back(text.substr(0, size));
      text.remove_prefix(size);
    }
    return pieces;
  }
  for (size_t at = mark->empty() ? std::string_view::npos : text.find(*mark);
       at != std::string_view::npos; at = text.find(*mark)) {
    pieces.push_back(text.substr(0, at));
    text.remove_prefix(at + mark->size());
  }
  pieces.push_back(text);
  return pieces;
}

// Splits at every match.  An empty match at the end, or right behind the last, splits nothing.
inline std::vector<std::string_view> split_by_regex(std::string_view text, const Regex& regex) {
  std::vector<std::string_view> pieces;
  size_t piece_start = 0;
  size_t from = 0;
  std::vector<std::string_view> match;
  while (from <= text.size() && regex.find(text, from, &match)) {
    const auto begin = static_cast<size_t>(match[0].data() - text.data());
    const size_t end = begin + match[0].size();
    if (match[0].empty() && begin >= text.size()) break;
    if (end > piece_start) {
      pieces.push_back(text.substr(piece_start, begin - piece_start));
      piece_start = end;
    }
    from = match[0].empty() ? begin + character_bytes(text.substr(begin)) : end;
  }
  pieces.push_back(text.substr(piece_start));
  return pieces;
}

}  // namespace mortise::sql_functions
