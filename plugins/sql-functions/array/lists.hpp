// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which functions over arrays does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const FunctionList kArrayMeasures;       // array/measure.cpp
extern const FunctionList kArrayComparisons;    // array/comparison.cpp
extern const FunctionList kArrayEdits;          // array/edit.cpp
extern const FunctionList kArrayConcatenation;  // array/concatenation.cpp
extern const FunctionList kArraySearches;       // array/search.cpp
extern const FunctionList kArrayTexts;          // array/text.cpp
extern const FunctionList kArraySets;           // array/rows.cpp
extern const FunctionList kArrayAggregates;     // array/aggregation.cpp

}  // namespace mortise::sql_functions
