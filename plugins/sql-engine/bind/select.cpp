// SPDX-License-Identifier: Apache-2.0
//
// SELECT from top to bottom, and the query around it.

#include "bind/call_parts.hpp"
#include "bind/select_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

LogicalPtr one_empty_row() {
  auto values = std::make_unique<Values>();
  values->rows.emplace_back();
  return values;
}

// Stands `node` on top of `plan`; it passes on what it gets.
template <typename NodeType>
NodeType& put_on_top(LogicalPtr& plan) {
  auto node = std::make_unique<NodeType>();
  NodeType& made = *node;
  node->outputs = plan->outputs;
  node->inputs.push_back(std::move(plan));
  plan = std::move(node);
  return made;
}

}  // namespace

Result<BoundQuery> Binder::query(Node node, Scope* parent, bool keeps_unknown) {
  Scope scope(parent);
  return query_in(node, scope, keeps_unknown);
}

Result<BoundQuery> Binder::query_in(Node node, Scope& scope, bool keeps_unknown) {
  MORTISE_TRY(check_way());
  const bool could_round = can_round_scales_;
  can_round_scales_ = false;
  ++depth_;
  Result<BoundQuery> bound = [&]() -> Result<BoundQuery> {
    switch (node.kind()) {
      case MORTISE_SYNTAX_SELECT:
        return select(node, scope, keeps_unknown);
      case MORTISE_SYNTAX_SET_OPERATION:
        return set_operation(node, scope);
      case MORTISE_SYNTAX_VALUES:
        return values(node, scope, keeps_unknown);
      default:
        return bind_error("0A000", "this statement is not supported as a query", node.position());
    }
  }();
  --depth_;
  can_round_scales_ = could_round;
  if (!bound) return bound;
  MORTISE_TRY_ASSIGN(bound->plan, attach_common_tables(std::move(bound->plan), scope));
  return bound;
}

Result<BoundQuery> Binder::select(Node node, Scope& scope, bool keeps_unknown) {
  SelectState state(scope, node, keeps_unknown);
  const bool may_be_into = allows_into_;
  allows_into_ = false;
  if (node[12] && !may_be_into) {
    return bind_error("0A000", "SELECT ... INTO is not supported here", node[12].position());
  }
  MORTISE_TRY(with(node[0], node, scope));
  scope.is_in_from = true;
  Result<LogicalPtr> from = from_list(node[3], scope);
  scope.is_in_from = false;
  MORTISE_TRY_ASSIGN(state.plan, std::move(from));
  if (state.plan == nullptr) state.plan = one_empty_row();
  if (node[4]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr condition, boolean(node[4], scope, Clause::where, "WHERE"));
    if (node[11].count() > 0) state.where = clone(*condition);
    put_on_top<Filter>(state.plan).condition = std::move(condition);
  }
  for (const Node window : node[7]) {
    scope.window_definitions.push_back({std::string(window.text()), window});
  }
  MORTISE_TRY(targets(node[2], state, Clause::select_list));
  MORTISE_TRY(sort_keys(node[8], state));
  MORTISE_TRY(group_by(node, state));
  if (node[6]) {
    MORTISE_TRY_ASSIGN(state.having, boolean(node[6], scope, Clause::having, "HAVING"));
  }
  MORTISE_TRY(distinct(node, state));
  MORTISE_TRY(finish_groups(state));
  if (node[11].count() > 0) return locking_select(state);
  MORTISE_TRY(add_window_nodes(scope, state.plan));
  add_set_calls(state);
  add_projection(state);
  return finish_select(state);
}

void Binder::add_set_calls(SelectState& state) {
  if (state.scope.set_calls.empty()) return;
  auto node = std::make_unique<ProjectSet>();
  node->outputs = state.plan->outputs;
  node->calls = std::move(state.scope.set_calls);
  for (const SetCall& c : node->calls) {
    node->outputs.insert(node->outputs.end(), c.columns.begin(), c.columns.end());
  }
  node->inputs.push_back(std::move(state.plan));
  state.plan = std::move(node);
}

void Binder::add_projection(SelectState& state) {
  auto project = std::make_unique<Project>();
  for (SelectState::TargetEntry& target : state.targets) {
    target.id = plan_.columns.add(target.name, target.expression->type);
    project->outputs.push_back(target.id);
    project->expressions.push_back({target.id, std::move(target.expression)});
  }
  project->inputs.push_back(std::move(state.plan));
  state.plan = std::move(project);
}

// What stands above the target list: DISTINCT, ORDER BY, LIMIT.
Result<BoundQuery> Binder::finish_select(SelectState& state) {
  const auto sort = [&] {
    if (state.sort.empty()) return;
    auto& node = put_on_top<Sort>(state.plan);
    for (const SelectState::SortEntry& entry : state.sort) {
      const ColumnId id = state.targets[entry.target].id;
      node.keys.push_back({make_column(id, plan_.columns[id].type, entry.position),
                           entry.is_descending, entry.is_nulls_first});
    }
  };
  if (!state.distinct_on.empty()) {
    sort();
    auto& node = put_on_top<Distinct>(state.plan);
    for (const size_t target : state.distinct_on) {
      const ColumnId id = state.targets[target].id;
      node.on.push_back(make_column(id, plan_.columns[id].type));
    }
  } else {
    if (state.is_distinct) put_on_top<Distinct>(state.plan);
    sort();
  }
  const Node node = state.node;
  MORTISE_TRY(
      limits(node[9], node[10], node.has(MORTISE_SYNTAX_WITH_TIES), state.scope, state.plan));
  return outputs_of(state);
}

BoundQuery Binder::outputs_of(SelectState& state) {
  BoundQuery bound;
  for (const SelectState::TargetEntry& target : state.targets) {
    if (target.is_hidden) continue;
    bound.outputs.push_back({target.name, target.id, target.table, target.attribute});
  }
  bound.plan = std::move(state.plan);
  return bound;
}

Status Binder::limits(Node limit, Node offset, bool is_with_ties, Scope& scope, LogicalPtr& plan) {
  if (!limit && !offset) return {};
  MORTISE_TRY_ASSIGN(const mortise_type_t bigint, registry().resolve(MORTISE_SQL_INT8));
  ExpressionPtr counts[2];
  for (int i = 0; i < 2; ++i) {
    const Node node = i == 0 ? limit : offset;
    const std::string_view word = i == 0 ? "LIMIT" : "OFFSET";
    if (!node || node.is(MORTISE_SYNTAX_NULL)) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, limit_expression(node, scope, word));
    const mortise_type_t was = e->type;
    const uint32_t position = expression_position(*e);
    bool is_possible = false;
    MORTISE_TRY_ASSIGN(e, try_coerce(std::move(e), bigint, Coercion::assignment, is_possible));
    if (!is_possible) {
      return bind_error(
          "42804",
          "argument of " + std::string(word) + " must be type bigint, not type " + type_name(was),
          position);
    }
    counts[i] = std::move(e);
  }
  if (counts[0] == nullptr && counts[1] == nullptr) return {};
  auto& node = put_on_top<Limit>(plan);
  node.limit = std::move(counts[0]);
  node.offset = std::move(counts[1]);
  node.is_with_ties = is_with_ties;
  return {};
}

// Bound where the query's own columns can be named, so that naming one gets its own error.
Result<ExpressionPtr> Binder::limit_expression(Node node, Scope& scope, std::string_view word) {
  MORTISE_TRY_ASSIGN(ExpressionPtr e,
                     expression(node, scope, word == "LIMIT" ? Clause::limit : Clause::offset));
  std::vector<ColumnId> ids;
  collect_columns(*e, ids);
  for (const ColumnId id : ids) {
    if (!scope.owns(id)) continue;
    return bind_error("42P10", "argument of " + std::string(word) + " must not contain variables",
                      expression_position(*e));
  }
  return e;
}

}  // namespace mortise::sql_engine
