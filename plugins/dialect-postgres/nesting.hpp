// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how deep can the parse tree of this text be at most?
//
// libpg_query writes its tree recursively and without a limit, so the stack has to be large enough
// before it starts.  A tree cannot be deeper than the tokens that stand between two commas, added
// up over the parentheses open at that place: lists do not nest, everything else might.  One pass
// over the text, about a nanosecond a byte.
//
// Invariant
//   D3  The answer is never less than the depth of the tree.

#include <cstdint>
#include <string_view>

namespace mortise::dialect_postgres {

uint64_t nesting_levels_max(std::string_view text);

}  // namespace mortise::dialect_postgres
