// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which stored texts (views, defaults, checks, generated columns) name a relation or a
// column of it, and how do they follow when its name changes?
//
// Stored texts are SQL whose names mean the same for every reader.  What refers to what is read out
// of the text whenever somebody wants to change or drop the thing; a view also keeps the ids of the
// relations that it names.
//
// Invariants
//   V1  A name without a schema in a stored text is of pg_catalog or public.
//   V2  A stored text has no `*` in place of columns: a view keeps its columns.
//   V3  After a rename every dependent view has been bound again and has the columns that it had.
//
// Threads: the session's; [worker].

#include <map>
#include <string>
#include <vector>

#include "ddl/ddl.hpp"

namespace mortise::sql_engine {

// Binds a view's query.  `is_stored`: V1 holds for it, else names are those of the session.
Result<LogicalPlan> read_query(DdlRun& ddl, const std::string& text, bool is_stored,
                               std::vector<Reference>& references);
// The same for an expression on a table's columns (null for a default).
Result<std::vector<Reference>> read_expression(DdlRun& ddl, const std::string& text,
                                               const Relation* relation, Clause clause,
                                               bool is_stored);

// A text with its names resolved (V1, V2).
Result<std::string> resolved_text(DdlRun& ddl, const std::string& text,
                                  const std::vector<Reference>& references);
// For a default, check or generated column that has just been written down.
Result<std::string> resolved_expression(DdlRun& ddl, const std::string& text,
                                        const Relation* relation, Clause clause);
std::vector<mortise_object_id_t> relations_of(const std::vector<Reference>& references);

// "public" is left out where V1 allows it.
std::string shown_name(std::string_view schema, std::string_view name);

// New names of relations, and of one column.
struct Renames {
  struct Name {
    std::string schema;
    std::string name;
    std::string old_name;
  };
  std::map<mortise_object_id_t, Name> relations;
  mortise_object_id_t column_of = 0;
  uint32_t attribute = 0;
  std::string column;
  std::string old_column;
};

// Texts that a rename changes: read before it, stored after it.
class Followers {
 public:
  static Result<Followers> find(DdlRun& ddl, const Renames& renames);
  Status store(DdlRun& ddl);

 private:
  struct View {
    mortise_object_id_t id;
    std::string query;
  };
  struct Default {
    mortise_object_id_t table;
    uint32_t column;
    std::string text;
  };
  std::vector<View> views_;
  std::vector<Default> defaults_;
};

// Views whose texts name the relation.
Result<std::vector<schema::RelationDef>> views_on(DdlRun& ddl, mortise_object_id_t relation);
// Those that name the column.
Result<std::vector<schema::RelationDef>> views_on_column(DdlRun& ddl, mortise_object_id_t relation,
                                                         uint32_t attribute);
// The views on a relation can still be bound, with the columns that they have.
Result<std::string> first_broken_view(DdlRun& ddl, mortise_object_id_t relation);

// A column whose default names a sequence.
struct DefaultUse {
  mortise_object_id_t table = 0;
  uint32_t column = 0;
  std::string table_name;
  std::string column_name;
};
Result<std::vector<DefaultUse>> defaults_on(DdlRun& ddl, mortise_object_id_t sequence,
                                            std::string_view sequence_name);
// Generated columns that read a column, by position.
Result<std::vector<uint32_t>> generated_on(DdlRun& ddl, const Relation& relation, uint32_t column);

}  // namespace mortise::sql_engine
