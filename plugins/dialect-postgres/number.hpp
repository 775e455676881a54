// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number does a text write at a place?
//
// libpg_query 15 writes an integer into its JSON only when it is positive, so -4 and 0 look alike
// there.  The text knows better: the digits that follow the node's location.
//
// Threads: [any].

#include <cstdint>
#include <string_view>

namespace mortise::dialect_postgres {

// The digits that stand first in `text`, after signs, parentheses, words, quoted names and
// comments; 0 when there are none before the end, or more than an int32_t holds.
int64_t first_digits(std::string_view text);

}  // namespace mortise::dialect_postgres
