// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do whole results meet: union, intersection, difference, WITH, recursion?
//
// DISTINCT is an aggregate without calls (plan/lower.cpp); DISTINCT ON and the set operations keep
// a GroupTable of whole rows with two counts each.
//
// Threads: as operator.hpp.

#include "execute/expression/program.hpp"
#include "execute/vector/rows_kept.hpp"

namespace mortise::sql_engine {

// UNION ALL: the inputs, one after the other.  Input i's column for result column c stands at
// columns[i][c].
class AppendOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Append"; }

  std::vector<std::vector<uint32_t>> columns;
};

// UNION, INTERSECT [ALL], EXCEPT [ALL] of two inputs.
class SetOperationOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override;

  SetOperationType operation = SetOperationType::unite;
  bool is_all = false;
  std::vector<uint32_t> columns[2];
};

// DISTINCT ON: the first row of each group, as they come.
class DistinctOnOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Unique"; }

  Program keys;
};

// WITH: keeps inputs[0] under a number, then shows inputs[1].
class CommonTableOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override { return open_cursor(run, *inputs[1]); }
  uint32_t workers_max(Run& run) const override { return inputs[1]->workers_max(run); }
  std::string name() const override { return "CTE " + table_name; }

  uint32_t number = 0;
  std::string table_name;
};

// inputs[0] once; then `step` until it adds nothing, reading the last round's rows under `number`.
class RecursiveUnionOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Recursive Union"; }

  uint32_t number = 0;
  bool is_all = true;
  std::shared_ptr<const Fragment> step;
  std::vector<uint32_t> outer_slots;  // slot of this run that gives each outer slot of `step`
  std::vector<uint32_t> columns[2];
};

}  // namespace mortise::sql_engine
