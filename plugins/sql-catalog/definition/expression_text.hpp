// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a stored expression look when it is shown?
//
// Definitions store expressions as text with every operator in parentheses.  PostgreSQL shows them
// in two ways: so (pg_get_expr), or "pretty", with the parentheses gone that its rules for simple
// nodes (isSimpleNode in its ruleutils.c) find superfluous.  Negative numbers are constants with a
// type there: '-1'::integer.
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

namespace mortise::sql_catalog {

// With parentheses around what is not a name, a literal or a call; pretty: see above.
std::string parenthesized(std::string_view expression, bool is_pretty);

// True for a name, number or literal, perhaps with a type, or a call.
bool is_simple_expression(std::string_view expression);

// A number as PostgreSQL shows a constant, "-1" as '-1'::integer; "" if the text is no number.
std::string constant_text(std::string_view text);

}  // namespace mortise::sql_catalog
