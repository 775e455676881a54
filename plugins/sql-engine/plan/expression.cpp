// SPDX-License-Identifier: Apache-2.0

#include "plan/expression.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"
#include "plan/logical.hpp"

namespace mortise::sql_engine {
namespace {

bool is_same_type(const mortise_type_t& a, const mortise_type_t& b) {
  return a.sql_type == b.sql_type && a.modifier == b.modifier && a.physical == b.physical &&
         a.precision == b.precision && a.scale == b.scale && a.collation == b.collation;
}

bool is_same_constant(const Datum& a, const Datum& b) {
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  if (is_view(a.type().physical)) return a.as_text() == b.as_text();
  const uint32_t width =
      a.type().physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(a.type().physical);
  return std::memcmp(a.data(), b.data(), width) == 0;
}

void add_once(std::vector<ColumnId>& ids, ColumnId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

}  // namespace

Subquery::Subquery() = default;
Subquery::~Subquery() = default;

mortise_type_t boolean_type() {
  return Datum::boolean(true).type();
}

ExpressionPtr make_constant(Datum value, uint32_t position_bytes) {
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::constant;
  e->type = value.type();
  e->constant = std::move(value);
  e->position_bytes = position_bytes;
  return e;
}

ExpressionPtr make_column(ColumnId column, const mortise_type_t& type, uint32_t position_bytes) {
  MORTISE_ASSERT(column != kNoColumn);
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::column;
  e->column = column;
  e->type = type;
  e->position_bytes = position_bytes;
  return e;
}

ExpressionPtr make_conjunction(std::vector<ExpressionPtr> parts) {
  if (parts.empty()) return make_constant(Datum::boolean(true));
  if (parts.size() == 1) return std::move(parts.front());
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::conjunction;
  e->type = boolean_type();
  e->children = std::move(parts);
  return e;
}

ExpressionPtr clone(const Expression& expression) {
  auto e = std::make_unique<Expression>();
  e->kind = expression.kind;
  e->cast_method = expression.cast_method;
  e->truth = expression.truth;
  e->is_negated = expression.is_negated;
  e->is_all = expression.is_all;
  e->is_explicit_cast = expression.is_explicit_cast;
  e->position_bytes = expression.position_bytes;
  e->parameter_index = expression.parameter_index;
  e->column = expression.column;
  e->type = expression.type;
  e->constant = expression.constant;
  e->function = expression.function;
  e->cast_function = expression.cast_function;
  e->text_type = expression.text_type;
  e->state = expression.state;
  e->element_type = expression.element_type;
  e->element = expression.element;
  e->children.reserve(expression.children.size());
  for (const ExpressionPtr& child : expression.children) e->children.push_back(clone(*child));
  if (expression.subquery != nullptr) {
    e->subquery = std::make_unique<Subquery>();
    e->subquery->plan = clone(*expression.subquery->plan);
    e->subquery->columns = expression.subquery->columns;
    e->subquery->outer = expression.subquery->outer;
  }
  return e;
}

uint32_t volatility(const Expression& expression) {
  uint32_t worst = MORTISE_VOLATILITY_IMMUTABLE;
  walk(expression, [&](const Expression& e) {
    if (e.function != nullptr) worst = std::max(worst, e.function->volatility);
    if (e.subquery != nullptr) worst = std::max(worst, MORTISE_VOLATILITY_STABLE);
    if (e.element != nullptr) worst = std::max(worst, volatility(*e.element));
    // Text forms follow session settings; so may casts that are functions (timestamptz).
    if (e.kind == ExpressionKind::cast && e.cast_method != CastMethod::same_bytes) {
      worst = std::max(worst, MORTISE_VOLATILITY_STABLE);
    }
  });
  return worst;
}

bool cannot_fail(const Expression& expression) {
  bool result = true;
  walk(expression, [&](const Expression& e) {
    if (e.function != nullptr && e.function->cannot_fail == 0) result = false;
    if (e.subquery != nullptr || e.element_type.sql_type != 0) result = false;
    if (e.kind == ExpressionKind::cast && e.cast_method != CastMethod::same_bytes) result = false;
  });
  return result;
}

bool is_equal(const Expression& a, const Expression& b) {
  if (a.kind != b.kind || a.children.size() != b.children.size()) return false;
  if (!is_same_type(a.type, b.type)) return false;
  if (a.subquery != nullptr || b.subquery != nullptr) return &a == &b;
  if (a.function != b.function || a.cast_function != b.cast_function) return false;
  if (a.cast_method != b.cast_method || a.truth != b.truth || a.is_negated != b.is_negated) {
    return false;
  }
  if (a.is_all != b.is_all || a.parameter_index != b.parameter_index || a.column != b.column) {
    return false;
  }
  if ((a.element == nullptr) != (b.element == nullptr)) return false;
  if (a.element != nullptr && !is_equal(*a.element, *b.element)) return false;
  if (a.kind == ExpressionKind::constant && !is_same_constant(a.constant, b.constant)) return false;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!is_equal(*a.children[i], *b.children[i])) return false;
  }
  return true;
}

void collect_columns(const Expression& expression, std::vector<ColumnId>& ids) {
  if (expression.kind == ExpressionKind::column) add_once(ids, expression.column);
  if (expression.subquery == nullptr) {
    for (const ExpressionPtr& child : expression.children) collect_columns(*child, ids);
    return;
  }
  for (const ColumnId id : expression.subquery->outer) add_once(ids, id);
  // What the subquery makes is not read from outside.
  const std::vector<ColumnId>& made = expression.subquery->columns;
  std::vector<ColumnId> tested;
  for (const ExpressionPtr& child : expression.children) collect_columns(*child, tested);
  for (const ColumnId id : tested) {
    if (std::find(made.begin(), made.end(), id) == made.end()) add_once(ids, id);
  }
}

bool has_subquery(const Expression& expression) {
  bool result = false;
  walk(expression, [&](const Expression& e) { result = result || e.subquery != nullptr; });
  return result;
}

void split_conjunction(ExpressionPtr expression, std::vector<ExpressionPtr>& parts) {
  if (expression->kind != ExpressionKind::conjunction) {
    parts.push_back(std::move(expression));
    return;
  }
  for (ExpressionPtr& child : expression->children) split_conjunction(std::move(child), parts);
}

}  // namespace mortise::sql_engine
