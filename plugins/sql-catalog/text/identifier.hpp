// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are names read from SQL text?  (How they are written: mortise/cpp/sql_text.hpp.)
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_catalog {

// The parts of a name with dots: plain parts in lower case, quoted ones as they are.
// 42602 for what is no name.
Result<std::vector<std::string>> split_name(std::string_view text);

// The names of a list, as in search_path; what is malformed ends it.
std::vector<std::string> split_list(std::string_view text);

}  // namespace mortise::sql_catalog
