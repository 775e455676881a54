// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are names written in SQL text, and read from it?
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_catalog {

// In double quotes if the name is not a plain lower-case word, or is a keyword that is reserved
// somewhere.
std::string quote_identifier(std::string_view name);

// 'it''s', with E'' if there is a backslash.
std::string quote_literal(std::string_view text);

// The parts of a name with dots: plain parts in lower case, quoted ones as they are.
// 42602 for what is no name.
Result<std::vector<std::string>> split_name(std::string_view text);

// The names of a list, as in search_path; what is malformed ends it.
std::vector<std::string> split_list(std::string_view text);

}  // namespace mortise::sql_catalog
