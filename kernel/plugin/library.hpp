// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a plugin's code get into the process?
//
// Through Boost.DLL: all symbols bound at once, none visible to others, never unmapped.  Calls into
// the library before it has started are contained here: an exception becomes a Status.
//
// Threads: [control]

#include <string>

#include "mortise/cpp/result.hpp"
#include "mortise/entry.h"

namespace mortise::plugin {

// Opens the library and asks for its description.  The same path gives the same description.
// `invalid` with the loader's reason: a missing dependency, an undefined symbol, another ABI.
Result<const mortise_plugin_t*> open_library(const std::string& path);

// The bounds of the code that `address` belongs to, for attributing crashes.
struct CodeRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};
CodeRange code_range_of(const void* address);

}  // namespace mortise::plugin
