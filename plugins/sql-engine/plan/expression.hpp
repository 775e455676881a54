// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a bound expression consist of?
//
// A tree of `Expression`.  Every node knows its type; names, overloads and implicit casts are
// settled.  Columns are named by ColumnId: a number given out once per statement (ColumnTable in
// logical.hpp), so that a plan can be rearranged without renumbering anything; the physical planner
// turns ids into places.
//
// Invariants
//   E1  Children of a node that calls a function have the argument types that the function was
//       bound with (`function`, `state`): nobody changes a child's type afterwards.
//   E2  A `column` whose id is not made by the node's own inputs belongs to a query around it; the
//       ids of a subquery that do are listed in Subquery::outer.
//   E3  An expression of an operator holds no aggregate, window or set-returning call: those stand
//       in Aggregate, Window and ProjectSet and are referred to by id.
//
// Threads: built by one thread; read-only afterwards, then [any].

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/type.h"
#include "plan/datum.hpp"

namespace mortise::sql_engine {

enum class ColumnId : uint32_t {};
constexpr ColumnId kNoColumn = ColumnId{0};
// Within Expression::element: the array's element, and the value beside the array.
constexpr ColumnId kElementColumn = ColumnId{0xFFFFFFFF};
constexpr ColumnId kBesideColumn = ColumnId{0xFFFFFFFE};

struct LogicalNode;
struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

// What a function's `bind` made; ended with its `unbind`.
class BoundState {
 public:
  BoundState(void* state, mortise_function_unbind_t unbind) : state_(state), unbind_(unbind) {}
  ~BoundState() {
    if (unbind_ != nullptr) unbind_(state_);
  }
  BoundState(const BoundState&) = delete;
  BoundState& operator=(const BoundState&) = delete;
  const void* get() const { return state_; }

 private:
  void* state_;
  mortise_function_unbind_t unbind_;
};

enum class ExpressionKind : uint8_t {
  constant,       // `constant`
  column,         // `column`
  parameter,      // `parameter_index`, from 0
  call,           // `function`(children...), a scalar function or operator
  cast,           // [value]; `cast_method`
  conjunction,    // {boolean...}: AND, two children at least
  disjunction,    // {boolean...}: OR
  negation,       // [boolean]
  is_null,        // [value]; `is_negated`: IS NOT NULL
  is_boolean,     // [boolean]; `truth`; `is_negated`
  distinct_from,  // [left, right], `function` is their "="; `is_negated`: IS NOT DISTINCT FROM
  nullif,     // [left, right, result], `function` is the "=" of the first two, whose types may have
              // been coerced for it; the result (of type `type`) is null if they are equal
  case_when,  // [condition, result]... else: an odd number of children, the last is the else
  coalesce,   // {value...}
  greatest,   // {value...}, all of one type; nulls are passed over
  least,
  in_list,  // [needle, value...], `function` is "=", arguments in this order; `is_negated`
  // Subqueries: `subquery` holds the plan.
  scalar_subquery,      // the value of its only column and row; null if none; 21000 if more
  exists,               // `is_negated`
  quantified_subquery,  // [test]: a boolean over the query's columns and this query's; true for ANY
                        // (`is_all` false) if any row passes, for ALL if none fails; SQL's
                        // unknowns. x IN (q) is ANY with "="; x NOT IN (q) is ALL with "<>" or a
                        // negated ANY
  array_subquery,       // the values of its only column, in order; `element_type`
  // Arrays (mortise/cpp/array.hpp); `element_type` is what stands in them.
  array,        // {element...}; `is_all`: of arrays of one shape, which become sub-arrays
  subscript,    // [array, int4...]: an element; `is_all`: a slice, [array, lower, upper, ...]
  any_element,  // [array, value?]: `element` (a boolean) for any element, `is_all`: for all of them
  map_elements,  // [array]: `element` of every element
};

// How a cast does its work.
enum class CastMethod : uint8_t {
  function,    // `cast_function`->evaluate
  same_bytes,  // the value as it is, under another type
  text_in,     // from TEXT by `text_type`->text_in, which applies type.modifier
  text_out,    // to TEXT by `text_type`->text_out of the source type
};

enum class Truth : uint8_t { is_false, is_true, is_unknown };

// A query within an expression.
struct Subquery {
  Subquery();
  ~Subquery();
  std::unique_ptr<LogicalNode> plan;
  // Outputs of the plan that count, in order: the value of a scalar subquery is the first.
  std::vector<ColumnId> columns;
  // Columns of queries around it that the plan refers to (E2); empty = evaluate once.
  std::vector<ColumnId> outer;
};

struct Expression {
  ExpressionKind kind = ExpressionKind::constant;
  CastMethod cast_method = CastMethod::function;
  Truth truth = Truth::is_false;
  bool is_negated = false;
  bool is_all = false;
  bool is_explicit_cast = false;  // written by the user; for explain and for re-typing constants
  uint32_t position_bytes = 0;    // 1-based in the statement's text, 0 = unknown
  uint32_t parameter_index = 0;
  ColumnId column = kNoColumn;
  mortise_type_t type{};
  std::vector<ExpressionPtr> children;
  Datum constant;
  const mortise_function_t* function = nullptr;
  const mortise_cast_t* cast_function = nullptr;
  const mortise_type_info_t* text_type = nullptr;
  std::shared_ptr<const BoundState> state;  // of `function` or `cast_function`; may be null
  std::unique_ptr<Subquery> subquery;
  mortise_type_t element_type{};
  // Over kElementColumn and kBesideColumn only, so that nobody who rearranges a plan looks into it.
  std::shared_ptr<const Expression> element;

  const void* bound() const { return state ? state->get() : nullptr; }
  const Expression& child(size_t index) const { return *children[index]; }
};

// Constructors of the frequent kinds.
ExpressionPtr make_constant(Datum value, uint32_t position_bytes = 0);
ExpressionPtr make_column(ColumnId column, const mortise_type_t& type, uint32_t position_bytes = 0);
// All of them with AND; one alone is returned as it is; none = constant true.
ExpressionPtr make_conjunction(std::vector<ExpressionPtr> parts);
mortise_type_t boolean_type();

// A deep copy; plans of subqueries are copied too.
ExpressionPtr clone(const Expression& expression);

// Calls visit(node) for the expression and everything below it, subqueries' plans left out.
template <typename Visit>
void walk(const Expression& expression, Visit&& visit) {
  visit(expression);
  for (const ExpressionPtr& child : expression.children) walk(*child, visit);
}
template <typename Visit>
void walk(Expression& expression, Visit&& visit) {
  visit(expression);
  for (ExpressionPtr& child : expression.children) walk(*child, visit);
}

// MORTISE_VOLATILITY_*: the most volatile function anywhere in it.  Subqueries count as STABLE at
// least; parameters as immutable.
uint32_t volatility(const Expression& expression);
// True if no value of its columns makes it fail (F2 of functions.h).
bool cannot_fail(const Expression& expression);
// True if both would always answer the same: same shape, functions, columns and constants.
bool is_equal(const Expression& a, const Expression& b);
// Appends the ids of the columns that it reads, outer references of its subqueries too, each once.
void collect_columns(const Expression& expression, std::vector<ColumnId>& ids);
bool has_subquery(const Expression& expression);
// Splits nested ANDs into their parts.
void split_conjunction(ExpressionPtr expression, std::vector<ExpressionPtr>& parts);

}  // namespace mortise::sql_engine
