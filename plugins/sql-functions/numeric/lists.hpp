// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function tables does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kNumericOperators;
extern const FunctionList kNumericComparisons;
extern const FunctionList kNumericFunctions;
extern const FunctionList kNumberWriters;
extern const FunctionList kNumberReaders;

}  // namespace mortise::sql_functions
