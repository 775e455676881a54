// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a statement once it is bound, and what is a portal on it?
//
// A BoundStatement is immutable and shared by everybody who has prepared the same text.  A
// Statement is a client's name for one; a Portal is one with its parameters' values, ready to run.
//
// Invariants
//   P1  A portal's Execution ends before its transaction does: the session closes executions of
//       open portals when a transaction ends.
//
// Threads: the session's.

#include <memory>
#include <string>
#include <vector>

#include "plan/execution.hpp"
#include "session/session.hpp"

namespace mortise::sql_engine {

// A statement that is not a plan and what it answers.
struct UtilityShape {
  std::vector<ResultColumn> columns;
  bool returns_rows = false;
};

struct BoundStatement {
  std::shared_ptr<const Tree> tree;
  mortise_syntax_id_t root_id = 0;
  bool is_empty = false;
  PhysicalPlanPtr plan;  // null: a utility
  StatementKind kind = StatementKind::select;
  std::vector<mortise_type_t> parameters;
  std::vector<ResultColumn> columns;
  std::vector<RelationUse> relations;
  mortise_scn_t oldest_snapshot = UINT64_MAX;  // that it was bound for
  mortise_scn_t indexes_from = 0;              // from when on all its tables' indexes are complete
  bool returns_rows = false;
  bool is_cacheable = false;
  bool is_read_only = true;
  uint64_t epoch = 0;
  uint64_t settings_generation = 0;
  uint64_t catalog_changes = 0;  // of the transaction that bound it; 0 = none
  std::vector<mortise_type_t> requested;

  Node root() const { return is_empty ? Node() : tree->node(root_id); }
};

// Fills what a front asks for; arrays live in `storage`.
struct InfoStorage {
  std::vector<uint32_t> parameter_types;
  std::vector<mortise_result_column_t> columns;
  std::vector<std::string> names;
  void fill(const BoundStatement& bound, mortise_statement_info_t* info);
};

class Statement {
 public:
  Statement(Session& session, std::string name, BoundStatementPtr bound)
      : session_(session), name_(std::move(name)), bound_(std::move(bound)) {}

  Session& session() const { return session_; }
  const std::string& name() const { return name_; }
  const BoundStatementPtr& bound() const { return bound_; }
  Status describe(mortise_statement_info_t* info);

 private:
  Session& session_;
  std::string name_;
  BoundStatementPtr bound_;
  InfoStorage storage_;
};

// Rows that a utility answers, all texts.
struct TextRows {
  std::vector<std::vector<std::string>> rows;
  size_t next = 0;
};

class Portal {
 public:
  Portal(Session& session, BoundStatementPtr bound, std::vector<Datum> parameters);
  ~Portal();

  Session& session() const { return session_; }
  const BoundStatement& bound() const { return *bound_; }

  // As mortise.query/1 says; the failure is already noted in the session.
  mortise_status_t execute(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                           mortise_completion_t& completion, mortise_error_t* error);

  // Runs without reporting; EXECUTE runs the portal of what it names.
  Status run(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
             mortise_completion_t& completion, bool& is_again);

  // For a statement whose columns nobody has been told yet: takes its locks and binds it again
  // until it fits the definitions of now, whatever columns that gives.  [worker]
  Status settle();

  // Its columns have been told: a run with others fails.
  void keep_row() { may_change_row_ = false; }

  // For a cursor: the plan is opened now, so that it reads as of now.
  Status start_cursor();
  Result<uint64_t> fetch(uint64_t rows_max, const mortise_sink_t* sink, bool* is_done);
  void close_execution() { execution_.reset(); }
  bool is_held = false;  // WITH HOLD
  bool is_of_script = false;
  std::string cursor_name;

  // Hands rows of a utility to the sink.
  Status send_text_rows(const mortise_sink_t& sink, uint64_t rows_max, bool* is_done);
  TextRows& text_rows() { return text_rows_; }
  const std::vector<Datum>& parameters() const { return parameters_; }

  std::unique_ptr<Portal> inner;  // of EXECUTE

 private:
  Status run_utility_statement(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                               mortise_completion_t& completion, bool& is_again);
  Status run_plan(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                  mortise_completion_t& completion, bool& is_again);
  Status open_execution(bool is_short, bool& is_again);
  // Locks what the statement reads and binds it again until both are of one catalog.
  Status lock_current(bool is_short, bool& is_again);
  Status rebind();

  Session& session_;
  BoundStatementPtr bound_;
  std::vector<Datum> parameters_;
  std::unique_ptr<Execution> execution_;
  TextRows text_rows_;
  uint64_t rows_before_ = 0;
  bool is_done_ = false;
  bool is_settled_ = false;     // its locks are held
  bool may_change_row_ = true;  // its columns have not been told
  bool is_utility_done_ = false;
  std::string utility_tag_;
};

// Values from the client's bytes.  22P02, 22P03.
Result<std::vector<Datum>> read_parameters(Session& session, const BoundStatement& bound,
                                           const mortise_parameter_t* parameters, uint32_t count);

bool is_same_row(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b);
Status changed_row();

// The tag of a finished statement: "INSERT 0 3".
std::string command_tag(StatementKind kind, uint64_t rows);
void set_tag(mortise_completion_t& completion, std::string_view tag);

}  // namespace mortise::sql_engine
