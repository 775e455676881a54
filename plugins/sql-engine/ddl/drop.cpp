// SPDX-License-Identifier: Apache-2.0
//
// DROP and TRUNCATE.

#include <algorithm>

#include "ddl/dependents.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/roles.hpp"

namespace mortise::sql_engine {
namespace {

std::string_view word_of(schema::RelationKind kind) {
  switch (kind) {
    case schema::RelationKind::view:
      return "view";
    case schema::RelationKind::sequence:
      return "sequence";
    case schema::RelationKind::materialized_view:
      return "materialized view";
    case schema::RelationKind::table:
      return "table";
  }
  return "relation";
}

std::string called(const schema::RelationDef& d) {
  return std::string(word_of(d.kind)) + " " + d.name;
}

// "view v depends on table t", and what depends on v, a line each.
Status describe_dependents(DdlRun& ddl, const schema::RelationDef& on, std::string& detail) {
  MORTISE_TRY_ASSIGN(const auto views, views_on(ddl, on.id));
  for (const schema::RelationDef& view : views) {
    if (!detail.empty()) detail.append("\n");
    detail.append(called(view)).append(" depends on ").append(called(on));
    MORTISE_TRY(describe_dependents(ddl, view, detail));
  }
  return {};
}

// Defaults of other tables that draw from a sequence that goes: the relation itself, or those of
// its columns.
Result<std::vector<DefaultUse>> defaults_left_behind(DdlRun& ddl, const Relation& relation,
                                                     std::string& detail) {
  std::vector<std::pair<mortise_object_id_t, std::string>> sequences;
  if (relation.definition.kind == schema::RelationKind::sequence) {
    sequences.emplace_back(relation.id(), relation.name());
  }
  for (const schema::ColumnDef& column : relation.columns()) {
    if (column.is_dropped || column.sequence == 0) continue;
    MORTISE_TRY_ASSIGN(const auto sequence,
                       ddl.catalog().get<schema::RelationDef>(column.sequence));
    if (sequence) sequences.emplace_back(column.sequence, sequence->definition.name);
  }
  std::vector<DefaultUse> left;
  for (const auto& [id, name] : sequences) {
    MORTISE_TRY_ASSIGN(const std::vector<DefaultUse> uses, defaults_on(ddl, id, name));
    for (const DefaultUse& use : uses) {
      if (use.table == relation.id()) continue;
      if (!detail.empty()) detail.append("\n");
      detail.append("default value for column " + use.column_name + " of table " + use.table_name);
      detail.append(" depends on sequence " + name);
      left.push_back(use);
    }
  }
  return left;
}

Status drop_default(DdlRun& ddl, const DefaultUse& use) {
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, use.table, MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY_ASSIGN(auto table, ddl.catalog().get<schema::RelationDef>(use.table));
  if (!table) return {};
  ddl.notice("drop cascades to default value for column " + use.column_name + " of table " +
             use.table_name);
  schema::ColumnDef& column = table->definition.columns[use.column];
  column.has_default = false;
  column.default_text.clear();
  return ddl.put_relation(table->definition, table->version);
}

Status drop_constraints(DdlRun& ddl, mortise_object_id_t relation) {
  MORTISE_TRY_ASSIGN(const auto constraints, ddl.catalog().list<schema::ConstraintDef>(relation));
  for (const auto& constraint : constraints) {
    MORTISE_TRY(drop_comments(ddl, constraint.definition.id));
    MORTISE_TRY(ddl.catalog().erase(constraint.definition));
  }
  return {};
}

Status drop_storage(DdlRun& ddl, const schema::RelationDef& definition) {
  if (definition.segment == 0) return {};
  const mortise_iface_table_engine_t* engine = ddl.services().table_engine(definition.engine);
  if (engine == nullptr) {
    return Status(Code::unsupported, "58P01",
                  "table engine \"" + definition.engine + "\" is not there");
  }
  ErrorSlot error;
  return error.status(engine->drop(ddl.txn(), definition.segment, error.get()));
}

// `schema` is locked.
Status drop_schema(DdlRun& ddl, const schema::SchemaDef& schema, bool cascades) {
  MORTISE_TRY_ASSIGN(const auto relations, ddl.catalog().list<schema::RelationDef>(schema.id));
  if (!relations.empty() && !cascades) {
    std::string detail;
    for (const auto& stored : relations) {
      if (!detail.empty()) detail.append("\n");
      detail.append(word_of(stored.definition.kind)).append(" ");
      detail.append(schema.name == "public" ? "" : schema.name + ".");
      detail.append(stored.definition.name).append(" depends on schema ").append(schema.name);
    }
    return Status(Code::invalid, "2BP01",
                  "cannot drop schema " + schema.name + " because other objects depend on it")
        .with(MORTISE_ERROR_FIELD_DETAIL, detail)
        .with(MORTISE_ERROR_FIELD_HINT, "Use DROP ... CASCADE to drop the dependent objects too.");
  }
  for (const auto& stored : relations) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, stored.definition.id, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto current,
                       ddl.catalog().get<schema::RelationDef>(stored.definition.id));
    if (!current) continue;  // went with another one
    MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(stored.definition.id));
    MORTISE_TRY(drop_relation(ddl, relation, true));
  }
  MORTISE_TRY(drop_comments(ddl, schema.id));
  MORTISE_TRY(ddl.catalog().erase(schema));
  return ddl.changed();
}

Status drop_one_schema(DdlRun& ddl, Node name, bool if_exists, bool cascades) {
  const std::string wanted(name[0].text());
  MORTISE_TRY_ASSIGN(schema::SchemaDef schema, ddl.session().names().find_schema(wanted));
  while (schema.id != 0) {
    const mortise_object_id_t locked = schema.id;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_OBJECT, locked, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(schema, ddl.session().names().find_schema(wanted));
    if (schema.id != locked) continue;
    MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), schema.owner, "schema", wanted));
    return drop_schema(ddl, schema, cascades);
  }
  const std::string text = "schema \"" + wanted + "\" does not exist";
  if (!if_exists) return Status(Code::not_found, "3F000", text);
  ddl.notice(text + ", skipping");
  return {};
}

Status drop_one_index(DdlRun& ddl, Node name_list, bool if_exists) {
  std::string schema_name;
  std::string name;
  MORTISE_TRY(ddl.split_name(name_list, schema_name, name));
  bool is_there = false;
  MORTISE_TRY_ASSIGN(auto found, ddl.index(schema_name, name, &is_there));
  while (is_there) {
    const mortise_object_id_t seen = found.definition.id;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, found.definition.relation, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(found, ddl.index(schema_name, name, &is_there));
    if (is_there && found.definition.id == seen) break;
  }
  if (!is_there) {
    const std::string text = "index \"" + name + "\" does not exist";
    if (!if_exists) return Status(Code::not_found, "42704", text);
    ddl.notice(text + ", skipping");
    return {};
  }
  const schema::IndexDef& index = found.definition;
  MORTISE_TRY_ASSIGN(const auto owned, ddl.catalog().get<schema::RelationDef>(index.relation));
  if (owned) {
    MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), owned->definition.owner, "index",
                              index.name));
  }
  MORTISE_TRY_ASSIGN(const auto constraints,
                     ddl.catalog().list<schema::ConstraintDef>(index.relation));
  for (const auto& constraint : constraints) {
    if (constraint.definition.index != index.id || constraint.definition.kind == 'f') continue;
    MORTISE_TRY_ASSIGN(const RelationPtr table, ddl.reload(index.relation));
    const std::string what =
        "constraint " + constraint.definition.name + " on table " + table->name();
    return Status(Code::invalid, "2BP01",
                  "cannot drop index " + index.name + " because " + what + " requires it")
        .with(MORTISE_ERROR_FIELD_HINT, "You can drop " + what + " instead.");
  }
  return drop_index(ddl, index);
}

Status drop_one_role(DdlRun& ddl, Node name, bool if_exists) {
  const std::string wanted(name[0].text());
  MORTISE_TRY_ASSIGN(const auto found, find_locked<schema::RoleDef>(ddl, 0, wanted));
  if (!found) {
    const std::string text = "role \"" + wanted + "\" does not exist";
    if (!if_exists) return Status(Code::not_found, "42704", text);
    ddl.notice(text + ", skipping");
    return {};
  }
  const schema::RoleDef& role = ddl.session().role();
  if (!role.is_superuser && !role.can_create_role) {
    return permission_denied("permission denied to drop role");
  }
  if (found->definition.id == role.id) {
    return Status(Code::invalid, "55006", "current user cannot be dropped");
  }
  if (wanted == view_of(ddl.session().context()->session_user)) {
    return Status(Code::invalid, "55006", "session user cannot be dropped");
  }
  if (found->definition.is_superuser && !role.is_superuser) {
    return permission_denied("must be superuser to drop superusers");
  }
  if (found->definition.id == schema::kRolePostgres) {
    return Status(Code::invalid, "2BP01",
                  "cannot drop role " + wanted + " because it is required by the database system");
  }
  MORTISE_TRY_ASSIGN(const auto relations, ddl.catalog().list<schema::RelationDef>(0));
  for (const auto& stored : relations) {
    if (stored.definition.owner != found->definition.id) continue;
    return Status(Code::invalid, "2BP01",
                  "role \"" + wanted + "\" cannot be dropped because some objects depend on it")
        .with(MORTISE_ERROR_FIELD_DETAIL, "owner of " +
                                              std::string(word_of(stored.definition.kind)) + " " +
                                              stored.definition.name);
  }
  MORTISE_TRY(ddl.catalog().erase(found->definition));
  return ddl.changed();
}

Status drop_one_database(DdlRun& ddl, Node name, bool if_exists) {
  const std::string wanted(name[0].text());
  MORTISE_TRY_ASSIGN(const auto found, find_locked<schema::DatabaseDef>(ddl, 0, wanted));
  if (!found) {
    const std::string text = "database \"" + wanted + "\" does not exist";
    if (!if_exists) return Status(Code::not_found, "3D000", text);
    ddl.notice(text + ", skipping");
    return {};
  }
  MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), found->definition.owner,
                            "database", wanted));
  if (found->definition.id == ddl.session().names().database_id()) {
    return Status(Code::invalid, "55006", "cannot drop the currently open database");
  }
  MORTISE_TRY_ASSIGN(const auto schemas,
                     ddl.catalog().list<schema::SchemaDef>(found->definition.id));
  for (const auto& schema : schemas) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_OBJECT, schema.definition.id, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto current,
                       ddl.catalog().get<schema::SchemaDef>(schema.definition.id));
    if (current) MORTISE_TRY(drop_schema(ddl, current->definition, true));
  }
  MORTISE_TRY(drop_comments(ddl, found->definition.id));
  MORTISE_TRY(ddl.catalog().erase(found->definition));
  return ddl.changed();
}

Status truncate_one(DdlRun& ddl, const RelationPtr& relation, bool restarts) {
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(relation->id()));
  if (!stored) return internal("a table has vanished while it was being emptied");
  MORTISE_TRY(drop_storage(ddl, stored->definition));
  MORTISE_TRY(create_storage(ddl, stored->definition));
  MORTISE_TRY(ddl.put_relation(stored->definition, stored->version));
  for (const mortise_object_id_t id : stored->definition.indexes) {
    MORTISE_TRY(renew_index(ddl, id));
  }
  if (!restarts) return {};
  for (const schema::ColumnDef& column : stored->definition.columns) {
    if (column.sequence == 0) continue;
    MORTISE_TRY(restart_sequence(ddl, column.sequence, {}));
  }
  return {};
}

}  // namespace

Status drop_comments(DdlRun& ddl, mortise_object_id_t object) {
  MORTISE_TRY_ASSIGN(const auto comments, ddl.catalog().list<schema::CommentDef>(object));
  for (const auto& comment : comments) MORTISE_TRY(ddl.catalog().erase(comment.definition));
  return {};
}

// An empty index in the place of a full one.
Status renew_index(DdlRun& ddl, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::IndexDef>(id));
  if (!stored) return {};
  const mortise_iface_index_t* method = ddl.services().index_method(stored->definition.method);
  if (method == nullptr) {
    return Status(Code::unsupported, "58P01",
                  "access method \"" + stored->definition.method + "\" is not there");
  }
  ErrorSlot error;
  MORTISE_TRY(error.status(method->drop(ddl.txn(), stored->definition.segment, error.get())));
  MORTISE_TRY(create_index_storage(ddl, *method, stored->definition));
  stored->definition.complete_from = ddl.services().txn->visible_scn();
  MORTISE_TRY(ddl.catalog().put(stored->definition, stored->version));
  MORTISE_TRY_ASSIGN(auto relation,
                     ddl.catalog().get<schema::RelationDef>(stored->definition.relation));
  if (!relation) return ddl.changed();
  return ddl.put_relation(relation->definition, relation->version);
}

// Drops a relation that is locked, and what hangs on it.
Status drop_relation(DdlRun& ddl, const RelationPtr& relation, bool cascades) {
  MORTISE_TRY_ASSIGN(const auto dependents, views_on(ddl, relation->id()));
  std::string detail;
  MORTISE_TRY(describe_dependents(ddl, relation->definition, detail));
  MORTISE_TRY_ASSIGN(const auto defaults, defaults_left_behind(ddl, *relation, detail));
  if (!detail.empty() && !cascades) {
    return Status(Code::invalid, "2BP01",
                  "cannot drop " + called(relation->definition) +
                      " because other objects depend on it")
        .with(MORTISE_ERROR_FIELD_DETAIL, detail)
        .with(MORTISE_ERROR_FIELD_HINT, "Use DROP ... CASCADE to drop the dependent objects too.");
  }
  for (const DefaultUse& use : defaults) MORTISE_TRY(drop_default(ddl, use));
  for (const schema::RelationDef& d : dependents) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, d.id, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto current, ddl.catalog().get<schema::RelationDef>(d.id));
    if (!current) continue;
    MORTISE_TRY_ASSIGN(const RelationPtr dependent, ddl.reload(d.id));
    ddl.notice("drop cascades to " + called(d));
    MORTISE_TRY(drop_relation(ddl, dependent, true));
  }
  for (const IndexInfo& index : relation->indexes) {
    MORTISE_TRY(drop_index(ddl, index.definition));
  }
  MORTISE_TRY(drop_constraints(ddl, relation->id()));
  for (const schema::ColumnDef& column : relation->columns()) {
    if (column.is_dropped || column.sequence == 0) continue;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, column.sequence, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto sequence,
                       ddl.catalog().get<schema::RelationDef>(column.sequence));
    if (!sequence) continue;
    MORTISE_TRY(drop_comments(ddl, column.sequence));
    MORTISE_TRY(drop_storage(ddl, sequence->definition));
    MORTISE_TRY(ddl.catalog().erase(sequence->definition));
  }
  MORTISE_TRY(drop_comments(ddl, relation->id()));
  MORTISE_TRY(drop_storage(ddl, relation->definition));
  MORTISE_TRY(ddl.catalog().erase(relation->definition));
  return ddl.changed();
}

Result<std::string> drop_objects(DdlRun& ddl) {
  const Node node = ddl.node();
  const bool if_exists = node.has(MORTISE_SYNTAX_IF_EXISTS);
  const bool cascades = node.has(MORTISE_SYNTAX_CASCADE);
  for (const Node name : node) {
    switch (node.number()) {
      case MORTISE_OBJECT_TABLE:
      case MORTISE_OBJECT_VIEW:
      case MORTISE_OBJECT_SEQUENCE: {
        MORTISE_TRY_ASSIGN(const RelationPtr relation,
                           ddl.relation(name, 0, node.number(), if_exists, MORTISE_MODE_SCHEMA_X));
        if (relation == nullptr) continue;
        if (node.number() == MORTISE_OBJECT_SEQUENCE) {
          MORTISE_TRY(release_sequence(ddl, relation, cascades));
        }
        MORTISE_TRY(drop_relation(ddl, relation, cascades));
        break;
      }
      case MORTISE_OBJECT_INDEX:
        MORTISE_TRY(drop_one_index(ddl, name, if_exists));
        break;
      case MORTISE_OBJECT_SCHEMA:
        MORTISE_TRY(drop_one_schema(ddl, name, if_exists, cascades));
        break;
      case MORTISE_OBJECT_ROLE:
        MORTISE_TRY(drop_one_role(ddl, name, if_exists));
        break;
      case MORTISE_OBJECT_DATABASE:
        MORTISE_TRY(drop_one_database(ddl, name, if_exists));
        break;
      default:
        return unsupported("DROP " + std::string(object_name(ddl.node().number())) +
                           " is not supported");
    }
  }
  switch (node.number()) {
    case MORTISE_OBJECT_VIEW:
      return std::string("DROP VIEW");
    case MORTISE_OBJECT_SEQUENCE:
      return std::string("DROP SEQUENCE");
    case MORTISE_OBJECT_INDEX:
      return std::string("DROP INDEX");
    case MORTISE_OBJECT_SCHEMA:
      return std::string("DROP SCHEMA");
    case MORTISE_OBJECT_ROLE:
      return std::string("DROP ROLE");
    case MORTISE_OBJECT_DATABASE:
      return std::string("DROP DATABASE");
    default:
      return std::string("DROP TABLE");
  }
}

Result<std::string> truncate(DdlRun& ddl) {
  std::vector<RelationPtr> relations;
  for (const Node table : ddl.node()) {
    MORTISE_TRY_ASSIGN(RelationPtr relation,
                       ddl.relation(table[0], table.position(), MORTISE_OBJECT_OTHER, false,
                                    MORTISE_MODE_SCHEMA_X));
    if (relation->definition.kind != schema::RelationKind::table) {
      return Status(Code::invalid, "42809", "\"" + relation->name() + "\" is not a table");
    }
    relations.push_back(std::move(relation));
  }
  for (const RelationPtr& relation : relations) {
    MORTISE_TRY(truncate_one(ddl, relation, ddl.node().has(MORTISE_SYNTAX_FLAG_A)));
  }
  return std::string("TRUNCATE TABLE");
}

}  // namespace mortise::sql_engine
