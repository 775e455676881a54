// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a statement change the catalog?
//
// Every definition statement runs in the session's transaction: it locks what it is about (schema
// modes), reads it as it is then, changes the catalog's objects and the storage behind them, and
// all of that is undone if the transaction is.  DdlRun is what they share.
//
// Invariants
//   D1  A relation is locked with MORTISE_MODE_SCHEMA_X, another object with its own lock, before
//       its definition is read for a change; a name is locked before it is looked up to be given.
//   D2  Tables and indexes of a schema never share a name (K1 of catalog.h leaves that to us).
//   D3  After every change of the catalog the session's names are told.
//
// Threads: the session's; [worker].

#include <optional>
#include <string>
#include <vector>

#include "schema/catalog.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {

Result<std::string> run_definition(UtilityRun& run);
// "TABLE": what a MORTISE_OBJECT_* is called in a statement.
std::string_view object_name(int64_t object);

class DdlRun {
 public:
  DdlRun(UtilityRun& run) : run_(run), session_(run.session), services_(run.session.services()) {}

  // Begins the statement: transaction, names.  25006 in a read-only transaction.
  Status begin(std::string_view verb);
  // The same for statements that change nothing.
  Status begin_unchanging();

  Session& session() { return session_; }
  const Services& services() const { return services_; }
  mortise_txn_t* txn() const { return session_.transaction().txn(); }
  // The catalog as this transaction sees it now.
  Catalog catalog() { return session_.names().catalog(); }
  const mortise_read_view_t& view() const { return view_; }
  Node node() const { return run_.statement; }
  UtilityRun& utility() { return run_; }
  mortise_object_id_t owner() const { return session_.role().id; }

  // Tells the names that the catalog has changed (D3).
  Status changed();
  // A fresh view, so that later steps see the rows of earlier ones.
  Status next_step();
  // The same for a step that is about all rows that there are: also under REPEATABLE READ it sees
  // what was committed before the table's lock was granted.
  Status newest_step();

  // Afterwards the catalog is that of after the wait: what was read before is to be read again.
  Status lock(uint32_t lock_class, mortise_object_id_t id, uint32_t mode,
              uint32_t wait = MORTISE_WAIT);
  // Keeps others from giving a new object this name, and waits for those who have.
  Status lock_name(uint32_t kind, mortise_object_id_t parent, std::string_view name);

  // The parts of a qualified name: schema ("" = none given) and name.
  Status split_name(Node list, std::string& schema, std::string& name);
  // Where a new object of that name goes, locked against the schema's end.
  Result<schema::SchemaDef> schema_for_new(std::string_view schema);
  // 42P07 if a relation or index has the name; OK and `is_there` if `if_not_exists`.
  Status check_name_free(const schema::SchemaDef& schema, std::string_view name, bool if_not_exists,
                         bool* is_there);

  // A relation by TABLE node or name list, locked and read again.  Null with a notice if it is not
  // there and `if_exists`.  `wanted` is a MORTISE_OBJECT_*.
  Result<RelationPtr> relation(Node name_list, uint32_t position, int64_t wanted, bool if_exists,
                               uint32_t mode);
  Result<RelationPtr> reload(mortise_object_id_t id);
  // 42501 for others than a relation's owner.
  Status require_owner_of(const Relation& relation);
  // An index by name.
  Result<Stored<schema::IndexDef>> index(std::string_view schema, std::string_view name,
                                         bool* is_there);

  // Stores a changed relation definition.
  Status put_relation(const schema::RelationDef& definition, uint64_t version);

  // Runs a plan within the statement; rows go to `sink` (may be null).
  Result<uint64_t> run_plan(LogicalPlan plan, const mortise_sink_t* sink);

  void notice(std::string_view message) {
    session_.notice(MORTISE_NOTICE_NOTICE, "00000", message);
  }

 private:
  UtilityRun& run_;
  Session& session_;
  const Services& services_;
  mortise_read_view_t view_{};
};

// An object that is no relation, by its name, locked for a change; absent if there is none.
template <typename Def>
Result<std::optional<Stored<Def>>> find_locked(DdlRun& ddl, mortise_object_id_t parent,
                                               std::string_view name) {
  MORTISE_TRY_ASSIGN(auto found, ddl.catalog().find<Def>(parent, name));
  while (found) {
    const mortise_object_id_t locked = found->definition.id;
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_OBJECT, locked, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(found, ddl.catalog().find<Def>(parent, name));
    if (found && found->definition.id == locked) break;
  }
  return found;
}

// table.cpp
constexpr size_t kColumnsMax = 1600;
Result<std::string> create_table(DdlRun& ddl);
Result<std::string> create_table_as(DdlRun& ddl);
Result<LogicalPlan> bind_locked(DdlRun& ddl, Node query, const std::vector<mortise_type_t>& types);
// What CREATE TABLE and ALTER TABLE ... ADD share.
struct NewConstraint {
  Node node;
  std::string column;  // of a column constraint
};
Result<schema::ColumnDef> make_column_def(DdlRun& ddl, Node definition, const std::string& table,
                                          std::vector<NewConstraint>& constraints);
// A default as it is stored.
Result<std::string> default_text(DdlRun& ddl, Node expression, const mortise_type_t& type);
Status create_storage(DdlRun& ddl, schema::RelationDef& definition);
Status check_generated(DdlRun& ddl, mortise_object_id_t id);
Status add_sequence(DdlRun& ddl, const schema::SchemaDef& schema, const std::string& table,
                    schema::ColumnDef& column, Node options,
                    const schema::SequenceDef* like = nullptr);
Status own_sequence(DdlRun& ddl, mortise_object_id_t sequence, mortise_object_id_t table,
                    uint32_t attribute);
// constraint.cpp
Status add_constraint(DdlRun& ddl, mortise_object_id_t relation, const NewConstraint& constraint,
                      bool is_new_table);
Status check_existing_rows(DdlRun& ddl, const RelationPtr& relation, std::string_view condition,
                           Status violation);
// index.cpp
Result<std::string> create_index(DdlRun& ddl);
struct IndexRequest {
  std::string name;  // "" = make one up
  std::string suffix = "idx";
  std::string method = "btree";
  std::vector<uint32_t> columns;
  std::vector<uint32_t> flags;
  std::vector<std::string> expressions;
  std::vector<mortise_type_t> types;
  uint32_t includes_count = 0;
  bool is_unique = false;
  bool is_primary = false;
  bool is_nulls_not_distinct = false;
  std::string predicate;
};
Result<schema::IndexDef> make_index(DdlRun& ddl, const RelationPtr& relation, IndexRequest request);
Result<std::string> free_name(DdlRun& ddl, mortise_object_id_t schema, const std::string& table,
                              const std::string& column, const std::string& suffix);
Status drop_index(DdlRun& ddl, const schema::IndexDef& index);
Status create_index_storage(DdlRun& ddl, const mortise_iface_index_t& method,
                            schema::IndexDef& index);
Status renew_index(DdlRun& ddl, mortise_object_id_t id);
// An index made anew from its table's rows.
Status rebuild_index(DdlRun& ddl, mortise_object_id_t id);
// Gives a column another type in the definitions of the indexes that hold it.
Status retype_indexes(DdlRun& ddl, const Relation& relation, uint32_t column,
                      const mortise_type_t& type);
Status drop_comments(DdlRun& ddl, mortise_object_id_t object);
// drop.cpp
Result<std::string> drop_objects(DdlRun& ddl);
Status drop_relation(DdlRun& ddl, const RelationPtr& relation, bool cascades);
Result<std::string> truncate(DdlRun& ddl);
// alter.cpp
Result<std::string> alter_table(DdlRun& ddl);
Result<std::string> rename_object(DdlRun& ddl);
Result<std::string> alter_schema(DdlRun& ddl);
// object.cpp
Result<std::string> create_object(DdlRun& ddl);
Result<std::string> alter_object(DdlRun& ddl);
Result<std::string> comment_on(DdlRun& ddl);
Result<std::string> lock_tables(DdlRun& ddl);
Result<std::string> maintain(DdlRun& ddl);
Result<std::string> alter_system(DdlRun& ddl);
Result<std::string> create_view(DdlRun& ddl);
// sequence.cpp
Result<mortise_object_id_t> create_sequence(DdlRun& ddl, const schema::SchemaDef& schema,
                                            const std::string& name,
                                            const schema::SequenceDef& definition);
Status read_sequence_options(Node list, schema::SequenceDef& definition, bool is_new);
Status restart_sequence(DdlRun& ddl, mortise_object_id_t id, std::optional<int64_t> start);
Status release_sequence(DdlRun& ddl, const RelationPtr& sequence, bool cascades);
Result<std::string> create_sequence_object(DdlRun& ddl);
Result<std::string> alter_sequence(DdlRun& ddl);

// Creates what a new instance needs: database and role postgres, schema public.
Status bootstrap(const Services& services);

}  // namespace mortise::sql_engine
