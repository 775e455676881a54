// SPDX-License-Identifier: Apache-2.0
//
// Sequences as objects: CREATE, ALTER, ownership.  Their values: sequence_values.hpp.

#include <algorithm>

#include "ddl/ddl.hpp"
#include "ddl/sequence_values.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

int64_t type_maximum(uint32_t type) {
  if (type == MORTISE_SQL_INT2) return INT16_MAX;
  return type == MORTISE_SQL_INT4 ? INT32_MAX : INT64_MAX;
}

int64_t type_minimum(uint32_t type) {
  if (type == MORTISE_SQL_INT2) return INT16_MIN;
  return type == MORTISE_SQL_INT4 ? INT32_MIN : INT64_MIN;
}

bool read_number(Node option, int64_t& value) {
  const Node given = option[0];
  if (given.is(MORTISE_SYNTAX_INTEGER)) {
    value = given.number();
    return true;
  }
  if (!given.is(MORTISE_SYNTAX_NUMERIC)) return false;
  const std::string text(given.text());
  value = std::strtoll(text.c_str(), nullptr, 10);
  return true;
}

schema::ColumnDef value_column(const Registry& registry, std::string name, uint32_t type) {
  schema::ColumnDef column;
  column.name = std::move(name);
  const auto resolved = registry.resolve(type);
  MORTISE_ASSERT(resolved.has_value());
  column.type = *resolved;
  column.is_not_null = true;
  return column;
}

}  // namespace

Status read_sequence_options(Node list, schema::SequenceDef& d, bool is_new) {
  bool has_minimum = !is_new;
  bool has_maximum = !is_new;
  bool has_start = !is_new;
  for (const Node option : list) {
    const std::string_view name = option.text();
    int64_t number = 0;
    const bool is_number = read_number(option, number);
    if (name == "as") {
      std::string_view type;
      for (const Node part : option[0][0]) type = part.text();
      d.type = type == "int2" || type == "smallint"  ? MORTISE_SQL_INT2
               : type == "int4" || type == "integer" ? MORTISE_SQL_INT4
                                                     : MORTISE_SQL_INT8;
    } else if (name == "increment" && is_number) {
      if (number == 0) return Status(Code::invalid, "22023", "INCREMENT must not be zero");
      d.increment = number;
    } else if (name == "minvalue") {
      has_minimum = is_number;
      if (is_number) d.minimum = number;
    } else if (name == "maxvalue") {
      has_maximum = is_number;
      if (is_number) d.maximum = number;
    } else if (name == "start" && is_number) {
      has_start = true;
      d.start = number;
    } else if (name == "cache" && is_number) {
      if (number < 1) {
        return Status(Code::invalid, "22023",
                      "CACHE (" + std::to_string(number) + ") must be greater than zero");
      }
      d.cache = number;
    } else if (name == "cycle") {
      d.is_cycle = !option[0] || option[0].number() != 0;
    } else if (name == "owned_by" || name == "restart" || name == "sequence_name") {
      continue;
    } else {
      return unsupported("sequence option \"" + std::string(name) + "\" is not supported");
    }
  }
  if (!has_maximum) d.maximum = d.increment > 0 ? type_maximum(d.type) : -1;
  if (!has_minimum) d.minimum = d.increment > 0 ? 1 : type_minimum(d.type);
  if (!has_start) d.start = d.increment > 0 ? d.minimum : d.maximum;
  if (d.minimum >= d.maximum) {
    return Status(Code::invalid, "22023",
                  "MINVALUE (" + std::to_string(d.minimum) + ") must be less than MAXVALUE (" +
                      std::to_string(d.maximum) + ")");
  }
  if (d.start < d.minimum) {
    return Status(Code::invalid, "22023",
                  "START value (" + std::to_string(d.start) + ") cannot be less than MINVALUE (" +
                      std::to_string(d.minimum) + ")");
  }
  if (d.start > d.maximum) {
    return Status(Code::invalid, "22023",
                  "START value (" + std::to_string(d.start) +
                      ") cannot be greater than MAXVALUE (" + std::to_string(d.maximum) + ")");
  }
  return {};
}

Result<mortise_object_id_t> create_sequence(DdlRun& ddl, const schema::SchemaDef& schema,
                                            const std::string& name,
                                            const schema::SequenceDef& sequence) {
  const Registry& registry = *ddl.services().registry;
  schema::RelationDef definition;
  definition.schema = schema.id;
  definition.name = name;
  definition.kind = schema::RelationKind::sequence;
  definition.owner = ddl.owner();
  definition.sequence = sequence;
  definition.columns = {value_column(registry, "last_value", MORTISE_SQL_INT8),
                        value_column(registry, "log_cnt", MORTISE_SQL_INT8),
                        value_column(registry, "is_called", MORTISE_SQL_BOOL)};
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(create_storage(ddl, definition));
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, definition.id, MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY(ddl.put_relation(definition, 0));
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(definition.id));
  MORTISE_TRY(write_first_value(ddl, *relation));
  return definition.id;
}

// A sequence without its old value: its storage is made anew, so that a rollback finds the old one.
Status restart_sequence(DdlRun& ddl, mortise_object_id_t id, std::optional<int64_t> start) {
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, id, MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(id));
  if (!stored) return {};
  const mortise_iface_table_engine_t* engine =
      ddl.services().table_engine(stored->definition.engine);
  if (engine == nullptr) return internal("a sequence's table engine is not there");
  ErrorSlot error;
  MORTISE_TRY(error.status(engine->drop(ddl.txn(), stored->definition.segment, error.get())));
  MORTISE_TRY(create_storage(ddl, stored->definition));
  MORTISE_TRY(ddl.put_relation(stored->definition, stored->version));
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(id));
  return write_first_value(ddl, *relation, start.value_or(stored->definition.sequence.start));
}

// Before a sequence goes: a column that takes its default from it loses it, or keeps it from going.
Status release_sequence(DdlRun& ddl, const RelationPtr& sequence, bool cascades) {
  const schema::SequenceDef& d = sequence->definition.sequence;
  if (d.owner_relation == 0) return {};
  MORTISE_TRY_ASSIGN(auto owner, ddl.catalog().get<schema::RelationDef>(d.owner_relation));
  if (!owner || d.owner_column == 0 || d.owner_column > owner->definition.columns.size()) {
    return {};
  }
  schema::ColumnDef& column = owner->definition.columns[d.owner_column - 1];
  if (!column.has_default || column.is_dropped) return {};
  if (!cascades) {
    return Status(
               Code::invalid, "2BP01",
               "cannot drop sequence " + sequence->name() + " because other objects depend on it")
        .with(MORTISE_ERROR_FIELD_DETAIL, "default value for column " + column.name + " of table " +
                                              owner->definition.name + " depends on sequence " +
                                              sequence->name())
        .with(MORTISE_ERROR_FIELD_HINT, "Use DROP ... CASCADE to drop the dependent objects too.");
  }
  column.has_default = false;
  column.default_text.clear();
  column.sequence = 0;
  return ddl.put_relation(owner->definition, owner->version);
}

// OWNED BY table.column or NONE.
Status set_sequence_owner(DdlRun& ddl, Node option, schema::RelationDef& definition) {
  std::vector<std::string_view> parts;
  for (const Node part : option[0]) parts.push_back(part.text());
  if (parts.size() == 1 && parts[0] == "none") {
    definition.sequence.owner_relation = 0;
    definition.sequence.owner_column = 0;
    return {};
  }
  if (parts.size() < 2) {
    return Status(Code::invalid, "42601", "invalid OWNED BY option")
        .with(MORTISE_ERROR_FIELD_HINT, "Specify OWNED BY table.column or OWNED BY NONE.");
  }
  const std::string_view schema_name =
      parts.size() > 2 ? parts[parts.size() - 3] : std::string_view();
  MORTISE_TRY_ASSIGN(const Names::Found found,
                     ddl.session().names().find_relation(schema_name, parts[parts.size() - 2]));
  if (found.relation == nullptr) {
    return Status(Code::not_found, "42P01",
                  "relation \"" + std::string(parts[parts.size() - 2]) + "\" does not exist");
  }
  const int32_t column = found.relation->find_column(parts.back());
  if (column < 0) {
    return Status(Code::not_found, "42703",
                  "column \"" + std::string(parts.back()) + "\" of relation \"" +
                      found.relation->name() + "\" does not exist");
  }
  definition.sequence.owner_relation = found.relation->id();
  definition.sequence.owner_column = static_cast<uint32_t>(column) + 1;
  MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, found.relation->id(), MORTISE_MODE_SCHEMA_X));
  MORTISE_TRY_ASSIGN(auto owner, ddl.catalog().get<schema::RelationDef>(found.relation->id()));
  if (!owner) return internal("a sequence's owner has vanished");
  owner->definition.columns[static_cast<uint32_t>(column)].sequence = definition.id;
  return ddl.put_relation(owner->definition, owner->version);
}

Result<std::string> create_sequence_object(DdlRun& ddl) {
  const Node node = ddl.node();
  if (node.has(MORTISE_SYNTAX_TEMPORARY)) {
    return unsupported("temporary sequences are not supported");
  }
  std::string schema_name;
  std::string name;
  MORTISE_TRY(ddl.split_name(node[0], schema_name, name));
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.schema_for_new(schema_name));
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(schema, name, node.has(MORTISE_SYNTAX_IF_EXISTS), &is_there));
  if (is_there) return std::string("CREATE SEQUENCE");
  schema::SequenceDef sequence;
  MORTISE_TRY(read_sequence_options(node[1], sequence, true));
  MORTISE_TRY_ASSIGN(const mortise_object_id_t id, create_sequence(ddl, schema, name, sequence));
  for (const Node option : node[1]) {
    if (option.text() != "owned_by") continue;
    MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(id));
    MORTISE_TRY(set_sequence_owner(ddl, option, stored->definition));
    MORTISE_TRY(ddl.put_relation(stored->definition, stored->version));
  }
  return std::string("CREATE SEQUENCE");
}

Result<std::string> alter_sequence(DdlRun& ddl) {
  const Node node = ddl.node();
  MORTISE_TRY_ASSIGN(const RelationPtr relation,
                     ddl.relation(node[0], 0, MORTISE_OBJECT_SEQUENCE,
                                  node.has(MORTISE_SYNTAX_IF_EXISTS), MORTISE_MODE_SCHEMA_X));
  if (relation == nullptr) return std::string("ALTER SEQUENCE");
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(relation->id()));
  schema::RelationDef& definition = stored->definition;
  MORTISE_TRY(read_sequence_options(node[1], definition.sequence, false));
  for (const Node option : node[1]) {
    if (option.text() == "owned_by") MORTISE_TRY(set_sequence_owner(ddl, option, definition));
  }
  MORTISE_TRY(ddl.put_relation(definition, stored->version));
  for (const Node option : node[1]) {
    if (option.text() != "restart") continue;
    int64_t start = definition.sequence.start;
    (void)read_number(option, start);
    MORTISE_TRY(restart_sequence(ddl, relation->id(), start));
  }
  return std::string("ALTER SEQUENCE");
}

}  // namespace mortise::sql_engine
