// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which array of texts is a match of a regular expression?
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

#include "mortise/cpp/array.hpp"
#include "text/regex_loop.hpp"

namespace mortise::sql_functions {

// Adds a text; null if it has no data.
void add_text(ArrayBuilder& builder, std::string_view text);

// The groups of a match, null where one took no part; all of it when the pattern has no groups.
std::string match_array(const RegexMatch& match);

}  // namespace mortise::sql_functions
