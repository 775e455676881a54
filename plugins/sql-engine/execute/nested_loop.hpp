// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are two inputs joined when there is no equality to hash on?
//
// `NestedLoop` keeps the right input and tests every left batch against each of its rows, the right
// row's values standing as constants: a cross join with one row copies nothing.  `LateralJoin` runs
// the right side anew for every left row.
//
// Threads: as operator.hpp.  Right and full join with one worker.

#include "execute/expression/program.hpp"
#include "execute/vector/rows_kept.hpp"

namespace mortise::sql_engine {

class NestedLoop final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override;
  std::string name() const override;
  std::vector<std::string> details() const override;

  bool keeps_unmatched_right() const {
    return join_type == JoinType::right || join_type == JoinType::full;
  }

  JoinType join_type = JoinType::inner;
  bool has_condition = false;
  Program condition;  // over the left's columns, then the right's
  std::string condition_text;
  // Result: places in left ++ right; for `mark` one more column follows.
  std::vector<uint32_t> columns;
};

class LateralJoin final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override;

  JoinType join_type = JoinType::inner;  // inner, cross or left
  std::shared_ptr<const Fragment> right;
  // The value of each outer slot of `right`: a place in the left input, or a slot of the run's own.
  struct Outer {
    bool is_left = true;
    uint32_t place = 0;
  };
  std::vector<Outer> outer;
  bool has_condition = false;
  Program condition;
  std::vector<uint32_t> columns;
};

}  // namespace mortise::sql_engine
