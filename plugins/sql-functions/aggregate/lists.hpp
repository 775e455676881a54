// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which aggregates does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kCountAggregates;
extern const FunctionList kExtremeAggregates;
extern const FunctionList kFloatAggregates;
extern const FunctionList kNumericAggregates;
extern const FunctionList kStringAggregates;

}  // namespace mortise::sql_functions
