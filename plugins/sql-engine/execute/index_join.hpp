// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a small input joined to a large table that has an index on the key?
//
// For each batch of the left input all keys are looked up at once, the rows found are fetched by
// id, and those whose visible version has another key are dropped (index.h says why an entry may be
// stale). Conditions on the table and the rest of the join's condition are tested on what is left.
//
// Invariants
//   N1  A pair of a left row and a table row is looked at once, however many entries name it.
//   N2  Left rows with a null key have no match.
//
// Threads: as operator.hpp; several workers share the left input.

#include "execute/expression/program.hpp"

namespace mortise::sql_engine {

class IndexJoin final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override { return inputs[0]->workers_max(run); }
  std::string name() const override;
  std::vector<std::string> details() const override;

  JoinType join_type = JoinType::inner;  // inner, left, semi or anti
  RelationPtr relation;
  std::string alias;
  uint32_t index_position = 0;
  Program keys;                   // over the left; root k is for key column k of the index
  std::vector<uint32_t> fetched;  // table columns; the key columns come first
  std::vector<mortise_type_t> fetched_types;
  bool has_row_id = false;        // then the row id follows what is fetched
  Program condition;              // over left ++ fetched (++ row id); empty = true
  std::vector<uint32_t> columns;  // result: places in the same
  std::string keys_text;
  std::string condition_text;
};

}  // namespace mortise::sql_engine
