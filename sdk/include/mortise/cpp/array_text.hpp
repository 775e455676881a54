// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is an array written as text?
//
// As PostgreSQL writes it: '{1,"b c",{NULL}}' with "[2:3]=" in front when a bound is not 1.
// cpp/array_text_reader.hpp reads it.
//
// Invariant
//   AT1  What `append_array_text` makes reads back as the same elements and dimensions.
//
// Threads: pure functions; [any].

#include <algorithm>
#include <string>
#include <string_view>

#include "mortise/cpp/array.hpp"

namespace mortise {

// An unquoted element that means null, in any case.
constexpr bool is_array_null(std::string_view text) {
  constexpr std::string_view kNull = "null";
  return text.size() == kNull.size() && std::equal(text.begin(), text.end(), kNull.begin(),
                                                   [](char a, char b) { return (a | 32) == b; });
}
constexpr bool is_array_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

struct ArrayShape {
  uint8_t dimensions_count = 0;
  ArrayDimension dimensions[kArrayDimensionsMax];
  std::span<const ArrayDimension> span() const { return {dimensions, dimensions_count}; }
};

inline Status too_many_dimensions(uint64_t count) {
  return limit("number of array dimensions (" + std::to_string(count) +
               ") exceeds the maximum allowed (" + std::to_string(kArrayDimensionsMax) + ")");
}
// 54000 unless the lengths' product and every upper bound are within range.
inline Result<uint32_t> count_array_elements(std::span<const ArrayDimension> dimensions) {
  uint64_t product = dimensions.empty() ? 0 : 1;
  for (const ArrayDimension& d : dimensions) {
    product *= static_cast<uint64_t>(std::max(d.length, 0));
    if (d.length < 0 || product > kArrayElementsMax) {
      return limit("array size exceeds the maximum allowed (" + std::to_string(kArrayElementsMax) +
                   ")");
    }
  }
  for (const ArrayDimension& d : dimensions) {
    if (int64_t{d.lower} + d.length > std::numeric_limits<int32_t>::max()) {
      return limit("array lower bound is too large: " + std::to_string(d.lower));
    }
  }
  return static_cast<uint32_t>(product);
}

inline void append_array_element_text(std::string_view text, std::string& out) {
  const bool needs_quotes = text.empty() || is_array_null(text) ||
                            text.find_first_of("{},\"\\ \t\n\r\v\f") != std::string_view::npos;
  if (!needs_quotes) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

// "[2:3][1:4]".
inline void append_array_bounds(std::span<const ArrayDimension> dimensions, std::string& out) {
  for (const ArrayDimension& d : dimensions) {
    out.append("[").append(std::to_string(d.lower)).append(":");
    out.append(std::to_string(int64_t{d.lower} + d.length - 1)).append("]");
  }
}

// Writes an array; `element(index)` is an element's text, or nothing for null.
template <typename Element>
void append_array_text(std::span<const ArrayDimension> dimensions, Element&& element,
                       std::string& out) {
  if (dimensions.empty()) {
    out.append("{}");
    return;
  }
  if (std::any_of(dimensions.begin(), dimensions.end(), [](auto& d) { return d.lower != 1; })) {
    append_array_bounds(dimensions, out);
    out.push_back('=');
  }
  int32_t at[kArrayDimensionsMax] = {};
  const size_t depth = dimensions.size();
  out.append(depth, '{');
  for (uint32_t index = 0;; ++index) {
    const auto text = element(index);
    if (text) {
      append_array_element_text(*text, out);
    } else {
      out.append("NULL");
    }
    size_t level = depth;
    while (level > 0 && ++at[level - 1] == dimensions[level - 1].length) {
      at[--level] = 0;
      out.push_back('}');
    }
    if (level == 0) return;
    out.push_back(',');
    out.append(depth - level, '{');
  }
}

}  // namespace mortise
