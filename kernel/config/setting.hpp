// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a setting, and is this text a value of it?
//
// Every setting has a type, a default, a range and a sentence of help.  A value is a text with a
// number beside it: bytes and durations accept units ("64MiB", "250ms") and count in bytes and
// milliseconds.  kB, MB, GB, TB are powers of 1024 as in PostgreSQL, and so are KiB, MiB, GiB, TiB.
//
// Threads: values.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::config {

enum class SettingType : uint8_t { boolean, integer, real, text, bytes, duration, choice };

// "bool" "int" "float" "text" "bytes" "duration" "enum"
std::string_view name_of(SettingType type);
// `invalid` for anything else.
Result<SettingType> setting_type_of(std::string_view name);

struct SettingSpec {
  std::string name;  // "buffer_pool_size", "front-pgwire.port"
  SettingType type = SettingType::text;
  std::string default_text;
  std::string minimum;  // as text with unit; "" = none.  int, float, bytes, duration
  std::string maximum;
  std::vector<std::string> choices;  // enum
  std::string unit;                  // what an int or float counts: "rows", "connections"
  std::string help;
  bool needs_restart = false;
  bool is_session_scoped = false;
};

struct SettingValue {
  std::string text;     // canonical: "128MiB", "30s", "true"
  int64_t integer = 0;  // int; bytes; milliseconds; bool as 0 and 1; enum as index of the choice
  double real = 0;
};

// Checks `text` against type and range.  `invalid` 22023 says what would be right.
Result<SettingValue> parse_setting(const SettingSpec& spec, std::string_view text);

// Is the specification itself right: name, default in range, choices?
Status check_setting(const SettingSpec& spec);

// "between 1MiB and 64GiB", "one of text, json", "" when everything goes.
std::string range_of(const SettingSpec& spec);

// "128MiB", "1536KiB", "17B": the largest unit that leaves no remainder.
std::string bytes_text(int64_t bytes);
// "30s", "250ms"
std::string duration_text(int64_t milliseconds);

}  // namespace mortise::config
