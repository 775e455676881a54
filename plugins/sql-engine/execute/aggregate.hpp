// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are rows grouped and aggregated?
//
// A linear-probing table of 8-byte entries (48 bits pointer, 16 bits of the hash as a salt) over
// rows of keys and aggregate states.  A batch is hashed, matched against the table column by
// column, and each aggregate then gets one call with a state pointer per row.  Every worker fills a
// table of its own; the tables are merged by radix partitions of the hash, in parallel.
//
// Without groups there is one row of states and no table.  DISTINCT within a call keeps a set of
// (group, arguments) per call; ORDER BY within a call keeps and sorts the group's rows.  Grouping
// sets aggregate once per set.
//
// Invariants
//   A1  A group's states are made by one worker at a time: no two workers write to one row.
//   A2  Groups come out in no order.
//
// Threads: as operator.hpp.

#include "execute/expression/program.hpp"
#include "execute/vector/row_store.hpp"

namespace mortise::sql_engine {

struct LoweredAggregate {
  const mortise_function_t* function = nullptr;
  std::shared_ptr<const BoundState> state;
  uint32_t arguments_begin = 0;  // roots of the operator's program
  uint32_t arguments_count = 0;
  std::vector<mortise_type_t> argument_types;
  int32_t filter = -1;  // root, -1 = none
  bool is_distinct = false;
  struct Key {
    uint32_t root = 0;
    bool is_descending = false;
    bool is_nulls_first = false;
  };
  std::vector<Key> order;
  mortise_type_t type{};

  const void* bound() const { return state ? state->get() : nullptr; }
};

class AggregateOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override;
  std::string name() const override;
  std::vector<std::string> details() const override;

  Program program;            // group keys first, then arguments, filters, order keys
  uint32_t groups_count = 0;  // roots 0 .. groups_count-1
  std::vector<LoweredAggregate> calls;
  // Grouping sets: group indexes that count; empty = one set of all.
  std::vector<std::vector<uint32_t>> sets;
  std::vector<std::vector<uint32_t>> grouping;  // GROUPING(...) columns, by group index
  std::string groups_text;
  // Columns: groups, calls, grouping.
};

}  // namespace mortise::sql_engine
