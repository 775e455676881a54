// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which kinds of nodes can the compiler make a program of?
//
// One maker per kind; the classes stand in the sources named beside them.  Children belong to the
// program and outlive their parents.
//
// Threads: as program.hpp.

#include "execute/expression/program.hpp"

namespace mortise::sql_engine {

using NodePtr = std::unique_ptr<Node>;
using Children = std::vector<const Node*>;

// reference.cpp
NodePtr make_column_node(uint32_t place);
NodePtr make_outer_node(uint32_t slot);
NodePtr make_constant_node(const Datum& value);
NodePtr make_parameter_node(uint32_t index);

// call.cpp
NodePtr make_call_node(const Expression& expression, Children children);
NodePtr make_cast_node(const Expression& expression, Children children);
// Calls `function` (two arguments, a boolean result) on columns that were computed already.
Status call_equals(Evaluation& evaluation, const Expression& expression, const Batch& batch,
                   Selection rows, const mortise_column_t* arguments, const mortise_type_t* types,
                   ColumnBuffer& result);

// boolean.cpp
NodePtr make_junction_node(bool is_or, Children children);
NodePtr make_negation_node(Children children);
NodePtr make_is_null_node(bool is_negated, Children children);
NodePtr make_is_boolean_node(Truth truth, bool is_negated, Children children);
// Rows whose boolean is valid and equals `wanted`.
uint32_t rows_where(const mortise_column_t& column, Selection rows, bool wanted, uint16_t* out);

// conditional.cpp
NodePtr make_case_node(Children children);
NodePtr make_coalesce_node(Children children);
NodePtr make_nullif_node(const Expression& expression, Children children);
NodePtr make_extreme_node(bool is_greatest, Children children);
NodePtr make_distinct_node(const Expression& expression, Children children);

// widen.cpp: from the child's physical form to the node's, which holds all of its values
NodePtr make_widen_node(Children children);

// in_list.cpp
NodePtr make_in_list_node(const Expression& expression, Children children);

// array.cpp
NodePtr make_array_node(const Expression& expression, Children children);
NodePtr make_subscript_node(const Expression& expression, Children children);
// `program`: the element expression over (element, value beside it).
NodePtr make_elements_node(const Expression& expression, std::shared_ptr<const Program> program,
                           Children children);

// subquery.cpp
NodePtr make_array_subquery_node(std::shared_ptr<const Fragment> fragment,
                                 const mortise_type_t& element, Children outer);
NodePtr make_scalar_subquery_node(std::shared_ptr<const Fragment> fragment, Children outer);
NodePtr make_exists_node(std::shared_ptr<const Fragment> fragment, bool is_negated, Children outer);
NodePtr make_quantified_node(std::shared_ptr<const Fragment> fragment, bool is_all, bool is_negated,
                             Children outer);

}  // namespace mortise::sql_engine
