// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is an expression written as SQL again?
//
// Defaults, checks and generated columns are stored as text.  The text is laid out as PostgreSQL's
// own deparser does it (every operator in parentheses, casts with ::), since tools take it apart.
//
// Threads: [any].

#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "syntax/tree.hpp"

namespace mortise::sql_engine {

// 0A000 for what may not stand in a stored expression (subqueries, windows).
Result<std::string> sql_text(Node expression);

// An identifier, quoted if it must be.
std::string quoted_identifier(std::string_view name);
std::string quoted_literal(std::string_view text);

}  // namespace mortise::sql_engine
