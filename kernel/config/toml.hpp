// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what stands in this TOML file, and on which line?
//
// The parser is toml++; it and its templates stay in toml.cpp.  TableReader takes a table apart key
// by key and in the end complains about keys that nobody asked for, because a misspelt key that is
// silently ignored may be a security setting that is silently off.
//
// Invariants
//   T1  Every failure says "file:line: " first and has SQLSTATE F0000.
//   T2  finish() fails when a key was there and not asked for, naming the nearest one that was
//       asked for.
//
// Threads: value types.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::config {

struct TomlValue {
  enum class Kind : uint8_t { boolean, integer, real, text, array, table, other };

  Kind kind = Kind::table;
  uint32_t line = 0;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<TomlValue> items;                            // of an array
  std::vector<std::pair<std::string, TomlValue>> members;  // of a table, in the file's order

  const TomlValue* find(std::string_view key) const;
};

// "text", "array"
std::string_view name_of(TomlValue::Kind kind);

inline constexpr uint64_t kTomlBytesMax = uint64_t{1} << 20;

// `file` is for messages only.  Bounds: kTomlBytesMax of text, keys of 32 parts, arrays and inline
// tables 32 deep.  They are looked at before the parser sees the text, because it goes down by one
// call for each.
Result<TomlValue> parse_toml(std::string_view text, std::string_view file);

// A text as TOML writes it, with quotes and escapes.
std::string toml_quoted(std::string_view text);

// "file:line: message" as a failed Status.
Status toml_failure(std::string_view file, uint32_t line, std::string message);

// Takes one table apart.  The first wrong value is remembered and reported by finish().
class TableReader {
 public:
  // Both are borrowed.
  TableReader(const TomlValue& table, std::string_view file) : table_(table), file_(file) {}
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  std::string require_text(std::string_view key);
  std::string text(std::string_view key, std::string_view otherwise);
  // One of `choices`, or a complaint that lists them.
  std::string choice(std::string_view key, std::string_view otherwise,
                     const std::vector<std::string_view>& choices);
  bool boolean(std::string_view key, bool otherwise);
  std::optional<int64_t> integer(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  // Null when it is not there.
  const TomlValue* table(std::string_view key);
  // Text, number or boolean in one text form; nothing when it is not there.
  std::optional<std::string> scalar(std::string_view key);

  // Line of a key, of the table when the key is not there.
  uint32_t line_of(std::string_view key) const;
  void complain(std::string_view key, std::string message);
  // T2.  Call once, after everything was asked for.
  Status finish();

 private:
  const TomlValue* take(std::string_view key, TomlValue::Kind wanted);

  const TomlValue& table_;
  std::string_view file_;
  std::vector<std::string> asked_;
  Status failure_;
};

// The text form of a scalar: what a setting is parsed from.  Nothing for tables and arrays.
std::optional<std::string> scalar_text(const TomlValue& value);

}  // namespace mortise::config
