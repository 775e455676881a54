// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function tables does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kIntegerFunctions;
extern const FunctionList kFloatFunctions;
extern const FunctionList kFloatMathFunctions;
extern const FunctionList kOrderFunctions;

}  // namespace mortise::sql_functions
