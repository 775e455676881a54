// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which known name did they probably mean?
//
// Threads: pure functions.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mortise {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, upper and
// lower case counted as equal (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, or empty when none is near: at most a third of the letters differ.
// Of equally near ones the first.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> known);
std::string_view nearest_name(std::string_view wanted, std::span<const std::string> known);

// " (did you mean 'x'?)" for the end of a message, or "".
std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> known);
std::string did_you_mean(std::string_view wanted, std::span<const std::string> known);

}  // namespace mortise
