// SPDX-License-Identifier: Apache-2.0
//
// CREATE VIEW.  A view keeps its query as it was written, without what stands around it and with
// its names resolved (dependents.hpp).

#include <algorithm>

#include "ddl/dependents.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/roles.hpp"
#include "syntax/tokens.hpp"

namespace mortise::sql_engine {
namespace {

// The query of "CREATE VIEW v (a, b) WITH (...) AS query WITH CHECK OPTION".
std::string query_text(std::string_view statement) {
  Tokens tokens(statement);
  Tokens::Token token;
  int depth = 0;
  while (tokens.next(token)) {
    if (token.word == "(") ++depth;
    if (token.word == ")") --depth;
    if (depth == 0 && token.word == "as") break;
  }
  const size_t begin = token.end;
  size_t end = begin;
  std::vector<Tokens::Token> last;  // the newest five
  while (tokens.next(token)) {
    if (token.word == ";") break;
    last.push_back(token);
    if (last.size() > 5) last.erase(last.begin());
    end = token.end;
  }
  const auto word = [&](size_t from_end) -> std::string_view {
    return last.size() >= from_end ? std::string_view(last[last.size() - from_end].word)
                                   : std::string_view();
  };
  if (word(1) == "option" && word(2) == "check") {
    const size_t with = word(3) == "with" ? 3 : word(4) == "with" ? 4 : 0;
    if (with != 0) end = last[last.size() - with].begin;
  }
  std::string_view query = statement.substr(begin, end - begin);
  while (!query.empty() && (query.front() == ' ' || query.front() == '\n')) query.remove_prefix(1);
  while (!query.empty() && (query.back() == ' ' || query.back() == '\n')) query.remove_suffix(1);
  return std::string(query);
}

Status check_replaceable(const schema::RelationDef& old, const schema::RelationDef& fresh,
                         const Registry& registry) {
  if (old.kind != schema::RelationKind::view) {
    return Status(Code::invalid, "42809", "\"" + old.name + "\" is not a view");
  }
  if (fresh.columns.size() < old.columns.size()) {
    return Status(Code::invalid, "42P16", "cannot drop columns from view");
  }
  for (size_t i = 0; i < old.columns.size(); ++i) {
    const schema::ColumnDef& was = old.columns[i];
    const schema::ColumnDef& is = fresh.columns[i];
    if (was.name != is.name) {
      return Status(Code::invalid, "42P16",
                    "cannot change name of view column \"" + was.name + "\" to \"" + is.name + "\"")
          .with(MORTISE_ERROR_FIELD_HINT,
                "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
    }
    if (was.type.sql_type != is.type.sql_type || was.type.modifier != is.type.modifier) {
      return Status(Code::invalid, "42P16",
                    "cannot change data type of view column \"" + was.name + "\" from " +
                        registry.type_name(was.type.sql_type, was.type.modifier) + " to " +
                        registry.type_name(is.type.sql_type, is.type.modifier));
    }
  }
  return {};
}

}  // namespace

Result<std::string> create_view(DdlRun& ddl) {
  const Node node = ddl.node();
  if (node.has(MORTISE_SYNTAX_TEMPORARY)) return unsupported("temporary views are not supported");
  if (node.number() != 0) {
    return unsupported("WITH CHECK OPTION is not supported: views cannot be changed through");
  }
  std::string schema_name;
  schema::RelationDef definition;
  MORTISE_TRY(ddl.split_name(node[0][0], schema_name, definition.name));
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.schema_for_new(schema_name));
  // For its errors' places; what counts is the text, bound by itself below.
  MORTISE_TRY(bind_locked(ddl, node[2], {}));
  definition.query = query_text(node.text());
  std::vector<Reference> references;
  MORTISE_TRY_ASSIGN(const LogicalPlan plan, read_query(ddl, definition.query, false, references));
  MORTISE_TRY_ASSIGN(definition.query, resolved_text(ddl, definition.query, references));
  if (node[1].count() > plan.results.size()) {
    return Status(Code::invalid, "42601", "CREATE VIEW specifies more column names than columns");
  }
  definition.kind = schema::RelationKind::view;
  definition.schema = schema.id;
  definition.owner = ddl.owner();
  for (size_t i = 0; i < plan.results.size(); ++i) {
    schema::ColumnDef column;
    column.name = i < node[1].count() ? std::string(node[1][static_cast<uint32_t>(i)].text())
                                      : plan.results[i].name;
    for (const schema::ColumnDef& known : definition.columns) {
      if (known.name != column.name) continue;
      return Status(Code::duplicate, "42701",
                    "column \"" + column.name + "\" specified more than once");
    }
    column.type = plan.results[i].type;
    definition.columns.push_back(std::move(column));
  }
  definition.depends_on = relations_of(references);
  MORTISE_TRY(ddl.lock_name(MORTISE_KIND_RELATION, schema.id, definition.name));
  MORTISE_TRY_ASSIGN(auto old, ddl.catalog().find<schema::RelationDef>(schema.id, definition.name));
  const bool replaces = old && node.has(MORTISE_SYNTAX_OR_REPLACE);
  for (mortise_object_id_t locked = 0; replaces && old && old->definition.id != locked;) {
    locked = old->definition.id;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, locked, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(old, ddl.catalog().find<schema::RelationDef>(schema.id, definition.name));
  }
  if (replaces && old) {
    for (const RelationUse& use : plan.relations) {
      if (use.relation->id() != old->definition.id) continue;
      return Status(
          Code::invalid, "42P17",
          "infinite recursion detected in rules for relation \"" + definition.name + "\"");
    }
    MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), old->definition.owner, "view",
                              old->definition.name));
    MORTISE_TRY(check_replaceable(old->definition, definition, *ddl.services().registry));
    definition.id = old->definition.id;
    definition.owner = old->definition.owner;
    MORTISE_TRY(ddl.put_relation(definition, old->version));
    return std::string("CREATE VIEW");
  }
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(schema, definition.name, false, &is_there));
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.put_relation(definition, 0));
  return std::string("CREATE VIEW");
}

}  // namespace mortise::sql_engine
