// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the arrays and vectors of catalog columns come from text, and into pieces again?
//
// Relations and functions write them as text ('{1,2}', vectors as '1 2'), which is short and easy
// to read; here they become values (mortise/cpp/array.hpp).  One dimension: arrays begin at 1,
// vectors at 0.
//
// Threads: pure functions; [any].

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "types/physical.hpp"

namespace mortise::sql_catalog {

// The value of an array or vector type that `text`, made by us, writes.
std::string array_value(uint32_t sql_type, std::string_view text);

// The elements of an array value as text; nothing for null.  XX001 for bytes that are no array.
Result<std::vector<std::optional<std::string>>> elements_of_value(std::string_view value);

}  // namespace mortise::sql_catalog
