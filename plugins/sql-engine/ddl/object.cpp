// SPDX-License-Identifier: Apache-2.0
//
// Schemas, roles, databases, comments, LOCK TABLE, maintenance, ALTER SYSTEM, and what a new
// instance begins with.
//
// Longer than 500 lines, because each kind of object is a few lines.

#include <algorithm>

#include "ddl/ddl.hpp"
#include "ddl/rewrite.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/roles.hpp"

namespace mortise::sql_engine {
namespace {

Result<std::string> create_schema(DdlRun& ddl) {
  const Node node = ddl.node();
  schema::SchemaDef definition;
  definition.database = ddl.session().names().database_id();
  definition.name.assign(node[0][0].text());
  definition.owner = ddl.owner();
  MORTISE_TRY_ASSIGN(const auto database,
                     ddl.catalog().get<schema::DatabaseDef>(definition.database));
  const mortise_object_id_t database_owner =
      database ? database->definition.owner : schema::kRolePostgres;
  MORTISE_TRY_ASSIGN(const bool may_create,
                     has_role(ddl.catalog(), ddl.session().role(), database_owner));
  if (!may_create) {
    return permission_denied("permission denied for database " +
                             std::string(ddl.session().names().database()));
  }
  if (definition.name.starts_with("pg_")) {
    return Status(Code::invalid, "42939", "unacceptable schema name \"" + definition.name + "\"")
        .with(MORTISE_ERROR_FIELD_DETAIL, "The prefix \"pg_\" is reserved for system schemas.");
  }
  for (const Node option : node[1]) {
    if (option.text() != "owner") continue;
    MORTISE_TRY_ASSIGN(definition.owner, role_id(ddl, option[0].text()));
  }
  MORTISE_TRY(ddl.lock_name(MORTISE_KIND_SCHEMA, definition.database, definition.name));
  MORTISE_TRY_ASSIGN(const bool is_there, ddl.session().names().has_schema(definition.name));
  if (is_there) {
    const std::string text = "schema \"" + definition.name + "\" already exists";
    if (!node.has(MORTISE_SYNTAX_IF_EXISTS)) return Status(Code::duplicate, "42P06", text);
    ddl.session().notice(MORTISE_NOTICE_NOTICE, "42P06", text + ", skipping");
    return std::string("CREATE SCHEMA");
  }
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(definition, 0));
  MORTISE_TRY(ddl.changed());
  return std::string("CREATE SCHEMA");
}

Status read_role_options(DdlRun& ddl, Node list, schema::RoleDef& role) {
  for (const Node option : list) {
    const std::string_view name = option.text();
    const bool is_on = option[0].number() != 0;
    if (name == "canlogin") {
      role.can_login = is_on;
    } else if (name == "superuser") {
      role.is_superuser = is_on;
    } else if (name == "createrole") {
      role.can_create_role = is_on;
    } else if (name == "createdb") {
      role.can_create_database = is_on;
    } else if (name == "inherit") {
      role.inherits = is_on;
    } else if (name == "isreplication") {
      role.can_replicate = is_on;
    } else if (name == "bypassrls") {
      role.bypasses_row_security = is_on;
    } else if (name == "connectionlimit") {
      role.connections_max = option[0].number();
    } else if (name == "validUntil") {
      role.valid_until.assign(option[0].text());
    } else if (name == "password") {
      const std::string_view text = option[0].text();
      const bool is_verifier = text.starts_with("SCRAM-SHA-256$") || text.starts_with("md5");
      if (!text.empty() && !is_verifier) {
        return unsupported(
            "passwords are kept by the security-auth plugin, which is not there; "
            "only a ready SCRAM-SHA-256 verifier can be stored");
      }
      role.password.assign(text);
    } else if (name == "addroleto" || name == "rolemembers" || name == "adminmembers") {
      for (const Node member : option[0]) {
        MORTISE_TRY_ASSIGN(const mortise_object_id_t id, role_id(ddl, member.text()));
        if (name == "addroleto") role.member_of.push_back(id);
      }
    } else {
      return unsupported("role option \"" + std::string(name) + "\" is not supported");
    }
  }
  return {};
}

Result<std::string> create_role(DdlRun& ddl) {
  const Node node = ddl.node();
  schema::RoleDef role;
  role.name.assign(node[0][0].text());
  role.can_login = node.text() == "user";
  if (role.name.starts_with("pg_")) {
    return Status(Code::invalid, "42939", "role name \"" + role.name + "\" is reserved")
        .with(MORTISE_ERROR_FIELD_DETAIL, "Role names starting with \"pg_\" are reserved.");
  }
  MORTISE_TRY(ddl.lock_name(MORTISE_KIND_ROLE, 0, role.name));
  MORTISE_TRY_ASSIGN(const auto known, ddl.catalog().find<schema::RoleDef>(0, role.name));
  if (known) {
    return Status(Code::duplicate, "42710", "role \"" + role.name + "\" already exists");
  }
  MORTISE_TRY(read_role_options(ddl, node[1], role));
  const schema::RoleDef& maker = ddl.session().role();
  if (role.is_superuser && !maker.is_superuser) {
    return permission_denied("must be superuser to create superusers");
  }
  if (role.can_replicate && !maker.is_superuser) {
    return permission_denied("must be superuser to create replication users");
  }
  if (role.bypasses_row_security && !maker.is_superuser) {
    return permission_denied("must be superuser to create bypassrls users");
  }
  if (!maker.is_superuser && !maker.can_create_role) {
    return permission_denied("permission denied to create role");
  }
  MORTISE_TRY_ASSIGN(role.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(role, 0));
  MORTISE_TRY(ddl.changed());
  return std::string("CREATE ROLE");
}

Result<std::string> create_database(DdlRun& ddl) {
  const Node node = ddl.node();
  schema::DatabaseDef database;
  database.name.assign(node[0][0].text());
  database.owner = ddl.owner();
  for (const Node option : node[1]) {
    const std::string_view name = option.text();
    if (name == "owner") {
      MORTISE_TRY_ASSIGN(database.owner, role_id(ddl, option[0].text()));
    } else if (name == "connection_limit") {
      database.connections_max = option[0].number();
    } else if (name == "allow_connections") {
      database.allows_connections = option[0].number() != 0;
    } else if (name == "is_template") {
      database.is_template = option[0].number() != 0;
    } else if (name == "encoding") {
      const std::string_view encoding = option[0].text();
      if (encoding != "UTF8" && encoding != "utf8" && encoding != "UTF-8" && encoding != "utf-8" &&
          encoding != "UNICODE") {
        return unsupported("database encodings other than UTF8 are not supported");
      }
    }
    // template, locale, tablespace and the like: there is one of each.
  }
  const schema::RoleDef& maker = ddl.session().role();
  if (!maker.is_superuser && !maker.can_create_database) {
    return permission_denied("permission denied to create database");
  }
  MORTISE_TRY_ASSIGN(const bool may_give, has_role(ddl.catalog(), maker, database.owner));
  if (!may_give) return permission_denied("permission denied to create database");
  MORTISE_TRY(ddl.lock_name(MORTISE_KIND_DATABASE, 0, database.name));
  MORTISE_TRY_ASSIGN(const auto known, ddl.catalog().find<schema::DatabaseDef>(0, database.name));
  if (known) {
    return Status(Code::duplicate, "42P04", "database \"" + database.name + "\" already exists");
  }
  MORTISE_TRY_ASSIGN(database.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(database, 0));
  schema::SchemaDef schema;
  schema.database = database.id;
  schema.name = "public";
  schema.owner = database.owner;
  MORTISE_TRY_ASSIGN(schema.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(schema, 0));
  MORTISE_TRY(ddl.changed());
  return std::string("CREATE DATABASE");
}

Status check_role_change(const schema::RoleDef& who, const schema::RoleDef& before,
                         const schema::RoleDef& after, Node options) {
  if (before.id == schema::kRolePostgres && !after.is_superuser) {
    return Status(Code::unsupported, "0A000", "permission denied to alter role")
        .with(MORTISE_ERROR_FIELD_DETAIL, "The bootstrap user must have the SUPERUSER attribute.");
  }
  if (who.is_superuser) return {};
  if (before.is_superuser || after.is_superuser) {
    return permission_denied(
        "must be superuser to alter superuser roles or change superuser attribute");
  }
  if (before.can_replicate || after.can_replicate) {
    return permission_denied(
        "must be superuser to alter replication roles or change replication attribute");
  }
  if (before.bypasses_row_security != after.bypasses_row_security) {
    return permission_denied("must be superuser to change bypassrls attribute");
  }
  if (who.can_create_role) return {};
  const bool is_own_password =
      before.id == who.id && options.count() == 1 && options[0].text() == "password";
  return is_own_password ? Status() : permission_denied("permission denied");
}

Result<std::string> alter_role(DdlRun& ddl) {
  const Node node = ddl.node();
  const std::string name(node[0][0].text());
  MORTISE_TRY_ASSIGN(auto found, find_locked<schema::RoleDef>(ddl, 0, name));
  if (!found) return Status(Code::not_found, "42704", "role \"" + name + "\" does not exist");
  const schema::RoleDef before = found->definition;
  MORTISE_TRY(read_role_options(ddl, node[1], found->definition));
  MORTISE_TRY(check_role_change(ddl.session().role(), before, found->definition, node[1]));
  MORTISE_TRY(ddl.catalog().put(found->definition, found->version));
  MORTISE_TRY(ddl.changed());
  return std::string("ALTER ROLE");
}

// The object that a comment is about: its kind, id and column.
struct Described {
  uint32_t kind = 0;
  mortise_object_id_t id = 0;
  uint32_t attribute = 0;
};

Result<Described> described_relation(DdlRun& ddl, const std::vector<std::string_view>& parts,
                                     int64_t object) {
  const std::string_view schema_name =
      parts.size() > 1 ? parts[parts.size() - 2] : std::string_view();
  if (object == MORTISE_OBJECT_INDEX) {
    bool is_there = false;
    MORTISE_TRY_ASSIGN(const auto index, ddl.index(schema_name, parts.back(), &is_there));
    if (is_there) return Described{MORTISE_KIND_INDEX, index.definition.id, 0};
  } else {
    MORTISE_TRY_ASSIGN(const Names::Found found,
                       ddl.session().names().find_relation(schema_name, parts.back()));
    if (found.relation != nullptr) {
      MORTISE_TRY(ddl.require_owner_of(*found.relation));
      return Described{MORTISE_KIND_RELATION, found.relation->id(), 0};
    }
  }
  return Status(Code::not_found, "42P01",
                "relation \"" + std::string(parts.back()) + "\" does not exist");
}

Result<Described> described(DdlRun& ddl) {
  const Node node = ddl.node();
  std::vector<std::string_view> parts;
  for (const Node part : node[0]) parts.push_back(part.text());
  if (parts.empty()) return unsupported("a comment on this object is not supported");
  const std::string last(parts.back());
  const auto missing = [&](std::string_view word, std::string_view state) {
    return Status(Code::not_found, state, std::string(word) + " \"" + last + "\" does not exist");
  };
  switch (node.number()) {
    case MORTISE_OBJECT_TABLE:
    case MORTISE_OBJECT_VIEW:
    case MORTISE_OBJECT_SEQUENCE:
    case MORTISE_OBJECT_INDEX:
      return described_relation(ddl, parts, node.number());
    case MORTISE_OBJECT_COLUMN:
    case MORTISE_OBJECT_CONSTRAINT: {
      if (parts.size() < 2) {
        return Status(Code::invalid, "42601", "column name must be qualified");
      }
      parts.pop_back();
      MORTISE_TRY_ASSIGN(Described table, described_relation(ddl, parts, MORTISE_OBJECT_TABLE));
      MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(table.id));
      if (node.number() == MORTISE_OBJECT_CONSTRAINT) {
        for (const schema::ConstraintDef& c : relation->constraints) {
          if (c.name == last) return Described{MORTISE_KIND_CONSTRAINT, c.id, 0};
        }
        return Status(
            Code::not_found, "42704",
            "constraint \"" + last + "\" for table \"" + relation->name() + "\" does not exist");
      }
      const int32_t column = relation->find_column(last);
      if (column < 0) {
        return Status(
            Code::not_found, "42703",
            "column \"" + last + "\" of relation \"" + relation->name() + "\" does not exist");
      }
      table.attribute = static_cast<uint32_t>(column) + 1;
      return table;
    }
    case MORTISE_OBJECT_SCHEMA: {
      MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.session().names().find_schema(last));
      if (schema.id == 0) return missing("schema", "3F000");
      return Described{MORTISE_KIND_SCHEMA, schema.id, 0};
    }
    case MORTISE_OBJECT_DATABASE: {
      MORTISE_TRY_ASSIGN(const auto found, ddl.catalog().find<schema::DatabaseDef>(0, last));
      if (!found) return missing("database", "3D000");
      return Described{MORTISE_KIND_DATABASE, found->definition.id, 0};
    }
    case MORTISE_OBJECT_ROLE: {
      MORTISE_TRY_ASSIGN(const auto found, ddl.catalog().find<schema::RoleDef>(0, last));
      if (!found) return missing("role", "42704");
      return Described{MORTISE_KIND_ROLE, found->definition.id, 0};
    }
    default:
      return unsupported("a comment on this kind of object is not supported");
  }
}

}  // namespace

Result<std::string> create_object(DdlRun& ddl) {
  switch (ddl.node().number()) {
    case MORTISE_OBJECT_SEQUENCE:
      return create_sequence_object(ddl);
    case MORTISE_OBJECT_SCHEMA:
      return create_schema(ddl);
    case MORTISE_OBJECT_ROLE:
      return create_role(ddl);
    case MORTISE_OBJECT_DATABASE:
      return create_database(ddl);
    case MORTISE_OBJECT_EXTENSION:
      return Status(Code::unsupported, "0A000",
                    "extension \"" + std::string(ddl.node()[0][0].text()) + "\" is not available")
          .with(MORTISE_ERROR_FIELD_HINT, "Features come as plugins: see mortise plugin list.");
    default:
      return unsupported("CREATE " + std::string(object_name(ddl.node().number())) +
                         " is not supported");
  }
}

Result<std::string> alter_object(DdlRun& ddl) {
  switch (ddl.node().number()) {
    case MORTISE_OBJECT_SEQUENCE:
      return alter_sequence(ddl);
    case MORTISE_OBJECT_ROLE:
      return alter_role(ddl);
    default:
      return unsupported("ALTER " + std::string(object_name(ddl.node().number())) +
                         " is not supported");
  }
}

Result<std::string> comment_on(DdlRun& ddl) {
  const Node node = ddl.node();
  MORTISE_TRY_ASSIGN(Described object, described(ddl));
  for (mortise_object_id_t locked = 0; locked != object.id;) {
    locked = object.id;
    MORTISE_TRY(ddl.lock_name(MORTISE_KIND_COMMENT, locked, {}));
    MORTISE_TRY_ASSIGN(object, described(ddl));
  }
  MORTISE_TRY_ASSIGN(const auto comments, ddl.catalog().list<schema::CommentDef>(object.id));
  const bool is_erased = node.has(MORTISE_SYNTAX_NOT) || node.text().empty();
  for (const auto& stored : comments) {
    schema::CommentDef comment = stored.definition;
    if (comment.kind != object.kind || comment.attribute != object.attribute) continue;
    comment.object = object.id;
    if (is_erased) {
      MORTISE_TRY(ddl.catalog().erase(comment));
    } else {
      comment.text.assign(node.text());
      MORTISE_TRY(ddl.catalog().put(comment, stored.version));
    }
    MORTISE_TRY(ddl.changed());
    return std::string("COMMENT");
  }
  if (is_erased) return std::string("COMMENT");
  schema::CommentDef comment;
  comment.object = object.id;
  comment.kind = object.kind;
  comment.attribute = object.attribute;
  comment.text.assign(node.text());
  MORTISE_TRY_ASSIGN(comment.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(comment, 0));
  MORTISE_TRY(ddl.changed());
  return std::string("COMMENT");
}

Result<std::string> lock_tables(DdlRun& ddl) {
  const Node node = ddl.node();
  if (!ddl.session().transaction().is_block()) {
    return Status(Code::invalid, "25P01", "LOCK TABLE can only be used in transaction blocks");
  }
  // ACCESS SHARE to ACCESS EXCLUSIVE.  SHARE UPDATE EXCLUSIVE has no equal; the next stronger one
  // is taken.
  static constexpr uint32_t kModes[] = {0,
                                        MORTISE_MODE_SCHEMA_S,
                                        MORTISE_MODE_IS,
                                        MORTISE_MODE_IX,
                                        MORTISE_MODE_SIX,
                                        MORTISE_MODE_S,
                                        MORTISE_MODE_SIX,
                                        MORTISE_MODE_X,
                                        MORTISE_MODE_SCHEMA_X};
  const int64_t level = node.number() >= 1 && node.number() <= 8 ? node.number() : 8;
  const uint32_t wait = node.has(MORTISE_SYNTAX_NOWAIT) ? MORTISE_NOWAIT : MORTISE_WAIT;
  for (const Node table : node) {
    std::string schema_name;
    std::string name;
    MORTISE_TRY(ddl.split_name(table[0], schema_name, name));
    for (mortise_object_id_t held = 0;;) {
      MORTISE_TRY_ASSIGN(const Names::Found found,
                         ddl.session().names().find_relation(schema_name, name));
      if (found.view != nullptr) break;
      if (found.relation == nullptr) {
        return Status(Code::not_found, "42P01", "relation \"" + name + "\" does not exist")
            .at(table.position());
      }
      if (found.relation->id() == held) break;
      held = found.relation->id();
      Status locked = ddl.lock(MORTISE_LOCK_TABLE, held, kModes[level], wait);
      if (locked.code() == Code::busy && wait == MORTISE_NOWAIT) {
        return Status(Code::busy, "55P03", "could not obtain lock on relation \"" + name + "\"");
      }
      MORTISE_TRY(locked);
    }
  }
  return std::string("LOCK TABLE");
}

// VACUUM and ANALYZE have nothing to do: old versions are purged all the time, and the planner asks
// the storage for its counts.  REINDEX makes indexes anew.
Result<std::string> maintain(DdlRun& ddl) {
  const Node node = ddl.node();
  const std::string_view what = node.text();
  for (const Node table : node[1]) {
    const uint32_t mode = what == "reindex" ? MORTISE_MODE_SCHEMA_X : MORTISE_MODE_SCHEMA_S;
    MORTISE_TRY_ASSIGN(const RelationPtr relation,
                       ddl.relation(table[0], table.position(), MORTISE_OBJECT_OTHER, false, mode));
    if (what != "reindex") continue;
    for (const IndexInfo& index : relation->indexes) {
      MORTISE_TRY(rebuild_index(ddl, index.id()));
    }
  }
  if (what == "vacuum") return std::string("VACUUM");
  if (what == "analyze") return std::string("ANALYZE");
  if (what == "reindex" && node[1].count() > 0) return std::string("REINDEX");
  return unsupported(std::string(what) + " is not supported");
}

Result<std::string> alter_system(DdlRun& ddl) {
  const Node node = ddl.node();
  if (!ddl.session().role().is_superuser) {
    return permission_denied("must be superuser to execute ALTER SYSTEM command");
  }
  const mortise_iface_settings_t* settings = ddl.services().settings;
  const mortise_str_t name = str_of(node.text());
  std::string value;
  if (node.has(MORTISE_SYNTAX_NOT) || node.number() == 1) {
    return unsupported("ALTER SYSTEM RESET is not supported");
  }
  MORTISE_TRY_ASSIGN(value, setting_text(node.text(), node[0]));
  ErrorSlot error;
  MORTISE_TRY(error.status(settings->set_system(name, str_of(value), error.get())));
  return std::string("ALTER SYSTEM");
}

namespace {

Status create_first_objects(const Catalog& catalog) {
  schema::RoleDef role;
  role.id = schema::kRolePostgres;
  role.name = "postgres";
  role.is_superuser = true;
  role.can_login = true;
  role.can_create_role = true;
  role.can_create_database = true;
  role.can_replicate = true;
  role.bypasses_row_security = true;
  MORTISE_TRY(catalog.put(role, 0));
  schema::DatabaseDef database;
  database.id = schema::kDatabasePostgres;
  database.name = "postgres";
  MORTISE_TRY(catalog.put(database, 0));
  schema::SchemaDef schema;
  schema.id = schema::kSchemaPublic;
  schema.database = database.id;
  schema.name = "public";
  return catalog.put(schema, 0);
}

}  // namespace

Status bootstrap(const Services& services) {
  mortise_txn_options_t options{};
  options.struct_size_bytes = sizeof options;
  options.isolation = MORTISE_ISOLATION_READ_COMMITTED;
  mortise_txn_t* txn = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(services.txn->begin(&options, &txn, error.get())));
  mortise_read_view_t view{};
  Status status = error.status(services.txn->statement_begin(txn, &view, error.get()));
  bool is_new = false;
  if (status.is_ok()) {
    const Catalog catalog(*services.catalog, view, txn);
    auto known = catalog.find<schema::DatabaseDef>(0, "postgres");
    status = known.status();
    is_new = status.is_ok() && !known->has_value();
    if (is_new) status = create_first_objects(catalog);
  }
  if (!status.is_ok() || !is_new) {
    services.txn->abort(txn);
    return status;
  }
  return error.status(
      services.txn->commit(txn, MORTISE_DURABILITY_DURABLE, nullptr, nullptr, error.get()));
}

}  // namespace mortise::sql_engine
