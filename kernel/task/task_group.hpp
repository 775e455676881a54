// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is one long job split over the workers, and when is it finished?
//
// What waits helps: wait() and parallel_for() run parts of their own job on the calling thread, so
// they may be used on a worker too, and never end up running a stranger's task while holding what
// the caller holds.
//
// Invariants
//   G1  When wait() or parallel_for() returns, every part has ended and none will begin.
//   G2  The first failure is answered; parts that have not begun by then do not run.
//
// Threads: run() [any, concurrent]; wait() by the owner.

#include <cstdint>
#include <memory>

#include "kernel/base/unique_function.hpp"
#include "kernel/task/cancellation.hpp"
#include "kernel/task/task.hpp"
#include "kernel/task/worker_pool.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

class TaskGroup {
 public:
  explicit TaskGroup(WorkerPool& pool, Priority priority = Priority::normal);
  ~TaskGroup();  // waits

  // Adds a part.  It runs on a worker or inside wait(), even when the pool is stopping.
  void run(UniqueFunction<Status()> part);
  // Waits for all parts.  The group can be used again afterwards.
  Status wait();

 private:
  struct State;
  static void serve(void* ticket);
  static bool run_one(State& state);

  WorkerPool& pool_;
  const Priority priority_;
  std::shared_ptr<State> state_;
};

struct ParallelOptions {
  Priority priority = Priority::normal;
  uint32_t helper_count_max = UINT32_MAX;  // workers beside the caller
  const Cancellation* cancellation = nullptr;
};

// Calls body(morsel, slot) for every morsel in [0, morsel_count).  `slot` is at most the number of
// helpers and not shared by two calls at a time: an index for per-thread state; it is below
// parallel_slot_count().
Status parallel_for(WorkerPool& pool, uint64_t morsel_count, const ParallelOptions& options,
                    UniqueFunction<Status(uint64_t morsel, uint32_t slot)> body);
uint32_t parallel_slot_count(const WorkerPool& pool, const ParallelOptions& options);

}  // namespace mortise::task
