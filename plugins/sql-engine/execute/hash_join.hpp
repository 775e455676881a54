// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are two inputs joined by equal keys?
//
// The right input is kept as rows in a hash table: a directory of pointers, 16 bits of each a small
// Bloom filter over the hashes of its chain (after Leis et al. 2014), so that most misses cost one
// load.  The left input is probed batch by batch; each round finds for every row that is still
// looking its next match.  The first round's answer is the probe batch itself under a selection,
// with the right side's columns gathered beside it: joins to a unique key copy nothing of the left.
//
// Invariants
//   J1  Rows whose key has a null are in no chain; they are kept only where they must be shown
//       (right, full).
//   J2  For `semi`, `anti`, `anti_nulls` and `mark` a left row leaves at most once.
//   J3  `anti_nulls` and `mark` have one key and no residual condition: with more, SQL's unknowns
//       need the nested loop.
//   J4  What a join tells a scan below its left side leaves out only rows that find no partner, and
//       only where nobody between the two misses them.
//
// Threads: the table is built by several workers and read by all; right and full probe with one.
// With is_right_only all workers probe before anything is shown.

#include "execute/expression/program.hpp"
#include "execute/vector/row_store.hpp"

namespace mortise::sql_engine {

// Where a column of a join's result comes from.
struct JoinColumn {
  bool is_left = true;
  uint32_t place = 0;  // left: of the input; right: in the hash table's rows
};

class HashJoin final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override;
  std::string name() const override;
  std::vector<std::string> details() const override;

  bool keeps_unmatched_right() const {
    return join_type == JoinType::right || join_type == JoinType::full ||
           (is_right_only && join_type == JoinType::anti);
  }
  bool marks_right() const { return keeps_unmatched_right() || is_right_only; }

  JoinType join_type = JoinType::inner;
  // semi and anti the other way round: the right side's rows are shown, by whether a left row
  // matches. For a small side that is kept and a large one that is only asked.
  bool is_right_only = false;
  Program left_keys;
  Program right_keys;
  // Rows of the hash table: keys first, then columns right_kept[i] of the right input.
  std::vector<mortise_type_t> row_types;
  std::vector<uint32_t> right_kept;
  // Over: the left input's columns, then the row's columns right_kept.
  Program residual;
  bool has_residual = false;
  std::vector<JoinColumn> columns;  // of the result; for `mark` one more follows
  // Keys that a scan on the left can be told about before it reads.
  struct KeyFilterOffer {
    uint32_t key = 0;
    uint32_t number = 0;  // of the run's filters
    double scan_rows = 0;
  };
  std::vector<KeyFilterOffer> key_filters;
  std::string keys_text;
  std::string residual_text;
};

std::string join_name(std::string_view method, JoinType type);

}  // namespace mortise::sql_engine
