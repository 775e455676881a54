// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a test script reach a database?
//
// A transport opens sessions; a session runs one text and gives one answer.  The runner knows
// nothing else about the database, so that the same scripts run over the wire (wire.hpp), inside
// a process, and against another server that speaks the same protocol.
//
// Invariants
//   X1  An error of the database is an answer (`failure`); a failed Status means that the session
//       itself is lost.
//   X2  Values are the database's text form, unchanged; null is nullopt.
//
// Threads: one thread; sessions of one transport may be used in any order.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sqltest {

struct Column {
  std::string name;
  uint32_t type_id;  // as PostgreSQL numbers them
};

using Value = std::optional<std::string>;
using Row = std::vector<Value>;

struct Failure {
  std::string sqlstate;
  std::string message;
  uint32_t position_chars = 0;  // 1-based, 0 when there is none
};

struct Answer {
  bool has_rows = false;  // a result set came, if only an empty one
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::optional<int64_t> affected_rows;
  std::optional<Failure> failure;
};

struct Request {
  std::string sql;
  std::optional<std::string> copy_data;  // what COPY FROM STDIN reads
};

class Session {
 public:
  virtual ~Session() = default;

  // Runs all statements of the text; the answer is that of the last one, or of the one that
  // failed.  COPY TO STDOUT answers with one row of one column per line.
  // `io` when the session is lost; no further call may follow.
  virtual Result<Answer> run(const Request& request) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Whether skipif and onlyif mean this transport: "wire", "extended", "embedded".
  virtual bool is_called(std::string_view name) const = 0;

  virtual Result<std::unique_ptr<Session>> open() = 0;
};

}  // namespace mortise::sqltest
