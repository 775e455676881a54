// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is an advanced regular expression written for RE2?
//
// Both are far alike; what differs is listed in the source.
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

#include "text/regex.hpp"

namespace mortise::sql_functions {

struct TranslatedRegex {
  std::string pattern;
  bool is_lazy;  // has a quantifier that is not greedy
};

// 2201B for a bad pattern, 0A000 for what RE2 cannot do.
Result<TranslatedRegex> translate_regex(std::string_view pattern, const RegexOptions& options);

// 2201B: invalid regular expression: <why>
Status bad_regex(std::string_view why);

}  // namespace mortise::sql_functions
