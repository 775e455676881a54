// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a physical operator, and how does a run pull rows through it?
//
// A plan is a tree of immutable `Operator`s, shared by all its runs.  A `Run` is one execution: it
// holds what the operators' cursors share (hash tables, the next morsel).  A `Cursor` is one
// worker's place in a pipeline.  Cursors are pulled; parallelism comes from opening several cursors
// on the same operator, which divide its source's morsels among them: that gives what pushing
// morsels gives (Leis et al., "Morsel-driven parallelism", 2014), and lets a portal stop and go on
// between two batches, which pushing does not.
//
// A run goes: `prepare` bottom up (blocking operators drain their inputs there, with as many
// workers as the input allows), then cursors are opened and pulled.
//
// Invariants
//   P1  Operators never change after planning; everything that a run changes stands in
//       OperatorState (shared by its cursors) or in a Cursor (one worker's).
//   P2  prepare is called by one thread, before any cursor of the operator is opened.
//   P3  A cursor's batch has the operator's columns in order, at most kBatchRows rows, and is valid
//       until the cursor's next call.  It is never without selected rows.
//   P4  Only operators whose `workers_max` says so have several cursors at a time.
//
// Threads: Operator read-only; Run's shared parts as each says; a Cursor belongs to one worker.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "execute/vector/batch.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/iface/simd.h"
#include "plan/execution.hpp"
#include "plan/logical.hpp"

namespace mortise::sql_engine {

class Run;

class Cursor {
 public:
  virtual ~Cursor() = default;
  // False at the end; `out` is then unspecified.
  virtual Result<bool> next(Batch& out) = 0;
};
using CursorPtr = std::unique_ptr<Cursor>;

struct OperatorState {
  virtual ~OperatorState() = default;
};

class Operator {
 public:
  virtual ~Operator() = default;

  // Empties or makes what the cursors share and runs what has to be done before rows can flow.  The
  // default prepares the inputs.
  virtual Status prepare(Run& run) const;
  virtual Result<CursorPtr> open(Run& run) const = 0;
  // How many cursors may share the work; 1 = one only.  Called after prepare.
  virtual uint32_t workers_max(Run& run) const;

  // EXPLAIN: "Hash Join", and lines like "Hash Cond: (a = b)".
  virtual std::string name() const = 0;
  virtual std::vector<std::string> details() const { return {}; }

  uint32_t columns_count() const { return static_cast<uint32_t>(types.size()); }

  std::vector<std::unique_ptr<Operator>> inputs;
  std::vector<ColumnId> ids;          // of the columns
  std::vector<mortise_type_t> types;  // likewise
  std::vector<uint16_t> physical;     // types[i].physical
  uint32_t index = 0;                 // among the operators of its fragment
  double rows_estimate = 1000;
  double cost_estimate = 0;
  // False: EXPLAIN passes it over, because what it tests is said by its input already.
  bool is_shown = true;

  void set_columns(std::vector<ColumnId> column_ids, std::vector<mortise_type_t> column_types);
};
using OperatorPtr = std::unique_ptr<Operator>;

// A tree that is run as one: the statement's, or that of a subquery that is run again and again
// with other values of the columns around it.
struct Fragment {
  OperatorPtr root;
  uint32_t operators_count = 0;
  uint32_t key_filters_count = 0;
  std::vector<ColumnId> outer;  // place = slot in Run::outer
  std::vector<mortise_type_t> outer_types;
};

// A Bloom filter; without words it lets all pass.
struct KeyFilter {
  Block words;
  mortise_bloom_t bloom{nullptr, 0};
};

// A relation that a CTE left behind or that a recursion works on.
class RowsKept;

// Tells where a row came from, if its reader knows; `row` as in the batch that the reader gave.
class RowOrigin {
 public:
  virtual Status located(Status failure, uint32_t row) const = 0;

 protected:
  ~RowOrigin() = default;
};

class Run {
 public:
  Run(const ExecutionContext& context, const Fragment& fragment, Run* parent);

  const ExecutionContext& context() const { return context_; }
  const Services& services() const { return *context_.services; }
  const Memory& memory() const { return memory_; }
  const Fragment& fragment() const { return fragment_; }
  uint32_t workers_max() const { return workers_max_; }
  void set_workers_max(uint32_t workers) { workers_max_ = workers; }
  mortise_read_view_t view() const { return context_.view; }

  // 57014 once the statement was cancelled.  Looked at once per batch.
  Status check_interrupt() const;

  template <typename State>
  State& state(const Operator& op) {
    return *static_cast<State*>(states_[op.index].get());
  }
  template <typename State>
  const State* find_state(const Operator& op) const {
    return static_cast<const State*>(states_[op.index].get());
  }
  template <typename State, typename... Arguments>
  State& make_state(const Operator& op, Arguments&&... arguments) {
    auto made = std::make_unique<State>(std::forward<Arguments>(arguments)...);
    State& state = *made;
    states_[op.index] = std::move(made);
    return state;
  }

  // Values of the columns around a subquery, as constant columns, by slot.
  void set_outer(uint32_t slot, const mortise_column_t& column, uint32_t row);
  const mortise_column_t& outer(uint32_t slot) const { return outer_[slot]; }

  // Rows kept under a number by this run or one around it; null if there are none.
  void keep(uint32_t number, const RowsKept* rows);
  const RowsKept* kept(uint32_t number) const;

  // Sets of keys that a join knows once it has built its table, by number within the fragment: a
  // scan below its other side leaves out what is not in them.
  KeyFilter& key_filter(uint32_t number) { return key_filters_[number]; }

  // Where COPY data comes from and goes to; set for the length of Execution::run.
  const mortise_sink_t* sink = nullptr;
  const mortise_sink_t* find_sink() const;
  // Of the rows being stored; set and taken away by the cursor that reads them (COPY).
  const RowOrigin* row_origin = nullptr;
  Status located(Status failure, uint32_t row) const {
    return row_origin == nullptr ? failure : row_origin->located(std::move(failure), row);
  }
  uint64_t rows_changed = 0;  // by insert, update, erase, copy

  // Rows and times per operator, for EXPLAIN ANALYZE.
  struct Measured {
    uint64_t rows_count = 0;
    uint64_t loops_count = 0;
    uint64_t ns = 0;
  };
  std::vector<Measured> measured;

 private:
  ExecutionContext context_;
  const Fragment& fragment_;
  Run* parent_;
  Memory memory_;
  uint32_t workers_max_ = 1;
  std::vector<std::unique_ptr<OperatorState>> states_;
  std::vector<mortise_column_t> outer_;
  std::vector<ConstantSlot> outer_slots_;
  std::vector<std::pair<uint32_t, const RowsKept*>> kept_;
  std::vector<KeyFilter> key_filters_;
};

// Opens a cursor; under EXPLAIN ANALYZE one that counts.
Result<CursorPtr> open_cursor(Run& run, const Operator& op);

// What a blocking operator does with a batch; `worker` is below the number that drain_workers gave.
using Consume = std::function<Status(uint32_t worker, const Batch& batch)>;

// How many workers `drain` will use on a prepared input.
uint32_t drain_workers(Run& run, const Operator& input);
// Pulls a prepared input to its end and hands every batch to `consume`.
Status drain(Run& run, const Operator& input, uint32_t workers, const Consume& consume);

// Runs body(0) .. body(count - 1) on the run's workers.
Status run_parallel(Run& run, uint32_t count, const std::function<Status(uint32_t index)>& body);

}  // namespace mortise::sql_engine
