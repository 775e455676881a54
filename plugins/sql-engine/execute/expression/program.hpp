// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a bound expression computed for a batch?
//
// `compile` turns expressions into a `Program`: nodes that know the place of every column.  A
// Program is immutable and shared; an `Evaluation` is one worker's memory for it: a buffer per
// node, an arena for long strings, scratch selections.  Nodes answer whole columns; values count at
// the selected rows only.
//
// Boolean operators work by selection: the second operand of AND is asked about rows that are not
// yet false, that of OR about rows that are not yet true (F2 of functions.h holds by construction,
// and a guard such as "b <> 0 AND a / b > 1" works).  CASE and COALESCE likewise.
//
// Invariants
//   G1  A node is evaluated for at least one row, or not at all.
//   G2  A result is valid until the Evaluation's next begin(), constants as long as the program.
//   G3  Equal subexpressions without volatile calls share a node; its result is kept for the batch
//       when it was computed for all of the batch's rows.
//
// Threads: Program read-only; an Evaluation belongs to one worker.

#include <memory>
#include <span>
#include <vector>

#include "execute/operator.hpp"
#include "plan/expression.hpp"

namespace mortise::sql_engine {

struct Selection {
  const uint16_t* rows = nullptr;  // null: 0 .. count-1
  uint32_t count = 0;
  uint32_t row(uint32_t i) const { return rows == nullptr ? i : rows[i]; }
};

inline Selection selection_of(const Batch& batch) {
  return {batch.selection, batch.selected_count};
}

class Evaluation;

class Node {
 public:
  virtual ~Node() = default;
  virtual Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                          mortise_column_t* result) const = 0;
  // Rows for which a boolean node is true, in ascending order.  `out` may be what `rows` points to.
  virtual Status select(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                        uint32_t* count) const;
  virtual bool is_constant_node() const { return false; }

  mortise_type_t type{};
  uint32_t slot = 0;
  bool is_shared = false;
};

class Program {
 public:
  Program() = default;
  Program(Program&&) noexcept = default;
  Program& operator=(Program&&) noexcept = default;

  uint32_t roots_count() const { return static_cast<uint32_t>(roots_.size()); }
  const Node& root(uint32_t index) const { return *roots_[index]; }
  const mortise_type_t& type(uint32_t index) const { return roots_[index]->type; }
  uint32_t slots_count() const { return static_cast<uint32_t>(nodes_.size()); }
  bool is_empty() const { return roots_.empty(); }
  // Place of the input column that root `index` passes on, or -1.
  int32_t plain_column(uint32_t index) const;

 private:
  friend class Compiler;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<const Node*> roots_;
  std::vector<ExpressionPtr> owned_;  // what the nodes point into
};

// What expressions may refer to.
struct Scope {
  std::span<const ColumnId> inputs;    // places in the batch
  const Fragment* fragment = nullptr;  // its `outer` columns
  // Makes plans of subqueries; see plan/physical.hpp.
  std::function<Result<std::unique_ptr<Fragment>>(const Subquery&, const Expression* test)>
      lower_subquery;
};

// Copies the expressions and makes them computable.
Result<Program> compile(std::span<const Expression* const> expressions, const Scope& scope);
Result<Program> compile(const Expression& expression, const Scope& scope);
// The same, with root i widened to physical form `forms[i]` (common_form of two keys).
Result<Program> compile_as(std::span<const Expression* const> expressions,
                           std::span<const mortise_type_t> forms, const Scope& scope);

// The form in which values of two types can be compared by their bytes' order, if "=" (or another
// comparison `function`) of the two means that; false if it does not.
bool common_form(const mortise_function_t& function, const mortise_type_t& left,
                 const mortise_type_t& right, mortise_type_t* form);

// Memory of one worker for one program.
class Evaluation {
 public:
  Evaluation(Run& run, const Program& program);

  // Starts a batch: results of the last one end.
  void begin();
  // Computes root `index` for the selected rows of a batch.
  Status evaluate(uint32_t index, const Batch& batch, mortise_column_t* result);
  // Narrows a batch to the rows for which root `index` is true.  `selection` holds kBatchRows.
  Status filter(uint32_t index, Batch& batch, uint16_t* selection);

  // For nodes.
  Run& run() { return run_; }
  Arena& arena() { return arena_; }
  const mortise_evaluation_t& abi() const { return abi_; }
  Result<ColumnBuffer*> buffer(const Node& node);
  std::vector<mortise_column_t>& columns(const Node& node) { return slots_[node.slot].columns; }
  std::shared_ptr<void>& memory_of(const Node& node) { return slots_[node.slot].memory; }
  Status evaluate(const Node& node, const Batch& batch, Selection rows, mortise_column_t* result);

  // Scratch for kBatchRows row numbers, given back by the lease's end.
  class Lease {
   public:
    explicit Lease(Evaluation& evaluation) : evaluation_(evaluation) {
      if (evaluation.free_.empty()) {
        rows_ = std::make_unique<uint16_t[]>(kBatchRows);
      } else {
        rows_ = std::move(evaluation.free_.back());
        evaluation.free_.pop_back();
      }
    }
    ~Lease() { evaluation_.free_.push_back(std::move(rows_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    uint16_t* get() { return rows_.get(); }

   private:
    Evaluation& evaluation_;
    std::unique_ptr<uint16_t[]> rows_;
  };

 private:
  struct Slot {
    ColumnBuffer buffer;
    std::vector<mortise_column_t> columns;
    std::shared_ptr<void> memory;  // what a node keeps between batches
    mortise_column_t result{};
    uint64_t generation = 0;
  };
  Run& run_;
  const Program& program_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<uint16_t[]>> free_;
  uint64_t generation_ = 0;
  Selection whole_;
};

// True if `function` is PostgreSQL's comparison `symbol` ("=", "<", ...) of two types whose values
// compare as their physical forms do (types.h), and the forms are the same.
bool is_physical_comparison(const mortise_function_t& function, const mortise_type_t& left,
                            const mortise_type_t& right);

// Copies the selected rows of a column to the same rows of a buffer.
void copy_rows(const mortise_column_t& source, Selection rows, ColumnBuffer& target);

}  // namespace mortise::sql_engine
