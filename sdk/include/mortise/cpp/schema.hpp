// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the bodies of the SQL kinds of catalog objects say?
//
// sql-engine writes them; sql-catalog, fronts and tools read them.  Each definition is a struct
// with `encode` (to the body of mortise_object_t) and `decode` (from the object: id, parent and
// name stand there, not in the body).  Bodies are records (mortise/cpp/record.hpp), so fields can
// be added.
//
//   kind                    parent                  name
//   DATABASE                0                       database
//   ROLE                    0                       role
//   SCHEMA                  database                schema
//   RELATION                schema                  table, view or sequence
//   INDEX                   schema                  index; body names its relation
//   CONSTRAINT              relation                constraint
//   COMMENT                 object described        "kind:column number"
//
// Expressions (defaults, checks, predicates, view queries) are SQL text, bound again when used,
// with the search path of the definition: names in them are qualified where the writer knew better.
//
// Invariants
//   C1  Columns are only appended; a dropped one keeps its place (attribute number = position + 1).
//   C2  Index and constraint columns are positions in RelationDef::columns.
//   C3  A change of a relation's indexes or constraints changes the relation's version too.
//
// Threads: value types.

#include <cstdint>
#include <string>
#include <vector>

#include "mortise/cpp/record.hpp"
#include "mortise/iface/catalog.h"

namespace mortise::schema {

constexpr mortise_object_id_t kRolePostgres = 10;
constexpr mortise_object_id_t kDatabasePostgres = 5;
constexpr mortise_object_id_t kSchemaPgCatalog = 11;
constexpr mortise_object_id_t kSchemaPublic = 2200;
constexpr mortise_object_id_t kSchemaInformationSchema = 13000;

struct DatabaseDef {
  mortise_object_id_t id = 0;
  std::string name;
  mortise_object_id_t owner = kRolePostgres;
  bool allows_connections = true;
  bool is_template = false;
  int64_t connections_max = -1;
  std::vector<std::string> settings;  // "name=value", as in pg_db_role_setting
};

struct RoleDef {
  mortise_object_id_t id = 0;
  std::string name;
  bool is_superuser = false;
  bool can_login = false;
  bool can_create_role = false;
  bool can_create_database = false;
  bool can_replicate = false;
  bool bypasses_row_security = false;
  bool inherits = true;
  int64_t connections_max = -1;
  std::string password;     // a verifier, never the text: "SCRAM-SHA-256$..."
  std::string valid_until;  // timestamptz text, "" = for ever
  std::vector<mortise_object_id_t> member_of;
  std::vector<std::string> settings;
};

struct SchemaDef {
  mortise_object_id_t id = 0;
  mortise_object_id_t database = 0;
  std::string name;
  mortise_object_id_t owner = kRolePostgres;
};

struct ColumnDef {
  std::string name;
  mortise_type_t type{};
  bool is_not_null = false;
  bool is_dropped = false;
  bool has_default = false;
  bool has_missing_value = false;
  char identity = 0;          // 'a' always, 'd' by default, 0 = none
  char generated = 0;         // 's' stored: default_text is its expression
  std::string default_text;   // SQL
  std::string missing_value;  // bytes as in a column's `data`; of strings the text itself; BOOL one
  mortise_object_id_t sequence = 0;  // owned by the column (serial, identity)
};

enum class RelationKind : uint8_t {
  table = 'r',
  view = 'v',
  sequence = 'S',
  materialized_view = 'm'
};

// A sequence's fixed part; its position is a row of the sequence's own storage.
struct SequenceDef {
  uint32_t type = 20;  // SQL type
  int64_t start = 1;
  int64_t increment = 1;
  int64_t minimum = 1;
  int64_t maximum = INT64_MAX;
  int64_t cache = 1;
  bool is_cycle = false;
  mortise_object_id_t owner_relation = 0;  // OWNED BY; 0 = none
  uint32_t owner_column = 0;               // attribute number
};

struct RelationDef {
  mortise_object_id_t id = 0;
  mortise_object_id_t schema = 0;
  std::string name;
  RelationKind kind = RelationKind::table;
  mortise_object_id_t owner = kRolePostgres;
  std::string engine = "heap";  // slot of mortise.table_engine/1
  mortise_segment_id_t segment = 0;
  uint32_t fill_percent = 0;
  bool is_temporary = false;
  bool is_unlogged = false;
  bool is_populated = true;
  std::vector<ColumnDef> columns;
  std::string query;  // of a view, as SQL
  uint32_t check_option = 0;
  std::vector<std::string> options;  // "name=value"
  SequenceDef sequence;
  // What the definition refers to (views, defaults): dropped with CASCADE when those go.
  std::vector<mortise_object_id_t> depends_on;
  std::vector<mortise_object_id_t> indexes;  // its own, in the order of their creation
};

struct IndexDef {
  mortise_object_id_t id = 0;
  mortise_object_id_t schema = 0;
  std::string name;
  mortise_object_id_t relation = 0;
  std::string method = "btree";  // slot of mortise.index/1
  mortise_segment_id_t segment = 0;
  bool is_unique = false;
  bool is_primary = false;
  bool is_nulls_not_distinct = false;
  bool is_valid = true;
  std::vector<uint32_t>
      columns;                  // key columns, then includes_count others; UINT32_MAX = expression
  std::vector<uint32_t> flags;  // MORTISE_INDEX_* per key column
  uint32_t includes_count = 0;
  std::vector<std::string> expressions;  // one per column; "" for plain ones
  std::vector<mortise_type_t> types;     // per column
  std::string predicate;                 // SQL; "" = all rows
  // It holds the rows of views from this SCN on: versions that were superseded when it was built
  // are not in it, so an older view must not look here.
  mortise_scn_t complete_from = 0;
};

struct ConstraintDef {
  mortise_object_id_t id = 0;
  mortise_object_id_t relation = 0;
  std::string name;
  char kind = 'c';  // pg_constraint.contype: c check, p primary key, u unique, f foreign key
  std::vector<uint32_t> columns;
  std::string expression;         // check: SQL
  mortise_object_id_t index = 0;  // p, u: the index behind it; f: the referenced one
  bool is_deferrable = false;
  bool is_deferred = false;
  bool is_validated = true;
  bool is_no_inherit = false;
  mortise_object_id_t referenced_relation = 0;
  std::vector<uint32_t> referenced_columns;
  char on_update = 'a';  // a no action, r restrict, c cascade, n set null, d set default
  char on_delete = 'a';
  char match = 's';
};

struct CommentDef {
  mortise_object_id_t id = 0;
  mortise_object_id_t object = 0;
  uint32_t kind = 0;       // MORTISE_KIND_* of the object
  uint32_t attribute = 0;  // 0 = the object itself
  std::string text;
};

std::string encode(const DatabaseDef& d);
std::string encode(const RoleDef& d);
std::string encode(const SchemaDef& d);
std::string encode(const RelationDef& d);
std::string encode(const IndexDef& d);
std::string encode(const ConstraintDef& d);
std::string encode(const CommentDef& d);

// XX001 for a body that is not a record.
Status decode(const mortise_object_t& object, DatabaseDef& d);
Status decode(const mortise_object_t& object, RoleDef& d);
Status decode(const mortise_object_t& object, SchemaDef& d);
Status decode(const mortise_object_t& object, RelationDef& d);
Status decode(const mortise_object_t& object, IndexDef& d);
Status decode(const mortise_object_t& object, ConstraintDef& d);
Status decode(const mortise_object_t& object, CommentDef& d);

}  // namespace mortise::schema

#include "mortise/cpp/schema_record.hpp"
