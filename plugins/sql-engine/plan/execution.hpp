// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a session get a bound statement done?
//
//   prepare(services, logical plan) -> PhysicalPlan   immutable, shared by sessions, cached
//   open(plan, context)             -> Execution      one run, with its parameters and snapshot
//   execution.run(sink, rows_max)   -> done or suspended
//
// Invariants
//   X1  A PhysicalPlan owns everything that it needs of the logical plan; executions only read it.
//   X2  The context's pointers outlive the Execution; the Execution ends before its transaction
//   does. X3  A failed run leaves the transaction to be rolled back to a savepoint, or aborted.
//
// Threads: prepare and open [worker]; an Execution belongs to its session's current thread and
// uses the workers by itself.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/query.h"
#include "mortise/iface/memory.h"
#include "mortise/iface/txn.h"
#include "plan/logical.hpp"
#include "schema/services.hpp"

namespace mortise::sql_engine {

class PhysicalPlan {
 public:
  virtual ~PhysicalPlan() = default;

  // True if one run is a handful of row accesses by key: the point path, fit for a network loop
  // under MORTISE_QUERY_SHORT_ONLY.
  virtual bool is_short() const = 0;
  virtual bool is_read_only() const = 0;

  // EXPLAIN's lines, indented as PostgreSQL indents them.
  virtual std::vector<std::string> explain(bool is_verbose, bool has_costs) const = 0;
};
using PhysicalPlanPtr = std::shared_ptr<const PhysicalPlan>;

struct ExecutionContext {
  const Services* services = nullptr;
  mortise_txn_t* txn = nullptr;
  mortise_read_view_t view{};
  uint32_t isolation = MORTISE_ISOLATION_READ_COMMITTED;
  const mortise_session_context_t* session = nullptr;  // its `interrupt` is the cancel flag
  mortise_account_t* account = nullptr;
  std::span<const Datum> parameters;  // of the plan's parameter types
  bool is_short_only = false;         // run answers MORTISE_AGAIN where it would have to wait
  bool is_analyzed = false;           // collect what explain_analyze shows
};

enum class RunState : uint8_t { done, suspended, again };

class Execution {
 public:
  virtual ~Execution() = default;

  // Hands rows to the sink until there are no more or `rows_max` (0 = all) have been handed over;
  // batches have the plan's `results` as columns, in order, without row ids.  `suspended`: call
  // again for more.  `again`: only if is_short_only, nothing has been done.
  virtual Result<RunState> run(const mortise_sink_t& sink, uint64_t rows_max) = 0;

  // Rows handed over so far, or changed, by this execution: the number of the command tag.
  virtual uint64_t rows_count() const = 0;

  // EXPLAIN ANALYZE's lines, after `done`.
  virtual std::vector<std::string> explain_analyze(bool is_verbose, bool has_costs,
                                                   bool has_timing) const = 0;
};

// Optimizes and settles how.  The plan is consumed.
Result<PhysicalPlanPtr> prepare(const Services& services, LogicalPlan plan);

// Starts a run.  `plan` is shared for its length.
Result<std::unique_ptr<Execution>> open(PhysicalPlanPtr plan, const ExecutionContext& context);

}  // namespace mortise::sql_engine
