// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the engine know of a table, ready to be used?
//
// A Relation is one version of a table's (or view's, sequence's) definition with the handles of its
// storage and indexes opened.  It never changes: DDL makes a new one.  Plans hold on to the ones
// that they were made with.
//
// Invariants
//   R1  `columns` has one entry per stored column in storage order, dropped ones included;
//       attribute number = position + 1.
//   R2  Handles are open as long as the Relation lives; null for views, in tests, and of an index
//       that is offline.
//   R3  IndexInfo::columns are positions in `columns`, key columns first; an index on an expression
//       has kExpressionColumn there and its text in `expressions`.
//
// Threads: read-only once made, [any].

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/cpp/schema.hpp"
#include "mortise/iface/draft/index.h"
#include "mortise/iface/draft/table_engine.h"

namespace mortise::sql_engine {

constexpr uint32_t kExpressionColumn = UINT32_MAX;

// Handles are closed by the Relation that holds them.
struct IndexInfo {
  schema::IndexDef definition;
  const mortise_iface_index_t* method = nullptr;
  mortise_index_t* handle = nullptr;
  // Why it cannot be used: its access method's plugin is missing.  The table can be read without
  // it, and not changed, since its entries would no longer be those of the rows.
  Status offline;

  mortise_object_id_t id() const { return definition.id; }
  const std::string& name() const { return definition.name; }
  bool is_unique() const { return definition.is_unique; }
  bool is_ordered() const {
    return method != nullptr && (method->header.capabilities & MORTISE_INDEX_ORDERED) != 0;
  }
  // Positions of the key columns in the table (R3).
  const std::vector<uint32_t>& columns() const { return definition.columns; }
  uint32_t keys_count() const {
    return static_cast<uint32_t>(definition.columns.size()) - definition.includes_count;
  }
};

class Relation {
 public:
  Relation() = default;
  Relation(const Relation&) = delete;
  Relation& operator=(const Relation&) = delete;
  ~Relation();

  schema::RelationDef definition;
  std::string schema_name;
  std::vector<IndexInfo> indexes;
  std::vector<schema::ConstraintDef> constraints;
  const mortise_iface_table_engine_t* engine = nullptr;
  mortise_table_t* table = nullptr;
  uint64_t version = 0;  // K3 of the catalog

  mortise_object_id_t id() const { return definition.id; }
  const std::string& name() const { return definition.name; }
  const std::vector<schema::ColumnDef>& columns() const { return definition.columns; }
  uint32_t columns_count() const { return static_cast<uint32_t>(definition.columns.size()); }
  // Position of a column that is not dropped, or -1.
  int32_t find_column(std::string_view name) const;
};
using RelationPtr = std::shared_ptr<const Relation>;

}  // namespace mortise::sql_engine
