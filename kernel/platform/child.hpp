// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does one program start another one and leave it running?
//
// Threads: [control]

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::platform {

// Starts a program in a session of its own, so that closing the terminal does not end it.  Standard
// input is empty; output and errors are added to the file `log`.  Answers its process id.
Result<int32_t> start_detached(const std::string& program,
                               const std::vector<std::string>& arguments, const std::string& log);

// The exit code of a child that has ended (128 + signal for one that was killed), nothing while it
// runs.  `process` came from start_detached.
std::optional<int> exit_code_of(int32_t process);

// Does the process live (a zombie does not) and run a program of this name, cut at 15 characters?
// Process ids are used again, so a number from a file is not enough.
bool is_running(int32_t process, std::string_view program);

// Is standard input a terminal?
bool is_interactive();

// Sleeps, for programs that wait for another process.
void sleep_ms(uint32_t milliseconds);

}  // namespace mortise::platform
