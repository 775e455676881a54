// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what happens to statements that are no plan?
//
// `shape` says, when such a statement is prepared, what it will answer; `run_utility` runs it and
// gives its command tag.  What it answers as rows it leaves in the portal's text rows, or sends
// itself (EXECUTE, FETCH).
//
// Threads: the session's; [worker].

#include <string>

#include "session/statement.hpp"

namespace mortise::sql_engine {

bool is_plan_statement(Node statement);
// True for what a failed transaction accepts.
bool ends_or_mends_transaction(Node statement);

Result<UtilityShape> shape_of(Session& session, Node statement);

struct UtilityRun {
  Session& session;
  Portal& portal;
  const Tree& tree;
  Node statement;
  const mortise_sink_t& sink;
  uint64_t rows_max = 0;
  bool is_suspended = false;
  bool has_sent_rows = false;  // by itself
};
Result<std::string> run_utility(UtilityRun& run);

// control.cpp
Result<std::string> run_transaction(UtilityRun& run);
Result<std::string> run_set(UtilityRun& run);
Result<std::string> run_show(UtilityRun& run);
Result<std::string> run_discard(UtilityRun& run);
// prepared.cpp
Result<std::string> run_prepare(UtilityRun& run);
Result<std::string> run_execute(UtilityRun& run);
Result<std::string> run_deallocate(UtilityRun& run);
Result<std::string> run_declare(UtilityRun& run);
Result<std::string> run_fetch(UtilityRun& run);
Result<std::string> run_close(UtilityRun& run);
// explain.cpp
Result<std::string> run_explain(UtilityRun& run);

// The text of a setting's values in SET.
Result<std::string> setting_text(std::string_view name, Node values);

}  // namespace mortise::sql_engine
