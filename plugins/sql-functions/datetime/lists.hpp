// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function tables does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kDateArithmetic;
extern const FunctionList kIntervalFunctions;
extern const FunctionList kDateComparisons;
extern const FunctionList kPartFunctions;
extern const FunctionList kTruncationFunctions;
extern const FunctionList kClockFunctions;
extern const FunctionList kMakeFunctions;
extern const FunctionList kTemplateWriters;
extern const FunctionList kTemplateReaders;

}  // namespace mortise::sql_functions
