// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which set-returning functions does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kSeriesFunctions;
extern const FunctionList kSplitFunctions;

}  // namespace mortise::sql_functions
