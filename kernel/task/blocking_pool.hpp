// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does work run that may wait for a lock, the disk or a client?
//
// On threads of its own: a new one when all are busy, up to a limit, then in a bounded queue.  A
// thread that has been idle for a while ends.
//
// Invariants
//   E1  An accepted task runs exactly once.
//   E2  Never more than thread_count_max threads and queue_count_max waiting tasks.
//   E3  When stop() returns, all accepted tasks have run and no thread is left.
//
// Threads: [any, concurrent]; start and stop by the owner.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/task/task.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

class BlockingPool {
 public:
  struct Options {
    uint32_t thread_count_max = 128;
    uint32_t queue_count_max = 4096;
    uint64_t idle_ns = uint64_t{10} * 1000 * 1000 * 1000;
    std::string name = "session";
  };
  explicit BlockingPool(const Options& options);
  ~BlockingPool();  // stops
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // `limit` (53000) when all threads are busy and the queue is full, or the system gives no
  // thread at all; `cancelled` (57P01) once stop() has begun.
  Status submit(Task task);
  void stop();

  uint32_t thread_count() const;
  uint32_t busy_count() const;
  uint32_t queued_count() const;
  // More threads from the next submit on; fewer as they become idle.
  void set_thread_count_max(uint32_t thread_count_max);

 private:
  struct Member {
    platform::Thread thread;
    bool ended = false;
  };

  void serve(Member* self);
  Status add_thread() MORTISE_REQUIRES(mutex_);
  void join_ended() MORTISE_EXCLUDES(mutex_);

  const Options options_;
  mutable platform::Mutex mutex_{platform::LockRank::task_pool};
  platform::CondVar work_;
  std::deque<Task> queue_ MORTISE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Member>> members_ MORTISE_GUARDED_BY(mutex_);
  uint32_t thread_count_max_ MORTISE_GUARDED_BY(mutex_);
  uint32_t alive_ MORTISE_GUARDED_BY(mutex_) = 0;
  uint32_t idle_ MORTISE_GUARDED_BY(mutex_) = 0;
  bool stopping_ MORTISE_GUARDED_BY(mutex_) = false;
};

}  // namespace mortise::task
