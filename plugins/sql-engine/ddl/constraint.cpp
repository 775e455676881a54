// SPDX-License-Identifier: Apache-2.0
//
// PRIMARY KEY, UNIQUE and CHECK.

#include <algorithm>

#include "ddl/dependents.hpp"
#include "mortise/cpp/assert.hpp"
#include "syntax/sql_text.hpp"

namespace mortise::sql_engine {
namespace {

Status check_name(DdlRun& ddl, const Relation& relation, const std::string& name) {
  MORTISE_TRY_ASSIGN(const auto known,
                     ddl.catalog().find<schema::ConstraintDef>(relation.id(), name));
  if (!known) return {};
  return Status(
      Code::duplicate, "42710",
      "constraint \"" + name + "\" for relation \"" + relation.name() + "\" already exists");
}

Result<std::string> free_constraint_name(DdlRun& ddl, const Relation& relation,
                                         const std::string& base) {
  for (uint32_t number = 0;; ++number) {
    std::string name = number == 0 ? base : base + std::to_string(number);
    MORTISE_TRY_ASSIGN(const auto known,
                       ddl.catalog().find<schema::ConstraintDef>(relation.id(), name));
    if (!known) return name;
  }
}

// Changes the relation's version, so that everybody reads its constraints again (C3).
Status touch(DdlRun& ddl, mortise_object_id_t relation) {
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(relation));
  if (!stored) return internal("a constraint's relation has vanished");
  return ddl.put_relation(stored->definition, stored->version);
}

Status add_key(DdlRun& ddl, const RelationPtr& relation, const NewConstraint& constraint) {
  const Node node = constraint.node;
  const bool is_primary = node.number() == MORTISE_CONSTRAINT_PRIMARY_KEY;
  if (is_primary) {
    for (const schema::ConstraintDef& c : relation->constraints) {
      if (c.kind != 'p') continue;
      return Status(Code::invalid, "42P16",
                    "multiple primary keys for table \"" + relation->name() + "\" are not allowed")
          .at(node.position());
    }
  }
  if (node.has(MORTISE_SYNTAX_FLAG_A)) {
    return unsupported("deferrable constraints are not supported");
  }
  IndexRequest request;
  request.is_unique = true;
  request.is_primary = is_primary;
  request.is_nulls_not_distinct = node.has(MORTISE_SYNTAX_NOT);
  std::vector<std::string> keys;
  if (!constraint.column.empty()) keys.push_back(constraint.column);
  for (const Node key : node[1]) keys.emplace_back(key.text());
  std::string joined;
  for (const std::string& key : keys) {
    const int32_t position = relation->find_column(key);
    if (position < 0) {
      return Status(Code::not_found, "42703", "column \"" + key + "\" named in key does not exist")
          .at(node.position());
    }
    const auto column = static_cast<uint32_t>(position);
    if (std::find(request.columns.begin(), request.columns.end(), column) !=
        request.columns.end()) {
      return Status(Code::invalid, "42701",
                    "column \"" + key + "\" appears twice in " +
                        (is_primary ? "primary key" : "unique") + " constraint")
          .at(node.position());
    }
    request.columns.push_back(column);
    request.flags.push_back(0);
    request.types.push_back(relation->columns()[column].type);
    request.expressions.emplace_back();
    joined.append(joined.empty() ? "" : "_").append(key);
  }
  for (const Node include : node[4]) {
    const int32_t position = relation->find_column(include.text());
    if (position < 0) {
      return Status(Code::not_found, "42703",
                    "column \"" + std::string(include.text()) + "\" named in key does not exist")
          .at(node.position());
    }
    request.columns.push_back(static_cast<uint32_t>(position));
    request.types.push_back(relation->columns()[static_cast<uint32_t>(position)].type);
    request.expressions.emplace_back();
    ++request.includes_count;
  }
  if (request.flags.empty()) return unsupported("a key USING INDEX is not supported");
  schema::SchemaDef schema;
  schema.id = relation->definition.schema;
  if (node.text().empty()) {
    MORTISE_TRY_ASSIGN(request.name,
                       free_name(ddl, schema.id, relation->name(), is_primary ? "" : joined,
                                 is_primary ? "pkey" : "key"));
  } else {
    request.name.assign(node.text());
    bool is_there = false;
    MORTISE_TRY(ddl.check_name_free(schema, request.name, false, &is_there));
  }
  schema::ConstraintDef made;
  made.relation = relation->id();
  made.name = request.name;
  made.kind = is_primary ? 'p' : 'u';
  made.columns.assign(request.columns.begin(), request.columns.end() - request.includes_count);
  MORTISE_TRY(check_name(ddl, *relation, made.name));
  MORTISE_TRY_ASSIGN(const schema::IndexDef index, make_index(ddl, relation, std::move(request)));
  made.index = index.id;
  MORTISE_TRY_ASSIGN(made.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(made, 0));
  return touch(ddl, relation->id());
}

// The only column that a check names, if it names just one: it goes into the constraint's name.
std::string only_column(const Expression& e, const ColumnTable& columns) {
  std::vector<ColumnId> ids;
  collect_columns(e, ids);
  return ids.size() == 1 ? columns[ids[0]].name : std::string();
}

Status add_check(DdlRun& ddl, const RelationPtr& relation, const NewConstraint& constraint,
                 bool is_new_table) {
  const Node node = constraint.node;
  Binder binder(ddl.session().bind_environment(), {});
  std::vector<ColumnId> row;
  for (const schema::ColumnDef& c : relation->columns()) {
    row.push_back(c.is_dropped ? kNoColumn : binder.plan().columns.add(c.name, c.type));
  }
  MORTISE_TRY_ASSIGN(const ExpressionPtr e,
                     binder.bind_on_relation(node[0], relation.get(), row, Clause::check));
  schema::ConstraintDef made;
  made.relation = relation->id();
  made.kind = 'c';
  MORTISE_TRY_ASSIGN(made.expression, sql_text(node[0]));
  MORTISE_TRY_ASSIGN(made.expression,
                     resolved_expression(ddl, made.expression, relation.get(), Clause::check));
  made.is_validated = !node.has(MORTISE_SYNTAX_FLAG_C);
  made.is_no_inherit = node.has(MORTISE_SYNTAX_FLAG_D);
  std::vector<ColumnId> ids;
  collect_columns(*e, ids);
  for (uint32_t i = 0; i < row.size(); ++i) {
    if (std::find(ids.begin(), ids.end(), row[i]) != ids.end()) made.columns.push_back(i);
  }
  if (node.text().empty()) {
    const std::string column = only_column(*e, binder.plan().columns);
    const std::string base = relation->name() + (column.empty() ? "" : "_" + column) + "_check";
    MORTISE_TRY_ASSIGN(made.name, free_constraint_name(ddl, *relation, base));
  } else {
    made.name.assign(node.text());
    MORTISE_TRY(check_name(ddl, *relation, made.name));
  }
  if (!is_new_table && made.is_validated) {
    MORTISE_TRY(check_existing_rows(ddl, relation, made.expression,
                                    Status(Code::invalid, "23514",
                                           "check constraint \"" + made.name + "\" of relation \"" +
                                               relation->name() + "\" is violated by some row")
                                        .with(MORTISE_ERROR_FIELD_SCHEMA, relation->schema_name)
                                        .with(MORTISE_ERROR_FIELD_TABLE, relation->name())
                                        .with(MORTISE_ERROR_FIELD_CONSTRAINT, made.name)));
  }
  MORTISE_TRY_ASSIGN(made.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(made, 0));
  return touch(ddl, relation->id());
}

}  // namespace

Status add_constraint(DdlRun& ddl, mortise_object_id_t id, const NewConstraint& constraint,
                      bool is_new_table) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  switch (constraint.node.number()) {
    case MORTISE_CONSTRAINT_PRIMARY_KEY:
    case MORTISE_CONSTRAINT_UNIQUE:
      return add_key(ddl, relation, constraint);
    case MORTISE_CONSTRAINT_CHECK:
      return add_check(ddl, relation, constraint, is_new_table);
    case MORTISE_CONSTRAINT_FOREIGN_KEY:
      return Status(Code::unsupported, "0A000", "foreign keys are not supported")
          .at(constraint.node.position());
    default:
      return Status(Code::unsupported, "0A000", "this kind of constraint is not supported")
          .at(constraint.node.position());
  }
}

// Fails with `violation` if a row of the table makes `condition` false.
Status check_existing_rows(DdlRun& ddl, const RelationPtr& relation, std::string_view condition,
                           Status violation) {
  MORTISE_TRY(ddl.newest_step());
  Binder binder(ddl.session().bind_environment(), {});
  ScopeItem item;
  MORTISE_TRY_ASSIGN(
      std::unique_ptr<Scan> scan,
      binder.scan_relation(relation, relation->name(), MORTISE_MODE_SCHEMA_S, item, false));
  std::vector<ColumnId> row(relation->columns_count(), kNoColumn);
  for (const ScopeColumn& c : item.columns) row[c.attribute - 1] = c.id;
  MORTISE_TRY_ASSIGN(ExpressionPtr e,
                     binder.bind_text_on_relation(condition, relation.get(), row, Clause::check));
  auto negation = std::make_unique<Expression>();
  negation->kind = ExpressionKind::negation;
  negation->type = boolean_type();
  negation->children.push_back(std::move(e));
  auto filter = std::make_unique<Filter>();
  filter->condition = std::move(negation);
  filter->outputs = scan->outputs;
  filter->inputs.push_back(std::move(scan));
  auto limit = std::make_unique<Limit>();
  limit->limit = make_constant(Datum::int64(1));
  limit->outputs = filter->outputs;
  limit->inputs.push_back(std::move(filter));
  LogicalPlan plan = std::move(binder.plan());
  plan.root = std::move(limit);
  MORTISE_TRY_ASSIGN(const uint64_t rows, ddl.run_plan(std::move(plan), nullptr));
  return rows == 0 ? Status() : violation;
}

}  // namespace mortise::sql_engine
