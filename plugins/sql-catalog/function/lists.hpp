// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which functions and casts does each file of this plugin contribute?
//
// Threads: constants.

#include "function/call.hpp"
#include "mortise/iface/draft/functions.h"

namespace mortise::sql_catalog {

extern const FunctionList kVisibilityFunctions;  // function/visibility.cpp
extern const FunctionList kNameFunctions;        // function/name.cpp
extern const FunctionList kDefinitionFunctions;  // function/definition_text.cpp
extern const FunctionList kRoutineFunctions;     // function/routine.cpp
extern const FunctionList kPrivilegeFunctions;   // function/privilege.cpp
extern const FunctionList kSizeFunctions;        // function/size.cpp
extern const FunctionList kServerFunctions;      // function/server.cpp
extern const FunctionList kStatisticFunctions;   // function/statistic.cpp
extern const FunctionList kArrayFunctions;       // function/array.cpp

// All of them, and the casts of function/cast.cpp, as mortise.functions/1 shows them.
extern const mortise_iface_functions_t kFunctionTable;

}  // namespace mortise::sql_catalog
