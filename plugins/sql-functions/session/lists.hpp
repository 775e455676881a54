// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function tables does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kSessionFunctions;
extern const FunctionList kValueFunctions;

}  // namespace mortise::sql_functions
