// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are rows narrowed and columns computed on their way through a pipeline?
//
// Filter, Project and Limit keep no rows: their cursors pass batches on, with another selection or
// other columns.
//
// Threads: as operator.hpp.

#include "execute/expression/program.hpp"

namespace mortise::sql_engine {

class FilterOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override { return inputs[0]->workers_max(run); }
  std::string name() const override { return "Filter"; }
  std::vector<std::string> details() const override { return {"Filter: " + text}; }

  Program condition;
  std::string text;
};

class ProjectOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override { return inputs[0]->workers_max(run); }
  std::string name() const override { return "Project"; }

  Program expressions;  // one root per column
};

class LimitOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Limit"; }

  Program bounds;  // [limit][offset], as has_* say
  bool has_limit = false;
  bool has_offset = false;
  bool is_with_ties = false;
  Program tie_keys;  // over the input's columns
};

// The numbers of LIMIT and OFFSET for this run; UINT64_MAX and 0 when there are none.
struct LimitBounds {
  uint64_t limit = UINT64_MAX;
  uint64_t offset = 0;
};
Result<LimitBounds> evaluate_limit(Run& run, const Program& bounds, bool has_limit,
                                   bool has_offset);

}  // namespace mortise::sql_engine
