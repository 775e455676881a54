// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is known of a SELECT while it is being bound?
//
// Shared by select.cpp, target.cpp, group.cpp and lock.cpp only.

#include <string>
#include <vector>

#include "bind/binder.hpp"

namespace mortise::sql_engine {

struct Binder::SelectState {
  struct TargetEntry {
    std::string name;
    ExpressionPtr expression;
    mortise_object_id_t table = 0;
    uint32_t attribute = 0;
    bool is_hidden = false;  // for ORDER BY or DISTINCT ON alone
    ColumnId id = kNoColumn;
  };
  struct SortEntry {
    size_t target = 0;
    bool is_descending = false;
    bool is_nulls_first = false;
    uint32_t position = 0;
  };

  SelectState(Scope& own_scope, Node own_node, bool keeps)
      : scope(own_scope), node(own_node), keeps_unknown(keeps) {}

  Scope& scope;
  const Node node;
  const bool keeps_unknown;
  LogicalPtr plan;
  std::vector<TargetEntry> targets;
  std::vector<SortEntry> sort;
  bool is_distinct = false;
  std::vector<size_t> distinct_on;
  std::vector<NamedExpression> groups;
  std::vector<std::vector<uint32_t>> sets;
  bool has_sets = false;
  bool has_group_by = false;
  ExpressionPtr where;  // a copy, for FOR UPDATE
  ExpressionPtr having;
};

}  // namespace mortise::sql_engine
