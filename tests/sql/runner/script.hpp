// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which records does a .test file hold?
//
// The format is that of sqllogictest, with what PostgreSQL's answers need; tests/sql/README.md
// is its manual.  A record is a directive line, its SQL up to "----" or an empty line, and the
// expectation up to an empty line.
//
// Invariants
//   P1  Lines [begin_line, end_line) of the file are the record's; records do not overlap and
//       stand in order, so that a rewritten expectation leaves all other lines alone.
//
// Threads: a value type; [any].

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sqltest {

enum class Kind : uint8_t { statement, query, copy, connection, include, hash_threshold, halt };

enum class SortMode : uint8_t { nosort, rowsort, valuesort };

struct Condition {
  bool only;         // onlyif; else skipif
  std::string name;  // a target or a transport
};

// What a statement or copy has to end with.
struct Ending {
  bool is_error = false;
  int64_t affected_rows = -1;   // -1: any
  std::string sqlstate;         // empty: any
  uint32_t position_chars = 0;  // 0: any
  std::string message_pattern;  // an extended regular expression; empty: any
};

struct Record {
  Kind kind = Kind::statement;
  size_t begin_line = 0;      // the directive, from 0
  size_t separator_line = 0;  // the "----", or end_line
  size_t end_line = 0;        // behind the last line
  std::vector<Condition> conditions;
  Ending ending;      // statement, copy
  std::string types;  // query: one letter per column
  SortMode sort_mode = SortMode::nosort;
  std::string label;               // query
  std::string sql;                 // statement, query, copy
  std::vector<std::string> below;  // query: what is expected; copy: the data
  std::string argument;            // connection, include, hash_threshold
};

struct Script {
  std::string path;
  std::vector<std::string> lines;
  std::vector<Record> records;
};

// `invalid` with "path:line: reason".
Result<Script> parse_script(std::string path, std::string_view text);

// As above; `io` when the file cannot be read.
Result<Script> read_script(const std::string& path);

}  // namespace mortise::sqltest
