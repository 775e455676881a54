// SPDX-License-Identifier: Apache-2.0

#include "session/utility.hpp"

#include "ddl/ddl.hpp"

namespace mortise::sql_engine {
namespace {

ResultColumn text_column(std::string name) {
  ResultColumn column;
  column.name = std::move(name);
  column.type.sql_type = MORTISE_SQL_TEXT;
  column.type.modifier = -1;
  column.type.physical = MORTISE_PHYSICAL_TEXT;
  return column;
}

Result<UtilityShape> shape_of_show(Session& session, Node statement) {
  UtilityShape shape;
  shape.returns_rows = true;
  if (statement.text() == "all") {
    for (const char* name : {"name", "setting", "description"}) {
      shape.columns.push_back(text_column(name));
    }
    return shape;
  }
  MORTISE_TRY(session.settings().get(statement.text()));
  std::string shown(statement.text());
  for (const SettingRule& rule : setting_rules()) {
    const bool is_same =
        std::equal(rule.name.begin(), rule.name.end(), shown.begin(), shown.end(),
                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (is_same) shown.assign(rule.name);
  }
  shape.columns.push_back(text_column(std::move(shown)));
  return shape;
}

}  // namespace

bool is_plan_statement(Node statement) {
  switch (statement.kind()) {
    case MORTISE_SYNTAX_SELECT:
      return !statement[12];  // SELECT ... INTO makes a table
    case MORTISE_SYNTAX_SET_OPERATION:
    case MORTISE_SYNTAX_VALUES:
    case MORTISE_SYNTAX_INSERT:
    case MORTISE_SYNTAX_UPDATE:
    case MORTISE_SYNTAX_DELETE:
    case MORTISE_SYNTAX_MERGE:
    case MORTISE_SYNTAX_COPY:
      return true;
    default:
      return false;
  }
}

bool ends_or_mends_transaction(Node statement) {
  if (!statement.is(MORTISE_SYNTAX_TRANSACTION)) return false;
  switch (statement.number()) {
    case MORTISE_TRANSACTION_COMMIT:
    case MORTISE_TRANSACTION_ROLLBACK:
    case MORTISE_TRANSACTION_ROLLBACK_TO:
    case MORTISE_TRANSACTION_PREPARE:
      return true;
    default:
      return false;
  }
}

Result<UtilityShape> shape_of(Session& session, Node statement) {
  UtilityShape shape;
  switch (statement.kind()) {
    case MORTISE_SYNTAX_SHOW:
      return shape_of_show(session, statement);
    case MORTISE_SYNTAX_EXPLAIN:
      shape.returns_rows = true;
      shape.columns.push_back(text_column("QUERY PLAN"));
      return shape;
    case MORTISE_SYNTAX_EXECUTE: {
      const auto found = session.prepared().find(statement.text());
      if (found == session.prepared().end()) {
        return Status(
            Code::not_found, "26000",
            "prepared statement \"" + std::string(statement.text()) + "\" does not exist");
      }
      shape.columns = found->second->bound()->columns;
      shape.returns_rows = found->second->bound()->returns_rows;
      return shape;
    }
    case MORTISE_SYNTAX_FETCH: {
      const auto found = session.cursors().find(statement.text());
      if (found == session.cursors().end()) {
        return Status(Code::not_found, "34000",
                      "cursor \"" + std::string(statement.text()) + "\" does not exist");
      }
      if (statement.has(MORTISE_SYNTAX_FLAG_A)) return shape;  // MOVE
      shape.columns = found->second->bound().columns;
      shape.returns_rows = true;
      return shape;
    }
    default:
      return shape;
  }
}

Result<std::string> run_utility(UtilityRun& run) {
  switch (run.statement.kind()) {
    case MORTISE_SYNTAX_TRANSACTION:
      return run_transaction(run);
    case MORTISE_SYNTAX_SET:
    case MORTISE_SYNTAX_RESET:
      return run_set(run);
    case MORTISE_SYNTAX_SHOW:
      return run_show(run);
    case MORTISE_SYNTAX_DISCARD:
      return run_discard(run);
    case MORTISE_SYNTAX_PREPARE:
      return run_prepare(run);
    case MORTISE_SYNTAX_EXECUTE:
      return run_execute(run);
    case MORTISE_SYNTAX_DEALLOCATE:
      return run_deallocate(run);
    case MORTISE_SYNTAX_DECLARE:
      return run_declare(run);
    case MORTISE_SYNTAX_FETCH:
      return run_fetch(run);
    case MORTISE_SYNTAX_CLOSE:
      return run_close(run);
    case MORTISE_SYNTAX_EXPLAIN:
      return run_explain(run);
    case MORTISE_SYNTAX_SET_CONSTRAINTS:
      // Constraints that can be deferred do not exist yet, so all are immediate already.
      run.session.enter_transaction();
      return std::string("SET CONSTRAINTS");
    case MORTISE_SYNTAX_UNLISTEN:
      // Nothing can be listened to yet (LISTEN is refused), so there is nothing to give up.
      return std::string("UNLISTEN");
    default:
      return run_definition(run);
  }
}

}  // namespace mortise::sql_engine
