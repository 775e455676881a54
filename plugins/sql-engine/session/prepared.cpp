// SPDX-License-Identifier: Apache-2.0
//
// PREPARE, EXECUTE, DEALLOCATE; DECLARE, FETCH, MOVE, CLOSE.

#include "mortise/cpp/assert.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

Status no_cursor(std::string_view name) {
  return Status(Code::not_found, "34000", "cursor \"" + std::string(name) + "\" does not exist");
}

}  // namespace

Result<std::string> run_prepare(UtilityRun& run) {
  Session& session = run.session;
  const std::string name(run.statement.text());
  if (session.prepared().contains(name)) {
    return Status(Code::duplicate, "42P05", "prepared statement \"" + name + "\" already exists");
  }
  std::vector<mortise_type_t> types;
  Binder binder(session.bind_environment(), {});
  for (const Node type : run.statement[0]) {
    MORTISE_TRY_ASSIGN(const mortise_type_t resolved, binder.bind_type(type));
    types.push_back(resolved);
  }
  session.enter_transaction();
  MORTISE_TRY_ASSIGN(BoundStatementPtr bound,
                     session.analyze(run.portal.bound().tree, run.statement[1], types));
  session.prepared()[name] = std::make_shared<Statement>(session, name, std::move(bound));
  return std::string("PREPARE");
}

Result<std::string> run_execute(UtilityRun& run) {
  Session& session = run.session;
  if (run.portal.inner == nullptr) {
    const auto found = session.prepared().find(run.statement.text());
    if (found == session.prepared().end()) {
      return Status(
          Code::not_found, "26000",
          "prepared statement \"" + std::string(run.statement.text()) + "\" does not exist");
    }
    mortise_statement_info_t info{};
    MORTISE_TRY(found->second->describe(&info));
    const BoundStatementPtr bound = found->second->bound();
    const Node arguments = run.statement[0];
    if (arguments.count() != bound->parameters.size()) {
      return Status(Code::invalid, "42601",
                    "wrong number of parameters for prepared statement \"" + found->second->name() +
                        "\"")
          .with(MORTISE_ERROR_FIELD_DETAIL, "Expected " + std::to_string(bound->parameters.size()) +
                                                " parameters but got " +
                                                std::to_string(arguments.count()) + ".");
    }
    std::vector<Datum> values;
    if (arguments.count() > 0) {
      MORTISE_TRY_ASSIGN(values, session.evaluate(run.tree, arguments, bound->parameters));
    }
    run.portal.inner = std::make_unique<Portal>(session, bound, std::move(values));
    run.portal.inner->keep_row();
  }
  mortise_completion_t completion{};
  completion.struct_size_bytes = sizeof completion;
  bool is_again = false;
  MORTISE_TRY(run.portal.inner->run(run.rows_max, 0, run.sink, completion, is_again));
  run.is_suspended = completion.is_suspended != 0;
  run.has_sent_rows = true;
  return std::string(completion.tag);
}

Result<std::string> run_deallocate(UtilityRun& run) {
  auto& prepared = run.session.prepared();
  if (run.statement.text().empty()) {
    prepared.clear();
    return std::string("DEALLOCATE ALL");
  }
  const auto found = prepared.find(run.statement.text());
  if (found == prepared.end()) {
    return Status(
        Code::not_found, "26000",
        "prepared statement \"" + std::string(run.statement.text()) + "\" does not exist");
  }
  prepared.erase(found);
  return std::string("DEALLOCATE");
}

Result<std::string> run_declare(UtilityRun& run) {
  Session& session = run.session;
  const std::string name(run.statement.text());
  const bool is_held = run.statement.has(MORTISE_SYNTAX_FLAG_C);
  if (is_held) return unsupported("DECLARE CURSOR ... WITH HOLD is not supported");
  if (!session.transaction().is_block()) {
    return Status(Code::invalid, "25P01", "DECLARE CURSOR can only be used in transaction blocks");
  }
  if (session.cursors().contains(name)) {
    return Status(Code::duplicate, "42P03", "cursor \"" + name + "\" already exists");
  }
  const std::vector<Datum>& values = run.portal.parameters();
  std::vector<mortise_type_t> types;
  for (const Datum& value : values) types.push_back(value.type());
  MORTISE_TRY_ASSIGN(BoundStatementPtr bound,
                     session.analyze(run.portal.bound().tree, run.statement[0], types));
  auto portal = std::make_unique<Portal>(session, std::move(bound), values);
  portal->cursor_name = name;
  MORTISE_TRY(portal->start_cursor());
  session.cursors()[name] = std::move(portal);
  return std::string("DECLARE CURSOR");
}

Result<std::string> run_fetch(UtilityRun& run) {
  Session& session = run.session;
  const Node node = run.statement;
  const auto found = session.cursors().find(node.text());
  if (found == session.cursors().end()) return no_cursor(node.text());
  const bool is_move = node.has(MORTISE_SYNTAX_FLAG_A);
  const bool is_backward = node.has(MORTISE_SYNTAX_FLAG_B) || node.number() < 0;
  const bool is_placed = node.has(MORTISE_SYNTAX_FLAG_C) || node.has(MORTISE_SYNTAX_FLAG_D);
  if (is_backward || (is_placed && node.number() != 1)) {
    return Status(Code::invalid, "55000", "cursor can only scan forward")
        .with(MORTISE_ERROR_FIELD_HINT, "Declare it with SCROLL option to enable backward scan.");
  }
  uint64_t rows = 0;
  if (node.number() != 0) {
    const uint64_t wanted = node.number() == INT64_MAX ? 0 : static_cast<uint64_t>(node.number());
    bool is_done = false;
    MORTISE_TRY_ASSIGN(rows, found->second->fetch(wanted, is_move ? nullptr : &run.sink, &is_done));
  }
  run.has_sent_rows = true;
  return (is_move ? "MOVE " : "FETCH ") + std::to_string(rows);
}

Result<std::string> run_close(UtilityRun& run) {
  auto& cursors = run.session.cursors();
  if (run.statement.text().empty()) {
    cursors.clear();
    return std::string("CLOSE CURSOR ALL");
  }
  const auto found = cursors.find(run.statement.text());
  if (found == cursors.end()) return no_cursor(run.statement.text());
  cursors.erase(found);
  return std::string("CLOSE CURSOR");
}

}  // namespace mortise::sql_engine
