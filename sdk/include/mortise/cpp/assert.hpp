// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what happens when our own code breaks its own promise?
//
// MORTISE_ASSERT stays in every build and ends the process with the place and the expression:
// a database that goes on after a broken invariant writes wrong pages.  MORTISE_DEBUG_ASSERT is for
// checks that cost more than O(1).  Neither is for bytes from disk, network, user or plugin:
// those are checked and answered with a Status.

#include <cstdio>
#include <cstdlib>

namespace mortise {

[[noreturn]] inline void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "mortise: assertion failed: %s at %s:%d\n", expression, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace mortise

#define MORTISE_ASSERT(condition)                                   \
  do {                                                              \
    if (!(condition)) [[unlikely]] {                                \
      ::mortise::assertion_failed(#condition, __FILE__, __LINE__);  \
    }                                                               \
  } while (false)

#ifdef NDEBUG
#define MORTISE_DEBUG_ASSERT(condition) \
  do {                                  \
  } while (false && (condition))
#else
#define MORTISE_DEBUG_ASSERT(condition) MORTISE_ASSERT(condition)
#endif

#define MORTISE_UNREACHABLE() ::mortise::assertion_failed("unreachable", __FILE__, __LINE__)
