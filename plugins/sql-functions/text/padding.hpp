// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does text fit varchar(n) and char(n)?
//
// Lengths are characters.  Blanks beyond the length are dropped silently; other characters fail
// with 22001, or are cut by an explicit cast.  char(n) is kept without trailing blanks
// (types/text_types.cpp says why) and padded where its full text is asked for.
//
// Threads: pure functions; [any].

#include "evaluate.hpp"

namespace mortise::sql_functions {

Result<std::string_view> fit_varchar(std::string_view text, int32_t modifier, bool is_explicit);
Result<std::string_view> fit_bpchar(std::string_view text, int32_t modifier, bool is_explicit);
// With blanks up to the length that the modifier names.
Result<std::string_view> padded(Call& call, std::string_view text, int32_t modifier);

}  // namespace mortise::sql_functions
