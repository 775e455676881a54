// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

namespace {

using Conditions = std::vector<ExpressionPtr>;

// (a AND x) OR (a AND y) = a AND (x OR y): takes out what all branches of a disjunction share, so
// that it can be pushed or joined on.
void add_conjuncts(ExpressionPtr expression, Conditions& conditions) {
  Conditions parts;
  split_conjunction(std::move(expression), parts);
  for (ExpressionPtr& part : parts) {
    if (part->kind != ExpressionKind::disjunction || has_subquery(*part)) {
      conditions.push_back(std::move(part));
      continue;
    }
    std::vector<Conditions> branches;
    for (ExpressionPtr& child : part->children) {
      split_conjunction(std::move(child), branches.emplace_back());
    }
    Conditions shared;
    for (size_t i = 0; i < branches[0].size();) {
      const Expression& wanted = *branches[0][i];
      const bool is_shared = std::all_of(branches.begin() + 1, branches.end(), [&](Conditions& b) {
        return std::any_of(b.begin(), b.end(),
                           [&](const ExpressionPtr& e) { return is_equal(*e, wanted); });
      });
      if (!is_shared) {
        ++i;
        continue;
      }
      for (size_t b = 1; b < branches.size(); ++b) {
        const auto at = std::find_if(branches[b].begin(), branches[b].end(),
                                     [&](const ExpressionPtr& e) { return is_equal(*e, wanted); });
        branches[b].erase(at);
      }
      shared.push_back(std::move(branches[0][i]));
      branches[0].erase(branches[0].begin() + static_cast<int64_t>(i));
    }
    const bool is_settled = std::any_of(branches.begin(), branches.end(),
                                        [](const Conditions& b) { return b.empty(); });
    if (!is_settled) {
      part->children.clear();
      for (Conditions& branch : branches) {
        part->children.push_back(make_conjunction(std::move(branch)));
      }
      conditions.push_back(std::move(part));
    }
    for (ExpressionPtr& e : shared) conditions.push_back(std::move(e));
  }
}

bool is_movable(const Expression& e) {
  return volatility(e) != MORTISE_VOLATILITY_VOLATILE && !has_subquery(e);
}

// Splits off the conditions that read only `made` (and nothing volatile).
Conditions take_reading_only(Conditions& conditions, const IdSet& made) {
  Conditions taken;
  Conditions kept;
  for (ExpressionPtr& e : conditions) {
    const bool moves = reads_only(*e, made) && is_movable(*e);
    (moves ? taken : kept).push_back(std::move(e));
  }
  conditions = std::move(kept);
  return taken;
}

// True if the condition cannot be true where all columns of `made` are null.
bool rejects_nulls(const Expression& e, const IdSet& made) {
  switch (e.kind) {
    case ExpressionKind::column:
      return made.has(e.column);
    case ExpressionKind::call:
      return e.function->is_strict != 0 &&
             std::any_of(e.children.begin(), e.children.end(),
                         [&](const ExpressionPtr& c) { return rejects_nulls(*c, made); });
    case ExpressionKind::cast:
      return rejects_nulls(e.child(0), made);
    case ExpressionKind::conjunction:
      return std::any_of(e.children.begin(), e.children.end(),
                         [&](const ExpressionPtr& c) { return rejects_nulls(*c, made); });
    case ExpressionKind::disjunction:
      return std::all_of(e.children.begin(), e.children.end(),
                         [&](const ExpressionPtr& c) { return rejects_nulls(*c, made); });
    case ExpressionKind::is_null:
      return e.is_negated && rejects_nulls(e.child(0), made);
    case ExpressionKind::in_list:
      return rejects_nulls(e.child(0), made);
    default:
      return false;
  }
}

// Replaces columns by what makes them.  False, with nothing changed, if one of `outputs` has no
// entry;
// columns of queries around stay as they are.
bool substitute(ExpressionPtr& expression, const std::vector<NamedExpression>& named,
                const IdSet& outputs) {
  std::vector<ColumnId> ids;
  collect_columns(*expression, ids);
  const auto find = [&](ColumnId id) -> const NamedExpression* {
    for (const NamedExpression& n : named) {
      if (n.id == id) return &n;
    }
    return nullptr;
  };
  for (const ColumnId id : ids) {
    const NamedExpression* n = find(id);
    if (n == nullptr && !outputs.has(id)) continue;
    if (n == nullptr || !is_movable(*n->expression)) return false;
  }
  struct Replace {
    const decltype(find)& look_up;
    void operator()(ExpressionPtr& e) const {
      if (e->kind == ExpressionKind::column) {
        const NamedExpression* n = look_up(e->column);
        if (n != nullptr) e = clone(*n->expression);
        return;
      }
      for (ExpressionPtr& child : e->children) (*this)(child);
    }
  };
  Replace{find}(expression);
  return true;
}

class Pusher {
 public:
  explicit Pusher(ColumnTable& columns) : columns_(columns) {}

  LogicalPtr push(LogicalPtr node, Conditions conditions) {
    if (columns_.is_interrupted()) return make_filter(std::move(node), std::move(conditions));
    each_expression(*node, [&](ExpressionPtr& e) {
      if (e != nullptr) optimize_inside(*e);
    });
    switch (node->kind) {
      case LogicalKind::filter: {
        add_conjuncts(std::move(static_cast<Filter&>(*node).condition), conditions);
        LogicalPtr input = std::move(node->inputs[0]);
        return push(std::move(input), std::move(conditions));
      }
      case LogicalKind::join:
        return push_join(std::move(node), std::move(conditions));
      case LogicalKind::project:
        return push_named(std::move(node), static_cast<Project&>(*node).expressions,
                          std::move(conditions));
      case LogicalKind::aggregate: {
        auto& aggregate = static_cast<Aggregate&>(*node);
        static const std::vector<NamedExpression> kNone;
        const bool may = aggregate.sets.empty() && !aggregate.groups.empty();
        return push_named(std::move(node), may ? aggregate.groups : kNone, std::move(conditions));
      }
      case LogicalKind::scan:
      case LogicalKind::system_scan:
        return push_scan(std::move(node), std::move(conditions));
      case LogicalKind::sort:
        return push_through(std::move(node), std::move(conditions));
      case LogicalKind::distinct:
        if (static_cast<Distinct&>(*node).on.empty()) {
          return push_through(std::move(node), std::move(conditions));
        }
        break;
      case LogicalKind::set_operation:
        return push_set_operation(std::move(node), std::move(conditions));
      case LogicalKind::common_table: {
        node->inputs[0] = push(std::move(node->inputs[0]), {});
        node->inputs[1] = push(std::move(node->inputs[1]), std::move(conditions));
        return node;
      }
      default:
        break;
    }
    for (LogicalPtr& input : node->inputs) input = push(std::move(input), {});
    return make_filter(std::move(node), std::move(conditions));
  }

 private:
  void optimize_inside(Expression& expression) {
    walk(expression, [&](Expression& e) {
      if (e.subquery != nullptr) e.subquery->plan = push(std::move(e.subquery->plan), {});
    });
  }

  LogicalPtr push_scan(LogicalPtr node, Conditions conditions) {
    Conditions above;
    for (ExpressionPtr& e : conditions) {
      optimize_inside(*e);
      const bool stays = volatility(*e) == MORTISE_VOLATILITY_VOLATILE;
      auto* scan = as<Scan>(node.get());
      auto& filters = scan != nullptr ? scan->filters : static_cast<SystemScan&>(*node).filters;
      (stays ? above : filters).push_back(std::move(e));
    }
    return make_filter(std::move(node), std::move(above));
  }

  LogicalPtr push_through(LogicalPtr node, Conditions conditions) {
    Conditions above;
    Conditions below;
    for (ExpressionPtr& e : conditions) {
      (is_movable(*e) ? below : above).push_back(std::move(e));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return make_filter(std::move(node), std::move(above));
  }

  LogicalPtr push_named(LogicalPtr node, const std::vector<NamedExpression>& named,
                        Conditions conditions) {
    Conditions above;
    Conditions below;
    IdSet outputs;
    outputs.add(node->outputs);
    for (ExpressionPtr& e : conditions) {
      const bool moves = is_movable(*e) && reads_any(*e, outputs) && substitute(e, named, outputs);
      (moves ? below : above).push_back(std::move(e));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return make_filter(std::move(node), std::move(above));
  }

  LogicalPtr push_set_operation(LogicalPtr node, Conditions conditions) {
    auto& operation = static_cast<SetOperation&>(*node);
    Conditions above;
    Conditions below[2];
    for (ExpressionPtr& e : conditions) {
      IdSet made;
      made.add(operation.outputs);
      if (!is_movable(*e) || !reads_any(*e, made)) {
        above.push_back(std::move(e));
        continue;
      }
      for (int side = 0; side < 2; ++side) {
        const std::vector<ColumnId>& ids = side == 0 ? operation.left : operation.right;
        ExpressionPtr copy = clone(*e);
        walk(*copy, [&](Expression& n) {
          if (n.kind != ExpressionKind::column) return;
          for (size_t i = 0; i < operation.outputs.size(); ++i) {
            if (operation.outputs[i] == n.column) {
              n.column = ids[i];
              return;
            }
          }
        });
        below[side].push_back(std::move(copy));
      }
    }
    for (size_t side = 0; side < 2; ++side) {
      node->inputs[side] = push(std::move(node->inputs[side]), std::move(below[side]));
    }
    return make_filter(std::move(node), std::move(above));
  }

  LogicalPtr push_join(LogicalPtr node, Conditions conditions) {
    auto& join = static_cast<Join&>(*node);
    IdSet left_made;
    IdSet right_made;
    left_made.add(join.inputs[0]->outputs);
    right_made.add(join.inputs[1]->outputs);
    simplify_outer(join, conditions, left_made, right_made);
    if (join.type == JoinType::inner || join.type == JoinType::cross) {
      return join.is_lateral ? push_lateral(std::move(node), std::move(conditions), left_made)
                             : push_inner(std::move(node), std::move(conditions));
    }
    Conditions on;
    if (join.condition != nullptr) add_conjuncts(std::move(join.condition), on);
    Conditions left;
    Conditions right;
    const bool keeps_left = join.type != JoinType::right && join.type != JoinType::full;
    if (keeps_left) left = take_reading_only(conditions, left_made);
    const bool filters_right = join.type == JoinType::left || join.type == JoinType::semi ||
                               join.type == JoinType::anti || join.type == JoinType::single;
    if (filters_right && !join.is_lateral) right = take_reading_only(on, right_made);
    if (join.type == JoinType::right) {
      right = take_reading_only(conditions, right_made);
      for (ExpressionPtr& e : take_reading_only(on, left_made)) left.push_back(std::move(e));
    }
    if (!on.empty()) join.condition = make_conjunction(std::move(on));
    join.inputs[0] = push(std::move(join.inputs[0]), std::move(left));
    join.inputs[1] = push(std::move(join.inputs[1]), std::move(right));
    const bool only_drops = join.type == JoinType::semi || join.type == JoinType::anti ||
                            join.type == JoinType::anti_nulls;
    if (only_drops && !join.is_lateral) {
      return make_filter(sink(std::move(node)), std::move(conditions));
    }
    return make_filter(std::move(node), std::move(conditions));
  }

  // A semi or anti join moves into the ordered inner joins on its left, down to the smallest input
  // that has all it reads: the joins above then see fewer rows.
  static LogicalPtr sink(LogicalPtr node) {
    auto& dropper = static_cast<Join&>(*node);
    if (dropper.condition == nullptr) return node;
    IdSet right_made;
    right_made.add(dropper.inputs[1]->outputs);
    std::vector<ColumnId> read;
    collect_columns(*dropper.condition, read);
    LogicalPtr tree = std::move(dropper.inputs[0]);
    std::vector<Join*> above;
    LogicalPtr* place = &tree;
    while (auto* join = as<Join>(place->get())) {
      if (join->type != JoinType::inner || join->is_lateral) break;
      LogicalPtr* next = nullptr;
      for (LogicalPtr& input : join->inputs) {
        IdSet made;
        made.add(input->outputs);
        const bool has_all = std::all_of(read.begin(), read.end(), [&](ColumnId id) {
          return made.has(id) || right_made.has(id) || !has_output(*join, id);
        });
        if (has_all && reads_any(*dropper.condition, made)) next = &input;
      }
      if (next == nullptr || estimate_rows(**next) > estimate_rows(*join)) break;
      above.push_back(join);
      place = next;
    }
    const double before = estimate_rows(**place);
    dropper.outputs = (*place)->outputs;
    dropper.inputs[0] = std::move(*place);
    dropper.rows_estimate = -1;
    const double factor = std::min(1.0, estimate_rows(dropper) / std::max(before, 1.0));
    for (Join* join : above) join->rows_estimate = std::max(1.0, estimate_rows(*join) * factor);
    *place = std::move(node);
    return tree;
  }

  static bool has_output(const LogicalNode& node, ColumnId id) {
    return std::find(node.outputs.begin(), node.outputs.end(), id) != node.outputs.end();
  }

  // A condition above that no null row passes makes an outer join an inner one.
  static void simplify_outer(Join& join, const Conditions& conditions, const IdSet& left_made,
                             const IdSet& right_made) {
    bool left_rejected = false;
    bool right_rejected = false;
    for (const ExpressionPtr& e : conditions) {
      left_rejected = left_rejected || rejects_nulls(*e, left_made);
      right_rejected = right_rejected || rejects_nulls(*e, right_made);
    }
    if (join.type == JoinType::left && right_rejected) {
      join.type = JoinType::inner;
    } else if (join.type == JoinType::right && left_rejected) {
      join.type = JoinType::inner;
    } else if (join.type == JoinType::full && (left_rejected || right_rejected)) {
      if (left_rejected && right_rejected) {
        join.type = JoinType::inner;
      } else {
        join.type = left_rejected ? JoinType::left : JoinType::right;
      }
    }
  }

  LogicalPtr push_lateral(LogicalPtr node, Conditions conditions, const IdSet& left_made) {
    auto& join = static_cast<Join&>(*node);
    Conditions left = take_reading_only(conditions, left_made);
    join.inputs[0] = push(std::move(join.inputs[0]), std::move(left));
    join.inputs[1] = push(std::move(join.inputs[1]), {});
    return make_filter(std::move(node), std::move(conditions));
  }

  // Gathers a whole run of inner joins and has it ordered.
  LogicalPtr push_inner(LogicalPtr node, Conditions conditions) {
    std::vector<LogicalPtr> leaves;
    const std::vector<ColumnId> outputs = node->outputs;
    flatten(std::move(node), leaves, conditions);
    Conditions above;
    Conditions among;
    for (ExpressionPtr& e : conditions) {
      (is_movable(*e) ? among : above).push_back(std::move(e));
    }
    add_equal_constants(among);
    for (LogicalPtr& leaf : leaves) {
      IdSet made;
      made.add(leaf->outputs);
      Conditions own;
      Conditions rest;
      for (ExpressionPtr& e : among) {
        const bool is_own = reads_any(*e, made) && reads_no_other(*e, leaves, leaf.get());
        (is_own ? own : rest).push_back(std::move(e));
      }
      among = std::move(rest);
      leaf = push(std::move(leaf), std::move(own));
    }
    LogicalPtr joined = order_joins(std::move(leaves), std::move(among));
    return make_filter(std::move(joined), std::move(above));
  }

  static bool reads_no_other(const Expression& e, const std::vector<LogicalPtr>& leaves,
                             const LogicalNode* own) {
    for (const LogicalPtr& leaf : leaves) {
      if (leaf.get() == own) continue;
      IdSet made;
      made.add(leaf->outputs);
      if (reads_any(e, made)) return false;
    }
    return true;
  }

  void flatten(LogicalPtr node, std::vector<LogicalPtr>& leaves, Conditions& conditions) {
    if (auto* filter = as<Filter>(node.get())) {
      optimize_inside(*filter->condition);
      add_conjuncts(std::move(filter->condition), conditions);
      LogicalPtr input = std::move(filter->inputs[0]);
      flatten(std::move(input), leaves, conditions);
      return;
    }
    auto* join = as<Join>(node.get());
    if (join == nullptr || join->is_lateral ||
        (join->type != JoinType::inner && join->type != JoinType::cross)) {
      if (join != nullptr && join->type == JoinType::left && !join->is_lateral) {
        IdSet left_made;
        IdSet right_made;
        left_made.add(join->inputs[0]->outputs);
        right_made.add(join->inputs[1]->outputs);
        simplify_outer(*join, conditions, left_made, right_made);
        if (join->type == JoinType::inner) {
          flatten(std::move(node), leaves, conditions);
          return;
        }
      }
      leaves.push_back(std::move(node));
      return;
    }
    if (join->condition != nullptr) add_conjuncts(std::move(join->condition), conditions);
    LogicalPtr left = std::move(join->inputs[0]);
    LogicalPtr right = std::move(join->inputs[1]);
    flatten(std::move(left), leaves, conditions);
    flatten(std::move(right), leaves, conditions);
  }

  // a = b and a = constant gives b = constant, where both columns are of one type.
  void add_equal_constants(Conditions& conditions) {
    const size_t count = conditions.size();
    for (size_t i = 0; i < count; ++i) {
      const Expression& equal = *conditions[i];
      if (!is_column_equality(equal)) continue;
      for (size_t j = 0; j < count; ++j) {
        for (size_t side = 0; side < 2; ++side) {
          ExpressionPtr derived = derive(*conditions[j], equal.child(side), equal.child(1 - side));
          if (derived == nullptr) continue;
          const bool is_known =
              std::any_of(conditions.begin(), conditions.end(),
                          [&](const ExpressionPtr& e) { return is_equal(*e, *derived); });
          if (!is_known) conditions.push_back(std::move(derived));
        }
      }
    }
  }

  static bool is_column_equality(const Expression& e) {
    return e.kind == ExpressionKind::call && e.children.size() == 2 &&
           std::string_view(e.function->operator_symbol.data,
                            e.function->operator_symbol.size_bytes) == "=" &&
           e.child(0).kind == ExpressionKind::column && e.child(1).kind == ExpressionKind::column &&
           e.child(0).type.sql_type == e.child(1).type.sql_type &&
           e.child(0).type.physical == e.child(1).type.physical &&
           e.child(0).type.scale == e.child(1).type.scale;
  }

  // A comparison of `column` with something constant, said of `other`.
  static ExpressionPtr derive(const Expression& e, const Expression& column,
                              const Expression& other) {
    const bool is_comparison =
        (e.kind == ExpressionKind::call && e.children.size() == 2 &&
         e.function->operator_symbol.size_bytes != 0 && e.function->is_strict != 0) ||
        e.kind == ExpressionKind::in_list;
    if (!is_comparison || e.type.physical != MORTISE_PHYSICAL_BOOL) return nullptr;
    std::vector<ColumnId> ids;
    collect_columns(e, ids);
    if (ids.size() != 1 || ids[0] != column.column || !cannot_fail(e)) return nullptr;
    if (volatility(e) != MORTISE_VOLATILITY_IMMUTABLE) return nullptr;
    ExpressionPtr derived = clone(e);
    walk(*derived, [&](Expression& n) {
      if (n.kind == ExpressionKind::column) n.column = other.column;
    });
    return derived;
  }

  ColumnTable& columns_;
};

}  // namespace

LogicalPtr push_down(LogicalPtr node, std::vector<ExpressionPtr> conditions, ColumnTable& columns) {
  return Pusher(columns).push(std::move(node), std::move(conditions));
}

Status optimize(LogicalPlan& plan, const Services& services) {
  static_cast<void>(services);
  plan.root = unnest(std::move(plan.root), plan.columns);
  plan.root = push_down(std::move(plan.root), {}, plan.columns);
  return {};
}

}  // namespace mortise::sql_engine
