// SPDX-License-Identifier: Apache-2.0
//
// SELECT ... FOR UPDATE and its kin.
//
// Rows are locked after they are sorted and before they are counted by LIMIT, as PostgreSQL does,
// so that a queue's "first free row" locks one row.  The target list is computed last, from the
// rows as they are once locked.

#include "bind/select_state.hpp"

namespace mortise::sql_engine {
namespace {

std::string_view word_of(int64_t strength) {
  switch (strength) {
    case MORTISE_ROW_LOCK_KEY_SHARE:
      return "FOR KEY SHARE";
    case MORTISE_ROW_LOCK_SHARE:
      return "FOR SHARE";
    case MORTISE_ROW_LOCK_NO_KEY_UPDATE:
      return "FOR NO KEY UPDATE";
    default:
      return "FOR UPDATE";
  }
}

// What the rows of inner joins have to fulfil beside WHERE.
void collect_join_conditions(const LogicalNode& node, std::vector<ExpressionPtr>& conditions) {
  if (node.kind == LogicalKind::sort || node.kind == LogicalKind::filter) {
    collect_join_conditions(*node.inputs[0], conditions);
  }
  const auto* join = as<Join>(&node);
  if (join == nullptr || (join->type != JoinType::inner && join->type != JoinType::cross)) return;
  if (join->condition != nullptr) conditions.push_back(clone(*join->condition));
  for (const LogicalPtr& input : join->inputs) collect_join_conditions(*input, conditions);
}

}  // namespace

Status Binder::check_lockable(const SelectState& state) {
  const std::string word(word_of(state.node[11][0].number()));
  const auto refuse = [&](std::string_view what) {
    return bind_error("0A000", word + " is not allowed with " + std::string(what), 0);
  };
  if (state.is_distinct || !state.distinct_on.empty()) return refuse("DISTINCT clause");
  if (state.has_group_by) return refuse("GROUP BY clause");
  if (state.node[6]) return refuse("HAVING clause");
  if (state.plan->kind == LogicalKind::aggregate) return refuse("aggregate functions");
  if (!state.scope.windows.empty()) return refuse("window functions");
  if (!state.scope.set_calls.empty()) {
    return refuse("set-returning functions in the target list");
  }
  return {};
}

Result<BoundQuery> Binder::locking_select(SelectState& state) {
  MORTISE_TRY(check_lockable(state));
  if (!state.sort.empty()) {
    auto sort = std::make_unique<Sort>();
    for (const SelectState::SortEntry& entry : state.sort) {
      sort->keys.push_back({clone(*state.targets[entry.target].expression), entry.is_descending,
                            entry.is_nulls_first});
    }
    sort->outputs = state.plan->outputs;
    sort->inputs.push_back(std::move(state.plan));
    state.plan = std::move(sort);
  }
  MORTISE_TRY(lock_rows(state.node[11], state));
  MORTISE_TRY(limits(state.node[9], state.node[10], state.node.has(MORTISE_SYNTAX_WITH_TIES),
                     state.scope, state.plan));
  add_projection(state);
  return outputs_of(state);
}

Status Binder::lock_rows(Node list, SelectState& state) {
  auto lock = std::make_unique<LockRows>();
  const auto add = [&](ScopeItem& item, Node clause) {
    const auto strength = static_cast<uint32_t>(clause.number());
    const uint32_t wait = clause.has(MORTISE_SYNTAX_NOWAIT)        ? MORTISE_NOWAIT
                          : clause.has(MORTISE_SYNTAX_SKIP_LOCKED) ? MORTISE_SKIP_LOCKED
                                                                   : MORTISE_WAIT;
    for (LockRows::Target& known : lock->targets) {
      if (known.row_id != item.row_id) continue;
      known.strength = std::max(known.strength, strength);
      known.wait = std::max(known.wait, wait);
      return;
    }
    LockRows::Target target;
    target.relation = item.relation;
    target.row_id = item.row_id;
    target.strength = strength;
    target.wait = wait;
    for (const ScopeColumn& c : item.columns) target.columns.emplace_back(c.attribute - 1, c.id);
    use_relation(item.relation, MORTISE_MODE_IS);
    lock->targets.push_back(std::move(target));
  };
  for (const Node clause : list) {
    for (const Node name : clause) {
      bool is_found = false;
      for (ScopeItem& item : state.scope.items) {
        if (item.alias != name.text() || !item.is_table_visible) continue;
        is_found = true;
        if (item.scan != nullptr) {
          add(item, clause);
          continue;
        }
        return bind_error("0A000",
                          std::string(word_of(clause.number())) +
                              " is supported for stored tables only: \"" + item.alias + "\"",
                          name.position());
      }
      if (!is_found) {
        return bind_error("42P01",
                          "relation \"" + std::string(name.text()) + "\" in " +
                              std::string(word_of(clause.number())) +
                              " clause not found in FROM clause",
                          name.position());
      }
    }
    if (clause.count() > 0) continue;
    for (ScopeItem& item : state.scope.items) {
      if (item.scan != nullptr && item.row_id != kNoColumn) add(item, clause);
    }
  }
  plan_.is_read_only = false;
  if (lock->targets.empty()) return {};
  std::vector<ExpressionPtr> conditions;
  if (state.where != nullptr) conditions.push_back(std::move(state.where));
  collect_join_conditions(*state.plan, conditions);
  if (!conditions.empty()) lock->recheck = make_conjunction(std::move(conditions));
  lock->outputs = state.plan->outputs;
  lock->inputs.push_back(std::move(state.plan));
  state.plan = std::move(lock);
  return {};
}

}  // namespace mortise::sql_engine
