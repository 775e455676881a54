// SPDX-License-Identifier: Apache-2.0
//
// GROUP BY, GROUPING SETS, HAVING: what is grouped, and which expressions may stand above it.

#include <algorithm>

#include "bind/select_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

// Renames columns within a subquery's plan: an outer column has become a group.
void rename_in_plan(LogicalNode& node, ColumnId from, ColumnId to);

void rename_in(Expression& expression, ColumnId from, ColumnId to) {
  walk(expression, [&](Expression& e) {
    if (e.kind == ExpressionKind::column && e.column == from) e.column = to;
    if (e.subquery == nullptr) return;
    std::replace(e.subquery->outer.begin(), e.subquery->outer.end(), from, to);
    rename_in_plan(*e.subquery->plan, from, to);
  });
}

void rename_in_plan(LogicalNode& node, ColumnId from, ColumnId to) {
  each_expression(node, [&](ExpressionPtr& e) { rename_in(*e, from, to); });
  for (LogicalPtr& input : node.inputs) rename_in_plan(*input, from, to);
}

// All ways to take one set from each list, joined together.
std::vector<std::vector<uint32_t>> cross(const std::vector<std::vector<uint32_t>>& a,
                                         const std::vector<std::vector<uint32_t>>& b) {
  std::vector<std::vector<uint32_t>> result;
  for (const auto& left : a) {
    for (const auto& right : b) {
      std::vector<uint32_t> both = left;
      for (const uint32_t group : right) {
        if (std::find(both.begin(), both.end(), group) == both.end()) both.push_back(group);
      }
      result.push_back(std::move(both));
    }
  }
  return result;
}

}  // namespace

// Replaces, above an Aggregate, what is grouped by its group's column and refuses the rest.
class GroupCheck {
 public:
  GroupCheck(Binder& binder, Binder::SelectState& state) : binder_(binder), state_(state) {}

  Status replace(ExpressionPtr& e) {
    for (const NamedExpression& group : state_.groups) {
      if (!is_equal(*e, *group.expression)) continue;
      e = make_column(group.id, group.expression->type, e->position_bytes);
      return {};
    }
    if (e->kind == ExpressionKind::column && state_.scope.owns(e->column)) {
      ColumnId group = kNoColumn;
      if (depends_on_key(e->column, group)) {
        e = make_column(group, e->type, e->position_bytes);
        return {};
      }
      return bind_error("42803",
                        "column \"" + name_of_column(e->column) +
                            "\" must appear in the GROUP BY clause or be used in an aggregate "
                            "function",
                        e->position_bytes);
    }
    for (ExpressionPtr& child : e->children) MORTISE_TRY(replace(child));
    if (e->subquery != nullptr) return replace_outer(*e);
    return {};
  }

 private:
  Status replace_outer(Expression& e) {
    const std::vector<ColumnId> outer = e.subquery->outer;
    for (const ColumnId id : outer) {
      if (!state_.scope.owns(id)) continue;
      ColumnId group = kNoColumn;
      for (const NamedExpression& g : state_.groups) {
        if (g.expression->kind == ExpressionKind::column && g.expression->column == id) {
          group = g.id;
        }
      }
      if (group == kNoColumn && !depends_on_key(id, group)) {
        return bind_error(
            "42803",
            "subquery uses ungrouped column \"" + name_of_column(id) + "\" from outer query",
            e.position_bytes);
      }
      std::replace(e.subquery->outer.begin(), e.subquery->outer.end(), id, group);
      rename_in_plan(*e.subquery->plan, id, group);
    }
    return {};
  }

  // All columns of a table are determined by its primary key: if that is grouped, they may be
  // named.
  bool depends_on_key(ColumnId id, ColumnId& group) {
    if (state_.has_sets) return false;
    for (const ScopeItem& item : state_.scope.items) {
      if (item.relation == nullptr || item.scan == nullptr) continue;
      for (const ScopeColumn& c : item.columns) {
        if (c.id != id || !is_key_grouped(item)) continue;
        group = binder_.plan_.columns.add(c.name, c.type);
        state_.groups.push_back({group, make_column(id, c.type)});
        return true;
      }
    }
    return false;
  }

  bool is_key_grouped(const ScopeItem& item) const {
    for (const IndexInfo& index : item.relation->indexes) {
      if (!index.definition.is_primary) continue;
      for (const uint32_t column : index.columns()) {
        bool is_grouped = false;
        for (const ScopeColumn& c : item.columns) {
          if (c.attribute != column + 1) continue;
          for (const NamedExpression& g : state_.groups) {
            is_grouped = is_grouped || (g.expression->kind == ExpressionKind::column &&
                                        g.expression->column == c.id);
          }
        }
        if (!is_grouped) return false;
      }
      return true;
    }
    return false;
  }

  std::string name_of_column(ColumnId id) const {
    std::string name;
    for (const ScopeItem& item : state_.scope.items) {
      for (const ScopeColumn& c : item.columns) {
        if (c.id != id || (!name.empty() && !item.is_table_visible)) continue;
        name = item.alias.empty() ? c.name : item.alias + "." + c.name;
      }
    }
    return name;
  }

  Binder& binder_;
  Binder::SelectState& state_;
};

Result<uint32_t> Binder::group_for(Node node, SelectState& state) {
  MORTISE_TRY_ASSIGN(const size_t target, target_for(node, state, Clause::group_by, "GROUP BY"));
  MORTISE_TRY_ASSIGN(state.targets[target].expression,
                     resolve_unknown(std::move(state.targets[target].expression)));
  const Expression& e = *state.targets[target].expression;
  std::vector<ColumnId> ids;
  collect_columns(e, ids);
  for (const ColumnId id : ids) {
    for (const AggregateCall& call : state.scope.aggregates) {
      if (call.id == id) {
        return bind_error("42803", "aggregate functions are not allowed in GROUP BY",
                          expression_position(e));
      }
    }
    for (const PendingWindow& window : state.scope.windows) {
      if (window.call.id == id) {
        return bind_error("42P20", "window functions are not allowed in GROUP BY",
                          expression_position(e));
      }
    }
  }
  for (uint32_t i = 0; i < state.groups.size(); ++i) {
    if (is_equal(*state.groups[i].expression, e)) return i;
  }
  const ColumnId id = plan_.columns.add(state.targets[target].name, e.type);
  state.groups.push_back({id, clone(e)});
  return static_cast<uint32_t>(state.groups.size() - 1);
}

// The sets that one element of GROUP BY stands for.
Result<std::vector<std::vector<uint32_t>>> Binder::grouping_sets(Node node, SelectState& state) {
  std::vector<std::vector<uint32_t>> result;
  const auto parts_of = [&](Node item) -> Result<std::vector<uint32_t>> {
    std::vector<uint32_t> groups;
    const bool is_several =
        item.is(MORTISE_SYNTAX_ROW) || (item.is(MORTISE_SYNTAX_GROUPING_SET) && item.number() == 2);
    if (!is_several) {
      MORTISE_TRY_ASSIGN(const uint32_t group, group_for(item, state));
      groups.push_back(group);
      return groups;
    }
    for (const Node part : item) {
      MORTISE_TRY_ASSIGN(const uint32_t group, group_for(part, state));
      groups.push_back(group);
    }
    return groups;
  };
  if (!node.is(MORTISE_SYNTAX_GROUPING_SET) || node.number() == 2) {
    MORTISE_TRY_ASSIGN(std::vector<uint32_t> groups, parts_of(node));
    result.push_back(std::move(groups));
    return result;
  }
  state.has_sets = true;
  if (node.number() == 1) {
    result.emplace_back();
    return result;
  }
  if (node.number() == 5) {
    for (const Node inner : node) {
      MORTISE_TRY_ASSIGN(auto sets, grouping_sets(inner, state));
      for (auto& set : sets) result.push_back(std::move(set));
    }
    return result;
  }
  std::vector<std::vector<uint32_t>> elements;
  for (const Node inner : node) {
    MORTISE_TRY_ASSIGN(std::vector<uint32_t> groups, parts_of(inner));
    elements.push_back(std::move(groups));
  }
  if (node.number() == 4 && elements.size() > 12) {
    return bind_error("54001", "CUBE is limited to 12 elements", node.position());
  }
  const auto join_of = [&](auto&& is_taken) {
    std::vector<std::vector<uint32_t>> one{{}};
    for (size_t i = 0; i < elements.size(); ++i) {
      if (is_taken(i)) one = cross(one, {elements[i]});
    }
    result.push_back(std::move(one[0]));
  };
  if (node.number() == 3) {
    for (size_t taken = elements.size() + 1; taken-- > 0;) {
      join_of([&](size_t i) { return i < taken; });
    }
  } else {
    for (size_t bits = size_t{1} << elements.size(); bits-- > 0;) {
      join_of([&](size_t i) { return (bits >> (elements.size() - 1 - i) & 1) != 0; });
    }
  }
  return result;
}

Status Binder::group_by(Node node, SelectState& state) {
  if (node[5].count() == 0) return {};
  state.has_group_by = true;
  std::vector<std::vector<uint32_t>> sets{{}};
  for (const Node element : node[5]) {
    MORTISE_TRY_ASSIGN(const auto own, grouping_sets(element, state));
    sets = cross(sets, own);
    if (sets.size() > 4096) {
      return bind_error("54001", "too many grouping sets present (maximum 4096)",
                        node[5].position());
    }
  }
  if (!state.has_sets) return {};
  if (node.has(MORTISE_SYNTAX_FLAG_A)) {
    std::vector<std::vector<uint32_t>> distinct_sets;
    for (auto& set : sets) {
      std::sort(set.begin(), set.end());
      if (std::find(distinct_sets.begin(), distinct_sets.end(), set) == distinct_sets.end()) {
        distinct_sets.push_back(set);
      }
    }
    sets = std::move(distinct_sets);
  }
  const bool is_only_empty = sets.size() == 1 && sets[0].empty() && state.groups.empty();
  if (!is_only_empty) state.sets = std::move(sets);
  return {};
}

// Targets that only GROUP BY has put there are of no use above it.
void Binder::drop_unused_targets(SelectState& state) {
  std::vector<bool> is_used(state.targets.size(), false);
  for (const SelectState::SortEntry& entry : state.sort) is_used[entry.target] = true;
  for (const size_t target : state.distinct_on) is_used[target] = true;
  std::vector<size_t> place(state.targets.size(), 0);
  std::vector<SelectState::TargetEntry> kept;
  for (size_t i = 0; i < state.targets.size(); ++i) {
    place[i] = kept.size();
    if (state.targets[i].is_hidden && !is_used[i]) continue;
    kept.push_back(std::move(state.targets[i]));
  }
  state.targets = std::move(kept);
  for (SelectState::SortEntry& entry : state.sort) entry.target = place[entry.target];
  for (size_t& target : state.distinct_on) target = place[target];
}

Status Binder::finish_groups(SelectState& state) {
  Scope& scope = state.scope;
  const bool is_grouped = state.has_group_by || !scope.aggregates.empty() ||
                          state.having != nullptr || !scope.grouping_calls.empty();
  if (!is_grouped) return {};
  drop_unused_targets(state);
  GroupCheck check(*this, state);
  for (SelectState::TargetEntry& target : state.targets) {
    MORTISE_TRY(check.replace(target.expression));
  }
  if (state.having != nullptr) MORTISE_TRY(check.replace(state.having));
  for (PendingWindow& window : scope.windows) {
    for (ExpressionPtr& e : window.call.arguments) MORTISE_TRY(check.replace(e));
    if (window.call.filter != nullptr) MORTISE_TRY(check.replace(window.call.filter));
    for (ExpressionPtr& e : window.definition->partition) MORTISE_TRY(check.replace(e));
    for (SortKey& key : window.definition->order) MORTISE_TRY(check.replace(key.expression));
  }
  for (SetCall& call : scope.set_calls) {
    for (ExpressionPtr& e : call.arguments) MORTISE_TRY(check.replace(e));
  }
  auto node = std::make_unique<Aggregate>();
  MORTISE_TRY(settle_grouping(state, *node));
  for (const NamedExpression& group : state.groups) node->outputs.push_back(group.id);
  for (const AggregateCall& call : scope.aggregates) node->outputs.push_back(call.id);
  for (const Aggregate::Grouping& g : node->grouping) node->outputs.push_back(g.id);
  node->groups = std::move(state.groups);
  node->calls = std::move(scope.aggregates);
  node->sets = std::move(state.sets);
  node->inputs.push_back(std::move(state.plan));
  state.plan = std::move(node);
  if (state.having == nullptr) return {};
  auto filter = std::make_unique<Filter>();
  filter->outputs = state.plan->outputs;
  filter->condition = std::move(state.having);
  filter->inputs.push_back(std::move(state.plan));
  state.plan = std::move(filter);
  return {};
}

Status Binder::settle_grouping(SelectState& state, Aggregate& node) {
  Scope& scope = state.scope;
  for (size_t i = 0; i < scope.grouping_calls.size(); ++i) {
    Aggregate::Grouping grouping = scope.grouping_calls[i];
    for (const ExpressionPtr& argument : scope.grouping_arguments[i]) {
      size_t found = SIZE_MAX;
      for (size_t g = 0; g < state.groups.size(); ++g) {
        if (is_equal(*argument, *state.groups[g].expression)) found = g;
      }
      if (found == SIZE_MAX) {
        return bind_error("42803",
                          "arguments to GROUPING must be grouping expressions of the associated "
                          "query level",
                          expression_position(*argument));
      }
      grouping.groups.push_back(static_cast<uint32_t>(found));
    }
    node.grouping.push_back(std::move(grouping));
  }
  return {};
}

}  // namespace mortise::sql_engine
