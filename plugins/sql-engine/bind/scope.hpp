// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which columns can a name in this part of a query mean?
//
// One Scope per query level.  Its items are the tables of FROM that are visible just now; its
// parent is the level around it.  Aggregates, window and set-returning calls that are met while
// expressions of the level are bound are collected here.
//
// Invariants
//   N1  `outer` lists each column of a level further out that this level or one below refers to.
//   N2  While a subquery of FROM without LATERAL is bound, `are_items_hidden` is set: its names are
//       not found there, but serve for a better error text.
//
// Threads: one.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/logical.hpp"
#include "syntax/tree.hpp"

namespace mortise::sql_engine {

struct ScopeColumn {
  std::string name;
  ColumnId id = kNoColumn;
  mortise_type_t type{};
  mortise_object_id_t table = 0;
  uint32_t attribute = 0;
  bool has_own_name = true;  // the table's name for it, not the query's
};

struct ScopeItem {
  std::string alias;
  std::string schema;  // of an unaliased table: a.b.c may name it
  std::vector<ScopeColumn> columns;
  bool is_table_visible = true;     // t.a finds its columns
  bool are_columns_visible = true;  // a finds them
  RelationPtr relation;
  ColumnId row_id = kNoColumn;
  Scan* scan = nullptr;
};

// A name of WITH.
struct CommonTableName {
  std::string name;
  Node node;
  uint32_t index = 0;
  size_t visible_before = 0;  // how many names of its WITH its own definition sees
  LogicalPtr plan;            // of a definition that is kept, until it is put around the query
  bool is_inlined = false;
  bool is_recursive = false;  // its own body is being bound
  bool is_self_referenced = false;
  std::vector<ScopeColumn> columns;  // as the definition makes them
};

struct WindowDefinition {
  std::string name;
  Node node;
};

// A window call with its definition settled, before they are grouped into Window nodes.
struct PendingWindow {
  WindowCall call;
  std::unique_ptr<Window> definition;  // partition, order and frame only
};

// Where an expression stands: which calls it may hold, and how messages name the place.
enum class Clause : uint8_t {
  select_list,
  where,
  having,
  group_by,
  order_by,
  distinct_on,
  join_on,
  limit,
  offset,
  values,
  insert_values,
  update_set,
  returning,
  check,
  default_value,
  index_expression,
  index_predicate,
  function_from,
  filter,
  aggregate_argument,
  window_argument,
  window_partition,
  window_order,
  window_frame,
  call_argument,
  execute_argument,
  generated,
  policy,
  using_type,
  copy_where,
};
class Scope {
 public:
  explicit Scope(Scope* parent_scope) : parent(parent_scope) {}

  Scope* const parent;
  std::vector<ScopeItem> items;
  bool are_items_hidden = false;
  std::vector<ColumnId> outer;  // N1
  std::vector<std::unique_ptr<CommonTableName>> common_tables;
  size_t common_tables_visible = SIZE_MAX;  // fewer while one of them is bound
  // What of this level is being bound: what a subquery may hold that belongs up here.
  Clause clause = Clause::select_list;
  bool is_in_from = false;

  // Collected from the expressions of this level.
  std::vector<AggregateCall> aggregates;
  std::vector<Aggregate::Grouping> grouping_calls;
  std::vector<std::vector<ExpressionPtr>> grouping_arguments;  // beside grouping_calls
  std::vector<PendingWindow> windows;
  std::vector<SetCall> set_calls;
  std::vector<WindowDefinition> window_definitions;

  void note_outer(ColumnId id) {
    for (const ColumnId known : outer) {
      if (known == id) return;
    }
    outer.push_back(id);
  }
  bool owns(ColumnId id) const {
    for (const ScopeItem& item : items) {
      for (const ScopeColumn& c : item.columns) {
        if (c.id == id) return true;
      }
      if (item.row_id == id) return true;
    }
    return false;
  }
};

std::string_view name_of(Clause clause);

}  // namespace mortise::sql_engine
