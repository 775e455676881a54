// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: whose code was running when the process died?
//
// Ranges of code have owners: a plugin's library is noted when it is opened, everything else is the
// host's.  On SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT a handler walks the stack, names the
// owner of the innermost frame that belongs to a plugin, prints the frames, and lets the signal
// take its course (core dump, exit status).
//
// Invariants
//   G1  The handler allocates nothing, takes no lock, and returns to the default action.
//   G2  Owners are added, never removed: libraries are never unmapped.
//
// Threads: [any, concurrent]; install is [control].

#include <cstdint>
#include <string>
#include <string_view>

namespace mortise::platform {

inline constexpr uint32_t kCodeOwnersMax = 512;

// Past kCodeOwnersMax nothing is noted.
void note_code_owner(std::string_view name, uintptr_t begin, uintptr_t end);
// The owner of an address, "" for the host.  Lives for ever.
std::string_view code_owner_of(const void* address);

// While it lives the calling thread works for `name`, which outlives it: said by the handler where
// the stack does not show it.
class CodeOwnerScope {
 public:
  explicit CodeOwnerScope(const char* name);
  ~CodeOwnerScope();
  CodeOwnerScope(const CodeOwnerScope&) = delete;
  CodeOwnerScope& operator=(const CodeOwnerScope&) = delete;

 private:
  const char* before_;
};

// Installs the handler, on a stack of its own for the calling thread.
void catch_fatal_signals();
// Also writes the report there: "<data directory>/last_crash".  Empty: no longer.
void set_crash_report_file(const std::string& path);

}  // namespace mortise::platform
