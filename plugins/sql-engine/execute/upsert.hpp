// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does INSERT ... ON CONFLICT decide between storing, leaving and changing?
//
// Row by row: the arbiter indexes are asked for a living row with an equal key.  If there is none
// the row is stored; should an equal key have come in between, the stored row is taken back and the
// question is asked again.  If there is one, DO NOTHING passes on, DO UPDATE locks it and changes
// its newest version.
//
// Invariants
//   Z1  A row that this statement has stored or changed is not changed again: 21000.
//   Z2  Above READ COMMITTED a row that the snapshot does not see ends the statement: 40001.
//
// Threads: one cursor.

#include "execute/change.hpp"

namespace mortise::sql_engine {

class UpsertOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Insert on " + stored.relation->name(); }
  std::vector<std::string> details() const override {
    return {updates ? "Conflict Resolution: UPDATE" : "Conflict Resolution: NOTHING"};
  }

  StoredRow stored;
  std::vector<int32_t> source;     // place in the input of each table column, -1 = dropped
  std::vector<uint32_t> shown;     // table columns of the result
  std::vector<uint32_t> arbiters;  // positions in relation->indexes
  bool updates = false;
  // Over the input's columns and then the existing row's, one per table column.
  std::vector<uint32_t> assigned;  // table columns
  Program assignments;
  bool has_condition = false;
  Program condition;
  std::vector<uint32_t> generated;  // table columns
  Program generated_values;         // over the changed row
};

}  // namespace mortise::sql_engine
