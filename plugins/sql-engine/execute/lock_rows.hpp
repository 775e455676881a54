// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do SELECT ... FOR UPDATE and its kin hold on to what they show?
//
// Every row is locked before it is passed on.  One that others changed since the snapshot is read
// again in its newest version and has to pass the statement's condition again (READ COMMITTED), or
// ends the statement with 40001.
//
// Invariants
//   K1  Below a LIMIT one row is locked per pull, so that none is locked that is not shown.
//
// Threads: one cursor.

#include "execute/expression/program.hpp"

namespace mortise::sql_engine {

class LockRowsOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "LockRows"; }

  struct Target {
    RelationPtr relation;
    uint32_t row_id_place = 0;
    uint32_t strength = MORTISE_ROW_LOCK_UPDATE;
    uint32_t wait = MORTISE_WAIT;
    std::vector<int32_t> places;  // in the input, per table column; -1 = not carried
  };
  std::vector<Target> targets;
  bool has_recheck = false;
  Program recheck;
  bool is_one_at_a_time = false;  // K1
};

}  // namespace mortise::sql_engine
