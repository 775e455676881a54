// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do stored rows come into a pipeline?
//
// `TableScan` reads a whole table, with simple conditions handed to the table engine (filter.h);
// several cursors share the table's parts.  `IndexScan` reads a range of an index, fetches the rows
// and drops those whose visible version has another key than the entry (index.h says why).
//
// Threads: as operator.hpp.

#include <atomic>

#include "execute/expression/program.hpp"
#include "execute/operator.hpp"

namespace mortise::sql_engine {

// A condition of filter.h whose values are computed when the run starts.
struct PushedFilter {
  uint32_t column = 0;  // of the table
  uint32_t operation = MORTISE_FILTER_EQ;
  uint32_t values_begin = 0;  // roots of the scan's `values` program
  uint32_t values_count = 0;
  mortise_type_t type{};  // of the column
};

// Filters with their values, for one run.
class FilterValues {
 public:
  // False if some filter can never pass because its value is null.
  Result<bool> build(Run& run, const Program& values, std::span<const PushedFilter> filters);
  // A filter more; `bloom` is borrowed.
  void add(uint32_t column, const mortise_bloom_t& bloom) {
    filters_.push_back({column, MORTISE_FILTER_BLOOM, &bloom, 1, 0});
  }
  std::span<const mortise_filter_t> filters() const { return filters_; }

 private:
  std::unique_ptr<Evaluation> evaluation_;
  std::vector<std::vector<uint8_t>> bytes_;
  std::vector<mortise_filter_t> filters_;
};

// Computes a program that reads no input column: one constant column per root.
Status evaluate_constants(Evaluation& evaluation, const Program& program,
                          std::vector<mortise_column_t>& columns);

class TableScan final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  uint32_t workers_max(Run& run) const override;
  std::string name() const override;
  std::vector<std::string> details() const override { return filter_texts; }

  RelationPtr relation;
  std::string alias;
  std::vector<uint32_t> columns;  // of the table
  bool has_row_id = false;        // then the last output is the row id
  std::vector<PushedFilter> filters;
  Program values;
  std::vector<std::string> filter_texts;
  struct KeyFilterUse {
    uint32_t column = 0;  // of the table
    uint32_t number = 0;  // of the run's filters
  };
  std::vector<KeyFilterUse> key_filters;
};

// A bound of an index range: roots of `values` for the leading key columns.
struct IndexRange {
  uint32_t equal_count = 0;  // values 0 .. equal_count-1 are equalities
  int32_t lower = -1;        // root of the next key column's lower bound, -1 = none
  int32_t upper = -1;
  bool is_lower_inclusive = true;
  bool is_upper_inclusive = true;
  bool is_next_not_null = false;  // rows with a null in the next key column do not count
};

class IndexScan final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override;
  std::vector<std::string> details() const override { return condition_texts; }

  RelationPtr relation;
  std::string alias;
  uint32_t index_position = 0;  // in relation->indexes
  std::vector<uint32_t> columns;
  bool has_row_id = false;
  IndexRange range;
  bool is_backward = false;
  Program values;
  std::vector<std::string> condition_texts;
};

// Reads rows by id and keeps those whose key, encoded by the index, is the entry's.
class CheckedFetch {
 public:
  ~CheckedFetch();
  Status open(Run& run, const Relation& relation, const IndexInfo& index,
              std::span<const uint32_t> columns);
  // `out` has the columns asked for; its selection leaves out stale and invisible rows.
  Status fetch(const mortise_batch_t& entries, Batch& out);

 private:
  Run* run_ = nullptr;
  const Relation* relation_ = nullptr;
  const IndexInfo* index_ = nullptr;
  mortise_table_scan_t* fetch_ = nullptr;
  uint32_t columns_count_ = 0;
  std::vector<uint32_t> key_places_;  // of the index columns in what is fetched
  std::vector<mortise_type_t> key_types_;
  std::vector<mortise_view_t> encoded_;
  std::vector<uint16_t> selection_;
  Arena arena_;
};

}  // namespace mortise::sql_engine
