// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do existing rows get another shape?
//
// The table's storage is made anew with the new columns, a plan copies every row through the
// conversion, the old storage is dropped and the indexes are built again: all in the transaction,
// under a lock that keeps everybody out.
//
// Threads: the session's; [worker].

#include "ddl/ddl.hpp"

namespace mortise::sql_engine {

// ALTER COLUMN ... TYPE.
Status change_column_type(DdlRun& ddl, mortise_object_id_t id, Node command);
// Computes a column that has just been added (or its default) for all rows.
Status fill_column(DdlRun& ddl, mortise_object_id_t id, uint32_t column);
Status set_not_null(DdlRun& ddl, mortise_object_id_t id, const std::string& name);

// The value of an expression without columns, through the executor.
Result<Datum> value_of(DdlRun& ddl, ExpressionPtr e, Binder& binder);
// As ColumnDef::missing_value stores it.
std::string bytes_of(const Datum& value);
// A stored expression with one column under another name.
Result<std::string> rename_in_text(DdlRun& ddl, const std::string& text, std::string_view old_name,
                                   std::string_view new_name);
Result<mortise_object_id_t> role_id(DdlRun& ddl, std::string_view name);

}  // namespace mortise::sql_engine
