// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which relation does a name mean in this session, right now?
//
// Names are looked up in the newest committed catalog plus the transaction's own changes, also
// under REPEATABLE READ, as PostgreSQL does: a plan must fit the table as it is.
//
// Invariants
//   N1  `open` is called before a statement looks up names, `close` when it has been bound; in
//       between the view stays the same.
//   N2  After DDL of its own, a transaction reads past the shared cache until it ends.
//
// Threads: the session's.

#include <map>
#include <string>
#include <vector>

#include "schema/catalog.hpp"
#include "schema/names.hpp"
#include "schema/relation_cache.hpp"
#include "schema/services.hpp"

namespace mortise::sql_engine {

// The names of a list as search_path writes it: a, "B", $user.
std::vector<std::string> split_names(std::string_view list);

class SessionNames final : public Names {
 public:
  explicit SessionNames(const Services& services) : services_(services) {}
  ~SessionNames() override { close(); }

  void set_database(mortise_object_id_t id, std::string name) {
    database_id_ = id;
    database_ = std::move(name);
  }
  void set_user(std::string user) { user_ = std::move(user); }
  // From the text of search_path.
  void set_search_path(std::string_view path);

  // `txn` may be null.
  Status open(mortise_txn_t* txn);
  void close();
  bool is_open() const { return is_open_; }
  // The transaction has changed the catalog; forgets what was looked up.
  void note_change();
  // The transaction has ended.
  void end_transaction();

  uint64_t epoch() const { return epoch_; }
  bool has_own_changes() const { return has_own_changes_; }
  mortise_object_id_t database_id() const { return database_id_; }
  // Null while closed.
  const mortise_read_view_t* view() const { return is_open_ ? &view_ : nullptr; }
  Catalog catalog() const { return {*services_.catalog, view_, txn_}; }

  Result<Found> find_relation(std::string_view schema, std::string_view name) override;
  Result<bool> has_schema(std::string_view name) override;
  std::string_view database() const override { return database_; }

  // A schema of this database, or id 0.
  Result<schema::SchemaDef> find_schema(std::string_view name);
  // Where an unqualified CREATE goes: the first schema of the path that exists; 3F000 if none does.
  Result<schema::SchemaDef> creation_schema();
  // The path's schemas that exist, without the implicit ones.
  Result<std::vector<schema::SchemaDef>> existing_path();

 private:
  Result<RelationPtr> relation_in(const schema::SchemaDef& schema, std::string_view name);
  const mortise_sysview_t* system_view(std::string_view schema, std::string_view name) const;

  const Services& services_;
  mortise_object_id_t database_id_ = 0;
  std::string database_;
  std::string user_;
  std::vector<std::string> path_;
  mortise_txn_t* txn_ = nullptr;
  mortise_read_view_t view_{};
  bool is_open_ = false;
  bool has_read_view_ = false;  // of our own, to be given back
  bool has_own_changes_ = false;
  uint64_t epoch_ = 0;
  uint64_t schemas_epoch_ = 0;
  std::map<std::string, schema::SchemaDef, std::less<>> schemas_;  // id 0: not there
  std::map<std::pair<mortise_object_id_t, std::string>, RelationPtr> own_;
};

}  // namespace mortise::sql_engine
