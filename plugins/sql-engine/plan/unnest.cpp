// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

namespace {

// Takes the conditions that read outer columns out of a subquery's filters and inner joins, as far
// down as nothing between changes the rows.  What was taken is appended to `taken`.
void take_correlated(LogicalPtr& node, const IdSet& made, std::vector<ExpressionPtr>& taken) {
  const auto split = [&](ExpressionPtr& condition) {
    std::vector<ExpressionPtr> parts;
    std::vector<ExpressionPtr> kept;
    split_conjunction(std::move(condition), parts);
    for (ExpressionPtr& part : parts) {
      const bool stays = reads_only(*part, made) || has_subquery(*part);
      (stays ? kept : taken).push_back(std::move(part));
    }
    condition = kept.empty() ? nullptr : make_conjunction(std::move(kept));
  };
  if (auto* filter = as<Filter>(node.get())) {
    split(filter->condition);
    take_correlated(filter->inputs[0], made, taken);
    if (filter->condition == nullptr) {
      LogicalPtr input = std::move(filter->inputs[0]);
      node = std::move(input);
    }
  } else if (auto* join = as<Join>(node.get())) {
    if (join->type != JoinType::inner && join->type != JoinType::cross) return;
    if (join->is_lateral) return;
    if (join->condition != nullptr) split(join->condition);
    for (LogicalPtr& input : join->inputs) take_correlated(input, made, taken);
    std::vector<ColumnId> outputs = join->inputs[0]->outputs;
    outputs.insert(outputs.end(), join->inputs[1]->outputs.begin(), join->inputs[1]->outputs.end());
    join->outputs = std::move(outputs);
  }
}

bool is_equality(const Expression& e) {
  return e.kind == ExpressionKind::call && e.children.size() == 2 && e.function != nullptr &&
         std::string_view(e.function->operator_symbol.data,
                          e.function->operator_symbol.size_bytes) == "=";
}

class Unnester {
 public:
  explicit Unnester(ColumnTable& columns) : columns_(columns) {}

  LogicalPtr rewrite(LogicalPtr node) {
    for (LogicalPtr& input : node->inputs) input = rewrite(std::move(input));
    if (node->kind == LogicalKind::filter) return rewrite_filter(std::move(node));
    if (node->kind == LogicalKind::project) rewrite_scalars_of(*node);
    each_expression(*node, [&](ExpressionPtr& e) {
      if (e != nullptr) rewrite_inside(*e);
    });
    return node;
  }

 private:
  void rewrite_inside(Expression& expression) {
    walk(expression, [&](Expression& e) {
      if (e.subquery != nullptr) e.subquery->plan = rewrite(std::move(e.subquery->plan));
    });
  }

  LogicalPtr rewrite_filter(LogicalPtr node) {
    auto& filter = static_cast<Filter&>(*node);
    std::vector<ColumnId> outputs = filter.outputs;
    std::vector<ExpressionPtr> parts;
    split_conjunction(std::move(filter.condition), parts);
    LogicalPtr input = std::move(filter.inputs[0]);
    std::vector<ExpressionPtr> plain;
    std::vector<ExpressionPtr> with_subquery;
    for (ExpressionPtr& part : parts) {
      (has_subquery(*part) ? with_subquery : plain).push_back(std::move(part));
    }
    input = make_filter(std::move(input), std::move(plain));
    std::vector<ExpressionPtr> left_over;
    for (ExpressionPtr& part : with_subquery) {
      if (try_semi_join(part, input)) continue;
      rewrite_scalars(part, input);
      rewrite_inside(*part);
      left_over.push_back(std::move(part));
    }
    input = make_filter(std::move(input), std::move(left_over));
    if (auto* top = as<Filter>(input.get())) top->outputs = outputs;
    return input;
  }

  // Replaces scalar aggregates in the expressions of a projection.
  void rewrite_scalars_of(LogicalNode& node) {
    each_expression(node, [&](ExpressionPtr& e) {
      if (e != nullptr && has_subquery(*e)) rewrite_scalars(e, node.inputs[0]);
    });
  }

  // EXISTS, NOT EXISTS, x = ANY (q) and its negation, as a conjunct of a filter.
  bool try_semi_join(ExpressionPtr& part, LogicalPtr& input) {
    Expression* e = part.get();
    bool is_negated = false;
    while (e->kind == ExpressionKind::negation) {
      is_negated = !is_negated;
      e = e->children[0].get();
    }
    if (e->kind == ExpressionKind::exists) {
      return exists_to_join(*e, is_negated != e->is_negated, input);
    }
    if (e->kind == ExpressionKind::quantified_subquery && !e->is_all) {
      return any_to_join(*e, is_negated != e->is_negated, input);
    }
    return false;
  }

  bool exists_to_join(Expression& e, bool is_negated, LogicalPtr& input) {
    if (contains_limit_zero(*e.subquery->plan)) return false;
    LogicalPtr plan = clone(*e.subquery->plan);
    // What is selected does not matter, nor in which order.
    while (plan->kind == LogicalKind::project || plan->kind == LogicalKind::sort ||
           (plan->kind == LogicalKind::distinct)) {
      LogicalPtr below = std::move(plan->inputs[0]);
      plan = std::move(below);
    }
    std::vector<ExpressionPtr> conditions;
    IdSet made;
    collect_made(*plan, made);
    take_correlated(plan, made, conditions);
    if (!free_columns(*plan).empty()) return false;
    plan = rewrite(std::move(plan));
    join(input, std::move(plan), is_negated ? JoinType::anti : JoinType::semi,
         std::move(conditions));
    return true;
  }

  bool any_to_join(Expression& e, bool is_negated, LogicalPtr& input) {
    LogicalPtr plan = clone(*e.subquery->plan);
    std::vector<ExpressionPtr> conditions;
    if (!free_columns(*plan).empty()) {
      if (is_negated) return false;
      if (!pull_through_project(plan, conditions)) return false;
    }
    if (has_subquery(e.child(0))) return false;
    plan = rewrite(std::move(plan));
    split_conjunction(std::move(e.children[0]), conditions);
    join(input, std::move(plan), is_negated ? JoinType::anti_nulls : JoinType::semi,
         std::move(conditions));
    return true;
  }

  // Takes correlated conditions from below a projection, which then passes on what they read.
  bool pull_through_project(LogicalPtr& plan, std::vector<ExpressionPtr>& conditions) {
    auto* project = as<Project>(plan.get());
    if (project == nullptr) return false;
    IdSet made;
    collect_made(*project->inputs[0], made);
    take_correlated(project->inputs[0], made, conditions);
    if (!free_columns(*plan).empty()) return false;
    for (ExpressionPtr& condition : conditions) {
      walk(*condition, [&](Expression& node) {
        if (node.kind == ExpressionKind::column && made.has(node.column)) {
          node.column = pass_on(*project, node.column, node.type);
        }
      });
    }
    return true;
  }

  ColumnId pass_on(Project& project, ColumnId id, const mortise_type_t& type) {
    for (const NamedExpression& named : project.expressions) {
      if (named.expression->kind == ExpressionKind::column && named.expression->column == id) {
        return named.id;
      }
    }
    const ColumnId fresh = columns_.add(columns_[id].name, type);
    project.expressions.push_back({fresh, make_column(id, type)});
    project.outputs.push_back(fresh);
    return fresh;
  }

  static bool contains_limit_zero(const LogicalNode& node) {
    if (node.kind == LogicalKind::limit) return true;
    return !node.inputs.empty() && node.kind != LogicalKind::join &&
           contains_limit_zero(*node.inputs[0]);
  }

  void join(LogicalPtr& input, LogicalPtr right, JoinType type,
            std::vector<ExpressionPtr> conditions) {
    auto made = std::make_unique<Join>();
    made->type = type;
    made->outputs = input->outputs;
    if (type == JoinType::left) {
      made->outputs.insert(made->outputs.end(), right->outputs.begin(), right->outputs.end());
    }
    if (!conditions.empty()) made->condition = make_conjunction(std::move(conditions));
    made->inputs.push_back(std::move(input));
    made->inputs.push_back(std::move(right));
    input = std::move(made);
  }

  // Replaces correlated scalar aggregates anywhere in an expression.  Not below CASE and the like,
  // where a row might never ask for it: the join asks for all of them, but an aggregate query
  // cannot fail by row count, so that is only a matter of cost.
  void rewrite_scalars(ExpressionPtr& expression, LogicalPtr& input) {
    if (expression->kind == ExpressionKind::scalar_subquery) {
      try_scalar(expression, input);
      return;
    }
    for (ExpressionPtr& child : expression->children) {
      if (expression->kind != ExpressionKind::quantified_subquery) rewrite_scalars(child, input);
    }
  }

  // Project(f(aggregates)) over Aggregate without groups over a filter with inner = outer
  // conditions:
  // group by the inner sides and join to them.
  void try_scalar(ExpressionPtr& expression, LogicalPtr& input) {
    const Subquery& subquery = *expression->subquery;
    if (free_columns(*subquery.plan).empty()) return;
    LogicalPtr plan = clone(*subquery.plan);
    auto* project = as<Project>(plan.get());
    auto* aggregate = as<Aggregate>(project != nullptr ? project->inputs[0].get() : plan.get());
    if (aggregate == nullptr || !aggregate->groups.empty() || !aggregate->sets.empty()) return;
    for (const AggregateCall& call : aggregate->calls) {
      const std::string_view name(call.function->name.data, call.function->name.size_bytes);
      if (name == "count" || name == "regr_count") return;  // not null for no rows
    }
    // A value that is not null for no rows either could be made by the projection.
    if (project != nullptr && !is_null_for_nulls(*project, subquery.columns[0])) return;
    std::vector<ExpressionPtr> taken;
    IdSet made;
    collect_made(*aggregate->inputs[0], made);
    take_correlated(aggregate->inputs[0], made, taken);
    std::vector<ExpressionPtr> conditions;
    for (ExpressionPtr& condition : taken) {
      if (!is_equality(*condition)) return;
      const bool left_inner = reads_only(condition->child(0), made);
      const bool right_inner = reads_only(condition->child(1), made);
      const size_t inner = left_inner ? 0 : 1;
      if (left_inner == right_inner || reads_any(condition->child(1 - inner), made)) return;
      ExpressionPtr key = std::move(condition->children[inner]);
      const mortise_type_t type = key->type;
      const ColumnId group = columns_.add("key", type);
      aggregate->groups.push_back({group, std::move(key)});
      aggregate->outputs.push_back(group);
      condition->children[inner] = make_column(group, type);
      conditions.push_back(std::move(condition));
    }
    if (project != nullptr) {
      for (ExpressionPtr& condition : conditions) {
        walk(*condition, [&](Expression& node) {
          for (const NamedExpression& group : aggregate->groups) {
            if (node.kind == ExpressionKind::column && node.column == group.id) {
              node.column = pass_on(*project, group.id, node.type);
              break;
            }
          }
        });
      }
    }
    if (!free_columns(*plan).empty()) return;
    const ColumnId value = subquery.columns[0];
    const mortise_type_t type = expression->type;
    plan = rewrite(std::move(plan));
    join(input, std::move(plan), JoinType::left, std::move(conditions));
    expression = make_column(value, type);
  }

  // True if the projection's column is null whenever the aggregates are: calls of strict functions.
  static bool is_null_for_nulls(const Project& project, ColumnId id) {
    for (const NamedExpression& named : project.expressions) {
      if (named.id == id) return is_strict_in_column(*named.expression);
    }
    return false;
  }
  static bool is_strict_in_column(const Expression& e) {
    if (e.kind == ExpressionKind::column) return true;
    if (e.kind == ExpressionKind::call && e.function->is_strict == 0) return false;
    if (e.kind != ExpressionKind::call && e.kind != ExpressionKind::cast) return false;
    return std::any_of(e.children.begin(), e.children.end(),
                       [](const ExpressionPtr& child) { return is_strict_in_column(*child); });
  }

  ColumnTable& columns_;
};

}  // namespace

LogicalPtr unnest(LogicalPtr node, ColumnTable& columns) {
  return Unnester(columns).rewrite(std::move(node));
}

}  // namespace mortise::sql_engine
