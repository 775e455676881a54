// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: with which SQL text would an object be defined again?
//
// The texts of PostgreSQL's pg_get_indexdef, pg_get_constraintdef, pg_get_expr and pg_get_viewdef,
// blank for blank: drivers take them apart.  Expressions are those that the definition stored;
// what PostgreSQL's parser makes visible in a literal ('none'::text, '-1'::integer) is added here.
//
// Threads: one; [worker].

#include <string>
#include <string_view>

#include "catalog/objects.hpp"
#include "definition/expression_text.hpp"

namespace mortise::sql_catalog {

// The text of a column's default or generation expression; "" if it has none.
Result<std::string> default_text(Objects& objects, const schema::ColumnDef& column);

// CREATE INDEX, or one column of it (from 1); "" for a column that is not there.
Result<std::string> index_text(Objects& objects, const IndexDef& index, uint32_t column,
                               bool is_pretty);
// The name of an index's column in pg_attribute.
std::string index_column_name(const RelationDef& relation, const IndexDef& index, size_t position);

Result<std::string> constraint_text(Objects& objects, const ConstraintDef& constraint,
                                    bool is_pretty);

// The query of a view, with its semicolon.
std::string view_text(const RelationDef& view);

}  // namespace mortise::sql_catalog
