// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: does the database do what a script says?
//
// Runs the records of a script in order, keeps one session per connection name, compares, and
// either collects what differs or rewrites the expectations to what came.
//
// Invariants
//   Q1  A script starts with new sessions.  Tables, views and other objects that its statements
//       created are dropped behind it, so that scripts do not see each other's.
//   Q2  Rewriting changes expectations only: the SQL, comments and order of a script stay.
//   Q3  A record that passes is not rewritten.
//   Q4  Marking changes "skipif target" lines only.
//
// Threads: one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "script.hpp"
#include "transport.hpp"

namespace mortise::sqltest {

struct Options {
  std::string target;    // for skipif and onlyif: "mortise", "postgres"
  bool rewrite = false;  // rewrite expectations instead of comparing
  bool mark = false;     // run what is skipped for the target too; put "skipif target" before
                         // the records that fail, and take it from those that pass
};

struct Difference {
  std::string place;  // path:line
  std::string text;   // what was run, expected and found; several lines
};

struct Report {
  int64_t run_count = 0;
  int64_t skipped_count = 0;
  int64_t rewritten_count = 0;  // or marked, or unmarked
  std::vector<Difference> differences;
};

class Runner {
 public:
  // The transport is borrowed and must outlive the runner.
  Runner(Transport& transport, Options options);

  // Runs a file and what it includes.  A failed Status: the script cannot be read or parsed, or
  // no session can be opened.
  Status run_file(const std::string& path);

  // Runs a parsed script; in rewrite mode its lines hold the new text afterwards.
  Status run_script(Script& script);

  const Report& report() const { return report_; }

 private:
  using Lines = std::vector<std::string>;

  // Of one script; ends with it.
  struct Scope {
    bool halted = false;
    size_t hash_values_min = 0;  // more values than this are hashed; 0: never
    std::string connection;
    std::map<std::string, std::unique_ptr<Session>> sessions;
    std::map<std::string, std::string> label_hashes;
    Lines created;  // "table t", "view v", in order
  };

  Status run_records(Script& script, int depth);
  Status include(const Script& script, const Record& record, int depth);
  bool applies(const Record& record) const;
  Result<Session*> session();

  // Replaces lines [begin_line, end_line).
  struct Edit {
    size_t begin_line;
    size_t end_line;
    Lines lines;
  };
  // What to change in the script, if anything.
  Result<std::optional<Edit>> run_database_record(const Script& script, const Record& record);
  std::optional<Edit> mark(const Script& script, const Record& record, bool passed);
  void differ(const Script& script, const Record& record, const std::string& expected,
              const std::string& found);

  // What the record should have looked like; equal to what it looks like when it passes.
  Lines expected_lines(const Record& record) const;
  Lines found_lines(const Record& record, const Answer& answer) const;
  bool passes(const Record& record, const Answer& answer) const;
  std::string label_difference(const Record& record, const Answer& answer);

  void remember_created(const std::string& sql);
  void drop_created();

  Transport& transport_;
  const Options options_;
  Report report_;
  Scope scope_;
};

}  // namespace mortise::sqltest
