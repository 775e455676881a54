// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which functions does the engine itself offer?
//
// Those that need a session and its transaction: nextval, currval, lastval, setval.
//
// Threads: constants.

#include "mortise/iface/draft/functions.h"

namespace mortise::sql_engine {

extern const mortise_iface_functions_t kSequenceFunctions;

}  // namespace mortise::sql_engine
