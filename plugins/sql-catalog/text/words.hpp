// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are the words of a constant list read?
//
// Threads: pure functions; [any].

#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mortise::sql_catalog {

// The words between `separators`; empty ones count unless the separator is white space.
inline std::vector<std::string_view> words(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> found;
  const bool keeps_empty = separators.find_first_of(" \n") == std::string_view::npos;
  while (!text.empty()) {
    const size_t end = text.find_first_of(separators);
    const std::string_view word = text.substr(0, end);
    if (!word.empty() || keeps_empty) found.push_back(word);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (text.empty() && keeps_empty && end != std::string_view::npos) found.emplace_back();
  }
  return found;
}

// A number of a list of ours; 0 for what is none.
template <typename T = uint32_t>
T number(std::string_view text) {
  T value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace mortise::sql_catalog
