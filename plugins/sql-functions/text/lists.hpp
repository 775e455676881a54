// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function tables does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kJoinFunctions;
extern const FunctionList kMeasureFunctions;
extern const FunctionList kSliceFunctions;
extern const FunctionList kShapeFunctions;
extern const FunctionList kLikeFunctions;
extern const FunctionList kRegexFunctions;
extern const FunctionList kRegexArrayFunctions;
extern const FunctionList kQuoteFunctions;
extern const FunctionList kEncodingFunctions;
extern const FunctionList kFormatFunctions;

}  // namespace mortise::sql_functions
