// SPDX-License-Identifier: Apache-2.0
//
// Operators and what SQL writes in words: IN, LIKE, BETWEEN, IS DISTINCT FROM, rows.

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

ExpressionPtr make_boolean(ExpressionKind kind, uint32_t position) {
  auto e = std::make_unique<Expression>();
  e->kind = kind;
  e->type = boolean_type();
  e->position_bytes = position;
  return e;
}

ExpressionPtr make_disjunction(std::vector<ExpressionPtr> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  ExpressionPtr e = make_boolean(ExpressionKind::disjunction, 0);
  e->children = std::move(parts);
  return e;
}

ExpressionPtr negate(ExpressionPtr inner) {
  ExpressionPtr e = make_boolean(ExpressionKind::negation, inner->position_bytes);
  e->children.push_back(std::move(inner));
  return e;
}

// -5 written as a literal: PostgreSQL's grammar makes it one constant.
bool is_negative_literal(Node node) {
  return node.text() == "-" && !node[0] &&
         (node[1].is(MORTISE_SYNTAX_INTEGER) || node[1].is(MORTISE_SYNTAX_NUMERIC));
}

}  // namespace

Result<ExpressionPtr> Binder::operation(Node node, Scope& scope, Clause clause) {
  std::string_view schema;
  for (const Node part : node[2]) schema = part.text();
  if (!schema.empty() && schema != "pg_catalog") {
    return bind_error("3F000", "schema \"" + std::string(schema) + "\" does not exist",
                      node.position());
  }
  if (node[0].is(MORTISE_SYNTAX_ROW) && node[1].is(MORTISE_SYNTAX_ROW)) {
    return compare_rows(node.text(), node[0], node[1], scope, clause, node.position());
  }
  if (node[0].is(MORTISE_SYNTAX_ROW) && node[1].is(MORTISE_SYNTAX_SUBQUERY)) {
    return bind_error("0A000",
                      "comparing a row with a subquery is supported with IN, ANY and ALL only",
                      node.position());
  }
  ExpressionPtr left;
  if (node[0]) {
    MORTISE_TRY_ASSIGN(left, expression(node[0], scope, clause));
  } else if (is_negative_literal(node)) {
    MORTISE_TRY_ASSIGN(ExpressionPtr folded, negative_literal(node));
    if (folded != nullptr) return folded;
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr right, expression(node[1], scope, clause));
  return apply_operator(node.text(), std::move(left), std::move(right), node.position());
}

// Null for what has no shorter form; -2147483648 is an integer though 2147483648 is not.
Result<ExpressionPtr> Binder::negative_literal(Node node) {
  const Node number = node[1];
  if (number.is(MORTISE_SYNTAX_INTEGER)) {
    return make_constant(Datum::int32(static_cast<int32_t>(-number.number())), node.position());
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr value, literal(number));
  if (value->type.sql_type == MORTISE_SQL_INT8) {
    const int64_t negative = -value->constant.as_integer();
    if (negative == INT32_MIN) return make_constant(Datum::int32(INT32_MIN), node.position());
    return make_constant(Datum::int64(negative), node.position());
  }
  if (value->type.physical == MORTISE_PHYSICAL_DECIMAL64) {
    const int64_t negative = -value->constant.as_integer();
    return make_constant(Datum::fixed(value->type, &negative), node.position());
  }
  return ExpressionPtr();
}

Result<ExpressionPtr> Binder::apply_operator(std::string_view symbol, ExpressionPtr left,
                                             ExpressionPtr right, uint32_t position) {
  if (symbol == "!=") symbol = "<>";
  std::vector<uint32_t> types;
  std::vector<ExpressionPtr> arguments;
  if (left != nullptr) {
    types.push_back(left->type.sql_type);
    arguments.push_back(std::move(left));
  }
  types.push_back(right->type.sql_type);
  arguments.push_back(std::move(right));
  const Registry::Choice choice = registry().choose_operator(symbol, types);
  if (choice.function != nullptr) {
    return make_call(*choice.function, std::move(arguments), choice, position);
  }
  std::string shown;
  if (types.size() == 2) shown = registry().type_name(types[0]) + " ";
  shown.append(symbol).append(" ").append(registry().type_name(types.back()));
  if (choice.is_ambiguous) {
    return bind_error("42725", "operator is not unique: " + shown, position,
                      "Could not choose a best candidate operator. You might need to add explicit "
                      "type casts.");
  }
  return bind_error(
      "42883", "operator does not exist: " + shown, position,
      types.size() == 1
          ? "No operator matches the given name and argument type. You might need to "
            "add an explicit type cast."
          : "No operator matches the given name and argument types. You might need to "
            "add explicit type casts.");
}

Status Binder::row_elements(Node row, Scope& scope, Clause clause,
                            std::vector<ExpressionPtr>& elements) {
  for (const Node element : row) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(element, scope, clause));
    elements.push_back(std::move(e));
  }
  return {};
}

Result<ExpressionPtr> Binder::compare_rows(std::string_view symbol, Node left, Node right,
                                           Scope& scope, Clause clause, uint32_t position) {
  std::vector<ExpressionPtr> lefts;
  std::vector<ExpressionPtr> rights;
  MORTISE_TRY(row_elements(left, scope, clause, lefts));
  MORTISE_TRY(row_elements(right, scope, clause, rights));
  return row_comparison(symbol, std::move(lefts), std::move(rights), position);
}

// Rows compare element by element from the left: (a, b) < (c, d) is a < c OR (a = c AND b < d).
Result<ExpressionPtr> Binder::row_comparison(std::string_view symbol,
                                             std::vector<ExpressionPtr> left,
                                             std::vector<ExpressionPtr> right, uint32_t position) {
  if (left.size() != right.size()) {
    return bind_error("42601", "unequal number of entries in row expressions", position);
  }
  if (left.empty()) return bind_error("0A000", "cannot compare rows of zero length", position);
  if (symbol == "=" || symbol == "<>" || symbol == "!=") {
    std::vector<ExpressionPtr> parts;
    for (size_t i = 0; i < left.size(); ++i) {
      MORTISE_TRY_ASSIGN(ExpressionPtr part,
                         apply_operator(symbol, std::move(left[i]), std::move(right[i]), position));
      parts.push_back(std::move(part));
    }
    return symbol == "=" ? make_conjunction(std::move(parts)) : make_disjunction(std::move(parts));
  }
  if (symbol != "<" && symbol != "<=" && symbol != ">" && symbol != ">=") {
    return bind_error(
        "0A000",
        "could not determine interpretation of row comparison operator " + std::string(symbol),
        position);
  }
  const std::string_view strict = symbol.substr(0, 1);
  ExpressionPtr result;
  for (size_t i = left.size(); i-- > 0;) {
    const bool is_last = i + 1 == left.size();
    ExpressionPtr l = is_last ? nullptr : clone(*left[i]);
    ExpressionPtr r = is_last ? nullptr : clone(*right[i]);
    MORTISE_TRY_ASSIGN(ExpressionPtr test,
                       apply_operator(is_last ? symbol : strict, std::move(left[i]),
                                      std::move(right[i]), position));
    if (is_last) {
      result = std::move(test);
      continue;
    }
    MORTISE_TRY_ASSIGN(ExpressionPtr equal,
                       apply_operator("=", std::move(l), std::move(r), position));
    std::vector<ExpressionPtr> both;
    both.push_back(std::move(equal));
    both.push_back(std::move(result));
    std::vector<ExpressionPtr> either;
    either.push_back(std::move(test));
    either.push_back(make_conjunction(std::move(both)));
    result = make_disjunction(std::move(either));
  }
  return result;
}

Result<ExpressionPtr> Binder::in_values(ExpressionPtr needle, std::vector<ExpressionPtr> values,
                                        bool is_negated, uint32_t position) {
  // One type for all and one "=" for all is an in_list; anything else is ORs of its own.
  std::vector<uint32_t> types{needle->type.sql_type};
  for (const ExpressionPtr& v : values) types.push_back(v->type.sql_type);
  const uint32_t common = values.size() > 1 ? registry().common_type(types, nullptr) : 0;
  if (common != 0) {
    std::vector<ExpressionPtr*> list;
    for (ExpressionPtr& v : values) list.push_back(&v);
    mortise_type_t type{};
    std::vector<const Expression*> all{needle.get()};
    for (const ExpressionPtr& v : values) all.push_back(v.get());
    const uint32_t wanted = common == MORTISE_SQL_UNKNOWN ? MORTISE_SQL_TEXT : common;
    MORTISE_TRY_ASSIGN(type, unified_type(all, wanted));
    if (type.modifier != -1 && type.sql_type != MORTISE_SQL_NUMERIC) {
      MORTISE_TRY_ASSIGN(type, registry().resolve(type.sql_type));
    }
    for (ExpressionPtr* v : list) {
      MORTISE_TRY_ASSIGN(*v, coerce(std::move(*v), type, Coercion::implicit));
    }
    MORTISE_TRY_ASSIGN(ExpressionPtr equal,
                       apply_operator("=", clone(*needle), clone(*values.front()), position));
    const bool is_plain = equal->kind == ExpressionKind::call && equal->children.size() == 2 &&
                          equal->child(1).type.sql_type == values.front()->type.sql_type &&
                          equal->child(1).type.physical == values.front()->type.physical;
    if (is_plain) {
      ExpressionPtr e = make_boolean(ExpressionKind::in_list, position);
      e->is_negated = is_negated;
      e->function = equal->function;
      e->state = equal->state;
      e->children.push_back(std::move(equal->children[0]));
      for (ExpressionPtr& v : values) e->children.push_back(std::move(v));
      return e;
    }
  }
  std::vector<ExpressionPtr> parts;
  for (ExpressionPtr& v : values) {
    MORTISE_TRY_ASSIGN(ExpressionPtr part, apply_operator(is_negated ? "<>" : "=", clone(*needle),
                                                          std::move(v), position));
    parts.push_back(std::move(part));
  }
  return is_negated ? make_conjunction(std::move(parts)) : make_disjunction(std::move(parts));
}

Result<ExpressionPtr> Binder::in_list(Node node, Scope& scope, Clause clause) {
  const bool is_negated = node.has(MORTISE_SYNTAX_NOT);
  if (node[0].is(MORTISE_SYNTAX_ROW)) {
    std::vector<ExpressionPtr> parts;
    for (const Node value : node[1]) {
      if (!value.is(MORTISE_SYNTAX_ROW)) {
        return bind_error("42601", "IN needs a list of rows here", value.position());
      }
      MORTISE_TRY_ASSIGN(ExpressionPtr part,
                         compare_rows("=", node[0], value, scope, clause, node.position()));
      parts.push_back(std::move(part));
    }
    ExpressionPtr any = make_disjunction(std::move(parts));
    return is_negated ? negate(std::move(any)) : std::move(any);
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr needle, expression(node[0], scope, clause));
  std::vector<ExpressionPtr> values;
  for (const Node value : node[1]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr v, expression(value, scope, clause));
    values.push_back(std::move(v));
  }
  // PostgreSQL makes a list of constants one array and tests rest one by one; the result is the
  // same.
  return in_values(std::move(needle), std::move(values), is_negated, node.position());
}

// x op ANY (array).  An array that is written out is a list of values, as in x IN (...), whose
// constants make a set.
Result<ExpressionPtr> Binder::quantified_array(Node node, Scope& scope, Clause clause) {
  const bool is_all = node.has(MORTISE_SYNTAX_ALL);
  MORTISE_TRY_ASSIGN(ExpressionPtr needle, expression(node[0], scope, clause));
  Node written = node[1];
  mortise_type_t element{};
  if (written.is(MORTISE_SYNTAX_CAST) && written[0].is(MORTISE_SYNTAX_ARRAY)) {
    MORTISE_TRY_ASSIGN(const mortise_type_t type, bind_type(written[1]));
    MORTISE_TRY_ASSIGN(element, element_of(type));
    if (element.sql_type != 0) written = written[0];
  }
  const bool is_equal = node.text() == "=" && !is_all;
  const bool is_unequal = (node.text() == "<>" || node.text() == "!=") && is_all;
  bool is_list =
      written.is(MORTISE_SYNTAX_ARRAY) && written.count() > 0 && (is_equal || is_unequal);
  std::vector<ExpressionPtr> values;
  for (uint32_t i = 0; is_list && i < written.count(); ++i) {
    is_list = !written[i].is(MORTISE_SYNTAX_ARRAY);
    if (!is_list) break;
    MORTISE_TRY_ASSIGN(ExpressionPtr v, expression(written[i], scope, clause));
    if (element.sql_type != 0) {
      MORTISE_TRY_ASSIGN(v, coerce(std::move(v), element, Coercion::explicit_));
    }
    MORTISE_TRY_ASSIGN(const mortise_type_t inner, element_of(v->type));
    is_list = inner.sql_type == 0;
    values.push_back(std::move(v));
  }
  if (is_list) {
    return in_values(std::move(needle), std::move(values), is_unequal, node.position());
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr array, expression(node[1], scope, clause));
  return any_element(node.text(), std::move(needle), std::move(array), is_all, node.position());
}

Result<ExpressionPtr> Binder::like(Node node, Scope& scope, Clause clause) {
  const bool is_negated = node.has(MORTISE_SYNTAX_NOT);
  MORTISE_TRY_ASSIGN(ExpressionPtr left, expression(node[0], scope, clause));
  MORTISE_TRY_ASSIGN(ExpressionPtr pattern, expression(node[1], scope, clause));
  if (node.has(MORTISE_SYNTAX_FLAG_B)) {
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(std::move(pattern));
    if (node[2]) {
      MORTISE_TRY_ASSIGN(ExpressionPtr escape, expression(node[2], scope, clause));
      arguments.push_back(std::move(escape));
    }
    MORTISE_TRY_ASSIGN(pattern,
                       call_named("similar_to_escape", std::move(arguments), node.position()));
    return apply_operator(is_negated ? "!~" : "~", std::move(left), std::move(pattern),
                          node.position());
  }
  if (node[2]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr escape, expression(node[2], scope, clause));
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(std::move(pattern));
    arguments.push_back(std::move(escape));
    MORTISE_TRY_ASSIGN(pattern, call_named("like_escape", std::move(arguments), node.position()));
  }
  const bool is_insensitive = node.has(MORTISE_SYNTAX_FLAG_A);
  std::string_view symbol = is_negated ? "!~~" : "~~";
  if (is_insensitive) symbol = is_negated ? "!~~*" : "~~*";
  return apply_operator(symbol, std::move(left), std::move(pattern), node.position());
}

// x BETWEEN a AND b is x >= a AND x <= b; SYMMETRIC takes either order.
Result<ExpressionPtr> Binder::between(Node node, Scope& scope, Clause clause) {
  const bool is_negated = node.has(MORTISE_SYNTAX_NOT);
  MORTISE_TRY_ASSIGN(const ExpressionPtr x, expression(node[0], scope, clause));
  MORTISE_TRY_ASSIGN(const ExpressionPtr low, expression(node[1], scope, clause));
  MORTISE_TRY_ASSIGN(const ExpressionPtr high, expression(node[2], scope, clause));
  const auto range = [&](const Expression& from, const Expression& to) -> Result<ExpressionPtr> {
    std::vector<ExpressionPtr> parts(2);
    MORTISE_TRY_ASSIGN(
        parts[0], apply_operator(is_negated ? "<" : ">=", clone(*x), clone(from), node.position()));
    MORTISE_TRY_ASSIGN(
        parts[1], apply_operator(is_negated ? ">" : "<=", clone(*x), clone(to), node.position()));
    return is_negated ? make_disjunction(std::move(parts)) : make_conjunction(std::move(parts));
  };
  MORTISE_TRY_ASSIGN(ExpressionPtr result, range(*low, *high));
  if (!node.has(MORTISE_SYNTAX_FLAG_A)) return result;
  std::vector<ExpressionPtr> either;
  either.push_back(std::move(result));
  MORTISE_TRY_ASSIGN(ExpressionPtr swapped, range(*high, *low));
  either.push_back(std::move(swapped));
  return is_negated ? make_conjunction(std::move(either)) : make_disjunction(std::move(either));
}

Result<ExpressionPtr> Binder::distinct_from(Node node, Scope& scope, Clause clause) {
  const bool is_negated = node.has(MORTISE_SYNTAX_NOT);
  std::vector<ExpressionPtr> lefts;
  std::vector<ExpressionPtr> rights;
  if (node[0].is(MORTISE_SYNTAX_ROW) && node[1].is(MORTISE_SYNTAX_ROW)) {
    MORTISE_TRY(row_elements(node[0], scope, clause, lefts));
    MORTISE_TRY(row_elements(node[1], scope, clause, rights));
    if (lefts.size() != rights.size()) {
      return bind_error("42601", "unequal number of entries in row expressions", node.position());
    }
  } else {
    lefts.resize(1);
    rights.resize(1);
    MORTISE_TRY_ASSIGN(lefts[0], expression(node[0], scope, clause));
    MORTISE_TRY_ASSIGN(rights[0], expression(node[1], scope, clause));
  }
  std::vector<ExpressionPtr> parts;
  for (size_t i = 0; i < lefts.size(); ++i) {
    MORTISE_TRY_ASSIGN(ExpressionPtr part, distinct_pair(std::move(lefts[i]), std::move(rights[i]),
                                                         is_negated, node.position()));
    parts.push_back(std::move(part));
  }
  return is_negated ? make_conjunction(std::move(parts)) : make_disjunction(std::move(parts));
}

Result<ExpressionPtr> Binder::distinct_pair(ExpressionPtr left, ExpressionPtr right,
                                            bool is_negated, uint32_t position) {
  // x IS NOT DISTINCT FROM NULL is x IS NULL, which indexes and filters know.
  for (ExpressionPtr* side : {&right, &left}) {
    if ((*side)->kind != ExpressionKind::constant || !(*side)->constant.is_null()) continue;
    ExpressionPtr& other = side == &right ? left : right;
    ExpressionPtr test = make_boolean(ExpressionKind::is_null, position);
    test->is_negated = !is_negated;
    MORTISE_TRY_ASSIGN(other, resolve_unknown(std::move(other)));
    test->children.push_back(std::move(other));
    return test;
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr equal,
                     apply_operator("=", std::move(left), std::move(right), position));
  if (equal->kind == ExpressionKind::constant) {
    return is_negated ? std::move(equal) : negate(std::move(equal));
  }
  ExpressionPtr e = make_boolean(ExpressionKind::distinct_from, position);
  e->is_negated = is_negated;
  e->function = equal->function;
  e->state = equal->state;
  e->children = std::move(equal->children);
  return e;
}

}  // namespace mortise::sql_engine
