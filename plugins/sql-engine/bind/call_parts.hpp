// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is known of a call while it is being bound?
//
// Shared by call.cpp and window.cpp only.

#include <string_view>
#include <vector>

#include "bind/binder.hpp"

namespace mortise::sql_engine {

struct Binder::CallParts {
  Node node;
  std::string_view schema;
  std::string_view name;
  bool is_star = false;
  bool is_distinct = false;
  bool is_within_group = false;
  Clause clause = Clause::select_list;
  std::vector<ExpressionPtr> arguments;
  std::vector<uint32_t> types;
  Registry::Choice choice;
  std::vector<size_t> outer_before;  // sizes of Scope::outer, from the call's level outwards
};

// Fills direction and place of nulls from a SORT node.
void set_direction(Node key, SortKey& sort);
bool is_one_of(const Expression& e, const std::vector<ExpressionPtr>& list);

}  // namespace mortise::sql_engine
