// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where else do rows come from than from stored tables?
//
// System relations, set-returning functions, lists of values, rows that a CTE or a recursion keeps.
//
// Threads: as operator.hpp.

#include "execute/expression/program.hpp"
#include "execute/vector/rows_kept.hpp"

namespace mortise::sql_engine {

class SystemViewScan final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override;

  const mortise_sysview_t* view = nullptr;
  std::string alias;
  std::vector<uint32_t> columns;
  // Equalities that the view may use; they are tested above anyway.  Root i of `values` is for
  // column hints[i].
  std::vector<uint32_t> hints;
  Program values;
};

// A set-returning call, ready to be opened for one row of arguments.
struct LoweredCall {
  const mortise_function_t* function = nullptr;
  std::shared_ptr<const BoundState> state;
  uint32_t arguments_begin = 0;  // roots of the operator's program
  uint32_t arguments_count = 0;
  std::vector<mortise_type_t> argument_types;
  std::vector<mortise_type_t> types;  // of its columns
};

// The rows of one set-returning call, one after the other.
class SetReader {
 public:
  SetReader(Run& run, const LoweredCall& call);
  ~SetReader() { close(); }
  // Arguments are row 0 of the columns.
  Status start(const mortise_column_t* arguments);
  // Puts the next row's values into row `row` of the buffers; false when there is none.
  Result<bool> next_row(std::span<ColumnBuffer> targets, uint32_t row, Arena& heap);

 private:
  void close();
  Status scalar(const mortise_arguments_t& arguments);

  Run& run_;
  const LoweredCall& call_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  void* cursor_ = nullptr;
  mortise_batch_t batch_{};
  uint32_t at_ = 0;
  bool is_at_end_ = true;
  ColumnBuffer scalar_;
  mortise_column_t scalar_column_{};
  mortise_type_t scalar_type_{};
};

class FunctionScan final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override;

  std::vector<LoweredCall> calls;
  bool has_ordinality = false;  // then the last column is the row's number
  std::string alias;
  Program arguments;
};

// Calls of a select list: rows of the input, repeated.
class ProjectSetOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "ProjectSet"; }

  std::vector<LoweredCall> calls;
  Program arguments;
  std::vector<uint32_t> passed;  // places of the input's columns that go on, first
};

class ValuesScan final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return rows_count == 1 ? "Result" : "Values Scan"; }

  uint32_t rows_count = 1;
  Program values;  // row by row
};

// Reads what Run::keep holds under a number.
class KeptScan final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return title + " on " + kept_name; }

  uint32_t number = 0;
  std::vector<uint32_t> columns;  // places in the kept rows
  std::string title;
  std::string kept_name;
};

}  // namespace mortise::sql_engine
