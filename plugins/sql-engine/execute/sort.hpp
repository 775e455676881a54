// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are rows put in order?
//
// `SortOperator` keeps all rows in row stores, sorts (prefix, pointer) pairs, by prefix first and
// by the rows where prefixes are equal, and reads the columns back in order.  Workers sort what
// they collected; the sorted runs are merged as they are read.  With a limit known (`rows_max`),
// each worker keeps a heap of that many rows only: top-N.
//
// Invariants
//   S1  Rows that are equal in all keys come in no particular order.
//
// Threads: as operator.hpp.

#include "execute/expression/program.hpp"
#include "execute/project.hpp"
#include "execute/sort_order.hpp"

namespace mortise::sql_engine {

class SortOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Sort"; }
  std::vector<std::string> details() const override { return {"Sort Key: " + keys_text}; }

  struct Key {
    bool is_descending = false;
    bool is_nulls_first = false;
  };
  Program key_program;  // one root per key
  std::vector<Key> keys;
  // Result: places in the input.
  std::vector<uint32_t> columns;
  // A bound on the rows wanted: limit + offset of the Limit above, as its program says.
  Program bounds;
  bool has_limit = false;
  bool has_offset = false;
  std::string keys_text;
};

}  // namespace mortise::sql_engine
