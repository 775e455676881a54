// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a text written as an identifier or a literal of SQL?
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

namespace mortise::sql_functions {

// Quoted where it is no plain lower-case name, or is a keyword that may not stand as a name.
std::string quote_identifier(std::string_view name);
// 'it''s', or E'a\\b' with a backslash.
std::string quote_literal(std::string_view text);

}  // namespace mortise::sql_functions
