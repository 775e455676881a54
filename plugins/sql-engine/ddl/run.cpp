// SPDX-License-Identifier: Apache-2.0
//
// What definition statements share, and the switch over them.

#include "ddl/ddl.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/roles.hpp"

namespace mortise::sql_engine {
namespace {

constexpr int kReadsMax = 16;

struct Nowhere {
  mortise_sink_t sink{};
  Nowhere() {
    sink.struct_size_bytes = sizeof sink;
    sink.rows = [](void*, const mortise_batch_t*, mortise_error_t*) -> mortise_status_t {
      return MORTISE_OK;
    };
  }
};

std::string_view object_word(int64_t object) {
  switch (object) {
    case MORTISE_OBJECT_VIEW:
      return "view";
    case MORTISE_OBJECT_MATERIALIZED_VIEW:
      return "materialized view";
    case MORTISE_OBJECT_SEQUENCE:
      return "sequence";
    case MORTISE_OBJECT_INDEX:
      return "index";
    default:
      return "table";
  }
}

bool is_of_kind(const Relation& relation, int64_t object) {
  switch (object) {
    case MORTISE_OBJECT_TABLE:
      return relation.definition.kind == schema::RelationKind::table;
    case MORTISE_OBJECT_VIEW:
      return relation.definition.kind == schema::RelationKind::view;
    case MORTISE_OBJECT_MATERIALIZED_VIEW:
      return relation.definition.kind == schema::RelationKind::materialized_view;
    case MORTISE_OBJECT_SEQUENCE:
      return relation.definition.kind == schema::RelationKind::sequence;
    default:
      return true;
  }
}

std::string_view verb_of(Node statement) {
  switch (statement.kind()) {
    case MORTISE_SYNTAX_CREATE_TABLE:
      return "CREATE TABLE";
    case MORTISE_SYNTAX_CREATE_TABLE_AS:
    case MORTISE_SYNTAX_SELECT:
      return "CREATE TABLE AS";
    case MORTISE_SYNTAX_CREATE_INDEX:
      return "CREATE INDEX";
    case MORTISE_SYNTAX_CREATE_VIEW:
      return "CREATE VIEW";
    case MORTISE_SYNTAX_DROP:
      return "DROP";
    case MORTISE_SYNTAX_TRUNCATE:
      return "TRUNCATE TABLE";
    case MORTISE_SYNTAX_COMMENT:
      return "COMMENT";
    case MORTISE_SYNTAX_CREATE:
      return "CREATE";
    default:
      return "ALTER TABLE";
  }
}

}  // namespace

std::string_view object_name(int64_t object) {
  switch (object) {
    case MORTISE_OBJECT_TABLE:
      return "TABLE";
    case MORTISE_OBJECT_VIEW:
      return "VIEW";
    case MORTISE_OBJECT_MATERIALIZED_VIEW:
      return "MATERIALIZED VIEW";
    case MORTISE_OBJECT_INDEX:
      return "INDEX";
    case MORTISE_OBJECT_SEQUENCE:
      return "SEQUENCE";
    case MORTISE_OBJECT_SCHEMA:
      return "SCHEMA";
    case MORTISE_OBJECT_DATABASE:
      return "DATABASE";
    case MORTISE_OBJECT_ROLE:
      return "ROLE";
    case MORTISE_OBJECT_TYPE:
      return "TYPE";
    case MORTISE_OBJECT_DOMAIN:
      return "DOMAIN";
    case MORTISE_OBJECT_FUNCTION:
      return "FUNCTION";
    case MORTISE_OBJECT_EXTENSION:
      return "EXTENSION";
    default:
      return "of this kind of object";
  }
}

Status DdlRun::begin_unchanging() {
  if (node().is(MORTISE_SYNTAX_LOCK_TABLE)) {
    // It takes no snapshot: the first one of a transaction comes after what it waits for.
    MORTISE_TRY(session_.start_statement());
  } else {
    MORTISE_TRY(session_.begin_statement(view_));
  }
  return session_.names().open(txn());
}

Status DdlRun::begin(std::string_view verb) {
  // A query's snapshot comes after its locks.
  const bool is_query =
      node().is(MORTISE_SYNTAX_CREATE_TABLE_AS) || node().is(MORTISE_SYNTAX_SELECT);
  MORTISE_TRY(is_query ? session_.start_statement() : session_.begin_statement(view_));
  if (session_.transaction().options().is_read_only) {
    return Status(Code::invalid, "25006",
                  "cannot execute " + std::string(verb) + " in a read-only transaction");
  }
  return session_.names().open(txn());
}

Status DdlRun::changed() {
  session_.note_catalog_change();
  return next_step();
}

Status DdlRun::next_step() {
  MORTISE_TRY(session_.transaction().statement_begin(view_));
  return session_.names().open(txn());
}

Status DdlRun::lock(uint32_t lock_class, mortise_object_id_t id, uint32_t mode, uint32_t wait) {
  ErrorSlot error;
  MORTISE_TRY(error.status(services_.txn->lock(txn(), lock_class, id, mode, wait, error.get())));
  return session_.names().open(txn());
}

Status DdlRun::lock_name(uint32_t kind, mortise_object_id_t parent, std::string_view name) {
  // Beside the object ids, which have 32 bits.  Two names of one key only wait for each other.
  uint64_t hash = 0xcbf29ce484222325U ^ kind;
  hash = (hash ^ parent) * 0x100000001b3U;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3U;
  ErrorSlot error;
  MORTISE_TRY(
      error.status(services_.txn->lock(txn(), MORTISE_LOCK_OBJECT, hash | (uint64_t{1} << 63),
                                       MORTISE_MODE_X, MORTISE_WAIT, error.get())));
  return session_.names().open(txn());
}

Status DdlRun::newest_step() {
  MORTISE_TRY(next_step());
  const mortise_scn_t newest = services_.txn->visible_scn();
  if (newest > view_.snapshot) view_.snapshot = newest;
  return {};
}

Status DdlRun::split_name(Node list, std::string& schema, std::string& name) {
  std::vector<std::string_view> parts;
  for (const Node part : list) {
    if (part.is(MORTISE_SYNTAX_NAME)) parts.push_back(part.text());
  }
  if (parts.size() == 3 && parts[0] == session_.names().database()) parts.erase(parts.begin());
  if (parts.empty() || parts.size() > 2) {
    return Status(Code::invalid, "42601", "improper relation name (too many dotted names)");
  }
  name.assign(parts.back());
  schema.clear();
  if (parts.size() == 2) schema.assign(parts[0]);
  return {};
}

Result<schema::SchemaDef> DdlRun::schema_for_new(std::string_view schema_name) {
  schema::SchemaDef found;
  if (schema_name.empty()) {
    MORTISE_TRY_ASSIGN(found, session_.names().creation_schema());
  } else {
    MORTISE_TRY_ASSIGN(found, session_.names().find_schema(schema_name));
    const bool is_system =
        schema_name == "pg_catalog" || schema_name == "information_schema" || schema_name == "sys";
    if (found.id == 0 && is_system) {
      return Status(Code::invalid, "42501",
                    "permission denied for schema " + std::string(schema_name));
    }
    if (found.id == 0) {
      return Status(Code::invalid, "3F000",
                    "schema \"" + std::string(schema_name) + "\" does not exist");
    }
  }
  MORTISE_TRY(lock(MORTISE_LOCK_OBJECT, found.id, MORTISE_MODE_SCHEMA_S));
  MORTISE_TRY_ASSIGN(const auto locked, catalog().get<schema::SchemaDef>(found.id));
  if (!locked) {
    return Status(Code::invalid, "3F000", "schema \"" + found.name + "\" does not exist");
  }
  return locked->definition;
}

Status DdlRun::check_name_free(const schema::SchemaDef& schema, std::string_view name,
                               bool if_not_exists, bool* is_there) {
  *is_there = false;
  MORTISE_TRY(lock_name(MORTISE_KIND_RELATION, schema.id, name));
  MORTISE_TRY_ASSIGN(const auto relation, catalog().find<schema::RelationDef>(schema.id, name));
  MORTISE_TRY_ASSIGN(const auto index, catalog().find<schema::IndexDef>(schema.id, name));
  if (!relation && !index) return {};
  *is_there = true;
  const std::string text = "relation \"" + std::string(name) + "\" already exists";
  if (!if_not_exists) return Status(Code::duplicate, "42P07", text);
  session_.notice(MORTISE_NOTICE_NOTICE, "42P07", text + ", skipping");
  return {};
}

Result<RelationPtr> DdlRun::relation(Node name_list, uint32_t position, int64_t wanted,
                                     bool if_exists, uint32_t mode) {
  std::string schema_name;
  std::string name;
  MORTISE_TRY(split_name(name_list, schema_name, name));
  const std::string shown = schema_name.empty() ? name : schema_name + "." + name;
  RelationPtr found;
  for (int i = 0; i < kReadsMax; ++i) {
    MORTISE_TRY_ASSIGN(const Names::Found known, session_.names().find_relation(schema_name, name));
    if (known.view != nullptr) {
      return Status(Code::invalid, "42501",
                    "permission denied: \"" + name + "\" is a system catalog");
    }
    if (known.relation == nullptr) {
      const bool is_schema_missing = [&] {
        if (schema_name.empty()) return false;
        const auto has = session_.names().has_schema(schema_name);
        return has.has_value() && !*has;
      }();
      const std::string text =
          is_schema_missing && wanted != MORTISE_OBJECT_OTHER
              ? "schema \"" + schema_name + "\" does not exist"
              : std::string(wanted == MORTISE_OBJECT_OTHER ? "relation" : object_word(wanted)) +
                    " \"" + (wanted == MORTISE_OBJECT_OTHER ? shown : name) + "\" does not exist";
      if (if_exists) {
        notice(text + ", skipping");
        return RelationPtr();
      }
      return Status(Code::not_found, is_schema_missing ? "3F000" : "42P01", text).at(position);
    }
    const bool changes_it = mode == MORTISE_MODE_SCHEMA_X || mode == MORTISE_MODE_SIX;
    if (changes_it) MORTISE_TRY(require_owner_of(*known.relation));
    const bool is_locked = found != nullptr && found->id() == known.relation->id();
    found = known.relation;
    if (is_locked) break;
    // Read again under the lock: it may have been changed, or dropped, while we waited.
    MORTISE_TRY(lock(MORTISE_LOCK_TABLE, found->id(), mode));
  }
  if (!is_of_kind(*found, wanted)) {
    return Status(Code::invalid, "42809",
                  "\"" + name + "\" is not a" + (wanted == MORTISE_OBJECT_INDEX ? "n " : " ") +
                      std::string(object_word(wanted)));
  }
  return found;
}

Status DdlRun::require_owner_of(const Relation& relation) {
  MORTISE_TRY_ASSIGN(const bool is_owner,
                     has_role(catalog(), session_.role(), relation.definition.owner));
  if (is_owner) return {};
  if (node().is(MORTISE_SYNTAX_TRUNCATE)) {
    return permission_denied("permission denied for table " + relation.name());
  }
  const schema::RelationKind kind = relation.definition.kind;
  const std::string_view word = kind == schema::RelationKind::view       ? "view"
                                : kind == schema::RelationKind::sequence ? "sequence"
                                                                         : "table";
  return permission_denied("must be owner of " + std::string(word) + " " + relation.name());
}

Result<RelationPtr> DdlRun::reload(mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(auto stored, catalog().get<schema::RelationDef>(id));
  if (!stored) return internal("a relation has vanished while it was being changed");
  MORTISE_TRY_ASSIGN(const auto schema,
                     catalog().get<schema::SchemaDef>(stored->definition.schema));
  std::string schema_name = schema ? schema->definition.name : std::string();
  return load_relation(services_, catalog(), std::move(*stored), std::move(schema_name));
}

Result<Stored<schema::IndexDef>> DdlRun::index(std::string_view schema_name, std::string_view name,
                                               bool* is_there) {
  *is_there = true;
  std::vector<schema::SchemaDef> schemas;
  if (schema_name.empty()) {
    MORTISE_TRY_ASSIGN(schemas, session_.names().existing_path());
  } else {
    MORTISE_TRY_ASSIGN(schema::SchemaDef one, session_.names().find_schema(schema_name));
    if (one.id != 0) schemas.push_back(std::move(one));
  }
  for (const schema::SchemaDef& schema : schemas) {
    MORTISE_TRY_ASSIGN(auto found, catalog().find<schema::IndexDef>(schema.id, name));
    if (found) return std::move(*found);
  }
  *is_there = false;
  return Stored<schema::IndexDef>();
}

Status DdlRun::put_relation(const schema::RelationDef& definition, uint64_t version) {
  MORTISE_TRY(catalog().put(definition, version));
  return changed();
}

Result<uint64_t> DdlRun::run_plan(LogicalPlan plan, const mortise_sink_t* sink) {
  MORTISE_TRY_ASSIGN(PhysicalPlanPtr physical, prepare(services_, std::move(plan)));
  ExecutionContext context;
  context.services = &services_;
  context.txn = txn();
  context.view = view_;
  context.isolation = session_.transaction().options().isolation;
  context.session = session_.context();
  context.account = session_.account();
  context.parameters = run_.portal.parameters();
  MORTISE_TRY_ASSIGN(std::unique_ptr<Execution> execution, open(std::move(physical), context));
  const Nowhere nowhere;
  MORTISE_TRY(execution->run(sink == nullptr ? nowhere.sink : *sink, 0));
  return execution->rows_count();
}

namespace {

// Statements that are read and not there.
std::string_view name_of_other(Node statement) {
  switch (statement.kind()) {
    case MORTISE_SYNTAX_GRANT:
      return statement.has(MORTISE_SYNTAX_FLAG_A) ? "GRANT" : "REVOKE";
    case MORTISE_SYNTAX_LISTEN:
      return "LISTEN";
    case MORTISE_SYNTAX_NOTIFY:
      return "NOTIFY";
    case MORTISE_SYNTAX_DO:
      return "DO";
    case MORTISE_SYNTAX_CALL_PROCEDURE:
      return "CALL";
    default:
      return "this statement";
  }
}

Result<std::string> dispatch(DdlRun& ddl) {
  switch (ddl.node().kind()) {
    case MORTISE_SYNTAX_CREATE_TABLE:
      return create_table(ddl);
    case MORTISE_SYNTAX_CREATE_TABLE_AS:
    case MORTISE_SYNTAX_SELECT:
      return create_table_as(ddl);
    case MORTISE_SYNTAX_CREATE_INDEX:
      return create_index(ddl);
    case MORTISE_SYNTAX_CREATE_VIEW:
      return create_view(ddl);
    case MORTISE_SYNTAX_DROP:
      return drop_objects(ddl);
    case MORTISE_SYNTAX_TRUNCATE:
      return truncate(ddl);
    case MORTISE_SYNTAX_ALTER_TABLE:
      return alter_table(ddl);
    case MORTISE_SYNTAX_RENAME:
      return rename_object(ddl);
    case MORTISE_SYNTAX_ALTER_SCHEMA:
      return alter_schema(ddl);
    case MORTISE_SYNTAX_CREATE:
      return create_object(ddl);
    case MORTISE_SYNTAX_ALTER:
      return alter_object(ddl);
    case MORTISE_SYNTAX_COMMENT:
      return comment_on(ddl);
    case MORTISE_SYNTAX_LOCK_TABLE:
      return lock_tables(ddl);
    case MORTISE_SYNTAX_MAINTAIN:
      return maintain(ddl);
    case MORTISE_SYNTAX_ALTER_SYSTEM:
      return alter_system(ddl);
    default:
      return unsupported(std::string(name_of_other(ddl.node())) + " is not supported");
  }
}

}  // namespace

Result<std::string> run_definition(UtilityRun& run) {
  DdlRun ddl(run);
  if (name_of_other(run.statement) != "this statement") return dispatch(ddl);
  const bool changes =
      !run.statement.is(MORTISE_SYNTAX_LOCK_TABLE) && !run.statement.is(MORTISE_SYNTAX_MAINTAIN);
  if (changes) {
    MORTISE_TRY(ddl.begin(verb_of(run.statement)));
  } else {
    MORTISE_TRY(ddl.begin_unchanging());
  }
  Result<std::string> tag = dispatch(ddl);
  run.session.names().close();
  return tag;
}

}  // namespace mortise::sql_engine
