// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a to_char pattern for numbers say?
//
// Digits before and after the point, where zeros are shown, how the sign is written.  The meaning
// of every letter is PostgreSQL's.
//
// Threads: pure functions; [any].

#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

enum class NumberMark {
  digit,  // 9
  zero,   // 0
  point,  // . or D
  comma,  // , or G
  blank,  // B
  currency,
  minus,          // MI
  plus,           // PL
  sign,           // SG
  anchored_sign,  // S
  bracket,        // PR
  roman,
  ordinal,
  shift,  // V
  exponent,
  fill_mode,
  text,
};

struct NumberNode {
  NumberMark mark;
  std::string_view text;
  bool is_lower = false;
};

struct NumberTemplate {
  std::vector<NumberNode> nodes;
  int digits_before = 0;
  int digits_after = 0;
  int digits_shifted = 0;  // after V
  int zero_start = 0;      // 1-based place of the first 0; 0 = none
  int zero_end = 0;
  int signs_before = 0;  // digits before S
  bool has_zero = false;
  bool has_point = false;
  bool has_shift = false;
  bool has_fill_mode = false;
  bool has_minus = false;
  bool has_plus = false;
  bool has_bracket = false;
  bool has_roman = false;
  bool has_exponent = false;
  enum class AnchoredSign { none, before, after } anchored = AnchoredSign::none;
};

// 42601 for a pattern that contradicts itself.
Result<NumberTemplate> parse_number_template(std::string_view pattern);

}  // namespace mortise::sql_functions
