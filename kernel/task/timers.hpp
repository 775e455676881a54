// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does something run later, or again and again?
//
// One thread keeps the deadlines; what is due runs as a task on the workers.
//
// Invariants
//   I1  One timer's function never runs twice at a time; a period counts from one due time to the
//       next, and a run that took longer than the period is followed by one run, not by many.
//   I2  When stop(timer) returns, its function is not running and will not run, except when the
//       function itself called it: then it ends with that run.
//
// Threads: [any, concurrent]; destruction by the owner, before the WorkerPool's.

#include <cstdint>
#include <map>
#include <memory>

#include "kernel/base/unique_function.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/task/background_worker.hpp"
#include "kernel/task/handle_table.hpp"
#include "kernel/task/worker_pool.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

enum class TimerId : uint64_t { none = 0 };

class Timers {
 public:
  static constexpr uint32_t kTimersMax = 1u << 20;

  static Result<std::unique_ptr<Timers>> start(WorkerPool& workers);
  ~Timers();  // ends all timers

  // Runs `function` after delay_ns, then every period_ns (0: once).  A timer that runs once is
  // gone after it.  `limit` past kTimersMax.
  Result<TimerId> add(uint64_t delay_ns, uint64_t period_ns, UniqueFunction<void()> function);
  // False when it was gone already.  May wait for a running function (I2).
  bool stop(TimerId timer);

 private:
  struct Timer;
  struct Firing;

  explicit Timers(WorkerPool& workers);
  void serve(StopToken& token);
  void schedule(const std::shared_ptr<Timer>& timer) MORTISE_REQUIRES(mutex_);
  void finish(const std::shared_ptr<Timer>& timer);
  static void fire(void* firing);

  WorkerPool& workers_;
  HandleTable<Timer> table_{kTimersMax, platform::LockRank::timer};
  platform::Mutex mutex_{platform::LockRank::timer};
  platform::CondVar ended_;
  std::multimap<uint64_t, std::shared_ptr<Timer>> due_ MORTISE_GUARDED_BY(mutex_);
  uint64_t running_count_ MORTISE_GUARDED_BY(mutex_) = 0;
  BackgroundWorker thread_;
};

}  // namespace mortise::task
