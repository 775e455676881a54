// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a value look in a message?
//
// Threads: [any] on distinct runs.

#include <string>

#include "execute/operator.hpp"

namespace mortise::sql_engine {

// The value's text form; "null" for null, "?" if its type cannot be shown.
std::string value_text(Run& run, const mortise_type_t& type, const mortise_column_t& column,
                       uint32_t row);

}  // namespace mortise::sql_engine
