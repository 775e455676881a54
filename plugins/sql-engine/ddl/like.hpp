// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does CREATE TABLE (LIKE other INCLUDING ...) take over?
//
// Columns with NOT NULL always; by INCLUDING: defaults, generated expressions, identity (a sequence
// of its own with the other's options), checks, indexes with the keys behind them, comments.
//
// Threads: the session's; [worker].

#include <map>
#include <vector>

#include "ddl/ddl.hpp"

namespace mortise::sql_engine {

// What is made once the table is there.
struct LikeParts {
  struct Index {
    IndexRequest request;
    char constraint_kind = 0;  // 'p', 'u', or 0
    std::string comment;
  };
  struct Check {
    schema::ConstraintDef definition;
    std::string comment;
  };
  std::vector<Check> checks;
  std::vector<Index> indexes;
  std::map<uint32_t, std::string> comments;           // by the new column's position
  std::map<uint32_t, schema::SequenceDef> sequences;  // of identity columns, likewise
};

// Adds the columns of the other table to `definition`.
Status add_like(DdlRun& ddl, Node element, schema::RelationDef& definition, LikeParts& parts);
Status finish_like(DdlRun& ddl, mortise_object_id_t table, LikeParts parts);

}  // namespace mortise::sql_engine
