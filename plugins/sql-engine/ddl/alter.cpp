// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because each form of ALTER TABLE is a few lines.
//
// ALTER TABLE, command by command; RENAME and SET SCHEMA.  A change of what is stored in existing
// rows copies the table: rewrite.cpp.

#include <algorithm>

#include "ddl/dependents.hpp"
#include "ddl/rewrite.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/roles.hpp"
#include "syntax/sql_text.hpp"

namespace mortise::sql_engine {
namespace {

using StoredRelation = Stored<schema::RelationDef>;

Result<StoredRelation> read(DdlRun& ddl, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(id));
  if (!stored) return internal("a table has vanished while it was being changed");
  return std::move(*stored);
}

Result<uint32_t> find_column(const schema::RelationDef& definition, std::string_view name) {
  for (uint32_t i = 0; i < definition.columns.size(); ++i) {
    if (!definition.columns[i].is_dropped && definition.columns[i].name == name) return i;
  }
  return Status(Code::not_found, "42703",
                "column \"" + std::string(name) + "\" of relation \"" + definition.name +
                    "\" does not exist");
}

bool uses(const std::vector<uint32_t>& columns, uint32_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

// What rows from before an added column read as: the default's value, computed once.
Status set_missing_value(DdlRun& ddl, schema::ColumnDef& column, bool& needs_rewrite) {
  needs_rewrite = false;
  if (!column.has_default) return {};
  if (column.generated != 0 || column.sequence != 0) {
    needs_rewrite = true;
    return {};
  }
  Binder binder(ddl.session().bind_environment(), {});
  MORTISE_TRY_ASSIGN(ExpressionPtr e, binder.bind_text_on_relation(column.default_text, nullptr, {},
                                                                   Clause::default_value));
  MORTISE_TRY_ASSIGN(e, binder.coerce_assigned(std::move(e), column));
  if (volatility(*e) == MORTISE_VOLATILITY_VOLATILE) {
    needs_rewrite = true;
    return {};
  }
  MORTISE_TRY_ASSIGN(const Datum value, value_of(ddl, std::move(e), binder));
  if (value.is_null()) return {};
  column.has_missing_value = true;
  column.missing_value = bytes_of(value);
  return {};
}

Status add_column(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  schema::RelationDef& definition = stored.definition;
  const Node node = command[0];
  for (const schema::ColumnDef& c : definition.columns) {
    if (c.is_dropped || c.name != node.text()) continue;
    const std::string text =
        "column \"" + c.name + "\" of relation \"" + definition.name + "\" already exists";
    if (!command.has(MORTISE_SYNTAX_IF_EXISTS)) return Status(Code::duplicate, "42701", text);
    ddl.session().notice(MORTISE_NOTICE_NOTICE, "42701", text + ", skipping");
    return {};
  }
  std::vector<NewConstraint> constraints;
  MORTISE_TRY_ASSIGN(schema::ColumnDef column,
                     make_column_def(ddl, node, definition.name, constraints));
  if (column.sequence == 1 || column.identity != 0) {
    MORTISE_TRY_ASSIGN(const auto schema, ddl.catalog().get<schema::SchemaDef>(definition.schema));
    Node options;
    for (const Node c : node[1]) {
      if (c.number() == MORTISE_CONSTRAINT_IDENTITY) options = c[5];
    }
    MORTISE_TRY(add_sequence(ddl, schema->definition, definition.name, column, options));
    MORTISE_TRY_ASSIGN(stored, read(ddl, id));
  }
  if (definition.columns.size() >= kColumnsMax) {
    return Status(Code::limit, "54011", "tables can have at most 1600 columns");
  }
  bool needs_rewrite = false;
  MORTISE_TRY(set_missing_value(ddl, column, needs_rewrite));
  const bool is_not_null = column.is_not_null;
  const bool has_value = column.has_missing_value || needs_rewrite;
  const mortise_object_id_t sequence = column.sequence;
  const std::string name = column.name;
  definition.columns.push_back(std::move(column));
  const auto attribute = static_cast<uint32_t>(definition.columns.size());
  if (is_not_null && !has_value) definition.columns.back().is_not_null = false;
  MORTISE_TRY(ddl.put_relation(definition, stored.version));
  if (sequence > 1) MORTISE_TRY(own_sequence(ddl, sequence, id, attribute));
  MORTISE_TRY(check_generated(ddl, id));
  if (needs_rewrite) MORTISE_TRY(fill_column(ddl, id, attribute - 1));
  if (is_not_null && !has_value) MORTISE_TRY(set_not_null(ddl, id, name));
  for (const NewConstraint& constraint : constraints) {
    MORTISE_TRY(add_constraint(ddl, id, constraint, false));
  }
  return {};
}

// The column with its constraints, indexes and sequence.
Status erase_column(DdlRun& ddl, mortise_object_id_t id, uint32_t column) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  for (const schema::ConstraintDef& c : relation->constraints) {
    if (uses(c.columns, column)) MORTISE_TRY(ddl.catalog().erase(c));
  }
  for (const IndexInfo& index : relation->indexes) {
    if (uses(index.columns(), column)) MORTISE_TRY(drop_index(ddl, index.definition));
  }
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  schema::ColumnDef& dropped = stored.definition.columns[column];
  const mortise_object_id_t sequence = dropped.sequence;
  dropped.is_dropped = true;
  dropped.is_not_null = false;
  dropped.has_default = false;
  dropped.default_text.clear();
  dropped.sequence = 0;
  dropped.identity = 0;
  dropped.generated = 0;
  dropped.name = "........pg.dropped." + std::to_string(column + 1) + "........";
  MORTISE_TRY(ddl.put_relation(stored.definition, stored.version));
  if (sequence == 0) return {};
  MORTISE_TRY_ASSIGN(const RelationPtr own, ddl.reload(sequence));
  return drop_relation(ddl, own, true);
}

// Before a column goes: views and generated columns that read it go with it, or keep it.
Status release_column(DdlRun& ddl, const Relation& relation, uint32_t column, bool cascades) {
  MORTISE_TRY_ASSIGN(const auto views, views_on_column(ddl, relation.id(), column + 1));
  MORTISE_TRY_ASSIGN(const std::vector<uint32_t> generated, generated_on(ddl, relation, column));
  const std::string what =
      "column " + relation.columns()[column].name + " of table " + relation.name();
  if (!cascades && (!views.empty() || !generated.empty())) {
    std::string detail;
    for (const uint32_t one : generated) {
      if (!detail.empty()) detail.append("\n");
      detail.append("column " + relation.columns()[one].name + " of table " + relation.name());
      detail.append(" depends on ").append(what);
    }
    for (const schema::RelationDef& view : views) {
      if (!detail.empty()) detail.append("\n");
      detail.append("view " + view.name + " depends on " + what);
    }
    return Status(Code::invalid, "2BP01",
                  "cannot drop " + what + " because other objects depend on it")
        .with(MORTISE_ERROR_FIELD_DETAIL, detail)
        .with(MORTISE_ERROR_FIELD_HINT, "Use DROP ... CASCADE to drop the dependent objects too.");
  }
  for (const schema::RelationDef& view : views) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, view.id, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto current, ddl.catalog().get<schema::RelationDef>(view.id));
    if (!current) continue;
    MORTISE_TRY_ASSIGN(const RelationPtr dependent, ddl.reload(view.id));
    ddl.notice("drop cascades to view " + view.name);
    MORTISE_TRY(drop_relation(ddl, dependent, true));
  }
  for (const uint32_t one : generated) {
    ddl.notice("drop cascades to column " + relation.columns()[one].name + " of table " +
               relation.name());
    MORTISE_TRY(erase_column(ddl, relation.id(), one));
  }
  return {};
}

Status drop_column(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(const StoredRelation stored, read(ddl, id));
  const Result<uint32_t> found = find_column(stored.definition, command.text());
  if (!found) {
    if (!command.has(MORTISE_SYNTAX_IF_EXISTS)) return found.status();
    ddl.notice(std::string(found.error().message()) + ", skipping");
    return {};
  }
  const uint32_t column = *found;
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  MORTISE_TRY(release_column(ddl, *relation, column, command.has(MORTISE_SYNTAX_CASCADE)));
  return erase_column(ddl, id, column);
}

Status set_default(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  MORTISE_TRY_ASSIGN(const uint32_t position, find_column(stored.definition, command.text()));
  schema::ColumnDef& column = stored.definition.columns[position];
  if (column.identity != 0 || column.generated != 0) {
    return Status(Code::invalid, "42601",
                  "column \"" + column.name + "\" of relation \"" + stored.definition.name +
                      "\" is " +
                      (column.identity != 0 ? "an identity column" : "a generated column"));
  }
  column.has_default = false;
  column.default_text.clear();
  const Node value = command[0];
  if (value && !value.is(MORTISE_SYNTAX_NULL)) {
    Binder binder(ddl.session().bind_environment(), {});
    MORTISE_TRY_ASSIGN(ExpressionPtr e,
                       binder.bind_on_relation(value, nullptr, {}, Clause::default_value));
    MORTISE_TRY(binder.coerce_assigned(std::move(e), column));
    MORTISE_TRY_ASSIGN(column.default_text, default_text(ddl, value, column.type));
    column.has_default = true;
  }
  return ddl.put_relation(stored.definition, stored.version);
}

Status drop_not_null(DdlRun& ddl, mortise_object_id_t id, std::string_view name) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  MORTISE_TRY_ASSIGN(const uint32_t position, find_column(stored.definition, name));
  for (const schema::ConstraintDef& c : relation->constraints) {
    if (c.kind == 'p' && uses(c.columns, position)) {
      return Status(Code::invalid, "42P16",
                    "column \"" + std::string(name) + "\" is in a primary key");
    }
  }
  if (stored.definition.columns[position].identity != 0) {
    return Status(Code::invalid, "42601",
                  "column \"" + std::string(name) + "\" of relation \"" + stored.definition.name +
                      "\" is an identity column");
  }
  stored.definition.columns[position].is_not_null = false;
  return ddl.put_relation(stored.definition, stored.version);
}

Status drop_constraint(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  for (const schema::ConstraintDef& c : relation->constraints) {
    if (c.name != command.text()) continue;
    MORTISE_TRY(drop_comments(ddl, c.id));
    MORTISE_TRY(ddl.catalog().erase(c));
    for (const IndexInfo& index : relation->indexes) {
      if (c.kind != 'f' && index.id() == c.index) return drop_index(ddl, index.definition);
    }
    MORTISE_TRY_ASSIGN(const StoredRelation stored, read(ddl, id));
    return ddl.put_relation(stored.definition, stored.version);
  }
  const std::string text = "constraint \"" + std::string(command.text()) + "\" of relation \"" +
                           relation->name() + "\" does not exist";
  if (!command.has(MORTISE_SYNTAX_IF_EXISTS)) return Status(Code::not_found, "42704", text);
  ddl.notice(text + ", skipping");
  return {};
}

Status validate_constraint(DdlRun& ddl, mortise_object_id_t id, std::string_view name) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  MORTISE_TRY_ASSIGN(auto found, ddl.catalog().find<schema::ConstraintDef>(id, name));
  if (!found) {
    return Status(Code::not_found, "42704",
                  "constraint \"" + std::string(name) + "\" of relation \"" + relation->name() +
                      "\" does not exist");
  }
  if (found->definition.is_validated) return {};
  MORTISE_TRY(
      check_existing_rows(ddl, relation, found->definition.expression,
                          Status(Code::invalid, "23514",
                                 "check constraint \"" + std::string(name) + "\" of relation \"" +
                                     relation->name() + "\" is violated by some row")));
  found->definition.is_validated = true;
  MORTISE_TRY(ddl.catalog().put(found->definition, found->version));
  MORTISE_TRY_ASSIGN(const StoredRelation stored, read(ddl, id));
  return ddl.put_relation(stored.definition, stored.version);
}

Status change_owner(DdlRun& ddl, mortise_object_id_t id, std::string_view name) {
  MORTISE_TRY_ASSIGN(const mortise_object_id_t owner, role_id(ddl, name));
  MORTISE_TRY_ASSIGN(const bool may_give, has_role(ddl.catalog(), ddl.session().role(), owner));
  if (!may_give) {
    return permission_denied("must be member of role \"" + std::string(name) + "\"");
  }
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  stored.definition.owner = owner;
  return ddl.put_relation(stored.definition, stored.version);
}

Status change_options(DdlRun& ddl, mortise_object_id_t id, Node list, bool resets) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  std::vector<std::string>& options = stored.definition.options;
  for (const Node option : list) {
    const std::string name(option.text());
    std::erase_if(options, [&](const std::string& entry) { return entry.starts_with(name + "="); });
    if (name == "fillfactor") {
      stored.definition.fill_percent = resets ? 0 : static_cast<uint32_t>(option[0].number());
    }
    if (resets) continue;
    const std::string value = option[0].text().empty() ? std::to_string(option[0].number())
                                                       : std::string(option[0].text());
    options.push_back(name + "=" + value);
  }
  return ddl.put_relation(stored.definition, stored.version);
}

Status change_identity(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  MORTISE_TRY_ASSIGN(const uint32_t position, find_column(stored.definition, command.text()));
  schema::ColumnDef& column = stored.definition.columns[position];
  const std::string shown =
      "column \"" + column.name + "\" of relation \"" + stored.definition.name + "\"";
  if (command.has(MORTISE_SYNTAX_FLAG_A)) {
    if (column.identity != 0) {
      return Status(Code::invalid, "55000", shown + " is already an identity column");
    }
    if (column.has_default) {
      return Status(Code::invalid, "55000", shown + " already has a default value");
    }
    if (!column.is_not_null) {
      return Status(Code::invalid, "55000",
                    shown + " must be declared NOT NULL before identity can be added");
    }
    column.identity = command.has(MORTISE_SYNTAX_ALL) ? 'a' : 'd';
    MORTISE_TRY_ASSIGN(const auto schema,
                       ddl.catalog().get<schema::SchemaDef>(stored.definition.schema));
    MORTISE_TRY(add_sequence(ddl, schema->definition, stored.definition.name, column, command[0]));
    const mortise_object_id_t sequence = column.sequence;
    MORTISE_TRY_ASSIGN(const StoredRelation fresh, read(ddl, id));
    MORTISE_TRY(ddl.put_relation(stored.definition, fresh.version));
    return own_sequence(ddl, sequence, id, position + 1);
  }
  if (column.identity == 0) {
    if (command.has(MORTISE_SYNTAX_FLAG_C) && command.has(MORTISE_SYNTAX_IF_EXISTS)) {
      ddl.notice(shown + " is not an identity column, skipping");
      return {};
    }
    return Status(Code::invalid, "55000", shown + " is not an identity column");
  }
  if (command.has(MORTISE_SYNTAX_FLAG_B)) {
    for (const Node option : command[0]) {
      if (option.text() == "generated") {
        column.identity = option[0].number() == 'a' || option[0].text() == "a" ? 'a' : 'd';
      } else if (option.text() == "restart") {
        const mortise_object_id_t sequence = column.sequence;
        std::optional<int64_t> start;
        if (option[0]) start = option[0].number();
        MORTISE_TRY(restart_sequence(ddl, sequence, start));
      }
    }
    MORTISE_TRY_ASSIGN(const StoredRelation fresh, read(ddl, id));
    return ddl.put_relation(stored.definition, fresh.version);
  }
  const mortise_object_id_t sequence = column.sequence;
  column.identity = 0;
  column.has_default = false;
  column.default_text.clear();
  column.sequence = 0;
  MORTISE_TRY(ddl.put_relation(stored.definition, stored.version));
  MORTISE_TRY_ASSIGN(const RelationPtr own, ddl.reload(sequence));
  return drop_relation(ddl, own, true);
}

// "AT_EnableRowSecurity" as a user wrote it: ENABLE ROW SECURITY.
std::string words_of(std::string_view command) {
  if (command.starts_with("AT_")) command.remove_prefix(3);
  std::string words;
  for (const char c : command) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    if (is_capital && !words.empty()) words.push_back(' ');
    words.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
  }
  return words;
}

Status alter(DdlRun& ddl, mortise_object_id_t id, Node command) {
  switch (command.number()) {
    case MORTISE_ALTER_ADD_COLUMN:
      return add_column(ddl, id, command);
    case MORTISE_ALTER_DROP_COLUMN:
      return drop_column(ddl, id, command);
    case MORTISE_ALTER_COLUMN_TYPE:
      return change_column_type(ddl, id, command);
    case MORTISE_ALTER_COLUMN_DEFAULT:
      return set_default(ddl, id, command);
    case MORTISE_ALTER_SET_NOT_NULL:
      return set_not_null(ddl, id, std::string(command.text()));
    case MORTISE_ALTER_DROP_NOT_NULL:
      return drop_not_null(ddl, id, command.text());
    case MORTISE_ALTER_ADD_CONSTRAINT: {
      if (command[0].number() == MORTISE_CONSTRAINT_PRIMARY_KEY) {
        for (const Node key : command[0][1]) {
          MORTISE_TRY(set_not_null(ddl, id, std::string(key.text())));
        }
      }
      return add_constraint(ddl, id, {command[0], ""}, false);
    }
    case MORTISE_ALTER_DROP_CONSTRAINT:
      return drop_constraint(ddl, id, command);
    case MORTISE_ALTER_VALIDATE_CONSTRAINT:
      return validate_constraint(ddl, id, command.text());
    case MORTISE_ALTER_OWNER:
      return change_owner(ddl, id, command.text());
    case MORTISE_ALTER_SET_OPTIONS:
      return change_options(ddl, id, command[0], false);
    case MORTISE_ALTER_RESET_OPTIONS:
      return change_options(ddl, id, command[0], true);
    case MORTISE_ALTER_IDENTITY:
      return change_identity(ddl, id, command);
    default:
      return unsupported("ALTER TABLE ... " + words_of(command.text()) + " is not supported");
  }
}

std::string_view tag_of(int64_t object) {
  switch (object) {
    case MORTISE_OBJECT_VIEW:
      return "ALTER VIEW";
    case MORTISE_OBJECT_INDEX:
      return "ALTER INDEX";
    case MORTISE_OBJECT_SEQUENCE:
      return "ALTER SEQUENCE";
    case MORTISE_OBJECT_SCHEMA:
      return "ALTER SCHEMA";
    case MORTISE_OBJECT_ROLE:
      return "ALTER ROLE";
    case MORTISE_OBJECT_DATABASE:
      return "ALTER DATABASE";
    default:
      return "ALTER TABLE";
  }
}

}  // namespace

// NOT NULL, after every row has been seen to have a value.
Status set_not_null(DdlRun& ddl, mortise_object_id_t id, const std::string& name) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  MORTISE_TRY_ASSIGN(const uint32_t position, find_column(stored.definition, name));
  if (stored.definition.columns[position].is_not_null) return {};
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  MORTISE_TRY(check_existing_rows(ddl, relation, quoted_identifier(name) + " IS NOT NULL",
                                  Status(Code::invalid, "23502",
                                         "column \"" + name + "\" of relation \"" +
                                             relation->name() + "\" contains null values")
                                      .with(MORTISE_ERROR_FIELD_SCHEMA, relation->schema_name)
                                      .with(MORTISE_ERROR_FIELD_TABLE, relation->name())
                                      .with(MORTISE_ERROR_FIELD_COLUMN, name)));
  stored.definition.columns[position].is_not_null = true;
  return ddl.put_relation(stored.definition, stored.version);
}

Result<mortise_object_id_t> role_id(DdlRun& ddl, std::string_view name) {
  if (name.empty() || name == "current_user" || name == "session_user") return ddl.owner();
  MORTISE_TRY_ASSIGN(const auto role, ddl.catalog().find<schema::RoleDef>(0, name));
  if (role) return role->definition.id;
  return Status(Code::not_found, "42704", "role \"" + std::string(name) + "\" does not exist");
}

Result<std::string> alter_table(DdlRun& ddl) {
  const Node node = ddl.node();
  const Node table = node[0];
  const std::string tag(tag_of(node.number()));
  if (node.number() == MORTISE_OBJECT_INDEX) {
    return unsupported("ALTER INDEX is supported for RENAME only");
  }
  MORTISE_TRY_ASSIGN(const RelationPtr relation,
                     ddl.relation(table[0], table.position(), MORTISE_OBJECT_OTHER,
                                  node.has(MORTISE_SYNTAX_IF_EXISTS), MORTISE_MODE_SCHEMA_X));
  if (relation == nullptr) return tag;
  for (const Node command : node[1]) {
    const bool is_for_any = command.number() == MORTISE_ALTER_OWNER;
    if (relation->definition.kind != schema::RelationKind::table && !is_for_any) {
      return Status(Code::invalid, "42809", "\"" + relation->name() + "\" is not a table");
    }
    MORTISE_TRY(alter(ddl, relation->id(), command));
  }
  return tag;
}

namespace {

Status rename_relation(DdlRun& ddl, mortise_object_id_t id, const std::string& name) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  schema::SchemaDef schema;
  schema.id = stored.definition.schema;
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(schema, name, false, &is_there));
  MORTISE_TRY_ASSIGN(const auto home, ddl.catalog().get<schema::SchemaDef>(schema.id));
  Renames renames;
  renames.relations[id] = {home ? home->definition.name : std::string(), name,
                           stored.definition.name};
  MORTISE_TRY_ASSIGN(Followers followers, Followers::find(ddl, renames));
  stored.definition.name = name;
  MORTISE_TRY(ddl.put_relation(stored.definition, stored.version));
  return followers.store(ddl);
}

// The index's table is locked.
Status rename_index(DdlRun& ddl, schema::IndexDef index, uint64_t version,
                    const std::string& name) {
  schema::SchemaDef schema;
  schema.id = index.schema;
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(schema, name, false, &is_there));
  MORTISE_TRY_ASSIGN(auto constraints, ddl.catalog().list<schema::ConstraintDef>(index.relation));
  for (auto& constraint : constraints) {
    if (constraint.definition.index != index.id || constraint.definition.kind == 'f') continue;
    constraint.definition.name = name;
    MORTISE_TRY(ddl.catalog().put(constraint.definition, constraint.version));
  }
  index.name = name;
  MORTISE_TRY(ddl.catalog().put(index, version));
  MORTISE_TRY_ASSIGN(const StoredRelation stored, read(ddl, index.relation));
  return ddl.put_relation(stored.definition, stored.version);
}

Status rename_column(DdlRun& ddl, mortise_object_id_t id, std::string_view old_name,
                     const std::string& name) {
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, id));
  MORTISE_TRY_ASSIGN(const uint32_t position, find_column(stored.definition, old_name));
  if (find_column(stored.definition, name)) {
    return Status(
        Code::duplicate, "42701",
        "column \"" + name + "\" of relation \"" + stored.definition.name + "\" already exists");
  }
  Renames renames;
  renames.column_of = id;
  renames.attribute = position + 1;
  renames.column = name;
  renames.old_column.assign(old_name);
  MORTISE_TRY_ASSIGN(Followers followers, Followers::find(ddl, renames));
  // Checks and generated columns name it in their texts.
  MORTISE_TRY_ASSIGN(auto constraints, ddl.catalog().list<schema::ConstraintDef>(id));
  for (auto& constraint : constraints) {
    if (constraint.definition.kind != 'c' || !uses(constraint.definition.columns, position)) {
      continue;
    }
    MORTISE_TRY_ASSIGN(constraint.definition.expression,
                       rename_in_text(ddl, constraint.definition.expression, old_name, name));
    MORTISE_TRY(ddl.catalog().put(constraint.definition, constraint.version));
  }
  for (schema::ColumnDef& column : stored.definition.columns) {
    if (column.generated == 0) continue;
    MORTISE_TRY_ASSIGN(column.default_text,
                       rename_in_text(ddl, column.default_text, old_name, name));
  }
  stored.definition.columns[position].name = name;
  MORTISE_TRY(ddl.put_relation(stored.definition, stored.version));
  return followers.store(ddl);
}

Status rename_constraint(DdlRun& ddl, mortise_object_id_t id, std::string_view old_name,
                         const std::string& name) {
  MORTISE_TRY_ASSIGN(auto found, ddl.catalog().find<schema::ConstraintDef>(id, old_name));
  MORTISE_TRY_ASSIGN(const StoredRelation stored, read(ddl, id));
  if (!found) {
    return Status(Code::not_found, "42704",
                  "constraint \"" + std::string(old_name) + "\" for table \"" +
                      stored.definition.name + "\" does not exist");
  }
  if (found->definition.index != 0 && found->definition.kind != 'f') {
    MORTISE_TRY_ASSIGN(auto index, ddl.catalog().get<schema::IndexDef>(found->definition.index));
    if (index) return rename_index(ddl, std::move(index->definition), index->version, name);
  }
  found->definition.name = name;
  MORTISE_TRY(ddl.catalog().put(found->definition, found->version));
  return ddl.put_relation(stored.definition, stored.version);
}

Result<Followers> followers_of_schema(DdlRun& ddl, mortise_object_id_t schema,
                                      const std::string& name) {
  Renames renames;
  MORTISE_TRY_ASSIGN(const auto relations, ddl.catalog().list<schema::RelationDef>(schema));
  for (const auto& stored : relations) {
    const schema::RelationDef& d = stored.definition;
    renames.relations[d.id] = {name, d.name, d.name};
  }
  return Followers::find(ddl, renames);
}

template <typename Def>
Status rename_plain(DdlRun& ddl, std::optional<Stored<Def>> found, std::string_view old_name,
                    std::string_view word, std::string_view sqlstate, const std::string& name) {
  if (!found) {
    return Status(Code::not_found, sqlstate,
                  std::string(word) + " \"" + std::string(old_name) + "\" does not exist");
  }
  MORTISE_TRY(ddl.lock_name(kind_of(found->definition), parent_of(found->definition), name));
  MORTISE_TRY_ASSIGN(const auto taken, ddl.catalog().find<Def>(parent_of(found->definition), name));
  if (taken) {
    const std::string_view state = word == "schema"     ? "42P06"
                                   : word == "database" ? "42P04"
                                                        : "42710";
    return Status(Code::duplicate, state, std::string(word) + " \"" + name + "\" already exists");
  }
  found->definition.name = name;
  MORTISE_TRY(ddl.catalog().put(found->definition, found->version));
  return ddl.changed();
}

// ALTER INDEX i RENAME: the name may come to mean another index until its table is locked.
Status rename_named_index(DdlRun& ddl, Node node, const std::string& name) {
  std::string schema_name;
  std::string old_name;
  MORTISE_TRY(ddl.split_name(node[0][0], schema_name, old_name));
  bool is_there = false;
  MORTISE_TRY_ASSIGN(auto found, ddl.index(schema_name, old_name, &is_there));
  for (mortise_object_id_t locked = 0; is_there && found.definition.id != locked;) {
    locked = found.definition.id;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, found.definition.relation, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(found, ddl.index(schema_name, old_name, &is_there));
  }
  if (is_there) {
    MORTISE_TRY_ASSIGN(const RelationPtr table, ddl.reload(found.definition.relation));
    MORTISE_TRY(ddl.require_owner_of(*table));
    return rename_index(ddl, std::move(found.definition), found.version, name);
  }
  const std::string text = "relation \"" + old_name + "\" does not exist";
  if (!node.has(MORTISE_SYNTAX_IF_EXISTS)) return Status(Code::not_found, "42P01", text);
  ddl.notice(text + ", skipping");
  return {};
}

}  // namespace

Result<std::string> rename_object(DdlRun& ddl) {
  const Node node = ddl.node();
  const std::string name(node.text());
  const std::string tag(tag_of(node.number()));
  const Node object = node[0];
  const std::string_view plain = object[0].text();
  const mortise_object_id_t database = ddl.session().names().database_id();
  switch (node.number()) {
    case MORTISE_OBJECT_SCHEMA: {
      MORTISE_TRY_ASSIGN(auto found, find_locked<schema::SchemaDef>(ddl, database, plain));
      Followers followers;
      if (found) {
        MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), found->definition.owner,
                                  "schema", plain));
        MORTISE_TRY_ASSIGN(followers, followers_of_schema(ddl, found->definition.id, name));
      }
      MORTISE_TRY(rename_plain(ddl, std::move(found), plain, "schema", "3F000", name));
      MORTISE_TRY(followers.store(ddl));
      return tag;
    }
    case MORTISE_OBJECT_DATABASE: {
      MORTISE_TRY_ASSIGN(auto found, find_locked<schema::DatabaseDef>(ddl, 0, plain));
      if (found) {
        MORTISE_TRY(require_owner(ddl.catalog(), ddl.session().role(), found->definition.owner,
                                  "database", plain));
      }
      MORTISE_TRY(rename_plain(ddl, std::move(found), plain, "database", "3D000", name));
      return tag;
    }
    case MORTISE_OBJECT_ROLE: {
      MORTISE_TRY_ASSIGN(auto found, find_locked<schema::RoleDef>(ddl, 0, plain));
      const schema::RoleDef& role = ddl.session().role();
      const bool may_rename =
          role.is_superuser || (role.can_create_role && found && !found->definition.is_superuser);
      if (!may_rename) return permission_denied("permission denied to rename role");
      MORTISE_TRY(rename_plain(ddl, std::move(found), plain, "role", "42704", name));
      return tag;
    }
    case MORTISE_OBJECT_INDEX:
      MORTISE_TRY(rename_named_index(ddl, node, name));
      return tag;
    default:
      break;
  }
  if (!object.is(MORTISE_SYNTAX_TABLE)) {
    return unsupported("renaming this kind of object is not supported");
  }
  MORTISE_TRY_ASSIGN(const RelationPtr relation,
                     ddl.relation(object[0], object.position(), MORTISE_OBJECT_OTHER,
                                  node.has(MORTISE_SYNTAX_IF_EXISTS), MORTISE_MODE_SCHEMA_X));
  if (relation == nullptr) return tag;
  if (node.number() == MORTISE_OBJECT_COLUMN) {
    MORTISE_TRY(rename_column(ddl, relation->id(), node[1].text(), name));
  } else if (node.number() == MORTISE_OBJECT_CONSTRAINT) {
    MORTISE_TRY(rename_constraint(ddl, relation->id(), node[1].text(), name));
  } else {
    MORTISE_TRY(rename_relation(ddl, relation->id(), name));
  }
  return tag;
}

Result<std::string> alter_schema(DdlRun& ddl) {
  const Node node = ddl.node();
  const std::string tag(tag_of(node.number()));
  const Node object = node[0];
  if (!object.is(MORTISE_SYNTAX_TABLE)) {
    return unsupported("SET SCHEMA for this kind of object is not supported");
  }
  MORTISE_TRY_ASSIGN(const RelationPtr relation,
                     ddl.relation(object[0], object.position(), MORTISE_OBJECT_OTHER,
                                  node.has(MORTISE_SYNTAX_IF_EXISTS), MORTISE_MODE_SCHEMA_X));
  if (relation == nullptr) return tag;
  MORTISE_TRY_ASSIGN(const schema::SchemaDef target, ddl.schema_for_new(node.text()));
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(target, relation->name(), false, &is_there));
  for (const IndexInfo& index : relation->indexes) {
    MORTISE_TRY(ddl.check_name_free(target, index.name(), false, &is_there));
    MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::IndexDef>(index.id()));
    if (!stored) continue;
    stored->definition.schema = target.id;
    MORTISE_TRY(ddl.catalog().put(stored->definition, stored->version));
  }
  Renames renames;
  renames.relations[relation->id()] = {target.name, relation->name(), relation->name()};
  MORTISE_TRY_ASSIGN(Followers followers, Followers::find(ddl, renames));
  MORTISE_TRY_ASSIGN(StoredRelation stored, read(ddl, relation->id()));
  stored.definition.schema = target.id;
  MORTISE_TRY(ddl.put_relation(stored.definition, stored.version));
  MORTISE_TRY(followers.store(ddl));
  return tag;
}

}  // namespace mortise::sql_engine
