// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which fields and words is a text of a date or time made of?
//
// Fields are told apart by shape alone; what they mean is parse.cpp's business.
//
// Threads: pure functions; [any].

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sql_functions::time_text {

enum class Shape { number, text, date, time, offset, special };
struct Field {
  Shape shape;
  std::string text;
};

enum class Word {
  none,
  month,
  weekday,
  half,
  era,
  now,
  today,
  tomorrow,
  yesterday,
  epoch,
  late,
  early,
  midnight,
  zulu,
  ignore,
  iso_time,
  julian,
  daylight
};
struct Token {
  std::string_view name;
  Word word;
  int32_t value;
};
// The word in lower case; null for one that is none.
const Token* find_token(std::string_view name);

// Splits by shape; false when a character has no place.
bool split_fields(std::string_view text, std::vector<Field>* fields);

}  // namespace mortise::sql_functions::time_text
