// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does hello(name) say?
//
// The plugin's meaning, in plain C++ that a unit test links without a host.
//
// Threads: pure functions.

#include <cstdint>
#include <string_view>

namespace mortise::example_hello {

// "Hello", "Ann" -> "Hello, Ann!"

// Bytes that the greeting takes.
uint64_t greeting_size_bytes(std::string_view word, std::string_view name);

// Writes that many bytes to `into`.
void write_greeting(std::string_view word, std::string_view name, char* into);

}  // namespace mortise::example_hello
