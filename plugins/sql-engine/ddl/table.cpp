// SPDX-License-Identifier: Apache-2.0
//
// CREATE TABLE and CREATE TABLE AS.

#include <algorithm>

#include "ddl/dependents.hpp"
#include "ddl/like.hpp"
#include "mortise/cpp/assert.hpp"
#include "syntax/sql_text.hpp"

namespace mortise::sql_engine {
namespace {

// The type that serial stands for, or 0.
uint32_t serial_type(Node type) {
  std::string_view name;
  for (const Node part : type[0]) name = part.text();
  if (name == "serial" || name == "serial4") return MORTISE_SQL_INT4;
  if (name == "bigserial" || name == "serial8") return MORTISE_SQL_INT8;
  if (name == "smallserial" || name == "serial2") return MORTISE_SQL_INT2;
  return 0;
}

Status duplicate_column(const std::string& name) {
  return Status(Code::duplicate, "42701", "column \"" + name + "\" specified more than once");
}

}  // namespace

// A string literal is shown with the type it is read as, as PostgreSQL shows it.
Result<std::string> default_text(DdlRun& ddl, Node expression, const mortise_type_t& type) {
  MORTISE_TRY_ASSIGN(std::string text, sql_text(expression));
  if (expression.is(MORTISE_SYNTAX_STRING)) {
    text.append("::").append(ddl.services().registry->type_name(type.sql_type));
  }
  return resolved_expression(ddl, text, nullptr, Clause::default_value);
}

namespace {

// Binds a default once, so that what cannot be evaluated is refused now.
Status check_default(DdlRun& ddl, Node expression, const schema::ColumnDef& column) {
  Binder binder(ddl.session().bind_environment(), {});
  MORTISE_TRY_ASSIGN(ExpressionPtr e,
                     binder.bind_on_relation(expression, nullptr, {}, Clause::default_value));
  const mortise_type_t was = e->type;
  Result<ExpressionPtr> coerced = binder.coerce_assigned(std::move(e), column);
  if (coerced) return {};
  if (coerced.error().sqlstate() != "42804") return std::move(coerced.error());
  const Registry& registry = *ddl.services().registry;
  return Status(Code::invalid, "42804",
                "column \"" + column.name + "\" is of type " +
                    registry.type_name(column.type.sql_type) +
                    " but default expression is of type " + registry.type_name(was.sql_type))
      .with(MORTISE_ERROR_FIELD_HINT, "You will need to rewrite or cast the expression.");
}

}  // namespace

// A sequence of a column's own: serial and identity.
Status add_sequence(DdlRun& ddl, const schema::SchemaDef& schema, const std::string& table,
                    schema::ColumnDef& column, Node options, const schema::SequenceDef* like) {
  schema::SequenceDef sequence;
  if (like != nullptr) {
    sequence = *like;
    sequence.owner_relation = 0;
    sequence.owner_column = 0;
  } else {
    sequence.type = column.type.sql_type;
    MORTISE_TRY(read_sequence_options(options, sequence, true));
  }
  MORTISE_TRY_ASSIGN(const std::string name, free_name(ddl, schema.id, table, column.name, "seq"));
  MORTISE_TRY_ASSIGN(column.sequence, create_sequence(ddl, schema, name, sequence));
  if (column.identity != 0) {
    column.default_text =
        "nextval(" +
        quoted_literal(quoted_identifier(schema.name) + "." + quoted_identifier(name)) +
        "::regclass)";
  } else {
    const std::string shown = schema.name == "public"
                                  ? quoted_identifier(name)
                                  : quoted_identifier(schema.name) + "." + quoted_identifier(name);
    column.default_text = "nextval(" + quoted_literal(shown) + "::regclass)";
  }
  column.has_default = true;
  return {};
}

// Tells a column's sequence whose it is, once the table has its id.
Status own_sequence(DdlRun& ddl, mortise_object_id_t sequence, mortise_object_id_t table,
                    uint32_t attribute) {
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(sequence));
  if (!stored) return internal("a column's sequence has vanished");
  stored->definition.sequence.owner_relation = table;
  stored->definition.sequence.owner_column = attribute;
  return ddl.put_relation(stored->definition, stored->version);
}

Status column_constraint(DdlRun& ddl, Node node, const std::string& table,
                         schema::ColumnDef& column, std::vector<NewConstraint>& constraints) {
  switch (node.number()) {
    case MORTISE_CONSTRAINT_NOT_NULL:
      column.is_not_null = true;
      return {};
    case MORTISE_CONSTRAINT_NULL:
      return {};
    case MORTISE_CONSTRAINT_DEFAULT: {
      if (column.has_default) {
        return Status(Code::invalid, "42601",
                      "multiple default values specified for column \"" + column.name +
                          "\" of table \"" + table + "\"")
            .at(node.position());
      }
      MORTISE_TRY(check_default(ddl, node[0], column));
      if (node[0].is(MORTISE_SYNTAX_NULL)) return {};
      MORTISE_TRY_ASSIGN(column.default_text, default_text(ddl, node[0], column.type));
      column.has_default = true;
      return {};
    }
    case MORTISE_CONSTRAINT_GENERATED: {
      MORTISE_TRY_ASSIGN(column.default_text, sql_text(node[0]));
      column.has_default = true;
      column.generated = 's';
      return {};
    }
    case MORTISE_CONSTRAINT_IDENTITY: {
      column.identity = node.has(MORTISE_SYNTAX_ALL) ? 'a' : 'd';
      column.is_not_null = true;
      return {};
    }
    case MORTISE_CONSTRAINT_PRIMARY_KEY:
      column.is_not_null = true;
      constraints.push_back({node, column.name});
      return {};
    default:
      constraints.push_back({node, column.name});
      return {};
  }
}

Result<schema::ColumnDef> make_column_def(DdlRun& ddl, Node definition, const std::string& table,
                                          std::vector<NewConstraint>& constraints) {
  schema::ColumnDef column;
  column.name.assign(definition.text());
  if (const uint32_t serial = serial_type(definition[0]); serial != 0) {
    MORTISE_TRY_ASSIGN(column.type, ddl.services().registry->resolve(serial));
    column.is_not_null = true;
    column.sequence = 1;  // to be made
  } else {
    Binder binder(ddl.session().bind_environment(), {});
    MORTISE_TRY_ASSIGN(column.type, binder.bind_type(definition[0]));
  }
  if (column.type.sql_type == MORTISE_SQL_UNKNOWN || column.type.sql_type == MORTISE_SQL_RECORD) {
    return Status(Code::invalid, "42P16",
                  "column \"" + column.name + "\" has pseudo-type " +
                      ddl.services().registry->type_name(column.type.sql_type));
  }
  for (const Node constraint : definition[1]) {
    if (!constraint) continue;
    MORTISE_TRY(column_constraint(ddl, constraint, table, column, constraints));
  }
  return column;
}

// Sequences that the columns of a new table asked for.
Status make_sequences(DdlRun& ddl, const schema::SchemaDef& schema, schema::RelationDef& definition,
                      const LikeParts& like, Node elements) {
  for (size_t i = 0; i < definition.columns.size(); ++i) {
    schema::ColumnDef& column = definition.columns[i];
    if (column.sequence != 1 && column.identity == 0) continue;
    if (column.sequence > 1) continue;
    const auto copied = like.sequences.find(static_cast<uint32_t>(i));
    if (copied != like.sequences.end()) {
      MORTISE_TRY(add_sequence(ddl, schema, definition.name, column, Node(), &copied->second));
      continue;
    }
    Node options;
    for (const Node element : elements) {
      if (!element.is(MORTISE_SYNTAX_COLUMN_DEF) || element.text() != column.name) continue;
      for (const Node c : element[1]) {
        if (c.number() == MORTISE_CONSTRAINT_IDENTITY) options = c[5];
      }
    }
    MORTISE_TRY(add_sequence(ddl, schema, definition.name, column, options));
  }
  return {};
}

Status create_storage(DdlRun& ddl, schema::RelationDef& definition) {
  const mortise_iface_table_engine_t* engine = ddl.services().table_engine(definition.engine);
  if (engine == nullptr) {
    return Status(Code::not_found, "42704",
                  "access method \"" + definition.engine + "\" does not exist");
  }
  definition.segment = 0;
  const TableDescription description(definition);
  ErrorSlot error;
  return error.status(
      engine->create(ddl.txn(), &description.desc, &definition.segment, error.get()));
}

namespace {

Status read_options(Node list, schema::RelationDef& definition) {
  for (const Node option : list) {
    std::string value(option[0].text());
    if (option[0].is(MORTISE_SYNTAX_INTEGER) || option[0].is(MORTISE_SYNTAX_BOOLEAN)) {
      value = std::to_string(option[0].number());
    }
    if (option.text() == "fillfactor") {
      const int64_t percent = option[0].number();
      if (percent < 10 || percent > 100) {
        return Status(Code::invalid, "22023",
                      "value " + value + " out of bounds for option \"fillfactor\"")
            .with(MORTISE_ERROR_FIELD_DETAIL, "Valid values are between \"10\" and \"100\".");
      }
      definition.fill_percent = static_cast<uint32_t>(percent);
    } else if (option.text() == "engine") {
      definition.engine = value;
      continue;
    } else if (!option.text().starts_with("autovacuum") && option.text() != "parallel_workers" &&
               !option.text().starts_with("toast")) {
      return Status(Code::invalid, "22023",
                    "unrecognized parameter \"" + std::string(option.text()) + "\"");
    }
    definition.options.push_back(std::string(option.text()) + "=" + value);
  }
  return {};
}

Status check_columns(const schema::RelationDef& definition) {
  if (definition.columns.size() > kColumnsMax) {
    return Status(Code::limit, "54011", "tables can have at most 1600 columns");
  }
  for (size_t i = 0; i < definition.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (definition.columns[i].name == definition.columns[j].name) {
        return duplicate_column(definition.columns[i].name);
      }
    }
  }
  return {};
}

// Columns of table-level primary keys are not null.
Status mark_key_columns(schema::RelationDef& definition,
                        const std::vector<NewConstraint>& constraints) {
  for (const NewConstraint& constraint : constraints) {
    if (constraint.node.number() != MORTISE_CONSTRAINT_PRIMARY_KEY) continue;
    for (const Node key : constraint.node[1]) {
      for (schema::ColumnDef& c : definition.columns) {
        if (c.name == key.text()) c.is_not_null = true;
      }
    }
  }
  return {};
}

}  // namespace

Result<std::string> create_table(DdlRun& ddl) {
  const Node node = ddl.node();
  if (node[2].count() > 0) return unsupported("table inheritance is not supported");
  if (node.has(MORTISE_SYNTAX_TEMPORARY)) {
    return unsupported("temporary tables are not supported");
  }
  std::string schema_name;
  schema::RelationDef definition;
  MORTISE_TRY(ddl.split_name(node[0][0], schema_name, definition.name));
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.schema_for_new(schema_name));
  bool is_there = false;
  MORTISE_TRY(
      ddl.check_name_free(schema, definition.name, node.has(MORTISE_SYNTAX_IF_EXISTS), &is_there));
  if (is_there) return std::string("CREATE TABLE");
  definition.schema = schema.id;
  definition.owner = ddl.owner();
  definition.is_unlogged = node.has(MORTISE_SYNTAX_FLAG_A);
  definition.engine = ddl.session().settings().value("default_table_access_method");
  MORTISE_TRY(read_options(node[3], definition));
  std::vector<NewConstraint> constraints;
  LikeParts like;
  for (const Node element : node[1]) {
    if (element.is(MORTISE_SYNTAX_COLUMN_DEF)) {
      MORTISE_TRY_ASSIGN(schema::ColumnDef column,
                         make_column_def(ddl, element, definition.name, constraints));
      definition.columns.push_back(std::move(column));
    } else if (element.is(MORTISE_SYNTAX_TABLE_LIKE)) {
      MORTISE_TRY(add_like(ddl, element, definition, like));
    } else {
      constraints.push_back({element, ""});
    }
  }
  MORTISE_TRY(check_columns(definition));
  MORTISE_TRY(mark_key_columns(definition, constraints));
  MORTISE_TRY(make_sequences(ddl, schema, definition, like, node[1]));
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(create_storage(ddl, definition));
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, definition.id, MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY(ddl.put_relation(definition, 0));
  for (uint32_t i = 0; i < definition.columns.size(); ++i) {
    if (definition.columns[i].sequence <= 1) continue;
    MORTISE_TRY(own_sequence(ddl, definition.columns[i].sequence, definition.id, i + 1));
  }
  MORTISE_TRY(finish_like(ddl, definition.id, std::move(like)));
  // Primary keys first, so that their index is the first.
  std::stable_sort(constraints.begin(), constraints.end(),
                   [](const NewConstraint& a, const NewConstraint& b) {
                     return a.node.number() == MORTISE_CONSTRAINT_PRIMARY_KEY &&
                            b.node.number() != MORTISE_CONSTRAINT_PRIMARY_KEY;
                   });
  for (const NewConstraint& constraint : constraints) {
    MORTISE_TRY(add_constraint(ddl, definition.id, constraint, true));
  }
  MORTISE_TRY(check_generated(ddl, definition.id));
  return std::string("CREATE TABLE");
}

// Generated columns are bound once on the finished table.
Status check_generated(DdlRun& ddl, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  for (const schema::ColumnDef& column : relation->columns()) {
    if (column.generated == 0 || column.is_dropped) continue;
    Binder binder(ddl.session().bind_environment(), {});
    std::vector<ColumnId> row;
    for (const schema::ColumnDef& c : relation->columns()) {
      row.push_back(binder.plan().columns.add(c.name, c.type));
    }
    MORTISE_TRY_ASSIGN(
        ExpressionPtr e,
        binder.bind_text_on_relation(column.default_text, relation.get(), row, Clause::generated));
    if (volatility(*e) == MORTISE_VOLATILITY_VOLATILE) {
      return Status(Code::invalid, "42P17", "generation expression is not immutable");
    }
    std::vector<ColumnId> read;
    collect_columns(*e, read);
    for (uint32_t i = 0; i < row.size(); ++i) {
      const bool reads_it = std::find(read.begin(), read.end(), row[i]) != read.end();
      if (!reads_it || relation->columns()[i].generated == 0) continue;
      return Status(Code::invalid, "42P17",
                    "cannot use generated column \"" + relation->columns()[i].name +
                        "\" in column generation expression")
          .with(MORTISE_ERROR_FIELD_DETAIL,
                "A generated column cannot reference another generated column.");
    }
    MORTISE_TRY(binder.coerce_assigned(std::move(e), column));
  }
  return {};
}

// The plan of a query, put below an Insert into a relation with the same columns.
Result<uint64_t> insert_query_rows(DdlRun& ddl, LogicalPlan plan, const RelationPtr& relation) {
  auto insert = std::make_unique<Insert>();
  insert->relation = relation;
  for (uint32_t i = 0; i < relation->columns_count(); ++i) {
    const schema::ColumnDef& column = relation->columns()[i];
    insert->source.push_back(plan.results[i].id);
    insert->row.push_back(plan.columns.add(column.name, column.type));
  }
  insert->inputs.push_back(std::move(plan.root));
  plan.root = std::move(insert);
  plan.kind = StatementKind::insert;
  plan.results.clear();
  plan.is_read_only = false;
  return ddl.run_plan(std::move(plan), nullptr);
}

// A query of a definition, bound to relations that are locked.
Result<LogicalPlan> bind_locked(DdlRun& ddl, Node query, const std::vector<mortise_type_t>& types) {
  for (;;) {
    Binder binder(ddl.session().bind_environment(), types);
    MORTISE_TRY_ASSIGN(LogicalPlan plan, binder.bind_query_alone(query));
    MORTISE_TRY(ddl.session().lock_relations(plan.relations, MORTISE_WAIT));
    MORTISE_TRY(ddl.next_step());
    bool is_current = true;
    for (const RelationUse& use : plan.relations) {
      MORTISE_TRY_ASSIGN(const auto stored,
                         ddl.catalog().get<schema::RelationDef>(use.relation->id()));
      is_current = is_current && stored && stored->version == use.relation->version;
    }
    if (is_current) return plan;
  }
}

Result<std::string> create_table_as(DdlRun& ddl) {
  const Node node = ddl.node();
  const bool is_into = node.is(MORTISE_SYNTAX_SELECT);
  const Node target = is_into ? node[12] : node[0];
  const Node query = is_into ? node : node[1];
  if (!is_into && node.number() == MORTISE_OBJECT_MATERIALIZED_VIEW) {
    return unsupported("materialized views are not supported");
  }
  if (node.has(MORTISE_SYNTAX_TEMPORARY)) {
    return unsupported("temporary tables are not supported");
  }
  std::string schema_name;
  schema::RelationDef definition;
  MORTISE_TRY(ddl.split_name(target[0], schema_name, definition.name));
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.schema_for_new(schema_name));
  bool is_there = false;
  const bool if_not_exists = !is_into && node.has(MORTISE_SYNTAX_IF_EXISTS);
  MORTISE_TRY(ddl.check_name_free(schema, definition.name, if_not_exists, &is_there));
  if (is_there) return std::string("CREATE TABLE AS");
  std::vector<mortise_type_t> types;
  for (const Datum& value : ddl.utility().portal.parameters()) types.push_back(value.type());
  MORTISE_TRY_ASSIGN(LogicalPlan plan, bind_locked(ddl, query, types));
  const Node names = is_into ? Node() : node[2];
  if (names.count() > plan.results.size()) {
    return Status(Code::invalid, "42601", "too many column names were specified");
  }
  for (size_t i = 0; i < plan.results.size(); ++i) {
    schema::ColumnDef column;
    column.name = i < names.count() ? std::string(names[static_cast<uint32_t>(i)].text())
                                    : plan.results[i].name;
    column.type = plan.results[i].type;
    definition.columns.push_back(std::move(column));
  }
  MORTISE_TRY(check_columns(definition));
  definition.schema = schema.id;
  definition.owner = ddl.owner();
  definition.engine = ddl.session().settings().value("default_table_access_method");
  if (!is_into) MORTISE_TRY(read_options(node[3], definition));
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(create_storage(ddl, definition));
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, definition.id, MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY(ddl.put_relation(definition, 0));
  if (!is_into && node.has(MORTISE_SYNTAX_FLAG_A)) return std::string("CREATE TABLE AS");
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(definition.id));
  MORTISE_TRY_ASSIGN(const uint64_t rows, insert_query_rows(ddl, std::move(plan), relation));
  return "SELECT " + std::to_string(rows);
}

}  // namespace mortise::sql_engine
