// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which lines does an answer look like in a script?
//
// Threads: pure functions; [any].

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "script.hpp"
#include "transport.hpp"

namespace mortise::sqltest {

// One value: NULL, (empty), or its text with \t \n \r \\ and \xNN for what a line cannot hold.
std::string render_value(const Value& value);

// The letter of a type: I integers, R numeric and floating point, B boolean, D date and time,
// X bytes and uuid, T everything else.
char type_letter(uint32_t type_id);

// All letters of an answer; "-" when it has no columns.
std::string type_letters(const Answer& answer);

// One line per row, values separated by a tab; sorted as asked.  valuesort gives one line per
// value.
std::vector<std::string> render_rows(const Answer& answer, SortMode mode);

// "12 values hashing to ...": the MD5 of all values, each with a line end.
std::string render_hash(const Answer& answer, SortMode mode);

// A regular expression that matches exactly this message.
std::string pattern_of(std::string_view message);

}  // namespace mortise::sqltest
