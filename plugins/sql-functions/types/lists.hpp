// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which types does this folder contribute to the registry, and which of their text forms
// do casts and functions share?

#include "types/conversion.hpp"

namespace mortise::sql_functions {

extern const TypeList kIntegerTypes;
extern const TypeList kFloatTypes;
extern const TypeList kNumericTypes;
extern const TypeList kTextTypes;
extern const TypeList kBytesTypes;
extern const TypeList kTimeTypes;
extern const TypeList kVectorTypes;

// The type's entry; null for a type that the plugin does not have.
const mortise_type_info_t* find_type(uint32_t sql_type);

Result<bool> parse_bool(std::string_view text);
template <typename T>
Result<T> parse_integer(std::string_view text);
template <typename T>
Result<T> parse_float(std::string_view text);
void append_float(double value, uint32_t extra_digits, std::string& out);
void append_float(float value, uint32_t extra_digits, std::string& out);

// The text of a "char": \ooo for a byte that is no ASCII character.
std::string char_text(std::string_view text);

// UTF-8: how many characters; the bytes of the first `count` characters.
uint64_t count_characters(std::string_view text);
uint64_t bytes_of_characters(std::string_view text, uint64_t count);

}  // namespace mortise::sql_functions
