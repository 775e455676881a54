// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a session get at a relation without reading the catalog for every statement?
//
// Committed relations are shared by all sessions.  An entry is good for the catalog epoch that it
// was last looked at under; at another epoch its version is compared with the catalog's, and it is
// made anew if that has changed (C3 of schema.hpp makes the version tell of indexes and constraints
// too).
// A transaction that has changed the catalog reads past the cache (session_names.hpp).
//
// Invariants
//   E1  The epoch a caller passes was read before the view it passes was taken.
//
// Threads: [worker, concurrent].

#include <map>
#include <string>
#include <unordered_map>

#include "mortise/cpp/sync.hpp"
#include "schema/catalog.hpp"
#include "schema/relation.hpp"
#include "schema/services.hpp"

namespace mortise::sql_engine {

// Reads a relation with its indexes and constraints and opens their handles.
Result<RelationPtr> load_relation(const Services& services, const Catalog& catalog,
                                  Stored<schema::RelationDef> stored, std::string schema_name);

// The storage's description of a table.
struct TableDescription {
  explicit TableDescription(const schema::RelationDef& definition);
  mortise_table_desc_t desc{};
  std::vector<mortise_table_column_t> columns;
  std::vector<std::string> missing;  // bytes that columns point to
  std::vector<mortise_view_t> views;
};

class RelationCache {
 public:
  explicit RelationCache(const Services& services) : services_(services) {}

  // By name; null if there is none.
  Result<RelationPtr> find(const Catalog& catalog, uint64_t epoch, mortise_object_id_t schema,
                           std::string_view schema_name, std::string_view name);
  void clear();

 private:
  static constexpr size_t kEntriesMax = 20000;
  struct Entry {
    RelationPtr relation;  // null: there is none
    uint64_t epoch = 0;
  };
  using Key = std::pair<mortise_object_id_t, std::string>;

  const Services& services_;
  Mutex mutex_;
  std::map<Key, Entry> entries_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::sql_engine
