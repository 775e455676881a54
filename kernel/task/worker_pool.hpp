// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does short work get onto the cores?
//
// One worker per core.  Each has a queue of its own, which it empties newest first; idle workers
// steal the oldest.  Work from outside goes through a common queue.  Tasks compute; what may wait
// for a lock, the disk or a client belongs into the BlockingPool.
//
// Invariants
//   W1  An accepted task runs exactly once.
//   W2  When stop() returns, all accepted tasks have run and no worker is left.
//   W3  Higher priorities go first, but every kFairnessPeriod-th task of a worker is looked for
//       from the lowest, so that nothing starves.
//   W4  A submitted task is seen by a worker that is about to sleep: the queue is filled before
//       `signal_` changes, and a sleeper reads `signal_` before it looks at the queues.
//
// Refused: lock-free deques.  A queue operation under its own mutex costs ~20 ns against morsels
// of 100 µs and more, and the fences of Chase-Lev are beyond what ThreadSanitizer follows.
//
// Threads: [any, concurrent]; start and stop by the owner.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/task/task.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

class WorkerPool {
 public:
  static constexpr uint32_t kFairnessPeriod = 61;

  struct Options {
    uint32_t worker_count = 0;  // 0: one per processor
    std::string name = "worker";
  };
  static Result<std::unique_ptr<WorkerPool>> start(const Options& options);
  ~WorkerPool();  // stops

  // `cancelled` (57P01) once stop() has begun, except from a task of this pool: what runs may
  // still split itself.
  Status submit(Priority priority, Task task);
  // Runs one queued task on the calling thread; false when there is none.
  bool help();
  void stop();

  uint32_t worker_count() const { return static_cast<uint32_t>(workers_.size()); }
  // The calling thread's place in this pool, if it has one.
  std::optional<uint32_t> current_worker_index() const;
  uint64_t queued_count() const;

 private:
  struct Queue {
    platform::Mutex mutex{platform::LockRank::task_pool};
    std::array<std::deque<Task>, kPriorityCount> tasks MORTISE_GUARDED_BY(mutex);
  };
  struct alignas(64) Worker {
    Queue queue;
    uint32_t turn = 0;  // owned by the worker
    platform::Thread thread;
  };

  WorkerPool() = default;
  void serve(uint32_t index);
  bool find(std::optional<uint32_t> index, Task* task);
  bool find_of(Priority priority, std::optional<uint32_t> index, Task* task);
  static bool take_newest(Queue& queue, Priority priority, Task* task);
  static bool take_oldest(Queue& queue, Priority priority, Task* task);

  std::vector<std::unique_ptr<Worker>> workers_;  // constant after start()
  Queue common_;
  std::array<std::atomic<uint64_t>, kPriorityCount> queued_{};  // hints: who is worth a look
  std::atomic<uint64_t> unfinished_{0};                         // accepted, not yet run to the end
  std::atomic<uint32_t> signal_{0};  // changes with every submit and stop
  std::atomic<uint32_t> sleepers_{0};
  std::atomic<bool> stopping_{false};
  platform::Mutex stop_mutex_;  // makes stop() wait for a stop() of another thread
  bool stopped_ MORTISE_GUARDED_BY(stop_mutex_) = false;
};

}  // namespace mortise::task
