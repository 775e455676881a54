// SPDX-License-Identifier: Apache-2.0
//
// Queries within expressions.  They stay expressions; the optimizer makes joins of those it can.

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

ExpressionPtr make_subquery(ExpressionKind kind, const mortise_type_t& type, uint32_t position,
                            std::unique_ptr<Subquery> holder) {
  auto e = std::make_unique<Expression>();
  e->kind = kind;
  e->type = type;
  e->position_bytes = position;
  e->subquery = std::move(holder);
  return e;
}

}  // namespace

Result<BoundQuery> Binder::subselect(Node query_node, Scope& scope, Clause clause,
                                     std::unique_ptr<Subquery>& holder) {
  Scope inner(&scope);
  const Clause clause_around = scope.clause;
  scope.clause = clause;
  Result<BoundQuery> made = query_in(query_node, inner, false);
  scope.clause = clause_around;
  MORTISE_TRY_ASSIGN(BoundQuery bound, std::move(made));
  holder = std::make_unique<Subquery>();
  for (const BoundQuery::Output& output : bound.outputs) holder->columns.push_back(output.id);
  holder->plan = std::move(bound.plan);
  holder->outer = inner.outer;
  return bound;
}

Result<ExpressionPtr> Binder::subquery(Node node, Scope& scope, Clause clause) {
  const bool is_allowed = clause != Clause::check && clause != Clause::default_value &&
                          clause != Clause::index_expression && clause != Clause::index_predicate &&
                          clause != Clause::generated && clause != Clause::using_type;
  if (!is_allowed) {
    const std::string place(clause == Clause::check             ? "check constraint"
                            : clause == Clause::default_value   ? "DEFAULT expression"
                            : clause == Clause::generated       ? "column generation expression"
                            : clause == Clause::using_type      ? "transform expression"
                            : clause == Clause::index_predicate ? "index predicate"
                                                                : "index expression");
    return bind_error("0A000", "cannot use subquery in " + place, node.position());
  }
  std::unique_ptr<Subquery> holder;
  MORTISE_TRY_ASSIGN(const BoundQuery bound, subselect(node[0], scope, clause, holder));
  if (node.is(MORTISE_SYNTAX_EXISTS)) {
    ExpressionPtr e =
        make_subquery(ExpressionKind::exists, boolean_type(), node.position(), std::move(holder));
    e->is_negated = node.has(MORTISE_SYNTAX_NOT);
    return e;
  }
  if (bound.outputs.size() != 1) {
    return bind_error("42601", "subquery must return only one column", node.position());
  }
  const mortise_type_t type = plan_.columns[bound.outputs[0].id].type;
  return make_subquery(ExpressionKind::scalar_subquery, type, node.position(), std::move(holder));
}

Result<ExpressionPtr> Binder::quantified_query(Node node, Scope& scope, Clause clause) {
  std::vector<ExpressionPtr> lefts;
  if (node[0].is(MORTISE_SYNTAX_ROW)) {
    MORTISE_TRY(row_elements(node[0], scope, clause, lefts));
  } else {
    MORTISE_TRY_ASSIGN(ExpressionPtr left, expression(node[0], scope, clause));
    lefts.push_back(std::move(left));
  }
  std::unique_ptr<Subquery> holder;
  MORTISE_TRY_ASSIGN(const BoundQuery bound, subselect(node[1], scope, clause, holder));
  if (bound.outputs.size() < lefts.size()) {
    return bind_error("42601", "subquery has too few columns", node.position());
  }
  if (bound.outputs.size() > lefts.size()) {
    return bind_error("42601", "subquery has too many columns", node.position());
  }
  std::vector<ExpressionPtr> rights;
  for (const BoundQuery::Output& output : bound.outputs) {
    rights.push_back(make_column(output.id, plan_.columns[output.id].type));
  }
  ExpressionPtr test;
  if (lefts.size() == 1) {
    MORTISE_TRY_ASSIGN(test, apply_operator(node.text(), std::move(lefts[0]), std::move(rights[0]),
                                            node.position()));
  } else {
    MORTISE_TRY_ASSIGN(
        test, row_comparison(node.text(), std::move(lefts), std::move(rights), node.position()));
  }
  if (test->type.sql_type != MORTISE_SQL_BOOL) {
    return bind_error("42804", "op ANY/ALL (array) requires operator to yield boolean",
                      node.position());
  }
  ExpressionPtr e = make_subquery(ExpressionKind::quantified_subquery, boolean_type(),
                                  node.position(), std::move(holder));
  e->is_all = node.has(MORTISE_SYNTAX_ALL);
  e->children.push_back(std::move(test));
  if (!node.has(MORTISE_SYNTAX_NOT)) return e;
  auto negation = std::make_unique<Expression>();
  negation->kind = ExpressionKind::negation;
  negation->type = boolean_type();
  negation->position_bytes = node.position();
  negation->children.push_back(std::move(e));
  return negation;
}

}  // namespace mortise::sql_engine
