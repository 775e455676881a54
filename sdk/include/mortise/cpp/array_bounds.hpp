// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which bounds stand in front of an array's text?
//
// "[2:3][4]=" is a dimension from 2 to 3 and one from 1 to 4; without bounds the braces say it all.
//
// Threads: pure functions; [any].

#include <algorithm>
#include <string>
#include <string_view>

#include "mortise/cpp/array_text.hpp"

namespace mortise {

inline Status malformed_array(std::string_view text, std::string detail) {
  return Status(Code::invalid, "22P02", "malformed array literal: \"" + std::string(text) + "\"")
      .with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail));
}

// Digits and signs from `at`, as atoi understands them; false if there are none.
inline bool read_array_bound(std::string_view text, size_t& at, int64_t& value) {
  const size_t end = std::min(text.find_first_not_of("0123456789+-", at), text.size());
  std::string_view digits = text.substr(at, end - at);
  if (digits.empty()) return false;
  at = end;
  const bool is_negative = digits[0] == '-';
  if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
  value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') break;
    value = std::min<int64_t>(value * 10 + (c - '0'), int64_t{1} << 31);
  }
  value = is_negative ? -value : std::min<int64_t>(value, std::numeric_limits<int32_t>::max());
  return true;
}

// Reads "[2:3]..." from `at`, with blanks before and behind; no dimensions if there are none.
inline Status read_array_bounds(std::string_view text, size_t& at, ArrayShape& shape) {
  const auto skip_spaces = [&] {
    while (at < text.size() && is_array_space(text[at])) ++at;
  };
  const auto take = [&](char c) {
    const bool is_there = at < text.size() && text[at] == c;
    at += is_there ? 1 : 0;
    return is_there;
  };
  for (skip_spaces(); take('['); skip_spaces()) {
    if (shape.dimensions_count == kArrayDimensionsMax) {
      return too_many_dimensions(kArrayDimensionsMax + 1);
    }
    int64_t lower = 1;
    int64_t upper = 0;
    if (!read_array_bound(text, at, upper)) {
      return malformed_array(text, "\"[\" must introduce explicitly-specified array dimensions.");
    }
    if (take(':')) {
      lower = upper;
      if (!read_array_bound(text, at, upper)) {
        return malformed_array(text, "Missing array dimension value.");
      }
    }
    if (!take(']')) return malformed_array(text, "Missing \"]\" after array dimensions.");
    if (upper < lower) {
      return {Code::invalid, "2202E", "upper bound cannot be less than lower bound"};
    }
    const int64_t length =
        std::min<int64_t>(upper - lower + 1, std::numeric_limits<int32_t>::max());
    shape.dimensions[shape.dimensions_count++] = {static_cast<int32_t>(length),
                                                  static_cast<int32_t>(lower)};
  }
  return {};
}

}  // namespace mortise
