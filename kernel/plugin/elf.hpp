// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: may this file be opened as a plugin?
//
// Opening a library runs its constructors, so the checks come first and read bytes only.  64-bit
// little-endian ELF; the dynamic symbol table is found through the section headers, which strip
// keeps.
//
// Checked
//   E1  a shared object for this machine
//   E2  exactly one exported symbol, mortise_plugin_query_v1
//   E3  no undefined symbol of ours: a plugin imports nothing from the host
//   E4  no GNU_UNIQUE symbol: it would be shared with other plugins and pin the library
//   E5  no executable stack, no text relocations, run path below $ORIGIN only
//
// Threads: pure functions.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::plugin {

struct ElfFacts {
  std::vector<std::string> exported;   // defined, global or weak, of default visibility
  std::vector<std::string> undefined;  // not weak
  std::vector<std::string> unique;     // GNU_UNIQUE
  std::vector<std::string> needed;     // DT_NEEDED
  std::string run_path;                // DT_RUNPATH or DT_RPATH
  bool has_executable_stack = false;
  bool has_text_relocations = false;
};

// `corrupt` for bytes that are no library or contradict themselves.
Result<ElfFacts> read_elf(std::span<const std::byte> file);

// E1 to E5; `invalid` with the reason.
Status check_plugin_library(std::span<const std::byte> file);

}  // namespace mortise::plugin
